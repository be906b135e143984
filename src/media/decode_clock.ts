/**
 * Decode times for samples that come with presentation times alone.
 *
 * @module
 */

/** Frames no standard reorders beyond ([H.264] A.3.1: 16 frames in the decoded picture buffer). */
const MAX_DEPTH = 16;

/**
 * Derives decode times without looking ahead: with at most `depth` samples overtaking another, a sample's decode time is
 * the smallest among the `depth + 1` latest presentation times seen so far. It never goes back, and never lies behind the
 * sample's own presentation time. Until `depth + 1` samples were seen it is the first sample's presentation time.
 *
 * @example
 * ```ts
 * import { DecodeClock } from "./decode_clock.ts";
 *
 * const clock = new DecodeClock(1);
 * const decodeTimes = [0, 80, 40, 160, 120].map((time) => clock.advance(time) ? clock.decodeTimestamp : NaN);
 * console.log(decodeTimes); // 0, 0, 40, 80, 120
 * ```
 */
export class DecodeClock {
  /** The latest presentation times, ascending; the first `#count` are filled. */
  readonly #latest: Float64Array;
  #count = 0;

  /** @param depth How many samples may overtake one, 0…16. @throws {RangeError} For any other depth. */
  constructor(depth: number) {
    if (!Number.isInteger(depth) || depth < 0 || depth > MAX_DEPTH) {
      throw new RangeError(`Cannot derive decode times: depth must be an integer from 0 to ${MAX_DEPTH}, got ${depth}`);
    }
    this.#latest = new Float64Array(depth + 1);
  }

  /** Decode time of the sample last taken; `NaN` before the first. */
  get decodeTimestamp(): number {
    return this.#count === 0 ? NaN : this.#latest[0]!;
  }

  /**
   * Takes the next sample in decode order. False, and nothing has changed, when its presentation time lies before the
   * decode time already reached: more samples overtook it than the depth allows.
   */
  advance(timestamp: number): boolean {
    const latest = this.#latest;
    if (this.#count > 0 && timestamp < latest[0]!) return false;
    let at: number;
    if (this.#count < latest.length) {
      at = this.#count++;
      for (; at > 0 && latest[at - 1]! > timestamp; at--) latest[at] = latest[at - 1]!;
    } else {
      at = 0;
      for (; at + 1 < latest.length && latest[at + 1]! < timestamp; at++) latest[at] = latest[at + 1]!;
    }
    latest[at] = timestamp;
    return true;
  }
}
