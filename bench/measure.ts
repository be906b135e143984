/**
 * What a case finds: by the clock, by the processors, once or until the compilers are through.
 *
 * @module
 */

import process from "node:process";
import type { Scenario } from "./media.ts";

/** What a case found. */
export interface Finding {
  /** Of the measured part alone, ms; warm where there is a first run, too. */
  ms?: number;
  /** The first run of the process. */
  firstMs?: number;
  /** Of a whole process, on all processors, ms: says more than `ms` on a machine that has other things to do. */
  processorMs?: number;
  /** Bytes of media that went through. */
  byteLength?: number;
  sampleCount?: number;
  /** Anything else, by the name of its column. */
  figures?: Record<string, number>;
  /** Largest resident memory of the process, bytes. */
  peakBytes?: number;
}

/** Identical runs that are not counted, since the compilers are still at work: so many, and for so long. */
const WARM_UP_RUNS = 5;
const WARM_UP_MS = 1000;
/** Runs that are: so many, and for so long. */
const RUNS = 5;
const MEASURED_MS = 700;
/** Runs the same over and over: the first time, and the median of the times when the compilers are through. */
export async function timed(scenario: Scenario, run: () => void | Promise<void>): Promise<Finding> {
  const once = async () => {
    const started = performance.now();
    await run();
    return performance.now() - started;
  };
  const firstMs = await once();
  for (let runs = 1, ms = firstMs; runs < WARM_UP_RUNS || ms < WARM_UP_MS; runs++) ms += await once();
  const times: number[] = [];
  const used = process.cpuUsage();
  for (let ms = 0; times.length < RUNS || ms < MEASURED_MS; ms += times.at(-1)!) times.push(await once());
  const processorMs = processorMsSince(used) / times.length;
  const ms = times.sort((a, b) => a - b)[times.length >> 1]!;
  return { ms, firstMs, processorMs, byteLength: scenario.byteLength, sampleCount: scenario.samples.length };
}

/** Of this process, on all processors. */
function processorMsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** One run, by the clock and by the processors. */
export async function measured(run: () => Promise<unknown>): Promise<Finding> {
  const used = process.cpuUsage();
  const started = performance.now();
  await run();
  return { ms: performance.now() - started, processorMs: processorMsSince(used) };
}
