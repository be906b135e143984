import type { MuxSample } from "../container/container.ts";
import { LeakyBucket } from "./leaky_bucket.ts";

/** A longer step between two decode times is a gap, not a frame. */
const LONGEST_FRAME_US = 250_000;

/** What the header says at the end about the samples of one stream. Times are microseconds. */
export class StreamTally {
  /** Size of all samples. */
  byteCount = 0;
  /** Size of the largest one. */
  largestBytes = 0;
  /** Number of samples. */
  sampleCount = 0;
  /** Latest presentation time; -1 without samples. */
  latestTimestamp = -1;
  /** Earliest presentation time; Infinity without samples. */
  start = Infinity;
  #lastDecodeTimestamp = -1;
  readonly #bucket = new LeakyBucket();
  #frameCount = 0;
  #frameTime = 0;
  /** Latest end among samples with a duration. */
  #knownEnd = 0;
  /** How long the latest sample is taken to last if it does not say. */
  #latestDuration = 0;

  readonly #isSparse: boolean;

  /** @param isSparse The distance of two samples says nothing of how long they last. */
  constructor(isSparse: boolean) {
    this.#isSparse = isSparse;
  }

  /** Counts one sample. */
  add(sample: MuxSample): void {
    const { timestamp, decodeTimestamp, duration } = sample;
    const step = this.#lastDecodeTimestamp < 0 ? 0 : decodeTimestamp - this.#lastDecodeTimestamp;
    this.#lastDecodeTimestamp = decodeTimestamp;
    if (step > 0 && step <= LONGEST_FRAME_US) {
      this.#frameCount++;
      this.#frameTime += step;
    }
    const { byteLength } = sample.pieces;
    this.byteCount += byteLength;
    if (byteLength > this.largestBytes) this.largestBytes = byteLength;
    this.#bucket.add(decodeTimestamp, byteLength);
    this.sampleCount++;
    if (duration > 0) this.#knownEnd = Math.max(this.#knownEnd, timestamp + duration);
    if (timestamp < this.start) this.start = timestamp;
    if (timestamp > this.latestTimestamp) {
      this.latestTimestamp = timestamp;
      this.#latestDuration = duration < 0 && !this.#isSparse ? step : 0;
    }
  }

  /** Rate of the second with the most, bit/s. */
  get peakBitsPerSecond(): number {
    return this.#bucket.peakBitsPerSecond;
  }

  /** How long a buffer must be, in ms, that is filled at this rate and never runs dry. */
  bufferMs(bitsPerSecond: number): number {
    return this.#bucket.bufferMs(bitsPerSecond);
  }

  /** End of the stream: without a duration, the latest sample is taken to last as long as the step before it. */
  get end(): number {
    return Math.max(0, this.#knownEnd, this.latestTimestamp + this.#latestDuration);
  }

  /** Mean distance of decode times, gaps left out; 0 if that tells nothing. */
  get meanStep(): number {
    return this.#frameCount === 0 ? 0 : this.#frameTime / this.#frameCount;
  }
}

/** How far streams together have come. */
export function tallied(
  streams: readonly { readonly tally: StreamTally }[],
): { duration: number; latestTimestamp: number; sampleCount: number } {
  let duration = 0;
  let latestTimestamp = 0;
  let sampleCount = 0;
  for (const { tally } of streams) {
    duration = Math.max(duration, tally.end);
    latestTimestamp = Math.max(latestTimestamp, tally.latestTimestamp);
    sampleCount += tally.sampleCount;
  }
  return { duration, latestTimestamp, sampleCount };
}
