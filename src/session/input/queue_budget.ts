/**
 * What waits inside a session, and how much may.
 *
 * @module
 */

import { sampleError } from "../../errors.ts";
import type { StreamCounters } from "./stream_counters.ts";

/** Counts the bytes that wait, a stream and all together. */
export class QueueBudget {
  readonly #limit: number;
  readonly #counters: readonly StreamCounters[];
  #byteLength = 0;

  constructor(limit: number, counters: readonly StreamCounters[]) {
    this.#limit = limit;
    this.#counters = counters;
  }

  /** Bytes that wait. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Whether half of the limit is used: the time to stop waiting for what may come. */
  get isHalfFull(): boolean {
    return this.#byteLength > this.#limit / 2;
  }

  /** Refuses what would go beyond the limit; where nothing waits anything is taken. @throws {MuxError} `queue-full`. */
  check(stream: number, bytes: number, timestamp: number): void {
    if (this.#byteLength === 0 || this.#byteLength + bytes <= this.#limit) return;
    const { streamNumber } = this.#counters[stream]!;
    const reason = `${this.#byteLength} bytes are waiting, ` +
      `must not exceed ${this.#limit}; await the promise of writeSample, or ready`;
    throw sampleError("queue-full", streamNumber, reason, timestamp);
  }

  /** A sample waits. */
  enter(stream: number, bytes: number): void {
    this.#byteLength += bytes;
    this.#counters[stream]!.bytesQueued += bytes;
  }

  /** A sample waits no longer. */
  leave(stream: number, bytes: number): void {
    this.#byteLength -= bytes;
    this.#counters[stream]!.bytesQueued -= bytes;
  }
}
