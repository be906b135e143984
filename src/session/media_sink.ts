/**
 * What takes a session's samples. {@linkcode MediaSink} is the public seam, for a caller's own; {@linkcode Target} is what
 * a session needs of either kind: a container over byte sinks (`MuxSink`), or a caller's own (`OwnSink`).
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { Problem } from "../media/problem.ts";
import type { ChunkMetadata, Sample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { Backlog } from "./backlog.ts";
import type { StreamCounters } from "./counters.ts";
import type { FinalizeOutput } from "./finalize.ts";
import type { Incoming } from "./incoming.ts";
import type { Room } from "./room.ts";

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

/** What a call has discarded. */
export interface Discarded {
  /** Samples that nobody will get. */
  readonly samplesDiscarded: number;
  /** Their bytes. */
  readonly bytesDiscarded: number;
}

/** A sink as a session sees it. */
export interface SessionOutput extends FinalizeOutput {
  /** Whether `open` has not come back yet. */
  readonly isOpening: boolean;
  /** Whether an abort comes too late. */
  readonly isSettling: boolean;
  open(containerName: string): Promise<void>;
}

/** Where a session puts its samples. Streams are counted from 0. */
export interface Target {
  /** Length of the presentation so far, microseconds. */
  readonly duration: number;
  /** Units closed so far. */
  readonly unitCount: number;
  /** Promises for those who wait. */
  readonly room: Room;
  /** What waits, and how much may. */
  readonly backlog: Backlog;
  /** Describes what the configuration alone describes. @throws {MuxError} `unsupported`, `bad-media`. */
  describe(stream: number): void;
  /** Takes one sample. @throws {MuxError} For a sample that is refused; nothing has changed then. */
  write(stream: number, sample: Incoming, metadata?: ChunkMetadata): Promise<void> | undefined;
  /** Nothing comes from this stream before `time`. */
  tick(stream: number, time: number): void;
  /** Nothing comes from this stream for now: others stop waiting for it until it goes on. */
  endSegment(stream: number): void;
  /** Nothing comes from this stream any more. */
  endStream(stream: number): void;
  /** Resolves when everything taken so far is with the sinks, or has been discarded. */
  placeMarker(stream: number, context: unknown): Promise<void>;
  /** Gives up what still waits for other streams, for a description, or for its turn. */
  discard(stream: number): Discarded;
  /** Resolves when everything taken so far is with every sink. */
  flush(): Promise<void>;
  /** Resolves when everything taken has gone its way. Rejects with `no-samples` if there is nothing. */
  drain(): Promise<void>;
  /** One end-of-segment marker a stream. */
  endStreams(): Promise<void>;
  /** Freezes the counts, and reports what the streams lack. */
  finish(): void;
  /** Lets go of everything that waits: it is counted as dropped. */
  abandon(): void;
  /** Why these metadata do not fit any more; `undefined` when they do. */
  checkMetadata(metadata: Metadata): Problem | undefined;
}

/** The error of a finish for which there is nothing: tells of each stream what came, and what became of it. */
export function noSamples(streams: readonly StreamCounters[], reasons: readonly string[] = []): MuxError {
  const facts = [...reasons, ...streams.flatMap((counters) => counters.explain() ?? [])];
  return new MuxError("no-samples", `Cannot finish: ${["no stream got a sample", ...facts].join("; ")}`);
}

/** A stream that stays empty while others do not: a warning. */
export function emptyStream(counters: StreamCounters): MuxError {
  const { streamNumber } = counters;
  const facts = [`Stream ${streamNumber} got no samples`, counters.explain() ?? []].flat();
  return new MuxError("no-samples", facts.join("; "), { streamNumber });
}
