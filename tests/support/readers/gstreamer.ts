/**
 * GStreamer: a demuxer that takes stored times as presentation times, and is strict about the header.
 *
 * @module
 */

import { lines, run, runOk } from "../run.ts";
import { compareWith, type Expectation, type Harmless, serious, type StreamKind } from "./verdict.ts";

/** One buffer as it leaves the demuxer (H.264: the parser); times are ms. */
export interface GstBuffer {
  pts?: number;
  size: number;
}

// Warnings of the demuxer itself; other elements warn about themselves.
const DEBUG = { GST_DEBUG: "asfdemux:2", GST_DEBUG_NO_COLOR: "1" };

const HARMLESS: Harmless[] = [{
  line: /asfdemux .*Unknown object (d1465a40|a69609e6|2211b3fa)-/,
  why: "it does not know Group Mutual Exclusion, Bandwidth Sharing and Content Branding, and passes over them",
}, {
  line: /asfdemux .*Unknown object (6b203bad|feb103f8|f55e496d|3cb73fd0)-/,
  why: "it does not know Media Object Index and Timecode Index, nor what announces them, and passes over them",
}, {
  line: /asfdemux .*(Unknown stream type for stream \d+|Stream id \d+ wasn't found)$/,
  why:
    "it knows video and sound alone, and passes over other streams; the validator knows whether a stream is declared",
}];

function parseTime(time: string): number {
  const [hours, minutes, seconds] = time.split(":").map(Number) as [number, number, number];
  return (hours * 3600 + minutes * 60 + seconds) * 1000;
}

/** What gst-discoverer has to complain about. */
export async function discovererComplaints(path: string, expected: Expectation): Promise<string[]> {
  const { code, stdout, stderr } = await run("gst-discoverer-1.0", ["-v", path], { env: DEBUG });
  const out = lines(stdout);
  const field = (name: string) =>
    out.find((line) => line.trimStart().startsWith(`${name}: `))?.split(`${name}: `)[1]?.trim();
  // What a parser makes of a stream is told below it, indented.
  const kinds = out.flatMap((line) => line.match(/^ {4}(video|audio)(?: #\d+)?: /)?.[1] ?? []);
  return [
    ...(code === 0 ? [] : [`exit code ${code}`]),
    ...out.filter((line) => /warning|error|missing|timed out|not? supported|could not/i.test(line)),
    ...serious(lines(stderr), HARMLESS),
    ...(field("Seekable") === "yes" ? [] : [`is not seekable`]),
    ...compareWith(expected, { kinds, durationMs: parseTime(field("Duration") ?? ""), title: field("title") ?? "" }),
  ];
}

/** A stream of a file, named as the demuxer names its pads. */
export interface GstStream {
  kind: StreamKind;
  /** Position among the streams of its kind. */
  index: number;
  /** FFmpeg's name of the codec. */
  codec: string;
}

function padOf({ kind, index }: GstStream): string {
  return `demux.${kind}_${index}`;
}

/** Codecs whose presentation times come out of a parser. */
const PARSERS: Readonly<Record<string, string>> = { h264: "h264parse", hevc: "h265parse" };
const DECODERS: Readonly<Record<string, string>> = { h264: "avdec_h264", hevc: "avdec_h265" };

/**
 * Every buffer of every stream. All streams are read in one go, as a player does, and in one thread: with queues between,
 * some messages get lost and others come twice.
 */
export async function gstBuffers(path: string, streams: GstStream[], demuxer = "asfdemux"): Promise<GstBuffer[][]> {
  const branches = streams.flatMap((stream, i) => [
    ...[padOf(stream), "!"],
    ...(stream.codec in PARSERS ? [PARSERS[stream.codec]!, "!"] : []),
    ...["fakesink", `name=sink${i}`, "silent=false", "sync=false", "async=false"],
  ]);
  const { stdout } = await runOk("gst-launch-1.0", [
    ...["-v", "filesrc", `location=${path}`, "!", demuxer, "name=demux", ...branches],
  ]);
  const buffers: GstBuffer[][] = streams.map(() => []);
  for (const line of lines(stdout)) {
    const chain = line.match(/chain\s+\*+ \(sink(\d+):sink\) \((\d+) bytes, dts: \S+ pts: ([^,]+),.* flags: ([^,]+)/);
    if (!chain) continue;
    const [, sink, size, pts, flags] = chain as unknown as [string, string, string, string, string];
    // The parser hands out parameter sets ahead of the first access unit.
    if (pts === "none" && flags.includes("header")) continue;
    buffers[Number(sink)]!.push({ pts: pts === "none" ? undefined : parseTime(pts), size: Number(size) });
  }
  return buffers;
}

/** MD5 of every buffer of one stream, as it leaves the demuxer. */
export async function gstHashes(path: string, stream: GstStream, demuxer = "asfdemux"): Promise<string[]> {
  const { stdout } = await runOk("gst-launch-1.0", [
    ...["-q", "filesrc", `location=${path}`, "!", demuxer, "name=demux"],
    ...[padOf(stream), "!", "checksumsink", "hash=md5", "sync=false"],
  ]);
  return lines(stdout).map((line) => line.split(" ").at(-1)!);
}

/** MD5 of every decoded frame of one stream, in order of display. */
export async function gstFrameHashes(path: string, stream: GstStream): Promise<string[]> {
  const decode = [PARSERS[stream.codec]!, "!", DECODERS[stream.codec]!];
  const { stdout } = await runOk("gst-launch-1.0", [
    ...["-q", "filesrc", `location=${path}`, "!", "asfdemux", "name=demux"],
    ...[padOf(stream), "!", ...decode, "!", "checksumsink", "hash=md5", "sync=false"],
  ]);
  return lines(stdout).map((line) => line.split(" ").at(-1)!);
}
