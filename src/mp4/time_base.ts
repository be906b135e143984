/**
 * From microseconds to the time base of a track. Every time is rounded by itself, never a sum of rounded ones.
 *
 * @module
 */

/** What video times are counted in at least, a second. */
const VIDEO_SCALE = 90_000;
/** Frames a second that are a ratio with this: 24000/1001, 30000/1001, 60000/1001. */
const NTSC = 1001;
const MAX_SCALE = 0xFFFF_FFFF;

/**
 * The time base of a video track: the smallest from 90 000 on in which a frame has a whole number of ticks; 90 000 itself
 * where the rate is not known, or not such a one.
 */
export function videoTimeScale(framerate: number | undefined): number {
  if (framerate === undefined || !(framerate > 0)) return VIDEO_SCALE;
  for (const base of [1, NTSC]) {
    const perBase = framerate * base;
    const whole = base === 1 ? Math.round(perBase) : Math.round(perBase / 1000) * 1000;
    // As exact as framerates are given: 23.976, 29.97.
    if (whole < 1 || Math.abs(perBase - whole) > whole * 2e-5) continue;
    const scale = whole * Math.ceil(VIDEO_SCALE / whole);
    if (scale <= MAX_SCALE) return scale;
  }
  return VIDEO_SCALE;
}

/** A time in ticks, rounded once; exact as long as the result is a safe integer. */
export function toTicks(microseconds: number, scale: number): number {
  const seconds = Math.floor(microseconds / 1e6);
  return seconds * scale + Math.round((microseconds - seconds * 1e6) * scale / 1e6);
}
