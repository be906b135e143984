/**
 * Watches what Mediabunny asks a source for. Damage leads version 1.61 into reads that never come back: where a Matroska
 * file has no further element, the search for one stands still and asks for the same bytes over and over: eight before the
 * file's end, or those behind an element whose size is wrong, by turns few and many of them.
 *
 * @module
 */

import type { Source } from "mediabunny";

/** Asking again is usual, a few times: each track looks for itself. */
const MAX_REPEATS = 10_000;
/** It goes round in so many places at most. */
const PLACES = 8;

/** What readers ask a source for; not among its public members. */
interface Readable {
  _read(start: number, end: number, ...rest: unknown[]): unknown;
}

/** Makes the source refuse both. */
export function guardReads<T extends Source>(source: T): T {
  const readable = source as unknown as Readable;
  const read = readable._read;
  /** Where it began to read last, one after the other. */
  const starts = new Array<number>(PLACES).fill(-1);
  let next = 0;
  let repeats = 0;
  readable._read = (start, end, ...rest) => {
    if (!(start >= 0 && end >= start)) throw new Error("it does not say where its samples are");
    if (!starts.includes(start)) {
      starts[next++ % PLACES] = start;
      repeats = 0;
    } else if (++repeats > MAX_REPEATS) {
      throw new Error(`there is nothing to be found behind byte ${start}`);
    }
    return read.call(source, start, end, ...rest);
  };
  return source;
}
