/**
 * The session behind every facade: states, order, statistics, and the one finalize.
 *
 * Streams are counted from 0 here; facades translate their own numbering.
 *
 * Invariants
 * - `#state` moves only along the arrows of `state.ts`; claiming the finish is one step, before anything is awaited.
 * - The first fatal error is the one every later call and the finish report.
 * - `closed` settles exactly once, after every sink was released.
 *
 * @module
 */

import type { Container, NumberedStream } from "../container/container.ts";
import { type FinalizeReport, MuxError, type Problem } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata, SampleLike } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { SinkReport, Statistics } from "../report.ts";
import type { SegmentSink } from "../sinks/segment_sink.ts";
import type { SinkLike, SinkOptions } from "../sinks/sink.ts";
import { createTarget, refuseUnfitMetadata } from "./create_target.ts";
import { finalize, type FinalizeOptions, type FinalizeScope } from "./finalize.ts";
import { type SessionHooks, withHresult, withReport } from "./hooks.ts";
import { InputStreams } from "./input/input_streams.ts";
import { takeStatistics } from "./input/stream_counters.ts";
import { Markers } from "./markers.ts";
import type { SessionOptions } from "./options.ts";
import type { MuxSink } from "./order/mux_sink.ts";
import type { OwnSink } from "./outputs/own_sink.ts";
import { SinkSet } from "./outputs/sink_set.ts";
import { withResolvers } from "./promises.ts";
import { ALLOWED_STATES, invalidState, type SessionCall, type SessionState } from "./state.ts";
import type { Discarded, Target } from "./target.ts";

/** A container over byte sinks; without one there is a media sink of the caller's own, see {@linkcode SessionHooks}. */
export interface MuxSessionOptions extends Omit<SessionOptions, "container"> {
  container?: Container;
}

/** See the module's text. */
export class MuxSession {
  readonly #options: MuxSessionOptions;
  readonly #hooks: SessionHooks;
  readonly #input: InputStreams;
  readonly #sinks: SinkSet;
  readonly #ownSink: OwnSink | undefined;
  readonly #closed = withResolvers<FinalizeReport>();
  readonly #warnings: MuxError[] = [];
  readonly #markers = new Markers();
  #state: SessionState = "configuring";
  #beginning: Promise<void> | undefined;
  /** The finish waits for what feeds the session. */
  #isFeeding = false;
  #metadata: Metadata;
  #target: Target | undefined;
  /** The target, if it is a container. */
  #muxSink: MuxSink | undefined;
  /** The first fatal error, or the reason of the abort. */
  #failure: unknown;
  #finish: Promise<FinalizeReport> | undefined;
  #release: Promise<void> | undefined;

  /** @throws {TypeError} For a sink that is none. */
  constructor(options: MuxSessionOptions, streams: readonly StreamConfig[], hooks: SessionHooks = {}) {
    this.#options = options;
    this.#hooks = hooks;
    this.#input = new InputStreams(hooks.hresults);
    for (const stream of streams) this.addStream(stream);
    this.#metadata = options.metadata ?? {};
    this.#sinks = new SinkSet({
      session: this,
      container: options.container,
      metadata: () => this.#metadata,
      onWarning: (warning) => this.warn(warning),
      onLoss: (loss) => void (this.#state === "open" && this.#fail(loss)),
    });
    for (const sink of options.sinks ?? []) this.#sinks.add(sink, {});
    const { onFailure } = this.#sinks;
    const { maxQueuedBytes } = options;
    this.#ownSink = hooks.ownSink?.({ ...this.#reports, ...this.#input, maxQueuedBytes, onFailure });
    if (this.#ownSink) this.#sinks.setOnly(this.#ownSink);
    this.#closed.promise.catch(() => {});
    const { signal } = options;
    if (signal?.aborted) void this.abort(signal.reason);
    else signal?.addEventListener("abort", this.#onSignal);
  }

  readonly #onSignal = (): void => void this.abort(this.#options.signal!.reason);

  get streams(): readonly NumberedStream[] {
    return this.#input.streams;
  }

  get state(): SessionState {
    return this.#state;
  }

  get closed(): Promise<FinalizeReport> {
    return this.#closed.promise;
  }

  get ready(): Promise<void> {
    if (this.#target) return this.#target.backpressure.ready;
    const ready = this.#release ? this.#closed.promise.then(() => {}) : Promise.resolve();
    ready.catch(() => {});
    return ready;
  }

  /** Throws what a call gets in a state that does not allow it. */
  check(call: SessionCall): void {
    if (!ALLOWED_STATES[call].includes(this.#state)) throw this.#refusal(call);
  }

  /** Adds a stream, until the session begins; answers its index. With an encoder `writeFrame` and `writeEncoded` feed it. */
  addStream(config: StreamConfig, hasEncoder = false): number {
    if (this.#beginning) throw this.#refusal("add stream", true);
    this.check("add stream");
    return this.#input.add(config, hasEncoder);
  }

  /** Checks everything, opens the sinks, and lets samples in. Rejects with all problems in one error. */
  beginWriting(): Promise<void> {
    if (this.#state !== "configuring" || this.#beginning) {
      return Promise.reject(this.#refusal("begin writing", this.#beginning !== undefined));
    }
    return this.#beginning = this.#begin();
  }

  async #begin(): Promise<void> {
    try {
      this.#target = this.#makeTarget();
      this.#hooks.begin?.();
    } catch (error) {
      await this.#fail(error);
      throw this.#failure;
    }
    const failure = await this.#sinks.open();
    if (this.#state !== "configuring") throw this.#failure; // aborted meanwhile
    if (failure) throw await this.#fail(failure).then(() => this.#failure);
    this.#state = "open";
  }

  #makeTarget(): Target {
    if (this.#ownSink) return this.#ownSink;
    return this.#muxSink = createTarget(this.#options.container!, this.#options, this.#input.streams, {
      ...this.#reports,
      counters: this.#input.counters,
      outputs: this.#sinks.outputs,
      metadata: () => this.#metadata,
      endOutput: this.#sinks.endOutput,
      onFatal: (error) => void this.#fail(error),
    });
  }

  /** Something went wrong without being fatal: it stands in the report. */
  warn(warning: MuxError): void {
    this.#warnings.push(warning);
  }

  /** What any target reports to. */
  readonly #reports = {
    onWarning: (warning: MuxError): void => this.warn(warning),
    onStreamError: (stream: number, error: MuxError): void => {
      this.warn(withHresult(error, this.#hooks.hresults));
      this.#hooks.onStreamError?.(stream, error);
    },
  };

  /** Takes one sample; see `Writer.writeSample`. */
  writeSample(stream: number, sample: SampleLike, metadata?: ChunkMetadata): Promise<void> | undefined {
    if (this.#state !== "open") throw this.#refusal("write sample");
    return this.#input.take(this.#target!, stream, sample, metadata, false);
  }

  /** Takes a frame by way of an encoder: `encode` hands it over, and its outcome comes by `writeEncoded`. */
  writeFrame(stream: number, timestamp: number, encode: () => void): Promise<void> | undefined {
    this.check("write sample");
    return this.#input.takeFrame(this.#target!, stream, timestamp, encode);
  }

  /** Takes what an encoder gives, also while the finish waits for that. */
  writeEncoded(stream: number, chunk: SampleLike, metadata?: ChunkMetadata): void {
    if (!this.#isFeeding) this.check("write sample");
    void this.#input.take(this.#target!, stream, chunk, metadata, true);
  }

  /** The stream has nothing at `timestamp`. */
  tick(stream: number, timestamp: number): void {
    this.check("send stream tick");
    this.#input.tick(this.#target!, stream, timestamp);
  }

  /** Nothing comes from this stream for now; others stop waiting for it until it goes on. */
  endSegment(stream: number): void {
    this.check("notify end of segment");
    this.#target!.endSegment(stream);
  }

  /** Gives up what still waits of this stream, and so many frames that its encoder has let go of. */
  discard(stream: number, frameCount = 0): Discarded {
    this.check("discard queued samples");
    return this.#input.discard(this.#target!, stream, frameCount);
  }

  /** Resolves, after `onPassed` was called, when all of this stream so far, and what comes until `fed`, is with the sinks. */
  placeMarker(stream: number, context: unknown, onPassed: () => void, fed?: Promise<void>): Promise<void> {
    if (this.#state !== "open") return Promise.reject(this.#refusal("place marker"));
    return this.#markers.add(stream, fed, async () => {
      if (this.#release) throw this.#failure;
      await this.#target!.placeMarker(stream, context).catch((error) => {
        if (this.#release) throw this.#failure;
        if (this.#state === "open" && error instanceof MuxError) this.warn(error); // whoever placed it may not look
        throw error;
      });
      if (this.#release) throw this.#failure;
    }, onPassed);
  }

  /** Nothing comes from this stream any more; others stop waiting for it. */
  endStream(stream: number): void {
    this.check("end stream");
    this.#input.end(stream);
    this.#target!.endStream(stream);
  }

  /** Resolves when everything accepted so far is with every sink. */
  async flush(): Promise<void> {
    this.check("flush");
    await this.#target!.flush();
    if (this.#release) throw this.#failure; // what was to be taken has nobody to take it any more
  }

  get metadata(): Metadata {
    return this.#metadata;
  }

  setMetadata(metadata: Metadata): void {
    this.check("set metadata");
    refuseUnfitMetadata(metadata, this.#target);
    this.#metadata = metadata;
  }

  async addSink(sink: SinkLike | SegmentSink, options: SinkOptions): Promise<void> {
    this.check("add sink");
    const output = this.#sinks.add(sink, options);
    if (!this.#muxSink) return; // opened by beginWriting()
    try {
      await output.lifecycle.open();
      await this.#beginning!.catch(() => {});
      if (this.#state !== "open") {
        await output.lifecycle.abort(this.#failure);
        throw this.#refusal("add sink");
      }
      await this.#muxSink.join(output);
      if (output.lifecycle.error) throw output.lifecycle.error;
    } catch (error) {
      if (output.lifecycle.error) this.#sinks.forget(output); // told here: the others go on without it
      throw error;
    }
  }

  /** Finishes one sink: the finalize, with this sink as its scope. A second call gets the same promise. */
  removeSink(sink: SinkLike | SegmentSink, options: FinalizeOptions = {}): Promise<SinkReport> {
    if (this.#state !== "open") return Promise.reject(this.#refusal("remove sink"));
    return this.#sinks.remove(sink, (last) => this.#muxSink!.leave(last), options.signal);
  }

  /** The finalize, with the whole session as its scope. A second call gets the same promise. */
  finish(options: FinalizeOptions = {}): Promise<FinalizeReport> {
    if (this.#finish) return this.#finish;
    if (this.#state === "failed") {
      this.#finish = this.#release!.then(() => {
        throw this.#failure;
      });
    } else if (this.#state === "open") {
      this.#state = "finalizing";
      for (const output of this.#sinks.outputs) {
        if (output.lifecycle.isOpening) void output.lifecycle.abort(this.#refusal("add sink"));
      }
      const drainSources = this.#hooks.drain && (() => this.#drainSources());
      this.#finish = this.#settle(this.#sinks.scopeOf(this.#target!, drainSources), options.signal);
    } else {
      return Promise.reject(this.#refusal("finish"));
    }
    this.#finish.catch(() => {});
    return this.#finish;
  }

  /** What is still on its way in comes first: out of encoders, then the markers that waited behind it. */
  async #drainSources(): Promise<void> {
    this.#isFeeding = true;
    try {
      await this.#hooks.drain?.();
    } finally {
      await this.#markers.placed();
      this.#isFeeding = false;
    }
  }

  async #settle(scope: FinalizeScope, signal?: AbortSignal): Promise<FinalizeReport> {
    const { error, warnings } = await finalize(scope, signal);
    this.#isFeeding = false;
    this.#warnings.push(...warnings);
    if (error !== undefined) this.#target!.abandon();
    const report = this.#report();
    if (this.#state === "aborted") { // the abort came first, and tells everybody
      await this.#release;
      throw this.#failure;
    }
    this.#stopListening();
    this.#hooks.release?.();
    if (error === undefined) {
      this.#state = "finalized";
      await this.#markers.settled();
      this.#hooks.onSettled?.(undefined, report);
      this.#closed.resolve(report);
      return report;
    }
    const isSignal = signal?.aborted && error === signal.reason;
    this.#state = isSignal ? "aborted" : "failed";
    this.#failure = isSignal ? error : this.#withReport(error, report);
    this.#target!.backpressure.fail(this.#failure);
    await this.#markers.settled();
    this.#hooks.onSettled?.(this.#failure, report);
    this.#closed.reject(this.#failure);
    throw this.#failure;
  }

  #withReport(error: unknown, report: FinalizeReport): unknown {
    return withReport(withHresult(error, this.#hooks.hresults), report);
  }

  /** Gives up. Resolves when every sink has let go. */
  abort(reason: unknown = new DOMException("The session was aborted", "AbortError")): Promise<void> {
    if (this.#release) return this.#release;
    if (this.#state === "finalizing") {
      const isSettling = !this.#isFeeding && this.#sinks.parts.every((output) => output.lifecycle.isSettling);
      if (isSettling) return this.#finish!.then(() => {}, () => {});
    } else if (this.#state !== "configuring" && this.#state !== "open") return Promise.resolve();
    return this.#giveUp("aborted", reason);
  }

  async dispose(): Promise<void> {
    if (this.#state === "finalizing") await this.#finish!.catch(() => {});
    else await this.abort();
  }

  /** The first fatal error: everything stops here. A finish under way closes what can be closed. */
  #fail(error: unknown): Promise<void> {
    if (this.#release) return this.#release;
    if (this.#state !== "finalizing") return this.#giveUp("failed", error);
    this.#target!.abandon();
    this.#target!.backpressure.fail(error);
    return Promise.resolve();
  }

  #giveUp(state: "failed" | "aborted", reason: unknown): Promise<void> {
    const { promise, resolve } = withResolvers<void>();
    this.#release = promise; // first of all: a sink may call back while it is aborted
    this.#state = state;
    this.#failure = reason;
    this.#stopListening();
    this.#isFeeding = false;
    this.#hooks.release?.();
    this.#target?.abandon();
    const released = this.#sinks.parts.map((output) => output.lifecycle.abort(reason));
    const report = this.#report();
    if (state === "failed") this.#failure = this.#withReport(reason, report);
    this.#target?.backpressure.fail(this.#failure);
    void Promise.all([...released, this.#markers.settled()]).then(() => {
      Object.assign(report, this.#report()); // a sink that was full holds less by now
      this.#hooks.onSettled?.(this.#failure, report);
      this.#closed.reject(this.#failure);
      resolve();
    });
    return promise;
  }

  #stopListening(): void {
    this.#options.signal?.removeEventListener("abort", this.#onSignal);
  }

  getStatistics(): Statistics {
    return takeStatistics(this.#target?.unitCount ?? 0, this.#input.counters, this.#sinks.reports());
  }

  #report(): FinalizeReport {
    const duration = this.#target?.duration ?? 0;
    return { ...this.getStatistics(), duration, warnings: this.#warnings, losses: this.#losses() };
  }

  /** What has no place in the container. */
  #losses(): readonly Problem[] {
    if (!this.#muxSink) return [];
    return this.#options.container!.losses?.(this.#input.streams, this.#metadata) ?? [];
  }

  /** What a call in the wrong state gets: after a failure that failure, else the states that would allow it. */
  #refusal(call: SessionCall, hasBegun = false): unknown {
    if (this.#state === "failed") return this.#failure;
    const { signal } = this.#options;
    if (this.#state === "aborted" && signal?.aborted && this.#failure === signal.reason) return this.#failure;
    return withHresult(invalidState(call, this.#state, hasBegun), this.#hooks.hresults);
  }
}
