/**
 * How long pictures are shown where they are stored in another order.
 *
 * @module
 */

import { SAMPLE, type SampleCursor, WAIT } from "../inspect/mp4/sample_cursor.ts";

/** No codec reorders farther: the next picture shown is stored so close by. */
const DEPTH = 16;
const RING = 4 * DEPTH;

/** Looks ahead in a track's tables for when the next picture is shown. */
export class PresentationSteps {
  readonly #scout: SampleCursor;
  /** When the samples close by are shown, ticks, by their numbers. */
  readonly #times = new Float64Array(RING).fill(NaN);
  #hasEnded = false;

  constructor(scout: SampleCursor) {
    this.#scout = scout;
  }

  /** Whether it looked far enough ahead of a sample; if not, `fill` must be waited for. */
  isReady(number: number): boolean {
    const scout = this.#scout;
    while (!this.#hasEnded && scout.number < number + DEPTH) {
      const state = scout.advance();
      if (state === WAIT) return false;
      if (state === SAMPLE) this.#times[scout.number % RING] = scout.decodeTime + scout.compositionOffset;
      else this.#hasEnded = true;
    }
    return true;
  }

  /** Reads on in the tables. */
  fill(): Promise<void> {
    return this.#scout.fill();
  }

  /** From the time of a sample to the next one shown, ticks; `otherwise` behind the last. */
  step(number: number, time: number, otherwise: number): number {
    let next = Infinity;
    const last = Math.min(number + DEPTH, this.#scout.number);
    for (let i = Math.max(0, number - DEPTH); i <= last; i++) {
      const other = this.#times[i % RING]!;
      if (other > time && other < next) next = other;
    }
    return next === Infinity ? otherwise : next - time;
  }
}
