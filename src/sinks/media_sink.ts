/**
 * Where samples go that no container takes: the seam for a caller's own sink.
 *
 * @module
 */

import type { ChunkMetadata, Sample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";

/** What a marker is: one that the caller placed, or the end of a segment. */
export type MarkerKind = "default" | "end-of-segment";

/**
 * Takes samples and may finish in its own way, as `IMFMediaSink` does: a network protocol, a decoder, another muxer. Calls
 * never overlap, and come in the order of the session's; `abort` may come at any time, and is the last call then.
 *
 * `open` (once) · `write`, `tick`, `marker` · at the finish an `"end-of-segment"` marker a stream, then `finish`, then
 * `close`. Streams are counted from 0, in the order they were added. A rejection of `open` or `write` ends the session.
 */
export interface MediaSink {
  /** Acquires what it needs. */
  open(streams: readonly StreamConfig[]): void | Promise<void>;
  /**
   * Takes one sample; its bytes are a copy that is the sink's to keep, its times are the caller's, unchanged.
   *
   * @param metadata What came with it, such as the description of a stream that an encoder has just begun.
   */
  write(stream: number, sample: Sample, metadata?: ChunkMetadata): void | Promise<void>;
  /** The stream has nothing at `timestamp`, microseconds. */
  tick?(stream: number, timestamp: number): void | Promise<void>;
  /** Everything before it has been written. A rejection is that marker's alone: the session goes on. */
  marker?(kind: MarkerKind, stream: number, context?: unknown): void | Promise<void>;
  /** Everything was written: completes the output (`BeginFinalize` … `EndFinalize`). */
  finish?(): void | Promise<void>;
  /** Lets go, after `finish` (`Shutdown`). */
  close(): void | Promise<void>;
  /** Gives up and lets go. */
  abort(reason: unknown): void | Promise<void>;
}
