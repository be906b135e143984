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
import { MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata, SampleLike } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { SinkLike, SinkOptions } from "../sinks/sink.ts";
import { total } from "./counters.ts";
import { createTarget } from "./create_target.ts";
import { finalize, type FinalizeOptions, type FinalizeScope } from "./finalize.ts";
import { type SessionHooks, withHresult } from "./hooks.ts";
import { Intake } from "./intake.ts";
import { leaving } from "./leaving.ts";
import { Markers } from "./markers.ts";
import type { Discarded, MediaSink, SessionOutput, Target } from "./media_sink.ts";
import type { MuxSink } from "./mux_sink.ts";
import type { SessionOptions } from "./options.ts";
import { Output } from "./output.ts";
import { OwnSink } from "./own_sink.ts";
import { type FinalizeReport, type SinkReport, type Statistics, withReport } from "./report.ts";
import { withResolvers } from "./room.ts";
import { ALLOWED_STATES, invalidState, type SessionCall, type SessionState } from "./state.ts";

/** A container over byte sinks, or a media sink of the caller's own. */
export interface MuxSessionOptions extends Omit<SessionOptions, "container"> {
  container?: Container;
  mediaSink?: MediaSink;
}

/** See the module's text. */
export class MuxSession {
  readonly #options: MuxSessionOptions;
  readonly #hooks: SessionHooks;
  readonly #intake: Intake;
  readonly #outputs: Output[];
  /** Stands instead of `#outputs`. */
  readonly #ownSink: OwnSink | undefined;
  readonly #closed = withResolvers<FinalizeReport>();
  readonly #warnings: MuxError[] = [];
  /** Outputs that have failed, the first one first. */
  readonly #failed: SessionOutput[] = [];
  readonly #removals = new Map<SessionOutput, Promise<SinkReport>>();
  readonly #markers = new Markers();
  #state: SessionState = "configuring";
  #beginning: Promise<void> | undefined;
  #begunAt = NaN;
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
    this.#intake = new Intake(hooks.hresults);
    for (const stream of streams) this.addStream(stream);
    this.#metadata = options.metadata ?? {};
    this.#outputs = (options.sinks ?? []).map((sink) => this.#makeOutput(sink, {}));
    this.#ownSink = options.mediaSink && this.#makeOwnSink(options.mediaSink);
    this.#closed.promise.catch(() => {});
    const { signal } = options;
    if (signal?.aborted) void this.abort(signal.reason);
    else signal?.addEventListener("abort", this.#onSignal);
  }

  readonly #onSignal = (): void => void this.abort(this.#options.signal!.reason);

  get streams(): readonly NumberedStream[] {
    return this.#intake.streams;
  }

  get state(): SessionState {
    return this.#state;
  }

  get closed(): Promise<FinalizeReport> {
    return this.#closed.promise;
  }

  get ready(): Promise<void> {
    if (this.#target) return this.#target.ready;
    const ready = this.#release ? this.#closed.promise.then(() => {}) : Promise.resolve();
    ready.catch(() => {});
    return ready;
  }

  /** What the session writes to, one by one. */
  get #parts(): readonly SessionOutput[] {
    return this.#ownSink ? [this.#ownSink] : this.#outputs;
  }

  /** Throws what a call gets in a state that does not allow it. */
  check(call: SessionCall): void {
    if (!ALLOWED_STATES[call].includes(this.#state)) throw this.#refusal(call);
  }

  /** Adds a stream, until the session begins. Answers its index. */
  addStream(config: StreamConfig): number {
    if (this.#beginning) throw this.#refusal("add stream", "has begun");
    this.check("add stream");
    return this.#intake.add(config);
  }

  /** A stream is fed by an encoder: `writeFrame` and `writeEncoded` take the place of `writeSample`. */
  addEncoder(stream: number): void {
    this.#intake.counters[stream]!.hasEncoder = true;
  }

  /** Checks everything, opens the sinks, and lets samples in. Rejects with all problems in one error. */
  beginWriting(): Promise<void> {
    if (this.#state !== "configuring" || this.#beginning) {
      return Promise.reject(this.#refusal("begin writing", this.#beginning ? "has begun" : undefined));
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
    const parts = [...this.#parts];
    const opened = await Promise.allSettled(parts.map((output) => output.open(this.#containerName)));
    if (this.#state !== "configuring") throw this.#failure; // aborted meanwhile
    const failures = parts.filter((output, i) => opened[i]!.status === "rejected" && !output.optional);
    if (failures.length > 0) {
      const texts = failures.map((output) => output.error!.message);
      await this.#fail(
        new MuxError("sink-failed", `Cannot begin writing: ${texts.join("; ")}`, {
          stage: "open",
          cause: failures[0]!.error!.cause ?? failures[0]!.error,
        }),
      );
      throw this.#failure;
    }
    this.#state = "open";
    this.#begunAt = performance.now();
  }

  #makeTarget(): Target {
    if (this.#ownSink) return this.#ownSink;
    return this.#muxSink = createTarget(this.#options.container!, this.#options, this.#intake.streams, {
      counters: this.#intake.counters,
      outputs: this.#outputs,
      metadata: () => this.#metadata,
      onWarning: this.#onWarning,
      onStreamError: this.#onStreamError,
      onFatal: (error) => void this.#fail(error),
    });
  }

  get #containerName(): string {
    return this.#options.container?.name ?? "";
  }

  readonly #onWarning = (warning: MuxError): void => void this.#warnings.push(warning);

  readonly #onStreamError = (stream: number, error: MuxError): void => {
    this.#onWarning(withHresult(error, this.#hooks.hresults));
    this.#hooks.onStreamError?.(stream, error);
  };

  /** Takes one sample; see `Writer.writeSample`. */
  writeSample(stream: number, sample: SampleLike, metadata?: ChunkMetadata): Promise<void> | undefined {
    if (this.#state !== "open") throw this.#refusal("write sample");
    return this.#intake.take(this.#target!, stream, sample, metadata, false);
  }

  /** Takes a frame by way of an encoder: `encode` hands it over, and its outcome comes by `writeEncoded`. */
  writeFrame(stream: number, timestamp: number, encode: () => void): Promise<void> | undefined {
    this.check("write sample");
    return this.#intake.takeFrame(this.#target!, stream, timestamp, encode);
  }

  /** Takes what an encoder gives, also while the finish waits for that. */
  writeEncoded(stream: number, chunk: SampleLike, metadata?: ChunkMetadata): void {
    if (!this.#isFeeding) this.check("write sample");
    void this.#intake.take(this.#target!, stream, chunk, metadata, true);
  }

  /** The stream has nothing at `timestamp`. */
  tick(stream: number, timestamp: number): void {
    this.check("send stream tick");
    this.#intake.tick(this.#target!, stream, timestamp);
  }

  /** Nothing comes from this stream for now; others stop waiting for it until it goes on. */
  endSegment(stream: number): void {
    this.check("notify end of segment");
    this.#target!.endSegment(stream);
  }

  /** Gives up what still waits of this stream, and so many frames that its encoder has let go of. */
  discard(stream: number, frameCount = 0): Discarded {
    this.check("discard queued samples");
    return this.#intake.discard(this.#target!, stream, frameCount);
  }

  /** Resolves, after `onPassed` was called, when all of this stream so far, and what comes until `fed`, is with the sinks. */
  placeMarker(stream: number, context: unknown, onPassed: () => void, fed?: Promise<void>): Promise<void> {
    if (this.#state !== "open") return Promise.reject(this.#refusal("place marker"));
    return this.#markers.add(stream, fed, async () => {
      if (this.#release) throw this.#failure;
      await this.#target!.placeMarker(stream, context);
      if (this.#release) throw this.#failure;
    }, onPassed);
  }

  /** Nothing comes from this stream any more; others stop waiting for it. */
  endStream(stream: number): void {
    this.check("end stream");
    this.#intake.end(stream);
    this.#target!.endStream(stream);
  }

  /** Resolves when everything accepted so far is with every sink. */
  async flush(): Promise<void> {
    this.check("flush");
    await this.#target!.flush();
    if (this.#release) throw this.#failure; // what was to be taken has nobody to take it any more
  }

  setMetadata(metadata: Metadata): void {
    this.check("set metadata");
    const problem = this.#target?.checkMetadata(metadata);
    if (problem !== undefined) throw new MuxError("too-large", `Cannot set metadata: ${problem}`);
    this.#metadata = metadata;
  }

  async addSink(sinkLike: SinkLike, options: SinkOptions): Promise<void> {
    this.check("add sink");
    if (this.#outputs.some((output) => output.sinkLike === sinkLike)) {
      throw new MuxError("invalid-state", "Cannot add sink: it takes part already");
    }
    const output = this.#makeOutput(sinkLike, options);
    this.#outputs.push(output);
    if (!this.#muxSink) return; // opened by beginWriting()
    try {
      await output.open(this.#containerName);
      await this.#beginning!.catch(() => {});
      if (this.#state !== "open") {
        await output.abort(this.#failure);
        throw this.#refusal("add sink");
      }
      await this.#muxSink.join(output);
      if (output.error) throw output.error;
    } catch (error) {
      if (output.error) this.#outputs.splice(this.#outputs.indexOf(output), 1); // told here: the others go on without it
      throw error;
    }
  }

  /** Finishes one sink: the finalize, with this sink as its scope. A second call gets the same promise. */
  removeSink(sinkLike: SinkLike, options: FinalizeOptions = {}): Promise<SinkReport> {
    if (this.#state !== "open") return Promise.reject(this.#refusal("remove sink"));
    const output = this.#outputs.find((output) => output.sinkLike === sinkLike);
    if (!output || output.isOpening) {
      const fact = output ? "it is still being opened" : "it takes no part in this session";
      return Promise.reject(new MuxError("invalid-state", `Cannot remove sink: ${fact}`));
    }
    let removal = this.#removals.get(output);
    if (!removal) this.#removals.set(output, removal = this.#remove(output, options.signal));
    return removal;
  }

  async #remove(output: Output, signal?: AbortSignal): Promise<SinkReport> {
    const { error, warnings } = await finalize({
      drainSources: () => Promise.resolve(),
      drain: () => this.#target!.flush(),
      endStreams: () => Promise.resolve(),
      flushPacketizer: () => output.end(),
      outputs: [output],
      failed: this.#failed,
    }, signal);
    this.#warnings.push(...warnings);
    if (error !== undefined) throw error;
    return output.report();
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
      const target = this.#target!;
      for (const output of this.#outputs) if (output.isOpening) void output.abort(this.#refusal("add sink"));
      this.#finish = this.#settle({
        drainSources: () => this.#drainSources(),
        drain: () => target.drain(),
        endStreams: () => target.endStreams(),
        flushPacketizer: () => target.finish(),
        outputs: this.#parts.map((output) => {
          const removal = this.#removals.get(output);
          return removal ? leaving(output, removal) : output;
        }),
        failed: this.#failed,
      }, options.signal);
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
    if (this.#state === "aborted") { // the abort came first, and tells everybody
      await this.#release;
      throw this.#failure;
    }
    this.#stopListening();
    this.#hooks.release?.();
    const report = this.#report();
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
    this.#target!.abandon();
    this.#target!.reject(this.#failure);
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
      if (this.#parts.every((output) => output.isSettling)) return this.#finish!.then(() => {}, () => {});
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
    this.#target!.reject(error);
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
    const released = this.#parts.map((output) => output.abort(reason));
    if (state === "failed") this.#failure = this.#withReport(reason, this.#report());
    this.#target?.reject(this.#failure);
    void Promise.all([...released, this.#markers.settled()]).then(() => {
      this.#hooks.onSettled?.(this.#failure, this.#report());
      this.#closed.reject(this.#failure);
      resolve();
    });
    return promise;
  }

  #stopListening(): void {
    this.#options.signal?.removeEventListener("abort", this.#onSignal);
  }

  #makeOwnSink(mediaSink: MediaSink): OwnSink {
    return new OwnSink(mediaSink, {
      streams: this.#intake.streams,
      counters: this.#intake.counters,
      maxQueuedBytes: this.#options.maxQueuedBytes,
      onFailure: (sink) => this.#onOutputFailure(sink),
      onStreamError: this.#onStreamError,
      onWarning: this.#onWarning,
    });
  }

  #makeOutput(sinkLike: SinkLike, options: SinkOptions): Output {
    const output: Output = new Output(sinkLike, options, () => this.#metadata, () => this.#onOutputFailure(output));
    return output;
  }

  /** A failing sink is alone, unless it was the last one. */
  #onOutputFailure(output: SessionOutput): void {
    this.#failed.push(output);
    if (this.#state !== "open" || this.#parts.some((output) => output.isHealthy)) return;
    const first = this.#failed.find((output) => !output.optional && !this.#removals.has(output));
    if (first) void this.#fail(first.error);
  }

  getStatistics(): Statistics {
    const seconds = (performance.now() - this.#begunAt) / 1000;
    const streams = this.#intake.counters.map((counters) => counters.snapshot(seconds));
    return {
      packetCount: this.#target?.unitCount ?? 0,
      streams,
      total: total(streams),
      sinks: this.#parts.map((output) => output.report()),
    };
  }

  #report(): FinalizeReport {
    return { ...this.getStatistics(), duration: this.#target?.duration ?? 0, warnings: this.#warnings };
  }

  /** What a call in the wrong state gets: after a failure that failure, else the states that would allow it. */
  #refusal(call: SessionCall, detail?: string): unknown {
    if (this.#state === "failed") return this.#failure;
    const hresult = this.#hooks.hresults?.["invalid-state"];
    const { signal } = this.#options;
    if (this.#state === "aborted" && signal?.aborted && this.#failure === signal.reason) return this.#failure;
    if (detail !== undefined) {
      const text = `Cannot ${call}: the session ${detail}, must be configuring`;
      const facts = { state: this.#state, allowed: ALLOWED_STATES[call], hresult };
      return new MuxError("invalid-state", text, facts);
    }
    return withHresult(invalidState(call, this.#state), this.#hooks.hresults);
  }
}
