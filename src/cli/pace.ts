/**
 * Samples of a file at the speed of life.
 *
 * @module
 */

import type { StreamSample } from "../../mod.ts";
import { Pause } from "../wire/pause.ts";

/** Nothing is waited for that is nearer than this. */
const LEEWAY_MS = 5;

/** What a pace does to samples. */
export interface PaceOptions {
  /** Hold each sample back until its time has come. */
  readonly isRealTime: boolean;
  /** Whether there is no need to wait any more. */
  isStopped(): boolean;
}

/** Holds samples back, and strings passes over one file together. */
export class Pace {
  readonly #options: PaceOptions;
  #startedAt = NaN;
  #zero = 0;
  /** Added to the times of this pass. */
  #offset = 0;
  #passZero = NaN;
  #end = 0;
  readonly #pause = new Pause();

  constructor(options: PaceOptions) {
    this.#options = options;
  }

  /** Whether this pass has had no sample yet. */
  get isPassEmpty(): boolean {
    return Number.isNaN(this.#passZero);
  }

  /** The next samples are those of another pass: they follow behind the last. */
  nextPass(): void {
    this.#passZero = NaN;
  }

  /** Ends a wait: the caller looks at why. */
  interrupt(): void {
    this.#pause.end();
  }

  /** The sample with its time in the whole, when that has come. */
  readonly prepare = async (given: StreamSample): Promise<StreamSample> => {
    const time = given.decodeTimestamp ?? given.timestamp;
    if (Number.isNaN(this.#passZero)) {
      this.#passZero = time;
      this.#offset = this.#end === 0 ? 0 : this.#end - time;
    }
    const sample = this.#offset === 0 ? given : shifted(given, this.#offset);
    this.#end = Math.max(this.#end, sample.timestamp + (sample.duration ?? 0), time + this.#offset);
    if (Number.isNaN(this.#startedAt)) {
      this.#startedAt = performance.now();
      this.#zero = time;
    }
    const dueAt = this.#startedAt + (time + this.#offset - this.#zero) / 1000;
    const waitMs = dueAt - performance.now();
    if (this.#options.isRealTime && waitMs > LEEWAY_MS && !this.#options.isStopped()) await this.#pause.wait(waitMs);
    return sample;
  };
}

function shifted(sample: StreamSample, offset: number): StreamSample {
  const { timestamp, decodeTimestamp } = sample;
  return {
    ...sample,
    timestamp: timestamp + offset,
    decodeTimestamp: decodeTimestamp === undefined ? undefined : decodeTimestamp + offset,
  };
}
