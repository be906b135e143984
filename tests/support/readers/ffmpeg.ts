/**
 * FFmpeg: streams, packets, decoded frames.
 *
 * @module
 */

import { lines, run, runOk } from "../run.ts";
import { compareWith, type Expectation, type Harmless, serious } from "./verdict.ts";

/** An elementary stream; attached pictures are left out. */
export interface ProbedStream {
  index: number;
  /** FFmpeg's, but `"image"` for a stream of still pictures in ASF, which it takes for video. */
  kind: string;
  codec: string;
  sampleRate?: number;
  channels?: number;
  width?: number;
  height?: number;
  /** Seconds that a tick lasts, as a fraction. */
  timeBase: [number, number];
}

/** Times are ms; `undefined` where FFmpeg knows none. */
export interface ProbedPacket {
  stream: number;
  /** Presentation time. Of H.264 in ASF FFmpeg calls it the decode time, unless the stream says otherwise. */
  pts?: number;
  dts?: number;
  /** Presentation time in the stream's own ticks. */
  ticks?: number;
  duration?: number;
  size: number;
  /** Where it ends in the file, if it lies there in one piece. */
  end?: number;
  isKey: boolean;
  hash: string;
}

export interface Probe {
  formatName: string;
  durationMs: number;
  tags: Record<string, string>;
  streams: ProbedStream[];
  packets: ProbedPacket[];
  warnings: string[];
}

const HARMLESS: Harmless[] = [
  { line: /Guessed Channel Layout/, why: "WAVEFORMATEX holds a channel count and no layout" },
  { line: /Unsupported codec with id 0 for input stream/, why: "said of every stream of script commands" },
  { line: /Estimating duration from bitrate/, why: "said of ADTS and MP3 sources, which have no index" },
];

function toMs(time: string | undefined): number | undefined {
  return time === undefined || time === "N/A" ? undefined : Number(time) * 1000;
}

// deno-lint-ignore no-explicit-any
function toStream(stream: any, format: string): ProbedStream {
  const { index, codec_type, codec_name: codec = "unknown", sample_rate, channels, width, height } = stream;
  const isImage = format === "asf" && codec === "mjpeg" && stream.codec_tag === "0x0000";
  const sampleRate = sample_rate === undefined ? undefined : Number(sample_rate);
  const timeBase = stream.time_base.split("/").map(Number);
  return { index, kind: isImage ? "image" : codec_type, codec, sampleRate, channels, width, height, timeBase };
}

// deno-lint-ignore no-explicit-any
function toPacket(packet: any): ProbedPacket {
  return {
    stream: packet.stream_index,
    pts: toMs(packet.pts_time) ?? toMs(packet.dts_time),
    dts: toMs(packet.dts_time),
    ticks: packet.pts,
    duration: toMs(packet.duration_time),
    size: Number(packet.size),
    end: packet.pos === undefined ? undefined : Number(packet.pos) + Number(packet.size),
    isKey: packet.flags.startsWith("K"),
    hash: (packet.data_hash ?? "").replace("MD5:", ""),
  };
}

/** What ffprobe finds, with every packet. */
export async function ffprobe(path: string): Promise<Probe> {
  const { stdout, stderr } = await runOk("ffprobe", [
    ...["-v", "warning", "-show_format", "-show_streams", "-show_packets", "-show_data_hash", "md5"],
    ...["-of", "json", path],
  ]);
  const { format, streams, packets } = JSON.parse(stdout);
  // deno-lint-ignore no-explicit-any
  const media = streams.filter((stream: any) => !stream.disposition?.attached_pic);
  // deno-lint-ignore no-explicit-any
  const real: ProbedStream[] = media.map((stream: any) => toStream(stream, format.format_name));
  return {
    formatName: format.format_name,
    durationMs: Number(format.duration) * 1000,
    tags: format.tags ?? {},
    streams: real,
    packets: (packets.map(toPacket) as ProbedPacket[]).filter(({ stream }) =>
      real.some(({ index }) => index === stream)
    ),
    warnings: serious(lines(stderr), HARMLESS),
  };
}

/** Packets behind a bitstream filter, which takes their framing off. */
export async function framePackets(path: string, filter: string): Promise<Pick<Probe, "streams" | "packets">> {
  const [{ streams }, { stdout }] = await Promise.all([
    ffprobe(path),
    runOk("ffmpeg", ["-v", "error", "-nostdin", "-i", path, "-c", "copy", "-bsf", filter, "-f", "framemd5", "-"]),
  ]);
  const packets = lines(stdout).filter((line) => !line.startsWith("#")).map((line): ProbedPacket => {
    const [stream, _dts, ticks, _duration, size, hash] = line.split(",").map((field) => field.trim());
    return { stream: Number(stream), ticks: Number(ticks), size: Number(size), isKey: true, hash: hash! };
  });
  const [, numerator, denominator] = stdout.match(/#tb 0: (\d+)\/(\d+)/)!;
  return { streams: [{ ...streams[0]!, timeBase: [Number(numerator), Number(denominator)] }], packets };
}

/** Presentation times in ms of the decoded frames of one stream, in order of display; NaN where one has none. */
export async function frameTimes(path: string, stream: number): Promise<number[]> {
  const { stdout } = await runOk("ffprobe", [
    ...[
      "-v",
      "error",
      "-select_streams",
      String(stream),
      "-show_frames",
      "-show_entries",
      "frame=best_effort_timestamp_time",
    ],
    ...["-of", "json", path],
  ]);
  // deno-lint-ignore no-explicit-any
  return JSON.parse(stdout).frames.map((frame: any) => toMs(frame.best_effort_timestamp_time) ?? NaN);
}

/** MD5 of each decoded frame of one stream, in order of display. */
export async function frameHashes(path: string, stream: number): Promise<string[]> {
  const { stdout } = await runOk("ffmpeg", [
    ...["-v", "error", "-nostdin", "-i", path, "-map", `0:${stream}`, "-fps_mode", "passthrough"],
    ...["-f", "framemd5", "-"],
  ]);
  return lines(stdout).filter((line) => !line.startsWith("#")).map((line) => line.split(",").at(-1)!.trim());
}

/** MD5 over one stream: of all its bytes back to back, or of everything decoded from them. */
export async function streamHash(path: string, stream: number, what: "bytes" | "decoded"): Promise<string> {
  const { stdout } = await runOk("ffmpeg", [
    ...["-v", "error", "-nostdin", "-i", path, "-map", `0:${stream}`, ...(what === "bytes" ? ["-c", "copy"] : [])],
    ...["-f", "md5", "-"],
  ]);
  return stdout.trim();
}

/** The first packet of `stream` that FFmpeg reads after seeking to each target (ms). */
export async function seekTo(
  path: string,
  stream: number,
  targets: number[],
): Promise<{ pts: number; isKey: boolean }[]> {
  const { stdout } = await runOk("ffprobe", [
    ...[
      "-v",
      "error",
      "-select_streams",
      String(stream),
      "-show_entries",
      "packet=pts_time,dts_time,flags",
      "-of",
      "json",
    ],
    ...["-read_intervals", targets.map((target) => `${target / 1000}%+#1`).join(","), path],
  ]);
  // deno-lint-ignore no-explicit-any
  return JSON.parse(stdout).packets.map((packet: any) => {
    const { pts, isKey } = toPacket(packet);
    return { pts: pts ?? NaN, isKey };
  });
}

/** What ffprobe has to complain about. */
export async function ffprobeComplaints(path: string, expected: Expectation): Promise<string[]> {
  const { warnings, streams, durationMs: end, packets, tags } = await ffprobe(path);
  const kinds = streams.map(({ kind }) => kind).filter((kind) => kind === "video" || kind === "audio");
  // The header says how long the file lasts; FFmpeg takes that for every stream's own length, and adds its start.
  const starts = streams.map(({ index }) =>
    packets.find(({ stream, pts }) => stream === index && pts !== null)?.pts ?? 0
  );
  const durationMs = end - (Math.max(...starts) - Math.min(...starts));
  return [...warnings, ...compareWith(expected, { kinds, durationMs, title: tags["title"] ?? "" })];
}

/** What FFmpeg has to complain about when it decodes everything. */
export async function decodeComplaints(path: string): Promise<string[]> {
  const { code, stderr } = await run("ffmpeg", [
    ...["-v", "warning", "-nostdin", "-i", path, "-map", "0", "-fps_mode", "passthrough", "-f", "null", "-"],
  ]);
  return [...(code === 0 ? [] : [`exit code ${code}`]), ...serious(lines(stderr), HARMLESS)];
}
