/**
 * Drives a caller's own media sink: it stands where a container over byte sinks stands otherwise.
 *
 * Invariants
 * - Calls to the sink never overlap, and come in the order in which they were put in; `abort` alone may cut in.
 * - Its last call is `close` or `abort`, and it comes exactly once; a sink that could not be opened gets neither.
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
import { emptyStream, noSamples, type StreamCounters } from "../input/stream_counters.ts";
import { QUEUE_BYTES } from "../options.ts";
import { withResolvers } from "../promises.ts";
import type { Discarded, SessionOutput, Target } from "../target.ts";
import { CallQueue, type SinkCall } from "./call_queue.ts";

/** Bytes that may wait before the caller is asked to. */
const HIGH_WATER_BYTES = 512 << 10;

/** What could not be done at a stage. */
const VERBS: Readonly<Record<string, string>> = { open: "open", data: "write to", seal: "finish", release: "close" };

type Phase = "new" | "opening" | "active" | "sealing" | "releasing" | "finished" | "failed" | "aborted";

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
  readonly #sink: MediaSink;
  readonly #options: OwnSinkOptions;
  readonly #queue: CallQueue;
  #phase: Phase = "new";
  #error: MuxError | undefined;
  #start = Infinity;
  #end = -Infinity;
  #isOpened = false;
  #stopOpening = () => {};
  #sealing: Promise<void> | undefined;
  /** The one call of `close` or `abort`. */
  #released: Promise<void> | undefined;

  /** @throws {TypeError} For a sink that is none. */
  constructor(sink: MediaSink, options: OwnSinkOptions) {
    if (typeof sink !== "object" || sink === null || typeof sink.write !== "function") {
      throw new TypeError("Cannot write to a media sink: expected an object with open, write, close and abort");
    }
    this.#sink = sink;
    this.#options = options;
    this.budget = new QueueBudget(options.maxQueuedBytes ?? QUEUE_BYTES, options.counters);
    this.#queue = new CallQueue(() => this.budget.byteLength <= HIGH_WATER_BYTES);
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
      if (this.#released) return; // counted as dropped
      this.budget.leave(stream, byteLength);
      if (error !== undefined) this.#fail(error, "data");
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
  }

  async endStreams(): Promise<void> {
    const markers = this.#options.streams.map((_, stream) =>
      this.#queue.ask(stream, () => this.#mark("end-of-segment", stream))
    );
    const failed = (await Promise.allSettled(markers)).find((result) => result.status === "rejected");
    if (failed && !this.#released) throw failed.reason;
  }

  finish(): void {
    for (const counters of this.#options.counters) {
      if (counters.samplesProcessed === 0) this.#options.onWarning(emptyStream(counters));
    }
  }

  abandon(): void {
    this.#queue.close(this.#error ?? new MuxError("sink-failed", "Cannot reach the media sink: it was let go of"));
    for (const counters of this.#options.counters) counters.abandon();
  }

  checkMetadata(): undefined {}

  // ── What the finalize asks of any output ──

  get isHealthy(): boolean {
    return this.#phase !== "failed" && this.#phase !== "aborted" && this.#phase !== "finished";
  }

  get isOpening(): boolean {
    return this.#phase === "opening";
  }

  get isSettling(): boolean {
    return this.#sealing !== undefined || this.#released !== undefined;
  }

  get error(): MuxError | undefined {
    return this.#error;
  }

  async open(): Promise<void> {
    this.#phase = "opening";
    this.#isOpened = true;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#stopOpening = resolve;
        Promise.resolve(this.#sink.open(this.#options.streams)).then(resolve, reject);
      });
      if (this.#phase === "opening") this.#phase = "active";
    } catch (error) {
      this.#isOpened = false;
      this.#fail(error, "open");
    }
    if (this.#error) throw this.#error;
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  /** A media sink has no index that would be a stage of its own. */
  writeIndex(): Promise<undefined> {
    this.#phase = "sealing";
    return Promise.resolve(undefined);
  }

  seal(): Promise<void> {
    if (!this.isHealthy) return Promise.resolve();
    this.#sealing = this.#finishSink();
    return this.#sealing;
  }

  async #finishSink(): Promise<void> {
    await undefined; // so that a sink that calls back finds `#sealing` set
    try {
      await this.#sink.finish?.();
    } catch (error) {
      this.#fail(error, "seal");
    }
  }

  release(): Promise<void> {
    if (!this.#released) {
      this.#phase = "releasing";
      this.#released = this.#close();
    }
    return this.#released;
  }

  async #close(): Promise<void> {
    await undefined; // so that a sink that calls back finds `#released` set
    try {
      await this.#sink.close();
      this.#phase = "finished";
    } catch (error) {
      this.#error = describe(error, "release");
      this.#phase = "failed";
      this.#options.onFailure(this);
    }
  }

  abort(reason: unknown): Promise<void> {
    if (this.#sealing) return this.#sealing.then(() => this.release());
    if (!this.#released) this.#letGo("aborted", reason);
    return this.#released!;
  }

  report(): SinkReport {
    const phase = this.#phase;
    return {
      sink: this.#sink,
      outcome: phase === "finished" || phase === "failed" || phase === "aborted" ? phase : "open",
      bytes: this.#options.counters.reduce((sum, { bytesProcessed }) => sum + bytesProcessed, 0),
      startTime: 0,
      duration: this.duration,
      samplesDropped: 0,
      indexed: false,
      error: this.#error,
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
      throw describe(cause, "marker", action, this.#options.counters[stream]!.streamNumber);
    }
  }

  /** A call that nobody waits for. */
  #tell(stream: number, run: SinkCall["run"]): void {
    const settle = (error?: unknown) => {
      if (error !== undefined && !this.#released) this.#options.onStreamError(stream, error as MuxError);
    };
    this.#queue.put({ stream, run, settle });
  }

  // ── Failure ──

  #fail(cause: unknown, stage: string): void {
    if (this.#released) return;
    this.#error = describe(cause, stage);
    this.#letGo("failed", this.#error);
    if (stage !== "open") this.#options.onFailure(this); // the one who opens it is told by a rejection
  }

  #letGo(phase: "failed" | "aborted", reason: unknown): void {
    this.#phase = phase;
    const { promise, resolve } = withResolvers<void>();
    this.#released = promise;
    this.#stopOpening();
    this.#queue.close(reason);
    // A sink that fails to let go has nobody left to tell: the first error stands.
    const abort = async () => void (this.#isOpened && await this.#sink.abort(reason));
    abort().catch(() => {}).then(resolve);
  }
}

function copyOf(
  { data, timestamp, decodeTimestamp, duration, isKey, isDiscontinuity, extensions }: IncomingSample,
): Sample {
  const sample: Sample = { data: data.slice(), timestamp, type: isKey ? "key" : "delta" };
  if (decodeTimestamp === decodeTimestamp) sample.decodeTimestamp = decodeTimestamp;
  if (duration >= 0) sample.duration = duration;
  if (isDiscontinuity) sample.discontinuity = true;
  if (extensions !== undefined) sample.extensions = structuredClone(extensions);
  return sample;
}

function describe(cause: unknown, stage: string, action = VERBS[stage], streamNumber?: number): MuxError {
  const text = cause instanceof Error ? cause.message : String(cause);
  return new MuxError("sink-failed", `Cannot ${action} the media sink: ${text}`, { stage, cause, streamNumber });
}
