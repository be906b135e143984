/**
 * Repair and index of a large file, in place: `path` is made for each run, and what makes it is not measured.
 *
 * @module
 */

import { fileSink } from "../mod.ts";
import { index, repair } from "../src/repair/mod.ts";
import { type Finding, measured } from "./measure.ts";
import { audioVideoSamples } from "./media.ts";
import { mux } from "./session.ts";

const SECONDS = 600;
/** Behind the index, which is half a megabyte at most, and some packets. */
const CUT_BYTES = 1 << 20;
const DAMAGE_BYTES = 100 << 10;

type Harm = (path: string, size: number) => void;

/** As a disk has it whose plug was pulled: no index, and counts that are not true. */
function cutOff(path: string, size: number): void {
  Deno.truncateSync(path, size - CUT_BYTES);
}

function punched(path: string, size: number): void {
  const file = Deno.openSync(path, { write: true });
  file.seekSync(size >> 1, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(DAMAGE_BYTES));
  file.close();
}

async function measure(
  path: string,
  harm: Harm | undefined,
  work: (path: string) => Promise<unknown>,
): Promise<Finding> {
  await mux({ samples: audioVideoSamples(SECONDS) }, fileSink(path), true);
  const byteLength = Deno.statSync(path).size;
  harm?.(path, byteLength);
  return { ...await measured(() => work(path)), byteLength };
}

/** By name, to be called with a path. */
export const MEND_CASES: Record<string, (path?: string) => Promise<Finding>> = {
  "mend repair": (path) => measure(path!, cutOff, repair),
  "mend index": (path) => measure(path!, undefined, (path) => index(path, { timeIndexMs: 1000 })),
  "mend punched": (path) => measure(path!, punched, repair),
};
