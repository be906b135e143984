/**
 * Drives a caller's own media sink: it stands where a container over byte sinks stands otherwise.
 *
 * Invariants
 * - Calls to the sink never overlap, and come in the order in which they were put in; `abort` alone may cut in.
 * - A sample is counted as processed once the sink has taken it, and as dropped if it never will.
 *
 * @module
 */

import type { NumberedStream } from "../../container/container.ts";
import { MuxError } from "../../errors.ts";
import type { ChunkMetadata, Sample } from "../../media/sample.ts";
import type { SinkReport } from "../../report.ts";
import type { MarkerKind, MediaSink } from "../../sinks/media_sink.ts";
import type { Backpressure } from "../backpressure.ts";
import type { IncomingSample } from "../input/incoming_sample.ts";
import { QueueBudget } from "../input/queue_budget.ts";
import { emptyStream, noSamples, refusedStream, type StreamCounters } from "../input/stream_counters.ts";
import { QUEUE_BYTES } from "../options.ts";
import type { Discarded, SessionOutput, Target } from "../target.ts";
import { CallQueue, type SinkCall } from "./call_queue.ts";
import { textOf } from "./sink_error.ts";
import { SinkLifecycle } from "./sink_lifecycle.ts";

/** Bytes that may wait before the caller is asked to. */
const HIGH_WATER_BYTES = 512 << 10;

/** What could not be done at a stage. */
const VERBS: Readonly<Record<string, string>> = { open: "open", data: "write to", seal: "finish", release: "close" };

/** What a session gives its own sink. The lists grow while the session is configured. */
export interface OwnSinkOptions {
  readonly streams: readonly NumberedStream[];
  readonly counters: readonly StreamCounters[];
  readonly maxQueuedBytes: number | undefined;
  /** The sink has failed; called once. */
  onFailure(sink: OwnSink): void;
  /** A marker or a tick that nobody waits for was refused. */
  onStreamError(stream: number, error: MuxError): void;
  onWarning(warning: MuxError): void;
}

/** See the module's text. */
export class OwnSink implements Target, SessionOutput {
  readonly optional = false;
  readonly unitCount = 0;
  readonly budget: QueueBudget;
  readonly lifecycle: SinkLifecycle;
  readonly #sink: MediaSink;
  readonly #options: OwnSinkOptions;
  readonly #queue: CallQueue;
  #start = Infinity;
  #end = -Infinity;

  /** @throws {TypeError} For a sink that is none. */
  constructor(sink: MediaSink, options: OwnSinkOptions) {
    if (typeof sink !== "object" || sink === null || typeof sink.write !== "function") {
      throw new TypeError("Cannot write to a media sink: expected an object with open, write, close and abort");
    }
    this.#sink = sink;
    this.#options = options;
    this.budget = new QueueBudget(options.maxQueuedBytes ?? QUEUE_BYTES, options.counters);
    this.#queue = new CallQueue(() => this.budget.byteLength <= HIGH_WATER_BYTES);
    this.lifecycle = new SinkLifecycle({
      open: () => sink.open(options.streams),
      complete: () => sink.finish?.(),
      close: () => sink.close(),
      abort: (reason) => {
        this.#queue.close(reason); // first: the sink may call back
        return sink.abort(reason);
      },
      explain: mediaSinkError,
      onFailure: () => options.onFailure(this),
    });
  }

  // ── What a session asks of any target ──

  get duration(): number {
    return Math.max(0, this.#end - this.#start);
  }

  get backpressure(): Backpressure {
    return this.#queue.backpressure;
  }

  /** The sink judges its streams itself, when it is opened. */
  describe(): void {}

  write(stream: number, incoming: IncomingSample, metadata?: ChunkMetadata): Promise<void> | undefined {
    const sample = copyOf(incoming);
    const { timestamp, duration, data: { byteLength } } = sample;
    this.#start = Math.min(this.#start, timestamp);
    this.#end = Math.max(this.#end, timestamp + (duration ?? 0));
    this.budget.enter(stream, byteLength);
    const settle = (error?: unknown) => {
      if (this.lifecycle.isReleased) return; // counted as dropped
      this.budget.leave(stream, byteLength);
      if (error !== undefined) this.lifecycle.fail(error, "data");
      else this.#options.counters[stream]!.processed(timestamp, byteLength);
    };
    this.#queue.put({ stream, sample, run: () => this.#sink.write(stream, sample, metadata), settle });
    return this.backpressure.wait();
  }

  tick(stream: number, time: number): void {
    this.#tell(stream, () => this.#attempt(stream, "send a tick to", () => this.#sink.tick?.(stream, time)));
  }

  endSegment(stream: number): void {
    this.#tell(stream, () => this.#mark("end-of-segment", stream));
  }

  /** The sink learns of it by the end-of-segment marker that every stream gets at the finish. */
  endStream(): void {}

  placeMarker(stream: number, context: unknown): Promise<void> {
    return this.#queue.ask(stream, () => this.#mark("default", stream, context));
  }

  /** As the original's `Flush`: what still waits goes, and the segment ends. */
  discard(stream: number): Discarded {
    const samples = this.#queue.discard(stream);
    const bytesDiscarded = samples.reduce((sum, { data }) => sum + data.byteLength, 0);
    this.budget.leave(stream, bytesDiscarded);
    this.#options.counters[stream]!.samplesDropped += samples.length;
    this.endSegment(stream);
    this.backpressure.update();
    return { samplesDiscarded: samples.length, bytesDiscarded };
  }

  flush(): Promise<void> {
    return this.#queue.ask(0, () => {});
  }

  async drain(): Promise<void> {
    const { counters } = this.#options;
    if (counters.every((one) => one.samplesTaken === one.samplesDropped)) throw noSamples(counters);
    await this.flush();
    const refused = refusedStream(counters);
    if (refused) throw refused;
  }

  async endStreams(): Promise<void> {
    const markers = this.#options.streams.map((_, stream) =>
      this.#queue.ask(stream, () => this.#mark("end-of-segment", stream))
    );
    const failed = (await Promise.allSettled(markers)).find((result) => result.status === "rejected");
    if (failed && !this.lifecycle.isReleased) throw failed.reason;
  }

  finish(): void {
    for (const counters of this.#options.counters) {
      if (counters.samplesProcessed === 0) this.#options.onWarning(emptyStream(counters));
    }
  }

  abandon(): void {
    this.#queue.close(
      this.lifecycle.error ??
        new MuxError("sink-failed", { action: "reach the media sink", reason: "it was let go of" }),
    );
    for (const counters of this.#options.counters) counters.abandon();
  }

  checkMetadata(): undefined {}

  // ── What the finalize asks of any output ──

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** A media sink has no trailer that would be a stage of its own. */
  writeTrailer(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  seal(): Promise<void> {
    return this.lifecycle.isHealthy ? this.lifecycle.seal() : Promise.resolve();
  }

  report(): SinkReport {
    return {
      sink: this.#sink,
      outcome: this.lifecycle.outcome,
      bytes: this.#options.counters.reduce((sum, { bytesProcessed }) => sum + bytesProcessed, 0),
      startTime: 0,
      duration: this.duration,
      samplesDropped: 0,
      trailerBytes: 0,
      error: this.lifecycle.error,
    };
  }

  #mark(kind: MarkerKind, stream: number, context?: unknown): void | Promise<void> {
    return this.#attempt(stream, "place a marker in", () => this.#sink.marker?.(kind, stream, context));
  }

  /** A call whose failure is its own. */
  async #attempt(stream: number, action: string, call: () => void | Promise<void>): Promise<void> {
    try {
      await call();
    } catch (cause) {
      throw mediaSinkError(cause, "marker", action, this.#options.counters[stream]!.streamNumber);
    }
  }

  /** A call that nobody waits for. */
  #tell(stream: number, run: SinkCall["run"]): void {
    const settle = (error?: unknown) => {
      if (error !== undefined && !this.lifecycle.isReleased) this.#options.onStreamError(stream, error as MuxError);
    };
    this.#queue.put({ stream, run, settle });
  }
}

function copyOf(
  { data, timestamp, decodeTimestamp, duration, isKey, trimStart, trimEnd, isDiscontinuity, extensions }:
    IncomingSample,
): Sample {
  const sample: Sample = { data: data.slice(), timestamp, type: isKey ? "key" : "delta" };
  if (decodeTimestamp === decodeTimestamp) sample.decodeTimestamp = decodeTimestamp;
  if (duration >= 0) sample.duration = duration;
  if (trimStart > 0) sample.trimStart = trimStart;
  if (trimEnd > 0) sample.trimEnd = trimEnd;
  if (isDiscontinuity) sample.discontinuity = true;
  if (extensions !== undefined) sample.extensions = structuredClone(extensions);
  return sample;
}

function mediaSinkError(cause: unknown, stage: string, action = VERBS[stage], streamNumber?: number): MuxError {
  const message = { action: `${action} the media sink`, reason: textOf(cause) };
  return new MuxError("sink-failed", message, { stage, cause, streamNumber });
}
