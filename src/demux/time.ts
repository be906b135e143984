/**
 * Times from readers that count seconds.
 *
 * @module
 */

/** Seconds as the nearest whole microsecond; exact for any fraction of a second that media time bases have. */
export function toMicroseconds(seconds: number): number {
  const microseconds = Math.round(seconds * 1e6);
  return microseconds === 0 ? 0 : microseconds; // never -0
}

/** A time for a message. */
export function formatSeconds(microseconds: number): string {
  return `${(microseconds / 1e6).toFixed(3)} s`;
}

/** Larger is no time, µs: a writer would refuse it. */
const MAX_TIME_US = Number.MAX_SAFE_INTEGER / 2;

/** Whether a sample can have this time, µs; damage makes any number. */
export function isPossibleTime(time: number): boolean {
  return time >= -MAX_TIME_US && time <= MAX_TIME_US;
}

/** 24 days, µs: what is said to be later is damage, and has no room in 32 bits with a preroll. */
export const MAX_PLACE_US = 0x7fff_ffff * 1000;
