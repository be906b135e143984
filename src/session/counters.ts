/**
 * One stream's counters: the session counts what comes in, the media sink what goes through.
 *
 * @module
 */

import type { StreamStatistics } from "./report.ts";

/** Mutable counters behind {@linkcode StreamStatistics}. */
export class StreamCounters {
  readonly streamNumber: number;
  ticks = 0;
  samplesReceived = 0;
  samplesProcessed = 0;
  samplesDropped = 0;
  bytesReceived = 0;
  bytesQueued = 0;
  bytesProcessed = 0;
  firstTimestamp = NaN;
  lastTimestampReceived = NaN;
  lastTimestampProcessed = NaN;
  /** Nothing is laid out any more: what was accepted and not laid out is dropped, the sample under way too. */
  isAbandoned = false;

  constructor(streamNumber: number) {
    this.streamNumber = streamNumber;
  }

  /** A sample was accepted. */
  received(timestamp: number, bytes: number): void {
    if (this.samplesReceived++ === 0) this.firstTimestamp = timestamp;
    this.bytesReceived += bytes;
    this.lastTimestampReceived = timestamp;
  }

  /** A sample was laid out. */
  processed(timestamp: number, bytes: number): void {
    this.samplesProcessed++;
    this.bytesProcessed += bytes;
    this.lastTimestampProcessed = timestamp;
  }

  /** The counters as they stand. */
  snapshot(): StreamStatistics {
    return {
      streamNumber: this.streamNumber,
      streamTicksReceived: this.ticks,
      samplesReceived: this.samplesReceived,
      samplesProcessed: this.samplesProcessed,
      samplesDropped: this.isAbandoned ? this.samplesReceived - this.samplesProcessed : this.samplesDropped,
      bytesReceived: this.bytesReceived,
      bytesQueued: this.isAbandoned ? 0 : this.bytesQueued,
      bytesProcessed: this.bytesProcessed,
      firstTimestamp: known(this.firstTimestamp),
      lastTimestampReceived: known(this.lastTimestampReceived),
      lastTimestampProcessed: known(this.lastTimestampProcessed),
    };
  }
}

function known(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
