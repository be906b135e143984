import type { MuxSample } from "../container/container.ts";
import { Extent } from "../container/extent.ts";
import { LeakyBucket } from "./leaky_bucket.ts";

/** A longer step between two decode times is a gap, not a frame. */
const LONGEST_FRAME_US = 250_000;

/** What the header says at the end about the samples of one stream. Times are microseconds. */
export class StreamStats {
  /** Size of all samples. */
  byteCount = 0;
  /** Size of the largest one. */
  largestBytes = 0;
  /** Number of samples. */
  sampleCount = 0;
  /** Where they are in time. */
  readonly extent: Extent;
  readonly #bucket = new LeakyBucket();
  #frameCount = 0;
  #frameTime = 0;

  /** @param isSparse The distance of two samples says nothing of how long they last. */
  constructor(isSparse: boolean) {
    this.extent = new Extent(isSparse);
  }

  /** Counts one sample. */
  add(sample: MuxSample): void {
    const { extent } = this;
    extent.add(sample);
    const { step } = extent;
    if (step > 0 && step <= LONGEST_FRAME_US) {
      this.#frameCount++;
      this.#frameTime += step;
    }
    const { byteLength } = sample.pieces;
    this.byteCount += byteLength;
    if (byteLength > this.largestBytes) this.largestBytes = byteLength;
    this.#bucket.add(sample.decodeTimestamp, byteLength);
    this.sampleCount++;
  }

  /** From the earliest presentation time to the end; not above 0 without samples. */
  get span(): number {
    return this.extent.end - this.extent.earliestTimestamp;
  }

  /** Rate of the second with the most, bit/s. */
  get peakBitsPerSecond(): number {
    return this.#bucket.peakBitsPerSecond;
  }

  /** How long a buffer must be, in ms, that is filled at this rate and never runs dry. */
  bufferMs(bitsPerSecond: number): number {
    return this.#bucket.bufferMs(bitsPerSecond);
  }

  /** Mean distance of decode times, gaps left out; 0 if that tells nothing. */
  get meanStep(): number {
    return this.#frameCount === 0 ? 0 : this.#frameTime / this.#frameCount;
  }
}

/** How far streams together have come. */
export interface Progress {
  /** End of the presentation, microseconds. */
  readonly duration: number;
  /** Latest presentation time, microseconds. */
  readonly latestTimestamp: number;
  /** Samples laid out. */
  readonly sampleCount: number;
  /** End of the last closed packet, ms. */
  readonly sendEndMs: number;
}

/** As far as streams have come by now. */
export function progressOf(streams: readonly { readonly stats: StreamStats }[], sendEndMs: number): Progress {
  let duration = 0;
  let latestTimestamp = 0;
  let sampleCount = 0;
  for (const { stats: { extent, sampleCount: count } } of streams) {
    duration = Math.max(duration, extent.end);
    latestTimestamp = Math.max(latestTimestamp, extent.latestTimestamp);
    sampleCount += count;
  }
  return { duration, latestTimestamp, sampleCount, sendEndMs };
}
