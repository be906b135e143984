/**
 * What takes a session's samples: a container over byte sinks (`MuxSink`), or a caller's own media sink (`OwnSink`).
 *
 * @module
 */

import type { Metadata } from "../media/metadata.ts";
import type { Problem } from "../errors.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { Backpressure } from "./backpressure.ts";
import type { FinalizeOutput } from "./finalize.ts";
import type { IncomingSample } from "./input/incoming_sample.ts";
import type { QueueBudget } from "./input/queue_budget.ts";
import type { Output } from "./outputs/output.ts";
import type { SinkLifecycle } from "./outputs/sink_lifecycle.ts";

/** What a call has discarded. */
export interface Discarded {
  /** Samples that nobody will get. */
  readonly samplesDiscarded: number;
  /** Their bytes. */
  readonly bytesDiscarded: number;
}

/** A sink as a session sees it. */
export interface SessionOutput extends FinalizeOutput {
  readonly lifecycle: SinkLifecycle;
}

/** Where a session puts its samples. Streams are counted from 0. */
export interface Target {
  /** Length of the presentation so far, microseconds. */
  readonly duration: number;
  /** Units closed so far. */
  readonly unitCount: number;
  /** Promises for those who wait. */
  readonly backpressure: Backpressure;
  /** What waits, and how much may. */
  readonly budget: QueueBudget;
  /** Describes what the configuration alone describes. @throws {MuxError} `unsupported`, `bad-media`. */
  describe(stream: number): void;
  /** Takes one sample. @throws {MuxError} For a sample that is refused; nothing has changed then. */
  write(stream: number, sample: IncomingSample, metadata?: ChunkMetadata): Promise<void> | undefined;
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
  /** What of the samples has no place, where that is known. */
  losses?(): readonly Problem[];
  /** Why these metadata do not fit any more; `undefined` when they do. */
  checkMetadata(metadata: Metadata): Problem | undefined;
  /** A byte sink joins, where there are any. */
  join?(output: Output): Promise<void>;
  /** A byte sink leaves: it still gets everything taken so far. @param last Who it is when its turn has come. */
  leave?(last: () => Output): Promise<void>;
}
