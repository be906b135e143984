import type { MuxSample } from "./container.ts";

/** How far the samples of one stream reach. Times are microseconds. */
export class Extent {
  /** Earliest presentation time; Infinity without samples. */
  earliestTimestamp = Infinity;
  /** Latest presentation time; -1 without samples. */
  latestTimestamp = -1;
  /** How much later the latest sample is decoded than the one before it; 0 for the first. */
  step = 0;
  /** Latest end among samples with a duration. */
  #knownEnd = 0;
  /** How long the latest sample is taken to last if it does not say. */
  #latestDuration = 0;
  #lastDecodeTimestamp = -1;
  readonly #isSparse: boolean;

  /** @param isSparse The distance of two samples says nothing of how long they last. */
  constructor(isSparse = false) {
    this.#isSparse = isSparse;
  }

  /** Counts one sample. */
  add({ timestamp, decodeTimestamp, duration }: MuxSample): void {
    this.step = this.#lastDecodeTimestamp < 0 ? 0 : decodeTimestamp - this.#lastDecodeTimestamp;
    this.#lastDecodeTimestamp = decodeTimestamp;
    if (duration > 0) this.#knownEnd = Math.max(this.#knownEnd, timestamp + duration);
    if (timestamp < this.earliestTimestamp) this.earliestTimestamp = timestamp;
    if (timestamp <= this.latestTimestamp) return;
    this.latestTimestamp = timestamp;
    this.#latestDuration = duration < 0 && !this.#isSparse ? this.step : 0;
  }

  /** End of the stream: without a duration, the latest sample is taken to last as long as the step before it. */
  get end(): number {
    return Math.max(0, this.#knownEnd, this.latestTimestamp + this.#latestDuration);
  }
}
