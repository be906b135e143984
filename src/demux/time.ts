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
