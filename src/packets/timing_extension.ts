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
const DWORD_COUNT = 0x1_0000_0000;

/** First byte of the time among the extensions of a stream's payload, which are `bytes[start..end)`; -1: there is none. */
export type FindTicks = (streamNumber: number, bytes: Uint8Array, start: number, end: number) => number;

/** Every stream has it before all others. */
export const ticksFirst: FindTicks = (_streamNumber, _bytes, start) => start + TICKS_AT;

/**
 * What {@linkcode findTicks} goes by: the sizes of the extensions up to the timing extension, that last; `undefined` if
 * there is none. Neighbours of fixed sizes are one, so that it takes no more steps than there are bytes: a header may
 * declare thousands of empty ones.
 *
 * @param systems In the order of their declaration.
 */
export function sizesToTicks<T extends { readonly dataBytes: number }>(
  systems: readonly T[],
  isTiming: (system: T) => boolean,
): readonly number[] | undefined {
  const sizes: number[] = [];
  let fixed = 0;
  const addFixed = () => {
    for (; fixed > 0; fixed -= Math.min(fixed, VARIABLE_SIZE - 1)) sizes.push(Math.min(fixed, VARIABLE_SIZE - 1));
  };
  for (const system of systems) {
    const { dataBytes } = system;
    const isLast = isTiming(system) && dataBytes >= LEAST_BYTES;
    if (!isLast && dataBytes !== VARIABLE_SIZE) {
      fixed += dataBytes;
      continue;
    }
    addFixed();
    sizes.push(dataBytes);
    if (isLast) return sizes;
  }
  return undefined;
}

/**
 * Finds the time by what the stream declares.
 *
 * @param sizes By {@linkcode sizesToTicks}.
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
