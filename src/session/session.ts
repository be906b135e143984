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
import { StreamCounters } from "./counters.ts";
import {
  finalize,
  type FinalizeOptions,
  type FinalizeOutcome,
  type FinalizeOutput,
  type FinalizeScope,
} from "./finalize.ts";
import { Incoming } from "./incoming.ts";
import { enterSession, leaveSession } from "./membership.ts";
import { MuxSink } from "./mux_sink.ts";
import { numberStreams, type SessionOptions, settleOptions } from "./options.ts";
import { StreamOrder } from "./order.ts";
import { Output } from "./output.ts";
import { type FinalizeReport, type SinkReport, type Statistics, withReport } from "./report.ts";
import { withResolvers } from "./room.ts";
import { ALLOWED_STATES, hasEnded, invalidState, type SessionCall, type SessionState } from "./state.ts";

/** See the module's text. */
export class MuxSession {
  readonly #options: SessionOptions;
  readonly #container: Container;
  readonly #streams: readonly NumberedStream[];
  readonly #counters: readonly StreamCounters[];
  readonly #orders: readonly StreamOrder[];
  readonly #ended: boolean[];
  readonly #outputs: Output[];
  /** Absent while a sample is being taken: one that a sink's call hands in meanwhile gets another. */
  #incoming: Incoming | undefined = new Incoming();
  readonly #closed = withResolvers<FinalizeReport>();
  readonly #warnings: MuxError[] = [];
  /** Outputs that have failed, the first one first. */
  readonly #failed: Output[] = [];
  readonly #removals = new Map<Output, Promise<SinkReport>>();
  #state: SessionState = "configuring";
  #beginning: Promise<void> | undefined;
  #metadata: Metadata;
  #sink: MuxSink | undefined;
  /** The first fatal error, or the reason of the abort. */
  #failure: unknown;
  #finish: Promise<FinalizeReport> | undefined;
  #release: Promise<void> | undefined;

  /** @throws {TypeError} For a sink that is none. */
  constructor(options: SessionOptions, streams: readonly StreamConfig[]) {
    this.#options = options;
    this.#container = options.container;
    this.#streams = numberStreams(streams);
    this.#counters = this.#streams.map((stream) => new StreamCounters(stream.streamNumber));
    this.#orders = this.#streams.map((stream) => new StreamOrder(stream.streamNumber, stream.kind === "video"));
    this.#ended = this.#streams.map(() => false);
    this.#metadata = options.metadata ?? {};
    this.#outputs = (options.sinks ?? []).map((sink) => this.#makeOutput(sink, {}));
    this.#closed.promise.catch(() => {});
    const { signal } = options;
    if (signal?.aborted) void this.abort(signal.reason);
    else signal?.addEventListener("abort", this.#onSignal);
  }

  readonly #onSignal = (): void => void this.abort(this.#options.signal!.reason);

  get streams(): readonly NumberedStream[] {
    return this.#streams;
  }

  get state(): SessionState {
    return this.#state;
  }

  get closed(): Promise<FinalizeReport> {
    return this.#closed.promise;
  }

  get ready(): Promise<void> {
    if (this.#sink) return this.#sink.ready;
    const ready = this.#release ? this.#closed.promise.then(() => {}) : Promise.resolve();
    ready.catch(() => {});
    return ready;
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
      this.#sink = this.#makeSink();
    } catch (error) {
      await this.#fail(error);
      throw this.#failure;
    }
    const opened = await Promise.allSettled(this.#outputs.map((output) => output.open(this.#container.name)));
    if (this.#state !== "configuring") throw this.#failure; // aborted meanwhile
    const failures = this.#outputs.filter((output, i) => opened[i]?.status === "rejected" && !output.optional);
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
  }

  #makeSink(): MuxSink {
    const problems = [...this.#container.check(this.#streams)];
    const settings = settleOptions(this.#options, this.#streams, this.#outputs.some((output) => output.drops));
    const sink = problems.length > 0 ? undefined : new MuxSink({
      ...settings,
      muxer: this.#container.createMuxer(this.#streams),
      streams: this.#streams,
      counters: this.#counters,
      outputs: this.#outputs,
      metadata: () => this.#metadata,
      onWarning: (warning) => this.#warnings.push(warning),
      onFatal: (error) => void this.#fail(error),
    });
    this.#streams.forEach((_, index) => {
      try {
        sink?.describe(index);
      } catch (error) {
        problems.push((error as Error).message);
      }
    });
    if (problems.length > 0) throw new MuxError("unsupported", `Cannot begin writing: ${problems.join("; ")}`);
    return sink!;
  }

  /** Takes one sample; see `Writer.writeSample`. */
  writeSample(stream: number, sample: SampleLike, metadata?: ChunkMetadata): Promise<void> | undefined {
    if (this.#state !== "open") throw this.#refusal("write sample");
    const incoming = this.#incoming ?? new Incoming();
    this.#incoming = undefined;
    try {
      const counters = this.#counters[stream]!;
      incoming.read(sample, counters.streamNumber);
      if (this.#ended[stream]) throw hasEnded(counters.streamNumber);
      const order = this.#orders[stream]!;
      order.check(incoming);
      const { timestamp, decodeTimestamp, isKey } = incoming; // the sink may shift them
      const wait = this.#sink!.write(stream, incoming, metadata);
      order.commit(timestamp, decodeTimestamp, isKey);
      counters.received(timestamp, incoming.data.byteLength);
      return wait;
    } finally {
      this.#incoming = incoming;
    }
  }

  /** Nothing comes from this stream any more; others stop waiting for it. */
  endStream(stream: number): void {
    if (this.#state !== "open") throw this.#refusal("end stream");
    this.#ended[stream] = true;
    this.#sink!.endStream(stream);
  }

  /** Resolves when everything accepted so far is with every sink. */
  async flush(): Promise<void> {
    if (this.#state !== "open") throw this.#refusal("flush");
    await this.#sink!.flush();
    if (this.#release) throw this.#failure; // what was to be taken has nobody to take it any more
  }

  setMetadata(metadata: Metadata): void {
    if (!ALLOWED_STATES["set metadata"].includes(this.#state)) throw this.#refusal("set metadata");
    const problem = this.#sink?.checkMetadata(metadata);
    if (problem !== undefined) throw new MuxError("too-large", `Cannot set metadata: ${problem}`);
    this.#metadata = metadata;
  }

  async addSink(sinkLike: SinkLike, options: SinkOptions): Promise<void> {
    if (!ALLOWED_STATES["add sink"].includes(this.#state)) throw this.#refusal("add sink");
    if (this.#outputs.some((output) => output.sinkLike === sinkLike)) {
      throw new MuxError("invalid-state", "Cannot add sink: it takes part already");
    }
    const output = this.#makeOutput(sinkLike, options);
    this.#outputs.push(output);
    if (!this.#sink) return; // opened by beginWriting()
    try {
      await output.open(this.#container.name);
      await this.#beginning!.catch(() => {});
      if (this.#state !== "open") {
        await output.abort(this.#failure);
        throw this.#refusal("add sink");
      }
      await this.#sink.join(output);
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
      drain: () => this.#sink!.leave(output),
      endStreams: () => Promise.resolve(),
      flushPacketizer: () => {}, // done in its turn, while the others go on
      outputs: [output],
      failed: this.#failed,
    }, signal);
    this.#warnings.push(...warnings);
    leaveSession(output.sinkLike);
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
      const sink = this.#sink!;
      for (const output of this.#outputs) if (output.isOpening) void output.abort(this.#refusal("add sink"));
      this.#finish = this.#settle({
        drain: () => sink.drain(),
        endStreams: () => Promise.resolve(), // the container has no end-of-segment mark of its own
        flushPacketizer: () => sink.finish(),
        outputs: this.#outputs.map((output) => this.#leaving(output) ?? output),
        failed: this.#failed,
      }, options.signal);
    } else {
      return Promise.reject(this.#refusal("finish"));
    }
    this.#finish.catch(() => {});
    return this.#finish;
  }

  /** A sink that is being removed: the finish only waits for it, and what goes wrong is told by its removal. */
  #leaving(output: Output): FinalizeOutput | undefined {
    const removal = this.#removals.get(output)?.then(() => {}, () => {});
    if (!removal) return undefined;
    return {
      isHealthy: false,
      error: undefined,
      optional: false,
      idle: () => removal,
      writeIndex: () => Promise.resolve(undefined),
      seal: () => removal,
      release: () => removal,
      abort: (reason) => output.abort(reason),
      report: () => output.report(),
    };
  }

  async #settle(scope: FinalizeScope, signal?: AbortSignal): Promise<FinalizeReport> {
    const outcome: FinalizeOutcome = await finalize(scope, signal);
    this.#warnings.push(...outcome.warnings);
    if (outcome.error !== undefined) this.#sink!.abandon();
    const report = this.#report();
    if (this.#state === "aborted") { // the abort came first, and tells everybody
      await this.#release;
      throw this.#failure;
    }
    this.#stopListening();
    if (outcome.error === undefined) {
      this.#state = "finalized";
      this.#closed.resolve(report);
      return report;
    }
    const isSignal = signal?.aborted && outcome.error === signal.reason;
    const error = isSignal ? outcome.error : withReport(outcome.error, report);
    this.#state = isSignal ? "aborted" : "failed";
    this.#failure = error;
    this.#sink!.reject(error);
    this.#closed.reject(error);
    throw error;
  }

  /** Gives up. Resolves when every sink has let go. */
  abort(reason: unknown = new DOMException("The session was aborted", "AbortError")): Promise<void> {
    if (this.#release) return this.#release;
    if (this.#state === "finalizing") {
      if (this.#outputs.every((output) => output.isSettling)) return this.#finish!.then(() => {}, () => {});
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
    this.#sink!.abandon();
    this.#sink!.reject(error);
    return Promise.resolve();
  }

  #giveUp(state: "failed" | "aborted", reason: unknown): Promise<void> {
    const { promise, resolve } = withResolvers<void>();
    this.#release = promise; // first of all: a sink may call back while it is aborted
    this.#state = state;
    this.#failure = reason;
    this.#stopListening();
    this.#sink?.abandon();
    const released = this.#outputs.map((output) => output.abort(reason));
    if (state === "failed") this.#failure = withReport(reason, this.#report());
    this.#sink?.reject(this.#failure);
    void Promise.all(released).then(() => {
      this.#closed.reject(this.#failure);
      resolve();
    });
    return promise;
  }

  #stopListening(): void {
    this.#options.signal?.removeEventListener("abort", this.#onSignal);
  }

  #makeOutput(sinkLike: SinkLike, options: SinkOptions): Output {
    const output: Output = new Output(sinkLike, options, () => this.#metadata, () => this.#onOutputFailure(output));
    enterSession(sinkLike, this);
    return output;
  }

  /** A failing sink is alone, unless it was the last one. */
  #onOutputFailure(output: Output): void {
    this.#failed.push(output);
    if (this.#state !== "open" || this.#outputs.some((output) => output.isHealthy)) return;
    const first = this.#failed.find((output) => !output.optional && !this.#removals.has(output));
    if (first) void this.#fail(first.error);
  }

  getStatistics(): Statistics {
    return {
      packetCount: this.#sink?.unitCount ?? 0,
      streams: this.#counters.map((counters) => counters.snapshot()),
      sinks: this.#outputs.map((output) => output.report()),
    };
  }

  #report(): FinalizeReport {
    return { ...this.getStatistics(), duration: this.#sink?.duration ?? 0, warnings: [...this.#warnings] };
  }

  /** What a call in the wrong state gets: after a failure that failure, else the states that would allow it. */
  #refusal(call: SessionCall, detail?: string): unknown {
    if (this.#state === "failed") return this.#failure;
    const { signal } = this.#options;
    if (this.#state === "aborted" && signal?.aborted && this.#failure === signal.reason) return this.#failure;
    if (detail !== undefined) {
      return new MuxError("invalid-state", `Cannot ${call}: the session ${detail}, must be configuring`, {
        state: this.#state,
        allowed: ALLOWED_STATES[call],
      });
    }
    return invalidState(call, this.#state);
  }
}
