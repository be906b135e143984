/**
 * `muxwell info`: says what a file is, in a few lines.
 *
 * @module
 */

import type { Metadata } from "../../mod.ts";
import { info, type MediaInfo, type StreamInfo } from "../demux/mod.ts";
import { listed, onlyOperand, parseCommandLine, STANDARD_STREAM, toPath, UsageError } from "./arguments.ts";
import { count, describeStream, formatBytes, formatTime } from "./format.ts";
import type { Io } from "./io.ts";
import { isLive, openLive } from "./source.ts";

/** What `muxwell info --help` says. */
export const INFO_HELP = `Says what a file is: its format, length, streams and tags.

Usage: muxwell info FILE [options]

FILE is any media file that mux reads, https://… at a server, of which no more is
asked for than that takes, mmsh://… as one plays it, or - for standard input.

Options:
  --json      as JSON, for programs: times in microseconds, rates in bit/s
  -h, --help  this text

Examples:
  muxwell info clip.mkv
  muxwell info https://example.com/clip.mp4
  muxwell info clip.mp4 --json | jq '.streams[].codec'
`;

const OPTIONS = {
  "json": { type: "boolean" },
  "help": { type: "boolean", short: "h" },
} as const;

/** Runs the command; answers the exit code. @throws {UsageError} */
export async function runInfo(args: readonly string[], io: Io): Promise<number> {
  const { values, positionals } = parseCommandLine(args, OPTIONS);
  if (values.help) return void await io.print(INFO_HELP), 0;
  const name = toPath(onlyOperand(positionals, "FILE"));
  const found = await infoOf(name, io);
  await io.print(
    values.json
      ? json(found)
      : lines(name === STANDARD_STREAM ? "standard input" : listed([name]), found).map(plain).join("\n") + "\n",
  );
  return 0;
}

async function infoOf(name: string, io: Io): Promise<MediaInfo> {
  if (name === STANDARD_STREAM) {
    if (io.inputIsTerminal) throw new UsageError("standard input is a terminal: there is nothing to read");
    return await info(io.input, { name: "standard input" });
  }
  return await info(isLive(name) ? await openLive(name) : name, { name: listed([name]) });
}

/** As the interface has it; of bytes, how many there are. */
function json(found: MediaInfo): string {
  const show = (_: string, value: unknown) =>
    value instanceof Uint8Array ? { byteLength: value.byteLength } : typeof value === "bigint" ? Number(value) : value;
  return JSON.stringify(found, show, 2) + "\n";
}

function lines(
  name: string,
  { bitrate, duration, format, metadata, size, skipped, streams, warnings }: MediaInfo,
): string[] {
  const facts = [
    format,
    ...duration === undefined ? [] : [formatTime(duration)],
    ...size === undefined ? [] : [formatBytes(size)],
    ...bitrate === undefined ? [] : [formatRate(bitrate)],
  ];
  return [
    `${name}: ${facts.join(", ")}`,
    ...streams.map((stream) => `  ${stream.streamNumber}  ${streamLine(stream)}`),
    ...skipped.map(({ index, reason }) => `  not carried: stream ${index + 1} of the source, ${reason}`),
    ...tagLines(metadata),
    ...warnings.map((warning) => `  ${warning}`),
  ];
}

function streamLine(stream: StreamInfo): string {
  const { bitrate, framerate, language, rotation, title } = stream;
  return [
    describeStream(stream),
    ...framerate === undefined ? [] : [`${framerate} fps`],
    ...rotation === undefined ? [] : [`turned by ${rotation}°`],
    ...bitrate === undefined ? [] : [formatRate(bitrate)],
    ...language === undefined ? [] : [language],
    ...title === undefined ? [] : [JSON.stringify(title)],
  ].join(", ");
}

/** Bit/s in a unit with three digits. */
function formatRate(bitsPerSecond: number): string {
  return bitsPerSecond < 999_500
    ? `${Number((bitsPerSecond / 1000).toPrecision(3))} kbit/s`
    : `${(bitsPerSecond / 1e6).toPrecision(3)} Mbit/s`;
}

/** What is shown of the tags; the rest is counted. */
const SHOWN = ["title", "author", "albumTitle", "year", "genre", "description"] as const;
const NAMES: Readonly<Record<string, string>> = { albumTitle: "album" };
const MAX_TEXT_LENGTH = 60;

function tagLines(metadata: Metadata): string[] {
  const shown = SHOWN.flatMap((field) => {
    const text = metadata[field];
    return text === undefined || text === "" ? [] : [`  ${NAMES[field] ?? field}: ${shortened(text)}`];
  });
  const { attributes = {}, markers = [], pictures = [], records = [], scripts = [] } = metadata;
  const others = ["copyright", "albumArtist", "trackNumber", "encodingTime"]
    .filter((field) => metadata[field as keyof Metadata] !== undefined);
  const counts = [
    ...markers.length > 0 ? [count(markers.length, "chapter")] : [],
    ...pictures.length > 0 ? [count(pictures.length, "picture")] : [],
    ...scripts.length > 0 ? [count(scripts.length, "command")] : [],
  ];
  const more = Object.keys(attributes).length + records.length + others.length;
  if (more > 0) counts.push(count(more, shown.length > 0 ? "more tag" : "tag"));
  return [...shown, ...counts.length > 0 ? [`  ${counts.join(", ")}`] : []];
}

function shortened(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length <= MAX_TEXT_LENGTH && line === text ? line : `${line.slice(0, MAX_TEXT_LENGTH - 1)}…`;
}

/** Texts of the file must not move the cursor. */
function plain(line: string): string {
  return line.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}
