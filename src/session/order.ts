/**
 * The order a stream's samples must come in: decode order.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { Incoming } from "./incoming.ts";

/**
 * Watches one stream. `check` refuses without changing anything; `commit` is called once the sample was taken, so that
 * a refused sample leaves no trace.
 */
export class StreamOrder {
  readonly #streamNumber: number;
  readonly #isVideo: boolean;
  #begun = false;
  #lastKeyTimestamp = -Infinity;
  #lastDecodeTimestamp = -Infinity;

  constructor(streamNumber: number, isVideo: boolean) {
    this.#streamNumber = streamNumber;
    this.#isVideo = isVideo;
  }

  /**
   * A decode time must not go back. Without one, the presentation time must not lie below the last key frame's: nothing
   * that is decoded behind a key frame may be shown before it.
   *
   * @throws {MuxError} `time-order` naming both times; `bad-media` for a video stream that does not begin with a key frame.
   */
  check(sample: Incoming): void {
    const { timestamp, decodeTimestamp } = sample;
    if (!this.#begun && this.#isVideo && !sample.isKey) {
      throw this.#refuse("bad-media", timestamp, "the first sample of a video stream must be a key frame");
    }
    if (decodeTimestamp === decodeTimestamp) { // given, not NaN
      if (decodeTimestamp < this.#lastDecodeTimestamp) {
        throw this.#refuse(
          "time-order",
          timestamp,
          `decode time must not go back from ${this.#lastDecodeTimestamp} µs, got ${decodeTimestamp} µs`,
        );
      }
      if (decodeTimestamp > timestamp) {
        throw this.#refuse(
          "time-order",
          timestamp,
          `decode time ${decodeTimestamp} µs must not be after presentation time ${timestamp} µs`,
        );
      }
    } else if (timestamp < this.#lastKeyTimestamp) {
      throw this.#refuse(
        "time-order",
        timestamp,
        `time must not precede the last key frame's ${this.#lastKeyTimestamp} µs, got ${timestamp} µs`,
      );
    }
  }

  /** The checked sample was taken. Times as the caller gave them. */
  commit(timestamp: number, decodeTimestamp: number, isKey: boolean): void {
    this.#begun = true;
    if (isKey) this.#lastKeyTimestamp = timestamp;
    if (decodeTimestamp > this.#lastDecodeTimestamp) this.#lastDecodeTimestamp = decodeTimestamp;
  }

  #refuse(code: "time-order" | "bad-media", timestamp: number, fact: string): MuxError {
    return new MuxError(code, `Cannot write sample to stream ${this.#streamNumber}: ${fact}`, {
      streamNumber: this.#streamNumber,
      timestamp,
    });
  }
}
