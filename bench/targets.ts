/**
 * What is to be reached, row by row, and whether it is.
 *
 * @module
 */

import type { Figure } from "./figure.ts";
import type { Sizes } from "./sizes.ts";

/** The rows of the report: measurements that may be compared with each other. */
export const ROWS = {
  av60: "Mux 60 s of audio and video into nothing, warm",
  av60First: "Mux 60 s of audio and video into nothing, first run of a process",
  small: "Mux 200 k samples of 200–1500 B into nothing, warm",
  smallFirst: "Mux 200 k samples of 200–1500 B into nothing, first run of a process",
  sinks: "60 s of audio and video into each sink, warm",
  api: "Samples in memory to a file",
  mkv: "Whole process: MKV to ASF",
  mp4: "Whole process: MP4 to ASF",
  asf: "Whole process: ASF to ASF",
  memory: "Peak memory, samples made on the way",
  mend: "Repair and index of a file of 600 s, in place",
  live: "Held back while live, 32 kbit/s",
  start: "Import and instantiate, bundled",
  startProcess: "Whole process: import and instantiate, bundled",
  startEntries: "Import and instantiate, by entries, unbundled",
  clip: "Whole process: a clip of 1 MB, MKV to ASF",
};

/** Names of measurements that targets speak of. */
export const NAMES = {
  sync: "Muxwell, not awaited",
  awaited: "Muxwell, every write awaited",
  muxwell: "Muxwell",
  ffmpeg: "ffmpeg -c copy",
  ffmpegMkv: "ffmpeg -c copy (MKV in)",
  command: "muxwell mux",
  floor: "the same reader and a bare copy",
  interleaved: "libavformat asf, in C",
  direct: "the same, streams not put in order",
  live: "Muxwell, maxLatencyMs 100",
  empty: "empty script",
  waveEntry: "./writer and ./wave",
  asfEntry: "./writer and ./asf",
  repair: "repair(), cut off in mid-air",
  index: "index(), an Index Object more",
};

/** One target and what became of it. */
export interface Verdict {
  /** What is measured. */
  readonly what: string;
  readonly target: string;
  /** Absent: not measured in this run. */
  readonly found?: string;
  readonly isMet?: boolean;
}

/** What the memory of the library may add to that of a bare copy, bytes. */
const MEMORY_BYTES = 12e6;

/** Holds the figures against the targets. */
export function judge(figures: readonly Figure[], sizes: Sizes): Verdict[] {
  const find = (row: string, name: string) => figures.find((figure) => figure.row === row && figure.name === name);
  const rate = (row: string, name: string, of: "byteLength" | "sampleCount") => {
    const figure = find(row, name);
    return figure?.ms === undefined || figure[of] === undefined ? undefined : figure[of] / figure.ms / 1000;
  };
  const ratio = (row: string, name: string, other: string) => {
    const [ms, otherMs] = [find(row, name)?.ms, find(row, other)?.ms];
    return ms === undefined || otherMs === undefined ? undefined : ms / otherMs;
  };
  const processorRatio = (row: string, name: string, other: string) => {
    const [ms, otherMs] = [find(row, name)?.processorMs, find(row, other)?.processorMs];
    return ms === undefined || otherMs === undefined ? undefined : ms / otherMs;
  };
  const atLeast = (what: string, target: string, value: number | undefined, least: number, digits: number) =>
    verdict(what, target, value?.toFixed(digits), value === undefined ? undefined : value >= least);
  const atMost = (what: string, target: string, value: number | undefined, most: number, digits: number) =>
    verdict(what, target, value?.toFixed(digits), value === undefined ? undefined : value <= most);
  const overhead = (seconds: number) => {
    const [ours, floor] = [find(ROWS.memory, `Muxwell, ${seconds} s`), find(ROWS.memory, `bare copy, ${seconds} s`)];
    return ours?.peakBytes === undefined || floor?.peakBytes === undefined
      ? undefined
      : (ours.peakBytes - floor.peakBytes) / 1e6;
  };
  const live = find(ROWS.live, NAMES.live)?.others;
  const floor = (row: string, kind: string) =>
    atMost(`${kind} in, time ÷ its reader and a bare copy`, "≤ 1.2", ratio(row, NAMES.command, NAMES.floor), 1.2, 2);
  const [clipMs, emptyMs] = [find(ROWS.clip, NAMES.command)?.ms, find(ROWS.clip, NAMES.empty)?.ms];
  const clip = clipMs === undefined || emptyMs === undefined ? undefined : clipMs - emptyMs;
  const processor = (row: string, kind: string) =>
    atMost(`${kind} in, processor time ÷ ffmpeg's`, "≤ 1.2", processorRatio(row, NAMES.command, NAMES.ffmpeg), 1.2, 2);
  const speed = rate(ROWS.av60, NAMES.sync, "byteLength");
  return [
    atLeast("60 s of audio and video into nothing, MB/s", "≥ 5000", speed, 5000, 0),
    atMost("the same, time ÷ libavformat's in C", "≤ 1", ratio(ROWS.av60, NAMES.sync, NAMES.interleaved), 1, 2),
    atMost(
      "small samples, not awaited, time ÷ libavformat's in C",
      "≤ 0.8",
      ratio(ROWS.small, NAMES.sync, NAMES.interleaved),
      0.8,
      2,
    ),
    atLeast("small samples, not awaited, million/s", "≥ 4", rate(ROWS.small, NAMES.sync, "sampleCount"), 4, 2),
    atLeast("small samples, all awaited, million/s", "≥ 2", rate(ROWS.small, NAMES.awaited, "sampleCount"), 2, 2),
    atMost(
      "samples in memory to a file, time ÷ ffmpeg (whole process)",
      "≤ 1",
      ratio(ROWS.api, NAMES.muxwell, NAMES.ffmpegMkv),
      1,
      2,
    ),
    floor(ROWS.mkv, "MKV"),
    floor(ROWS.mp4, "MP4"),
    processor(ROWS.mkv, "MKV"),
    processor(ROWS.mp4, "MP4"),
    atMost("ASF in, time ÷ ffmpeg", "≤ 1", ratio(ROWS.asf, NAMES.command, NAMES.ffmpeg), 1, 2),
    ...[60, 600].map((seconds) =>
      atMost(`peak memory over a bare copy, ${seconds} s, MB`, "≤ 12", overhead(seconds), MEMORY_BYTES / 1e6, 1)
    ),
    atLeast("repair in place, MB/s", "≥ 1000", rate(ROWS.mend, NAMES.repair, "byteLength"), 1000, 0),
    atLeast("index in place, MB/s", "≥ 1000", rate(ROWS.mend, NAMES.index, "byteLength"), 1000, 0),
    atMost("held back while live, at most, ms", "≤ 100", live?.["held at most, ms"], 100, 0),
    atMost("its bytes ÷ the media's", "≤ 1.3", live?.["bytes ÷ media"], 1.3, 2),
    atMost("import and instantiate, ms", "≤ 8", find(ROWS.start, "muxwell")?.ms, 8, 1),
    atMost("./writer and ./wave, unbundled, ms", "≤ 15", find(ROWS.startEntries, NAMES.waveEntry)?.ms, 15, 1),
    atMost("./writer and ./asf, unbundled, ms", "≤ 30", find(ROWS.startEntries, NAMES.asfEntry)?.ms, 30, 1),
    atMost("a clip of 1 MB over an empty program, ms", "≤ 80", clip, 80, 0),
    atMost("size of ASF complete, gzip, kB", "≤ 25", kilobytes(sizes["Muxwell, ASF"]), 25, 1),
    atMost("core as embedded, gzip, kB", "≤ 12", kilobytes(sizes["its core, as embedded"]), 12, 1),
  ];
}

function verdict(what: string, target: string, found: string | undefined, isMet: boolean | undefined): Verdict {
  return { what, target, found, isMet };
}

function kilobytes(bytes: number | undefined): number | undefined {
  return bytes === undefined ? undefined : bytes / 1000;
}
