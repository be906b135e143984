/**
 * Watches what Mediabunny asks a source for. Damage leads version 1.61 into two reads that never come back:
 *
 * - Where a Matroska file has no further element, the search for one stands still eight bytes before its end and asks for
 *   the same bytes over and over.
 * - Where an MP4 file has no place for a sample, it asks for bytes from nowhere, which a stream waits for until they come.
 *
 * @module
 */

import type { Source } from "mediabunny";

/** Asking again is usual, a few times: each track looks for itself. */
const MAX_REPEATS = 10_000;

/** What readers ask a source for; not among its public members. */
interface Readable {
  _read(start: number, end: number, ...rest: unknown[]): unknown;
}

/** Makes the source refuse both. */
export function guardReads<T extends Source>(source: T): T {
  const readable = source as unknown as Readable;
  const read = readable._read;
  let lastStart = -1;
  let lastEnd = -1;
  let repeats = 0;
  readable._read = (start, end, ...rest) => {
    if (!(start >= 0 && end >= start)) throw new Error("it does not say where its samples are");
    if (start !== lastStart || end !== lastEnd) {
      lastStart = start;
      lastEnd = end;
      repeats = 0;
    } else if (++repeats > MAX_REPEATS) {
      throw new Error(`there is nothing to be found behind byte ${start}`);
    }
    return read.call(source, start, end, ...rest);
  };
  return source;
}
