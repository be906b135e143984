/**
 * One measurement in a process of its own: `deno run bench/cases.ts NAME [ARGUMENTS]` prints one line of JSON. The cases
 * of ours are here, those of others in peers.ts.
 *
 * @module
 */

import { openMedia } from "../src/demux/mod.ts";
import { AsfReader } from "../src/inspect/mod.ts";
import {
  asf,
  bufferSink,
  fileSink,
  matroska,
  mp4,
  type Mp4Layout,
  mpegts,
  type Sink,
  type StreamConfig,
  Writer,
} from "../mod.ts";
import { audioVideo, audioVideoSamples, type BenchSample, manySmall, type Scenario } from "./media.ts";
import { type Finding, measured, timed } from "./measure.ts";
import { MEND_CASES } from "./mend_cases.ts";
import { mp4Day } from "./mp4_day.ts";
import { PEERS } from "./peers.ts";
import { mux, nullFile, nullSink } from "./session.ts";

const BLOCK_BYTES = 256 << 10;

/** Runs once: what is measured is the medium, too. */
async function once(scenario: Scenario, run: () => Promise<void>): Promise<Finding> {
  return { ...await measured(run), byteLength: scenario.byteLength, sampleCount: scenario.samples.length };
}

/** Every byte copied once into memory that is used again: nothing that muxes can be faster. */
function copyAll({ samples }: Scenario, target: Uint8Array): void {
  let at = 0;
  for (const { data } of samples) {
    if (at + data.byteLength > target.byteLength) at = 0;
    target.set(data, at);
    at += data.byteLength;
  }
}

/** Blocks of bytes into a file, one after the other. */
class BlockFile {
  readonly #file: Deno.FsFile;
  readonly #block = new Uint8Array(4 * BLOCK_BYTES);
  #used = 0;

  constructor(path: string) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
  }

  async add(data: Uint8Array): Promise<void> {
    if (this.#used + data.byteLength > this.#block.byteLength) await this.flush();
    this.#block.set(data, this.#used);
    this.#used += data.byteLength;
  }

  async flush(): Promise<void> {
    for (let at = 0; at < this.#used;) at += await this.#file.write(this.#block.subarray(at, this.#used));
    this.#used = 0;
  }

  async close(): Promise<void> {
    await this.flush();
    this.#file.close();
  }
}

function streamSink(): WritableStream<Uint8Array<ArrayBuffer>> {
  return new WritableStream({ write() {} });
}

/** 60 s of 32 kbit/s audio, handed over as it happens: how long each frame is held, in media time, and what it costs. */
async function latency(): Promise<Finding> {
  const frameMs = 26.122;
  const count = Math.floor(60_000 / frameMs);
  const frame = new Uint8Array(Math.round(32_000 / 8 * frameMs / 1000)).fill(0x55);
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const emittedMs: number[] = [];
  let nowMs = 0;
  const sink: Sink = {
    keepsBytes: true,
    header: (bytes) => void pieces.push(bytes),
    data(bytes, { unitCount }) {
      pieces.push(bytes);
      for (let i = 0; i < unitCount; i++) emittedMs.push(nowMs);
    },
    close() {},
    abort() {},
  };
  const stream: StreamConfig = {
    kind: "audio",
    codec: 0x0055,
    sampleRate: 44_100,
    numberOfChannels: 2,
    bitrate: 32_000,
  };
  const mp3 = Uint8Array.from([0xFF, 0xFB, 0x10, 0x00, ...frame.subarray(4)]);
  const writer = new Writer({
    container: asf(),
    sinks: [sink],
    streams: [stream],
    maxLatencyMs: 100,
    startTime: "keep",
    openWindowMs: 0,
  });
  await writer.beginWriting();
  for (let i = 0; i < count; i++) {
    nowMs = i * frameMs;
    await writer.writeSample(1, { data: mp3, timestamp: Math.round(nowMs * 1000), duration: 26_122 });
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  nowMs = count * frameMs;
  await writer.endWriting();
  const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
  const reader = await AsfReader.open(bytes);
  const held: number[] = [];
  for await (const { packetNumber, presentationMs } of reader.samples()) {
    held.push((emittedMs[packetNumber] ?? nowMs) - presentationMs);
  }
  await reader.close();
  held.sort((a, b) => a - b);
  const mediaBytes = count * mp3.byteLength;
  return {
    figures: {
      "held at most, ms": Math.round(held.at(-1)!),
      "held, median, ms": Math.round(held[held.length >> 1]!),
      "bytes ÷ media": Math.round(100 * bytes.byteLength / mediaBytes) / 100,
    },
  };
}

type Case = (...args: string[]) => Promise<Finding>;

/** By name. */
const CASES: Record<string, Case> = {
  "av60 muxwell sync": () => withScenario(audioVideo(60), (all) => timed(all, () => mux(all, nullSink(), false))),
  "av60 muxwell awaited": () => withScenario(audioVideo(60), (all) => timed(all, () => mux(all, nullSink(), true))),
  "av60 muxwell mkv": () =>
    withScenario(audioVideo(60), (all) => timed(all, () => mux(all, nullFile(), false, matroska()))),
  "av60 muxwell mp4": () => withScenario(audioVideo(60), (all) => timed(all, () => mux(all, nullFile(), false, mp4()))),
  "av60 muxwell ts": () =>
    withScenario(audioVideo(60), (all) => timed(all, () => mux(all, nullSink(), false, mpegts()))),
  "av60 copy": () => copyFloor(audioVideo(60)),
  "av60 buffer": () => withScenario(audioVideo(60), (all) => timed(all, () => mux(all, bufferSink(), true))),
  "av60 stream": () => withScenario(audioVideo(60), (all) => timed(all, () => mux(all, streamSink(), true))),
  "av60 file": (path) => withScenario(audioVideo(60), (all) => timed(all, () => mux(all, fileSink(path!), true))),
  "small muxwell sync": () => withScenario(manySmall(), (all) => timed(all, () => mux(all, nullSink(), false))),
  "small muxwell awaited": () => withScenario(manySmall(), (all) => timed(all, () => mux(all, nullSink(), true))),
  "small muxwell mkv": () =>
    withScenario(manySmall(), (all) => timed(all, () => mux(all, nullFile(), false, matroska()))),
  "small muxwell mp4": () => withScenario(manySmall(), (all) => timed(all, () => mux(all, nullFile(), false, mp4()))),
  "small muxwell ts": () => withScenario(manySmall(), (all) => timed(all, () => mux(all, nullSink(), false, mpegts()))),
  "day mp4": (layout, how, hours = "24") => mp4Day(layout as Mp4Layout, how === "hard", Number(hours)),
  "small copy": () => copyFloor(manySmall()),
  "api file": (path) => withScenario(audioVideo(600, true), (all) => once(all, () => mux(all, fileSink(path!), true))),
  "api copy": (path) => withScenario(audioVideo(600, true), (all) => once(all, () => copyToFile(all, path!))),
  "memory muxwell": (path, seconds) => memory(Number(seconds), (samples) => mux({ samples }, fileSink(path!), true)),
  "memory copy": (path, seconds) => memory(Number(seconds), (samples) => copyToFile({ samples }, path!)),
  "memory muxwell nothing": (seconds) => memory(Number(seconds), (samples) => mux({ samples }, nullSink(), true)),
  "demux copy": demuxCopy,
  "latency": latency,
  ...MEND_CASES,
  ...PEERS,
};

function withScenario(scenario: Scenario, run: (scenario: Scenario) => Promise<Finding>): Promise<Finding> {
  return run(scenario);
}

function copyFloor(scenario: Scenario): Promise<Finding> {
  const target = new Uint8Array(8 * BLOCK_BYTES);
  return timed(scenario, () => copyAll(scenario, target));
}

/** Samples that are made when they are asked for: what is measured is what the process needs at most. */
async function memory(seconds: number, run: (samples: Iterable<BenchSample>) => Promise<void>): Promise<Finding> {
  await run(audioVideoSamples(seconds));
  return {};
}

async function copyToFile({ samples }: { samples: Iterable<BenchSample> }, path: string): Promise<void> {
  const file = new BlockFile(path);
  for (const { data } of samples) await file.add(data);
  await file.close();
}

/** What our command would need if muxing cost nothing: the same reader, and one copy of every sample. */
async function demuxCopy(input?: string, output?: string): Promise<Finding> {
  const file = new BlockFile(output!);
  await using media = await openMedia(input!);
  for await (const { data } of media.samples) await file.add(data);
  await file.close();
  return {};
}

/** From the kernel, where there is one that tells. */
function peakBytes(): number | undefined {
  try {
    const kilobytes = Deno.readTextFileSync("/proc/self/status").match(/VmHWM:\s+(\d+)/)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const [name, ...args] = Deno.args;
  const finding = await CASES[name!]!(...args);
  console.log(JSON.stringify({ ...finding, peakBytes: peakBytes() }));
}
