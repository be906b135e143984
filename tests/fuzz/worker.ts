/// <reference no-default-lib="true" />
/// <reference lib="deno.worker" />
/**
 * Runs cases away from whoever watches: a case that never comes back can be given up.
 *
 * @module
 */

import { heldBytes } from "../support/held_bytes.ts";
import { runCase } from "./cases.ts";
import { seedFiles } from "./seeds.ts";

/** What is to be run. */
export interface Order {
  seed: number;
  /** The first case. */
  from: number;
  seconds: number;
  /** Cases at most. */
  most?: number;
  /** Parts of the names of the files to damage; absent: all. */
  only?: readonly string[];
  /** The number of the case under way, for who watches. */
  progress: Int32Array;
}

/** What happens: all is over, or something was found. */
export type News =
  | { kind: "end"; count: number; outcomes: Record<string, number>; peakBytes: number; slowest: Slowest }
  | { kind: "finding"; text: string };

/** The case that took longest. */
export interface Slowest {
  number: number;
  milliseconds: number;
}

/** Inputs of at most 1 MiB: more than this over what the process began with is a leak, or a length that was trusted. */
const MAX_GROWTH_BYTES = 700 << 20;
const CASES_PER_COLLECTION = 2000;

self.onmessage = async ({ data }: MessageEvent<Order>) => {
  const post = (news: News) => self.postMessage(news);
  try {
    await run(data, post);
  } catch (error) {
    const { message, cause } = error as Error;
    post({ kind: "finding", text: `${message}\n${(cause as Error | undefined)?.stack ?? (error as Error).stack}` });
  }
};

async function run(
  { seed, from, seconds, most = Infinity, only, progress }: Order,
  post: (news: News) => void,
): Promise<void> {
  const files = await seedFiles(only);
  const outcomes: Record<string, number> = {};
  const startBytes = heldBytes();
  let peakBytes = 0;
  let slowest: Slowest = { number: from, milliseconds: 0 };
  const end = performance.now() + seconds * 1000;
  let number = from;
  for (; performance.now() < end && number - from < most; number++) {
    // What the collector has not come to is not growth; it lets buffers lie about for long.
    if (number % CASES_PER_COLLECTION === 0) (globalThis as { gc?: () => void }).gc?.();
    Atomics.store(progress, 0, number);
    const begin = performance.now();
    const { target, outcome } = await runCase(files, seed, number);
    const milliseconds = performance.now() - begin;
    if (milliseconds > slowest.milliseconds) slowest = { number, milliseconds };
    const key = `${target}: ${outcome}`;
    outcomes[key] = (outcomes[key] ?? 0) + 1;
    const grownBytes = heldBytes() - startBytes;
    peakBytes = Math.max(peakBytes, grownBytes);
    if (grownBytes > MAX_GROWTH_BYTES) {
      throw new Error(`case ${number} of seed ${seed}: memory has grown by ${grownBytes >> 20} MiB`);
    }
  }
  post({ kind: "end", count: number - from, outcomes, peakBytes, slowest });
}
