/**
 * Containers and the codecs they take, before every reader: what is in the file, and whether each sample comes out again
 * with its bytes, at its time.
 *
 * What a reader cannot do is shown with a peer's file of the same samples: where it fails on that too a check is left out,
 * and it is noticed when that no longer fails.
 *
 * @module
 */

import { ALL_FORMATS, BufferSource, BufferTarget, Conversion, Input, Mp4OutputFormat, Output } from "mediabunny";
import type { Container } from "../../src/container/container.ts";
import { validate } from "../../src/inspect/mod.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import type { Check } from "./conformance.ts";
import { CONTAINER_CHECKS, type ContainerExpectation } from "./container_readers.ts";
import { ffprobe, framePackets, type ProbedPacket, streamHash } from "./readers/ffmpeg.ts";
import { gstBytes, gstSamples, md5 } from "./readers/gst_samples.ts";
import type { StreamFacts } from "./readers/stream_facts.ts";
import { runOk } from "./run.ts";
import { fixture } from "./temp.ts";
import { readAll, writeFinal, writeLive } from "./write_all.ts";

/** A kind of file. */
export interface Format {
  create(): Container;
  extension: string;
  names: ContainerExpectation["format"];
  /** Holds sound alone. */
  isAudio?: boolean;
  /** mutagen is not asked: it does not know such files, or looks for sound alone. */
  withoutMutagen?: boolean;
  /** States times; the others' follow from what lies before. */
  hasTimes?: boolean;
  /** GStreamer's demuxer of a container with times; default that of MP4. */
  demuxer?: string;
}

/** A fixture in a container. */
export interface Row {
  input: string;
  /** What FFmpeg makes of the fixture first. */
  encoder?: string[];
  /** Our name of what that is, where it is bare PCM. */
  raw?: string;
  durationMs: number;
  streams: StreamFacts[];
  /** Microseconds of a sample, where a unit is one. Without them the container knows bytes alone. */
  unitMicroseconds?: number;
  /** How fast those pass, where the length does not say it exactly. */
  bytesPerSecond?: number;
  /** GStreamer's elements between the file and the samples; of MP4 the demuxer's pads. */
  elements?: string[];
  /** Length of the sound, where it is another. */
  soundMs?: number;
  /** Checks that fail on a peer's file too, and what the reader lacks. */
  failing?: Readonly<Record<string, string>>;
  /** Whose that is: FFmpeg's, unless that writes another kind of file. */
  peer?: "FFmpeg" | "Mediabunny";
}

/** What comes out of a check for a file. */
type Complaints = (path: string) => Promise<string[]>;

/** Every check of a row. */
export async function rowChecks(folder: string, format: Format, row: Row): Promise<Check[]> {
  const { streams: facts, durationMs, soundMs, failing = {} } = row;
  const source = await sourceOf(folder, row);
  const { streams, samples } = row.raw ? await bareTrack(source, row) : await tracksOf(source, format);
  const session = { container: format.create(), streams, samples };
  const output = `${folder}/${row.input}.${row.encoder?.at(-1) ?? "out"}.${format.extension}`;
  await Deno.writeFile(output, await writeFinal(session));
  const live = `${output}.live.${format.extension}`;
  const isLive = session.container.needs === undefined;
  if (isLive) await Deno.writeFile(live, await writeLive(session));
  const expected: ContainerExpectation = {
    kinds: facts.map(({ kind }) => kind),
    durationMs,
    soundMs,
    streams: facts,
    format: format.names,
    withoutMutagen: format.withoutMutagen,
    mediaBytes: samples.reduce((sum, { data }) => sum + data.byteLength, 0),
  };
  const checks = new Map<string, Complaints>();
  for (const { name, complaints } of CONTAINER_CHECKS) checks.set(name, (path) => complaints(path, expected));
  checks.set("samples in FFmpeg", (path) => ffmpegMisses(path, format, row, samples));
  checks.set("samples in GStreamer", (path) => gstreamerMisses(path, format, row, samples));
  if (isLive) {
    checks.set("samples of the live form in FFmpeg", () => ffmpegMisses(live, format, row, samples));
    checks.set("samples of the live form in GStreamer", () => gstreamerMisses(live, format, row, samples));
  }
  checks.set("no finding of ours", ownFindings);
  const peer = Object.keys(failing).length > 0 ? await peerOf(source, output, format, row) : "";
  return [...checks].map(([name, complaints]) => ({
    name: `${row.input} in ${format.names.mediainfo}: ${name}`,
    readers: ["ffmpeg", CONTAINER_CHECKS.find((check) => check.name === name)?.reader ?? "GStreamer"],
    complaints: async () => {
      const shared = name.replace(" of the live form", "");
      const why = failing[shared];
      if (why === undefined) return await complaints(output);
      const peers = await checks.get(shared)!(peer).catch((error) => [`${error}`]);
      return peers.length > 0 ? [] : [`a peer's file has no such fault any more: ${why}`];
    },
  }));
}

async function sourceOf(folder: string, { input, encoder }: Row): Promise<string> {
  if (encoder === undefined) return fixture(input);
  const path = `${folder}/${encoder.at(-1)}.${input}`;
  await runOk("ffmpeg", ["-v", "error", "-nostdin", "-y", "-i", fixture(input), ...encoder, path]);
  return path;
}

/** What our own checker finds wrong with MP4 and Matroska: it shares no code with what wrote it. */
async function ownFindings(path: string): Promise<string[]> {
  if (!/\.(mp4|m4a|mov|3gp|mkv|mka|webm)$/.test(path)) return [];
  const { issues } = await validate(await Deno.readFile(path));
  return issues.filter(({ severity }) => severity !== "I").map(({ rule, message }) => `${rule} ${message}`);
}

/** What the container takes of it. */
async function tracksOf(path: string, { isAudio }: Format) {
  const { streams: all, samples } = await readAll(path);
  const streams: StreamConfig[] = all.filter(({ kind }) => !isAudio || kind === "audio");
  const numbers = streams.map(({ streamNumber }) => streamNumber);
  return { streams, samples: [...samples].filter(({ streamNumber }) => numbers.includes(streamNumber)) };
}

/** 100 ms of PCM a sample. */
async function bareTrack(path: string, { raw, streams: [facts] }: Row) {
  const [sampleRate, numberOfChannels] = [facts!.sampleRate!, facts!.channels!];
  const stream: StreamConfig = { kind: "audio", codec: raw!, sampleRate, numberOfChannels };
  const bytes = await Deno.readFile(path);
  const sampleBytes = sampleRate / 10 * numberOfChannels * Number(raw!.match(/\d+/)) / 8;
  const samples = Array.from({ length: bytes.byteLength / sampleBytes }, (_, i): StreamSample => ({
    streamNumber: 1,
    data: bytes.subarray(i * sampleBytes, (i + 1) * sampleBytes),
    timestamp: i * 100_000,
  }));
  return { streams: [stream], samples };
}

async function peerOf(source: string, output: string, { isAudio, extension }: Format, row: Row): Promise<string> {
  const peer = `${output}.peer.${extension}`;
  if (row.peer === "Mediabunny") {
    using input = new Input({ formats: ALL_FORMATS, source: new BufferSource(await Deno.readFile(source)) });
    const target = new BufferTarget();
    const result = new Output({ format: new Mp4OutputFormat({ fastStart: "fragmented" }), target });
    await (await Conversion.init({ input, output: result })).execute();
    await Deno.writeFile(peer, new Uint8Array(target.buffer!));
    return peer;
  }
  const maps = isAudio ? ["-map", "0:a"] : ["-map", "0:V?", "-map", "0:a?"];
  await runOk("ffmpeg", [
    ...["-v", "error", "-nostdin", "-i", source, ...maps, "-c", "copy", "-strict", "-2", "-map_metadata", "-1", peer],
  ]);
  return peer;
}

// ── Samples ──

/** A sample as it should come out. */
interface Unit {
  /** Microseconds. */
  time: number;
  hash: string;
}

/** Of each stream, in the container's order: video before audio. */
function unitsOf(samples: readonly StreamSample[], { hasTimes }: Format, { unitMicroseconds }: Row): Unit[][] {
  const first = Math.min(...samples.map(({ timestamp, decodeTimestamp }) => decodeTimestamp ?? timestamp));
  const zero = Math.max(0, first); // what lies before zero stays where it is
  const numbers = [...new Set(samples.map(({ streamNumber }) => streamNumber))].sort();
  return numbers.map((number) =>
    samples.filter(({ streamNumber }) => streamNumber === number).map(({ data, timestamp }, i) => ({
      time: hasTimes ? timestamp - zero : i * unitMicroseconds!,
      hash: md5(withoutAdts(data)),
    }))
  );
}

/** [ISO 14496-3] 1.A.2.2: the syncword, layer 0, and no checksum. */
function withoutAdts(data: Uint8Array): Uint8Array {
  return data[0] === 0xFF && (data[1]! & 0xF7) === 0xF1 ? data.subarray(7) : data;
}

const inTurn = (samples: readonly StreamSample[]) => md5(...samples.map(({ data }) => data));

async function ffmpegMisses(path: string, format: Format, row: Row, samples: StreamSample[]): Promise<string[]> {
  const { streams, packets } = format.extension === "aac"
    ? await framePackets(path, "aac_adtstoasc")
    : await ffprobe(path);
  if (row.unitMicroseconds === undefined && !format.hasTimes) {
    const hash = await streamHash(path, 0, "bytes");
    return [...hash === `MD5=${inTurn(samples)}` ? [] : ["other bytes"], ...byteClockMisses(packets, row)];
  }
  const expected = unitsOf(samples, format, row);
  return expected.flatMap((units, i) => {
    const { index, timeBase: [numerator, denominator] } = streams[i]!;
    const found = packets.filter(({ stream }) => stream === index);
    const tickMicroseconds = 1e6 * numerator / denominator;
    // Of frames alone it counts their length in whole ticks.
    const frameMicroseconds = Math.floor((row.unitMicroseconds ?? 0) / tickMicroseconds) * tickMicroseconds;
    const isCounted = !format.hasTimes && tickMicroseconds > 1;
    return compareUnits(
      `stream ${i}`,
      isCounted ? units.map(({ hash }, at) => ({ hash, time: at * frameMicroseconds })) : units,
      found.map(({ ticks, hash }) => ({ time: ticks! * tickMicroseconds, hash })),
      {
        // A container's own tick is as near as it gets; where it says a delay, FFmpeg has that in whole ticks, too.
        tolerance: format.hasTimes ? tickMicroseconds / (format.demuxer ? 1 : 2) + 0.5 : 1,
      },
    );
  });
}

/** Each packet begins where the bytes before it end. */
function byteClockMisses(packets: readonly ProbedPacket[], { durationMs, bytesPerSecond }: Row): string[] {
  const total = packets.reduce((sum, { size }) => sum + size, 0);
  const bytesPerMs = bytesPerSecond === undefined ? total / durationMs : bytesPerSecond / 1000;
  let before = 0;
  const wrong = packets.filter(({ pts, size }) => {
    const due = before / bytesPerMs;
    before += size;
    return !(Math.abs(pts! - due) < 0.5);
  });
  return wrong.length === 0 ? [] : [`${wrong.length} packets at other times`];
}

async function gstreamerMisses(path: string, format: Format, row: Row, samples: StreamSample[]): Promise<string[]> {
  const { elements = [] } = row;
  if (row.unitMicroseconds === undefined && !format.hasTimes) {
    return await gstBytes(path, elements) === inTurn(samples) ? [] : ["other bytes"];
  }
  const counts = { video: 0, audio: 0 };
  const expected = unitsOf(samples, format, row);
  const all = await Promise.all(row.streams.map(async ({ kind }, i) => {
    const pads = format.hasTimes
      ? [format.demuxer ?? "qtdemux", "name=demux", `demux.${kind}_${counts[kind]++}`]
      : elements;
    const found = await gstSamples(path, pads);
    // An Info frame is handed out too, as something that has no duration.
    const real = found.filter(({ time }, at) => time !== found[at + 1]?.time);
    if (format.demuxer !== undefined) { // it has no times before zero
      const units = expected[i]!.map(({ time, hash }) => ({ time: Math.max(0, time), hash }));
      return compareUnits(`stream ${i}`, units, real, { tolerance: TICK_US });
    }
    // Sound that an edit list hides as a whole is left out.
    const shown = expected[i]!.filter((_, at, units) => kind !== "audio" || !(units[at + 1]?.time! < 12));
    // Of sound in MP4 it leaves out the last sample where that is cut by the edit or shorter than the others.
    if (format.hasTimes && kind === "audio" && real.length === shown.length - 1) shown.pop();
    return compareUnits(`stream ${i}`, shown, real, {
      tolerance: format.hasTimes ? 12 : 1,
    });
  }));
  return all.flat();
}

/** Of Matroska. */
const TICK_US = 100;

function compareUnits(name: string, expected: Unit[], found: Unit[], { tolerance }: { tolerance: number }): string[] {
  if (found.length !== expected.length) return [`${name}: ${found.length} samples, expected ${expected.length}`];
  const otherBytes = found.findIndex(({ hash }, i) => hash !== expected[i]!.hash);
  const otherTime = found.findIndex(({ time }, i) => !(Math.abs(time - expected[i]!.time) <= tolerance));
  return [
    ...otherBytes < 0 ? [] : [`${name}: sample ${otherBytes} has other bytes`],
    ...otherTime < 0
      ? []
      : [`${name}: sample ${otherTime} is at ${found[otherTime]!.time} µs, expected ${expected[otherTime]!.time}`],
  ];
}
