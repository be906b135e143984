/**
 * Ticks of 100 ns, in which Windows' formats count. Constants alone: the core's compiler reads this file, too.
 *
 * @module
 */

/** Ticks in a millisecond. */
export const TICKS_PER_MS = 10_000;

/** Ticks in a second. */
export const TICKS_PER_SECOND = 10_000_000;
