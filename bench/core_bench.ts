/**
 * The core alone into a null sink, against bare `TypedArray.set` of the same samples in the same process: a process a
 * case, medians of rounds in turn. Ratios mean something; absolute figures belong to the machine.
 *
 *     deno run --allow-run bench/core_bench.ts [--cold] [--json]
 *
 * @module
 */

import { Core } from "../src/core/core.ts";

const ROUNDS = 9;
/** Rounds not counted: the compilers are still at work. */
const WARM_UP_ROUNDS = 4;
const PACKET_BYTES = [1450, 3200, 16_000, 65_535];
const IS_COLD = Deno.args.includes("--cold");

interface Sample {
  slot: number;
  start: number;
  bytes: number;
  ms: number;
  isKey: boolean;
}

interface Scenario {
  name: string;
  samples: Sample[];
  /** Times the samples are written in one round. */
  laps: number;
}

/** A fixed sequence, so that every run does the same work. */
function random(seed: number): () => number {
  return () => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) / 2 ** 32;
}

const pool = new Uint8Array(IS_COLD ? 48 << 20 : 1 << 20).map((_, i) => i * 31 + (i >> 8));

function place(samples: Omit<Sample, "start">[]): Sample[] {
  let at = 0;
  return samples.map((sample) => {
    if (at + sample.bytes > pool.length) at = 0;
    at += sample.bytes;
    return { ...sample, start: at - sample.bytes };
  });
}

/** 60 s at about 5 Mbit/s: 30 pictures/s with a key frame every 2 s, and 43 audio frames/s. */
function audioVideo(): Scenario {
  const next = random(1);
  const samples: Omit<Sample, "start">[] = [];
  for (let i = 0; i < 1800; i++) {
    const isKey = i % 60 === 0;
    const bytes = Math.floor(isKey ? 90_000 + next() * 60_000 : 8_000 + next() * 22_000);
    samples.push({ slot: 1, bytes, ms: Math.round(i * 1000 / 30), isKey });
  }
  for (let i = 0; i < 2584; i++) {
    samples.push({ slot: 0, bytes: 300 + Math.floor(next() * 100), ms: Math.round(i * 1024 / 44.1), isKey: true });
  }
  return { name: "60 s of audio and video", samples: place(samples.sort((a, b) => a.ms - b.ms)), laps: 20 };
}

function small(): Scenario {
  const next = random(2);
  const samples = Array.from({ length: 200_000 }, (_, i) => {
    return { slot: 0, bytes: 200 + Math.floor(next() * 1300), ms: Math.floor(i / 10), isKey: true };
  });
  return { name: "200 k samples of 200–1500 B", samples: place(samples), laps: 4 };
}

/** Views as a caller has them: made before the clock runs. */
function viewsOf(scenario: Scenario): Uint8Array[] {
  return scenario.samples.map(({ start, bytes }) => pool.subarray(start, start + bytes));
}

function runSet(scenario: Scenario, views: Uint8Array[], target: Uint8Array): number {
  const started = performance.now();
  for (let lap = 0, at = 0; lap < scenario.laps; lap++) {
    for (const view of views) {
      if (at + view.byteLength > target.byteLength) at = 0;
      target.set(view, at);
      at += view.byteLength;
    }
  }
  return performance.now() - started;
}

function runCore(scenario: Scenario, views: Uint8Array[], packetBytes: number): number {
  const streams = [
    { streamNumber: 1, bitsPerSecond: 128_000, indexed: false },
    { streamNumber: 2, bitsPerSecond: 5_000_000, indexed: true },
  ];
  const core = new Core({ packetBytes, prerollMs: 3000, timingExtension: false, streams });
  const sources: Uint8Array[] = [pool];
  const pieces = { sources, starts: [0], ends: [0], count: 1, byteLength: 0 };
  const samples = scenario.samples;
  const lapMs = samples[samples.length - 1]!.ms + 33;
  const started = performance.now();
  for (let lap = 0; lap < scenario.laps; lap++) {
    for (let i = 0; i < samples.length; i++) {
      const { slot, ms, isKey } = samples[i]!;
      const view = views[i]!;
      sources[0] = view;
      pieces.ends[0] = pieces.byteLength = view.byteLength;
      const storedMs = ms + lap * lapMs;
      core.write(slot, pieces, storedMs, storedMs * 10_000, isKey);
      if (core.hasFullBlock) core.nextRange(false)!.release();
    }
  }
  core.closePacket();
  return performance.now() - started;
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1]!;
}

function measure(scenario: Scenario, packetBytes: number): Record<string, unknown> {
  const views = viewsOf(scenario);
  const bytes = scenario.laps * scenario.samples.reduce((sum, sample) => sum + sample.bytes, 0);
  const target = new Uint8Array(2 << 20);
  const setTimes: number[] = [];
  const coreTimes: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    setTimes.push(runSet(scenario, views, target));
    coreTimes.push(runCore(scenario, views, packetBytes));
  }
  const limitMs = median(setTimes.slice(WARM_UP_ROUNDS));
  const ms = median(coreTimes.slice(WARM_UP_ROUNDS));
  return {
    scenario: scenario.name,
    pool: IS_COLD ? "cold" : "hot",
    packetBytes,
    "GB/s": +(bytes / ms / 1e6).toFixed(1),
    "bare set GB/s": +(bytes / limitMs / 1e6).toFixed(1),
    ratio: +(limitMs / ms).toFixed(2),
    "M samples/s": +(scenario.laps * scenario.samples.length / ms / 1e3).toFixed(2),
  };
}

/** Runs one case in a process of its own. */
async function runCase(scenario: number, packetBytes: number): Promise<Record<string, unknown>> {
  const pool = IS_COLD ? ["--cold"] : [];
  const args = ["run", import.meta.filename!, "--case", `${scenario}`, `${packetBytes}`, ...pool];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const SCENARIOS = [audioVideo, small];
const at = Deno.args.indexOf("--case");
if (at >= 0) {
  const [scenario, packetBytes] = Deno.args.slice(at + 1).map(Number);
  console.log(JSON.stringify(measure(SCENARIOS[scenario!]!(), packetBytes!)));
} else {
  const results = [];
  for (const scenario of SCENARIOS.keys()) {
    for (const packetBytes of PACKET_BYTES) results.push(await runCase(scenario, packetBytes));
  }
  if (Deno.args.includes("--json")) console.log(JSON.stringify(results));
  else console.table(results);
}
