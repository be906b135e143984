/**
 * Times in units of 100 ns, as most of the header has them.
 *
 * @module
 */

/** Ticks of 100 ns in a millisecond. */
export const TICKS_PER_MS = 10_000;

/** Ticks from 1601-01-01, where creation dates count from, to 1970-01-01. */
export const FILETIME_OF_1970 = 116_444_736_000_000_000n;
