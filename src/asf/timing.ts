/**
 * From microseconds to the milliseconds and ticks (100 ns) of packets. Each time is rounded from its own exact value, so
 * that no error adds up.
 *
 * @module
 */

import { sampleError } from "../errors.ts";

/** Largest time a payload can carry, preroll included: a DWORD of milliseconds. */
export const MAX_STORED_MS = 0xffff_ffff;

/** The nearest millisecond. */
export function toMs(microseconds: number): number {
  return Math.round(microseconds / 1000);
}

/** The nearest tick. */
export function toTicks(microseconds: number): number {
  return Math.round(microseconds * 10);
}

/**
 * Refuses a time that does not fit a payload.
 *
 * @throws {MuxError} `too-large`.
 */
export function checkTime(streamNumber: number, timestamp: number, prerollMs: number): void {
  const limitMs = MAX_STORED_MS - prerollMs;
  if (timestamp <= limitMs * 1000) return; // without a division: every sample is asked
  const ms = toMs(timestamp);
  if (ms <= limitMs) return;
  const reason = `time must not exceed ${limitMs} ms (about 49.7 days), got ${ms} ms`;
  throw sampleError("too-large", streamNumber, reason, timestamp);
}
