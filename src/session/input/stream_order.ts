/**
 * The order a stream's samples must come in: decode order.
 *
 * @module
 */

import { type MuxError, sampleError } from "../../errors.ts";
import type { IncomingSample } from "./incoming_sample.ts";

/**
 * Watches one stream. `check` refuses without changing anything; a refused sample leaves no trace.
 */
export class StreamOrder {
  readonly #streamNumber: number;
  #needsKey: boolean;
  #hasGap = false;
  #lastKeyTimestamp = -Infinity;
  #lastDecodeTimestamp = -Infinity;
  /** As they were before the last `commit`. */
  #neededKey = false;
  #earlierKeyTimestamp = -Infinity;
  #earlierDecodeTimestamp = -Infinity;

  constructor(streamNumber: number, isVideo: boolean) {
    this.#streamNumber = streamNumber;
    this.#needsKey = isVideo;
  }

  /** Of the last sample that gave one; -Infinity before. */
  get lastDecodeTimestamp(): number {
    return this.#lastDecodeTimestamp;
  }

  /**
   * A decode time must not go back. Without one, the presentation time must not lie below the last key frame's: nothing
   * that is decoded behind a key frame may be shown before it.
   *
   * @throws {MuxError} `time-order` naming both times; `bad-media` for a video stream that does not begin with a key frame.
   */
  check(sample: IncomingSample): void {
    const { timestamp, decodeTimestamp } = sample;
    const isInOrder = decodeTimestamp === decodeTimestamp // given, not NaN
      ? decodeTimestamp >= this.#lastDecodeTimestamp && decodeTimestamp <= timestamp
      : timestamp >= this.#lastKeyTimestamp;
    if (!isInOrder || (this.#needsKey && !sample.isKey)) throw this.#explain(sample);
  }

  /** Apart from what every sample goes through. */
  #explain({ timestamp, decodeTimestamp, isKey }: IncomingSample): MuxError {
    if (this.#needsKey && !isKey) {
      const which = this.#hasGap ? "the next sample behind discarded ones" : "the first sample of a video stream";
      return this.#refuse("bad-media", timestamp, `${which} must be a key frame`);
    }
    const fact = !(decodeTimestamp === decodeTimestamp)
      ? `time must not precede the last key frame's ${this.#lastKeyTimestamp} µs, got ${timestamp} µs`
      : decodeTimestamp < this.#lastDecodeTimestamp
      ? `decode time must not go back from ${this.#lastDecodeTimestamp} µs, got ${decodeTimestamp} µs`
      : `decode time ${decodeTimestamp} µs must not be after presentation time ${timestamp} µs`;
    return this.#refuse("time-order", timestamp, fact);
  }

  /**
   * The checked sample is being taken. This comes before a sink may see it, since a sink may hand in the next one; what a
   * sample that is refused after all has changed is undone by `rollBack`.
   */
  commit(timestamp: number, decodeTimestamp: number, isKey: boolean): void {
    this.#neededKey = this.#needsKey;
    this.#earlierKeyTimestamp = this.#lastKeyTimestamp;
    this.#earlierDecodeTimestamp = this.#lastDecodeTimestamp;
    this.#needsKey = false;
    if (isKey) this.#lastKeyTimestamp = timestamp;
    if (decodeTimestamp > this.#lastDecodeTimestamp) this.#lastDecodeTimestamp = decodeTimestamp;
  }

  /** The sample was refused. */
  rollBack(): void {
    this.#needsKey = this.#neededKey;
    this.#lastKeyTimestamp = this.#earlierKeyTimestamp;
    this.#lastDecodeTimestamp = this.#earlierDecodeTimestamp;
  }

  /** Samples were given up: of a video stream nothing can be decoded until the next key frame. */
  skip(isVideo: boolean): void {
    this.#hasGap = true;
    this.#needsKey = isVideo;
  }

  #refuse(code: "time-order" | "bad-media", timestamp: number, fact: string): MuxError {
    return sampleError(code, this.#streamNumber, fact, timestamp);
  }
}
