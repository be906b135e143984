/**
 * The timing extension of payloads: the presentation time of streams whose payloads have decode times as their own, as
 * recorded television has it.
 *
 * ```text
 * 0  zeros u64 · 8 presentation time u64, 100 ns, preroll included; all ones: none · 16 zeros u64
 * ```
 *
 * Extensions stand one behind another in the order of their declaration; one of a variable size has that in a WORD before
 * it ([ASF] 7.3.2).
 *
 * @module
 */

import { MAX_DWORD } from "../bytes/limits.ts";
import { readField } from "./fields.ts";

/** As written here; others leave the last eight away. */
export const TIMING_EXTENSION_BYTES = 24;

/** Declared size of an extension that tells its own. */
export const VARIABLE_SIZE = 0xffff;

const TICKS_AT = 8;
const LEAST_BYTES = 16;
const DWORD_COUNT = 2 ** 32;

/** First byte of the time among the extensions of a stream's payload, which are `bytes[start..end)`; -1: there is none. */
export type FindTicks = (streamNumber: number, bytes: Uint8Array, start: number, end: number) => number;

/** Every stream has it before all others. */
export const ticksFirst: FindTicks = (_streamNumber, _bytes, start) => start + TICKS_AT;

/**
 * Finds the time by what the stream declares.
 *
 * @param sizes Of its extensions up to the timing extension, that last; `undefined`: it has none.
 */
export function findTicks(bytes: Uint8Array, start: number, end: number, sizes: readonly number[] | undefined): number {
  if (sizes === undefined) return -1;
  let at = start;
  let size = 0;
  for (const declared of sizes) {
    at += size;
    size = declared;
    if (size !== VARIABLE_SIZE) continue;
    if (at + 2 > end) return -1;
    size = readField(bytes, at, 2);
    at += 2;
  }
  if (size < LEAST_BYTES || at + LEAST_BYTES > end) return -1;
  const ticksAt = at + TICKS_AT;
  const isNone = readField(bytes, ticksAt, 4) === MAX_DWORD && readField(bytes, ticksAt + 4, 4) === MAX_DWORD;
  return isNone ? -1 : ticksAt;
}

/** The time itself, 100 ns. */
export function readTicks(bytes: Uint8Array, at: number): number {
  return readField(bytes, at + 4, 4) * DWORD_COUNT + readField(bytes, at, 4);
}
