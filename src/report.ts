/**
 * What a session says about itself, while it runs and at the end.
 *
 * @module
 */

import type { MediaSink } from "./sinks/media_sink.ts";
import type { SinkLike } from "./sinks/sink.ts";

/** Counters of one stream, or of all together. */
export interface StreamCounts {
  /** Gaps announced. */
  readonly streamTicksReceived: number;
  /** Samples accepted; frames, where the stream has an encoder. */
  readonly samplesReceived: number;
  /** Samples not accepted, other than for want of room: their errors have told why. */
  readonly samplesRefused: number;
  /** Samples that came out of the stream's encoder; 0 where it has none. */
  readonly samplesEncoded: number;
  /** Samples laid out in the container, or taken by the media sink. */
  readonly samplesProcessed: number;
  /** Samples accepted and then given up. */
  readonly samplesDropped: number;
  /** Bytes accepted; where the stream has an encoder, those that came out of it. */
  readonly bytesReceived: number;
  /** Bytes accepted and not yet laid out. */
  readonly bytesQueued: number;
  /** Bytes laid out in the container. */
  readonly bytesProcessed: number;
  /** Presentation time of the first sample, microseconds, as the caller gave it. */
  readonly firstTimestamp?: number;
  /** Presentation time of the last sample accepted, microseconds. */
  readonly lastTimestampReceived?: number;
  /** Presentation time of the last sample that came out of the stream's encoder, microseconds. */
  readonly lastTimestampEncoded?: number;
  /** Presentation time of the last sample laid out, microseconds. */
  readonly lastTimestampProcessed?: number;
  /** Time of the last gap announced, microseconds. */
  readonly lastStreamTickReceived?: number;
}

/** Counters of one stream. */
export interface StreamStatistics extends StreamCounts {
  /** 1–127. */
  readonly streamNumber: number;
}

/** What became of one sink. */
export interface SinkReport {
  /** The sink, as it was given. */
  readonly sink: SinkLike | MediaSink;
  /** How it stands. */
  readonly outcome: "open" | "finished" | "failed" | "aborted";
  /**
   * Bytes it has confirmed: header, data and trailer; those of the samples, if it is a media sink. After its medium was
   * full: what it was finished with, from when the session has settled.
   */
  readonly bytes: number;
  /**
   * Session time that is its zero, microseconds: 0, unless it came in late and is a file of its own, as every file of a
   * {@linkcode segmentSink} is.
   */
  readonly startTime: number;
  /** Length of its part of the presentation from there, microseconds: up to now, or where it ended while others went on. */
  readonly duration: number;
  /** Samples it never got, because it was slow; those it had to give up, too, because its medium was full. */
  readonly samplesDropped: number;
  /** Bytes behind the data that it has confirmed, an index in most containers; 0: it has none. */
  readonly trailerBytes: number;
  /** Why it failed. */
  readonly error?: unknown;
}

/** Counters of a session, taken at one moment. */
export interface Statistics {
  /** Container units (ASF packets) closed. */
  readonly packetCount: number;
  /** One entry a stream, in stream order. */
  readonly streams: readonly StreamStatistics[];
  /** All streams together. */
  readonly total: StreamCounts;
  /** One entry a sink, in the order they were added. */
  readonly sinks: readonly SinkReport[];
}
