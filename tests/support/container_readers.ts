/**
 * What readers we did not write say of files in other containers than ASF.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { PYTHON, type ReaderName, requireReaders, skipWithout } from "./readers.ts";
import { ffprobe } from "./readers/ffmpeg.ts";
import { compareStreams, type StreamFacts, told, type ToldFacts } from "./readers/stream_facts.ts";
import { compareWith, type Expectation, type Harmless, serious, type StreamKind } from "./readers/verdict.ts";
import { lines, run, runOk } from "./run.ts";

const HARMLESS: Harmless[] = [
  { line: /Guessed Channel Layout/, why: "FFmpeg about a format that says no more than the number of channels" },
  { line: /Estimating duration from bitrate/, why: "FFmpeg about ADTS, which says no length" },
  { line: /stream 0, timescale not set/, why: "FFmpeg about a cover in MP4, also in one of its own making" },
];

/** What a file should look like. */
export interface ContainerExpectation extends Expectation {
  /** As ffprobe calls it, as MediaInfo does, and the type that ExifTool gives it, where it knows it. */
  format: { ffprobe: string; mediainfo: string; exiftool?: string };
  /** What they are to say of each stream, where it is asked. */
  streams?: readonly StreamFacts[];
  /** Length of the sound, where it is another than that of the whole. */
  soundMs?: number;
  /** How many of its bytes are samples: the rest ExifTool takes for media too. */
  mediaBytes?: number;
  /** mutagen is not asked: it does not know the format. */
  withoutMutagen?: boolean;
  /** mutagen reads no title of this format. */
  withoutMutagenTitle?: boolean;
}

/** Something to be asked of a file. */
export interface ContainerCheck {
  readonly name: string;
  readonly reader: ReaderName;
  /** Says what is wrong with the file at `path`. */
  complaints(path: string, expected: ContainerExpectation): Promise<string[]>;
}

/** One for each reader. */
export const CONTAINER_CHECKS: readonly ContainerCheck[] = [
  { name: "ffprobe", reader: "ffmpeg", complaints: ffprobeSays },
  { name: "ffmpeg decode", reader: "ffmpeg", complaints: ffmpegSays },
  { name: "gst-discoverer", reader: "GStreamer", complaints: gstreamerSays },
  { name: "MediaInfo", reader: "MediaInfo", complaints: mediainfoSays },
  { name: "ExifTool", reader: "ExifTool", complaints: exiftoolSays },
  { name: "mutagen", reader: "mutagen", complaints: mutagenSays },
];

/** Asserts, in a step for each reader, that it accepts the file without a warning. */
export async function acceptedByReaders(
  t: Deno.TestContext,
  path: string,
  expected: ContainerExpectation,
): Promise<void> {
  for (const { name, reader, complaints } of CONTAINER_CHECKS) {
    await t.step({
      name,
      ignore: skipWithout(reader),
      async fn() {
        requireReaders(reader);
        assertEquals(await complaints(path, expected), []);
      },
    });
  }
}

async function ffprobeSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  const { formatName, warnings, streams, durationMs, tags } = await ffprobe(path);
  return [
    ...(formatName === expected.format.ffprobe ? [] : [`calls it ${formatName}`]),
    ...serious(warnings, HARMLESS),
    ...compareWith(expected, { kinds: streams.map(({ kind }) => kind), durationMs, title: tags["title"] ?? "" }),
    ...(expected.streams ? compareStreams("ffprobe", expected.streams, streams as ToldFacts[]) : []),
  ];
}

async function ffmpegSays(path: string): Promise<string[]> {
  const { code, stderr } = await run("ffmpeg", [
    ...["-v", "warning", "-nostdin", "-i", path, "-map", "0:a?", "-map", "0:V?", "-fps_mode", "passthrough"],
    ...["-f", "null", "-"],
  ]);
  return [...(code === 0 ? [] : [`exit code ${code}`]), ...serious(lines(stderr), HARMLESS)];
}

async function gstreamerSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  const { code, stdout } = await run("gst-discoverer-1.0", ["-v", path]);
  const out = lines(stdout);
  const field = (name: string) =>
    out.find((line) => line.trimStart().startsWith(`${name}: `))?.split(`${name}: `)[1]?.trim();
  const streams = leafStreams(out);
  const [hours, minutes, seconds] = (field("Duration") ?? "").split(":").map(Number) as [number, number, number];
  return [
    ...(code === 0 ? [] : [`exit code ${code}`]),
    ...out.filter((line) => /warning|error|missing|timed out|not? supported|could not/i.test(line)),
    ...(field("Seekable") === "yes" ? [] : ["is not seekable"]),
    ...compareWith(expected, {
      kinds: streams.map(({ kind }) => kind!),
      durationMs: (hours * 3600 + minutes * 60 + seconds) * 1000,
      title: field("title") ?? "",
    }),
    ...(expected.streams ? compareStreams("GStreamer", expected.streams, streams) : []),
  ];
}

/** Streams that hold no other: WAVE is listed as a stream around its own, unless that is PCM. */
function leafStreams(out: readonly string[]): ToldFacts[] {
  const heads = out.flatMap((line, at) => {
    const [, indent, kind] = line.match(/^( +)(video|audio) #\d+: /) ?? [];
    return kind === undefined ? [] : [{ at, depth: indent!.length, kind: kind as StreamKind }];
  });
  return heads.filter(({ depth }, i) => !(heads[i + 1] && heads[i + 1]!.depth > depth)).map(({ at, kind }) => {
    const next = heads.find((head) => head.at > at)?.at ?? out.length;
    const block = out.slice(at + 1, next).map((line) => line.trim());
    const field = (name: string) => block.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    return {
      kind,
      codec: field(`${kind} codec`),
      sampleRate: told(field("Sample rate")),
      channels: told(field("Channels")?.split(" ")[0]),
      width: told(field("Width")),
      height: told(field("Height")),
    };
  });
}

async function mediainfoSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  const { stdout, stderr } = await runOk("mediainfo", ["--Output=JSON", path]);
  const tracks: Record<string, string>[] = JSON.parse(stdout).media.track;
  const general = tracks.find((track) => track["@type"] === "General") ?? {};
  const streams = tracks.map((track): ToldFacts => ({
    kind: track["@type"]!.toLowerCase() as StreamKind,
    codec: track["Format"],
    sampleRate: told(track["SamplingRate"]),
    channels: told(track["Channels"]),
    width: told(track["Width"]),
    height: told(track["Height"]),
  })).filter(({ kind }) => kind === "video" || kind === "audio");
  return [
    ...lines(stderr),
    ...stdout.match(/"(IsTruncated|Conformance\w*)".*/g) ?? [],
    ...(general["Format"] === expected.format.mediainfo ? [] : [`calls it ${general["Format"]}`]),
    ...compareWith(expected, {
      kinds: streams.map(({ kind }) => kind!),
      durationMs: general["Duration"] === undefined ? undefined : Number(general["Duration"]) * 1000,
      title: general["Title"] ?? "",
    }),
    ...(expected.streams ? compareStreams("MediaInfo", expected.streams, streams) : []),
  ];
}

async function exiftoolSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  if (expected.format.exiftool === undefined) return [];
  const { stdout, stderr } = await run("exiftool", ["-json", "-charset", "RIFF=UTF8", "-Duration#", "-all", path]);
  const [tags] = JSON.parse(stdout);
  return [
    ...lines(stderr),
    ...[tags.Error, tags.Warning].filter((text) => text !== undefined),
    ...(tags.FileType === expected.format.exiftool ? [] : [`calls it ${tags.FileType}`]),
    ...compareWith(expected, { title: String(tags.Title ?? "") }),
    ...(expected.streams ? exiftoolOnStreams(tags, (await Deno.stat(path)).size, expected) : []),
  ];
}

/** It tells of the first stream of each kind. Of WAVE and MP3 it divides the file's size by the byte rate. */
function exiftoolOnStreams(
  // deno-lint-ignore no-explicit-any
  tags: any,
  byteLength: number,
  expected: ContainerExpectation,
): string[] {
  const { streams = [] } = expected;
  const first = (["video", "audio"] as const).flatMap((kind) => streams.find((stream) => stream.kind === kind) ?? []);
  const facts = first.map(({ kind }): ToldFacts =>
    kind === "video"
      ? { kind, codec: tags.CompressorID, width: told(tags.ImageWidth), height: told(tags.ImageHeight) }
      : {
        kind,
        codec: tags.Encoding ?? tags.AudioFormat,
        sampleRate: told(tags.SampleRate ?? tags.AudioSampleRate),
        channels: told(tags.NumChannels ?? tags.AudioChannels),
      }
  );
  const framingBytes = byteLength - (expected.mediaBytes ?? byteLength);
  const slackMs = expected.durationMs * framingBytes / (byteLength - framingBytes);
  return [
    ...compareStreams("ExifTool", first, facts),
    ...compareWith({ ...expected, durationToleranceMs: (expected.durationToleranceMs ?? 60) + slackMs }, {
      durationMs: tags.Duration * 1000,
    }),
  ];
}

const SCRIPT = `
import json, sys, mutagen
file = mutagen.File(sys.argv[1], easy=True)
title = (file.tags or {}).get("title", [""])[0]
json.dump({"length": file.info.length, "title": title, "sampleRate": file.info.sample_rate,
  "channels": file.info.channels, "codec": getattr(file.info, "codec", None)}, sys.stdout)
`;

/** It tells of the first sound. */
async function mutagenSays(path: string, expected: ContainerExpectation): Promise<string[]> {
  if (expected.withoutMutagen) return [];
  const { code, stdout, stderr } = await run(PYTHON, ["-W", "error", "-c", SCRIPT, path]);
  if (code !== 0) return [`exit code ${code}`, ...lines(stderr).slice(-1)];
  const { length, title, sampleRate, channels, codec } = JSON.parse(stdout);
  const sound = expected.streams?.find(({ kind }) => kind === "audio");
  return [
    ...lines(stderr),
    ...compareWith({ ...expected, durationMs: expected.soundMs ?? expected.durationMs }, {
      durationMs: length * 1000,
      title: expected.withoutMutagenTitle ? undefined : title,
    }),
    ...(sound
      ? compareStreams("mutagen", [sound], [{ kind: "audio", codec: codec ?? undefined, sampleRate, channels }])
      : []),
  ];
}
