/**
 * What a file must show to readers we did not write. Each check gives back complaints, none if all is well, so that a
 * test can show all of them, and so that the checks can be shown to find something.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { type ReaderName, requireReaders, skipWithout } from "./readers.ts";
import { exiftoolComplaints } from "./readers/exiftool.ts";
import {
  decodeComplaints,
  ffprobe,
  ffprobeComplaints,
  frameHashes,
  frameTimes,
  type Probe,
  type ProbedPacket,
  type ProbedStream,
  seekTo,
  streamHash,
} from "./readers/ffmpeg.ts";
import { discovererComplaints, gstBuffers, gstFrameHashes, gstHashes, type GstStream } from "./readers/gstreamer.ts";
import { mediainfoComplaints } from "./readers/mediainfo.ts";
import { mplayerComplaints } from "./readers/mplayer.ts";
import { mutagenComplaints } from "./readers/mutagen.ts";
import type { Expectation, StreamKind } from "./readers/verdict.ts";
import { errorsIn } from "./valid.ts";
import { vlcPlay } from "./readers/vlc.ts";

/** How far a presentation time may be off, ms: the container's own resolution. */
const TOLERANCE_MS = 1;

/** Something to be asked of a file. */
export interface Check {
  name: string;
  readers: ReaderName[];
  complaints(): Promise<string[]>;
}

/** No rule calls the file invalid; every reader, but those that do not know the codec, accepts the file without a warning, and sees what is expected. */
export function acceptedByAll(path: string, expected: Expectation, unknownTo: readonly ReaderName[] = []): Check[] {
  const checks: Check[] = [
    { name: "ffprobe", readers: ["ffmpeg"], complaints: () => ffprobeComplaints(path, expected) },
    { name: "ffmpeg decode", readers: ["ffmpeg"], complaints: () => decodeComplaints(path) },
    { name: "gst-discoverer", readers: ["GStreamer"], complaints: () => discovererComplaints(path, expected) },
    { name: "MediaInfo", readers: ["MediaInfo"], complaints: () => mediainfoComplaints(path, expected) },
    { name: "ExifTool", readers: ["ExifTool"], complaints: () => exiftoolComplaints(path, expected) },
    { name: "mutagen", readers: ["mutagen"], complaints: () => mutagenComplaints(path, expected) },
    { name: "MPlayer", readers: ["MPlayer"], complaints: () => mplayerComplaints(path, expected) },
    { name: "our validator", readers: [], complaints: () => validatorComplaints(path) },
  ];
  return checks.filter(({ readers }) => !readers.some((reader) => unknownTo.includes(reader)));
}

/** The rules of ASF that the file breaks; other containers have none here. */
async function validatorComplaints(path: string): Promise<string[]> {
  const bytes = await Deno.readFile(path);
  const isAsf = bytes[0] === 0x30 && bytes[1] === 0x26 && bytes[2] === 0xb2 && bytes[3] === 0x75;
  return isAsf ? await errorsIn(bytes) : [];
}

/**
 * Every sample of `source` is in `output`, and nothing else, each at its time. FFmpeg shows the samples of codecs, too, that
 * it does not know; GStreamer must know them.
 */
export function sameSamples(source: string, output: string, unknownTo: readonly ReaderName[] = []): Check[] {
  const inFfmpeg: Check = {
    name: "samples in FFmpeg",
    readers: ["ffmpeg"],
    complaints: () => ffmpegDifferences(source, output),
  };
  const inGstreamer: Check = {
    name: "samples in GStreamer",
    readers: ["ffmpeg", "GStreamer"],
    complaints: () => gstreamerDifferences(source, output),
  };
  return unknownTo.includes("GStreamer") ? [inFfmpeg] : [inFfmpeg, inGstreamer];
}

/** Seeking lands on the last key frame, as far as an index with this interval can tell. */
export function seekLands(path: string, intervalMs: number): Check[] {
  return [{ name: "seeking in FFmpeg", readers: ["ffmpeg"], complaints: () => seekMisses(path, intervalMs) }];
}

/** VLC shows every picture in time; takes as long as the file lasts. */
export function smoothInVlc(path: string): Check[] {
  return [{ name: "playing in VLC", readers: ["VLC"], complaints: () => vlcComplaints(path) }];
}

/** VLC finds a decoder for every stream, and pictures come out of it. */
export function decodedInVlc(path: string, kinds: readonly StreamKind[]): Check[] {
  const complaints = async () => {
    const { showsPictures, decodersOf, complaints } = await vlcPlay(path, 1);
    return [
      ...complaints,
      ...kinds.filter((kind) => !decodersOf.includes(kind)).map((kind) => `has no decoder for the ${kind}`),
      ...(kinds.includes("video") && !showsPictures ? ["shows no picture"] : []),
    ];
  };
  return [{ name: "decoding in VLC", readers: ["VLC"], complaints }];
}

/**
 * Asserts, in a step for each check, that there is nothing to complain about. All checks run side by side before the first
 * step, which would otherwise be said to leak what another one started.
 */
export async function judge(t: Deno.TestContext, checks: Check[]): Promise<void> {
  const asked = checks.filter(({ readers }) => !skipWithout(...readers));
  const answers = await Promise.allSettled(asked.map(async ({ readers, complaints }) => {
    requireReaders(...readers);
    return await complaints();
  }));
  for (const { name } of checks.filter((check) => !asked.includes(check))) {
    await t.step({ name: `${name} (reader missing)`, ignore: true, fn() {} });
  }
  for (const [i, { name }] of asked.entries()) {
    await t.step(name, () => {
      const answer = answers[i]!;
      if (answer.status === "rejected") throw answer.reason;
      assertEquals(answer.value, []);
    });
  }
}

/** From the first presentation time to the end of the last sample, ms, as FFmpeg reads the packets. */
export async function presentationMs(path: string): Promise<number> {
  const { packets } = await ffprobe(path);
  const ends = packets.map(({ pts, duration }) => (pts ?? NaN) + (duration ?? 0));
  return Math.max(...ends) - Math.min(...packets.map(({ pts }) => pts ?? NaN));
}

/** A stream of the source and what became of it. */
interface Pair {
  name: string;
  source: ProbedStream;
  output: ProbedStream;
  /** Framing that the container does not keep leaves only what is decoded to be compared. */
  compare: "samples" | "decoded" | "bytes";
  /** FFmpeg's parser loses the times of frames that are shorter than what it buffers. */
  isTimedByFfmpeg: boolean;
}

function pairStreams(source: Probe, output: Probe): Pair[] {
  return source.streams.map((stream) => {
    const nth = source.streams.filter(({ kind }) => kind === stream.kind).indexOf(stream);
    const counterpart = output.streams.filter(({ kind }) => kind === stream.kind)[nth];
    const name = `${stream.kind} ${nth}`;
    if (!counterpart) throw new Error(`${name} is missing`);
    const reframed = ["h264", "hevc"].includes(stream.codec) || (stream.codec === "aac" && source.formatName === "aac");
    const compare = stream.codec.startsWith("pcm_") ? "bytes" : reframed ? "decoded" : "samples";
    return { name, source: stream, output: counterpart, compare, isTimedByFfmpeg: stream.codec !== "flac" };
  });
}

function packetsOf(probe: Probe, { index }: ProbedStream): ProbedPacket[] {
  return probe.packets.filter(({ stream }) => stream === index);
}

/** Times of the same things, as two sides tell them. */
interface Times {
  name: string;
  expected: (number | undefined)[];
  found: (number | undefined)[];
}

/** Times that are further off than allowed, after one offset for all streams together. */
function compareTimes(all: Times[]): string[] {
  const offsets = all.flatMap(({ expected, found }) => found.map((time, i) => (time ?? NaN) - (expected[i] ?? NaN)));
  const known = offsets.filter(Number.isFinite);
  // The offset that serves all of them best: the middle of the extremes.
  const common = (Math.min(...known) + Math.max(...known)) / 2;
  const differences = all.flatMap(({ name, expected, found }) => {
    const wrong = found.flatMap((time, i) => {
      const off = (time ?? NaN) - (expected[i] ?? NaN) - common;
      return Math.abs(off) <= TOLERANCE_MS + 1e-6
        ? []
        : [`${i}: ${time} ms, expected ${(expected[i] ?? NaN) + common}`];
    });
    return [
      ...(expected.length === found.length ? [] : [`${name}: ${found.length} times, expected ${expected.length}`]),
      ...(wrong.length === 0
        ? []
        : [`${name}: ${wrong.length} of ${found.length} times are off; ${wrong.slice(0, 4).join("; ")}`]),
    ];
  });
  return differences;
}

function compareLists(name: string, expected: unknown[], found: unknown[]): string[] {
  if (expected.length !== found.length) return [`${name}: ${found.length}, expected ${expected.length}`];
  const wrong = found.findIndex((value, i) => value !== expected[i]);
  return wrong < 0 ? [] : [`${name}: number ${wrong} is ${found[wrong]}, expected ${expected[wrong]}`];
}

/** Of PCM, packets say nothing: where each one should begin follows from the bytes before it. */
function pcmTimes(source: ProbedPacket[], output: ProbedPacket[]): (number | undefined)[] {
  const bytes = source.reduce((sum, { size }) => sum + size, 0);
  const last = source.at(-1)!;
  const bytesPerMs = bytes / (last.pts! + last.duration! - source[0]!.pts!);
  let position = 0;
  return output.map(({ size }) => source[0]!.pts! + (position += size, position - size) / bytesPerMs);
}

/** What differs between the samples of two files as FFmpeg reads them. */
export async function ffmpegDifferences(source: string, output: string): Promise<string[]> {
  const [before, after] = await Promise.all([ffprobe(source), ffprobe(output)]);
  const pairs = pairStreams(before, after);
  const times: Times[] = [];
  const differences: string[] = [];
  for (const { name, source: from, output: to, compare, isTimedByFfmpeg } of pairs) {
    const [expected, found] = [packetsOf(before, from), packetsOf(after, to)];
    if (compare === "bytes") {
      const [a, b] = await Promise.all([
        streamHash(source, from.index, "bytes"),
        streamHash(output, to.index, "bytes"),
      ]);
      differences.push(...compareLists(`${name}: bytes`, [a], [b]));
      times.push({ name: `${name}: packets`, expected: pcmTimes(expected, found), found: found.map(({ pts }) => pts) });
      continue;
    }
    if (isTimedByFfmpeg) {
      times.push({
        name: `${name}: packets`,
        expected: expected.map(({ pts }) => pts),
        found: found.map(({ pts }) => pts),
      });
    }
    differences.push(...compareLists(`${name}: key flags`, expected.map((p) => p.isKey), found.map((p) => p.isKey)));
    if (compare === "samples") {
      differences.push(...compareLists(`${name}: samples`, expected.map((p) => p.hash), found.map((p) => p.hash)));
    } else if (to.codec === "unknown") {
      differences.push(...compareLists(`${name}: samples`, [expected.length], [found.length]));
    } else if (from.kind === "audio") {
      const [a, b] = await Promise.all([
        streamHash(source, from.index, "decoded"),
        streamHash(output, to.index, "decoded"),
      ]);
      differences.push(...compareLists(`${name}: decoded`, [a], [b]));
    } else {
      const [a, b, expectedTimes, foundTimes] = await Promise.all([
        frameHashes(source, from.index),
        frameHashes(output, to.index),
        frameTimes(source, from.index),
        frameTimes(output, to.index),
      ]);
      differences.push(...compareLists(`${name}: frames`, a, b));
      times.push({ name: `${name}: frames`, expected: expectedTimes, found: foundTimes });
    }
  }
  return [...differences, ...compareTimes(times)];
}

/** What differs between the samples of two files, the source as FFmpeg and the output as GStreamer reads it. */
export async function gstreamerDifferences(source: string, output: string): Promise<string[]> {
  const [before, after] = await Promise.all([ffprobe(source), ffprobe(output)]);
  const pairs = pairStreams(before, after);
  const streams = pairs.map(({ source: from, name }): GstStream => {
    const [kind, index] = name.split(" ");
    return { kind: kind as StreamKind, index: Number(index), codec: from.codec };
  });
  const buffers = await gstBuffers(output, streams);
  const times: Times[] = [];
  const differences: string[] = [];
  for (const [i, { name, source: from, output: to, compare }] of pairs.entries()) {
    const expected = packetsOf(before, from);
    const found = buffers[i]!.map(({ pts }) => pts);
    if (compare === "bytes") {
      const units = packetsOf(after, to);
      times.push({ name: `${name}: buffers`, expected: pcmTimes(expected, units), found });
      differences.push(...compareLists(`${name}: sizes`, units.map((p) => p.size), buffers[i]!.map((b) => b.size)));
    } else {
      times.push({ name: `${name}: buffers`, expected: expected.map(({ pts }) => pts), found });
    }
    if (compare === "samples") {
      const hashes = await gstHashes(output, streams[i]!);
      differences.push(...compareLists(`${name}: samples`, expected.map((p) => p.hash), hashes));
    } else if (to.codec === "unknown") {
      const [frames, shown] = [await frameHashes(source, from.index), await gstFrameHashes(output, streams[i]!)];
      differences.push(...compareLists(`${name}: frames`, frames, shown));
    }
  }
  return [...differences, ...compareTimes(times)];
}

/**
 * Where seeking goes wrong: FFmpeg, sent to any time, must land on the last key frame at or before it, or on one that
 * an index with this interval cannot tell from it.
 */
export async function seekMisses(path: string, intervalMs: number, targetCount = 40): Promise<string[]> {
  const probe = await ffprobe(path);
  const video = probe.streams.find(({ kind }) => kind === "video")!;
  const packets = packetsOf(probe, video);
  if (packets.some(({ pts }) => pts === undefined)) return ["packets without presentation times"];
  const keys = packets.filter(({ isKey }) => isKey).map(({ pts }) => pts!);
  const [first, last] = [keys[0]!, Math.max(...packets.map(({ pts }) => pts!))];
  // Spread over the file by the golden ratio, and both ends.
  const spread = Array.from({ length: targetCount }, (_, i) => first + Math.floor((i * 0.618034 % 1) * (last - first)));
  const targets = [...spread, last].filter((target) => target > 0);
  const landings = await seekTo(path, video.index, targets);
  if (landings.length !== targets.length) return [`${landings.length} landings, expected ${targets.length}`];
  return targets.flatMap((target, i) => {
    const { pts, isKey } = landings[i]!;
    const passed = keys.filter((key) => key > pts && key <= target - intervalMs);
    return isKey && pts <= target && passed.length === 0
      ? []
      : [`${target} ms: lands at ${pts}${isKey ? "" : ", no key frame"}`];
  });
}

async function vlcComplaints(path: string): Promise<string[]> {
  let report = await vlcPlay(path);
  // A busy machine makes pictures late now and then, a wrong file every time.
  for (let retries = 9; retries > 0 && report.latePictures > 0; retries--) report = await vlcPlay(path);
  const { showsPictures, latePictures, complaints } = report;
  return [
    ...(showsPictures ? [] : ["shows no picture"]),
    ...(latePictures === 0 ? [] : [`is late with ${latePictures} pictures`]),
    ...complaints,
  ];
}
