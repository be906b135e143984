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
import { finalize, type FinalizeOptions, type FinalizeOutcome, type FinalizeScope } from "./finalize.ts";
import { Incoming } from "./incoming.ts";
import { enterSession, leaveSession } from "./membership.ts";
import { MuxSink } from "./mux_sink.ts";
import { numberStreams, type SessionOptions, settleOptions } from "./options.ts";
import { StreamOrder } from "./order.ts";
import { Output } from "./output.ts";
import type { FinalizeReport, SinkReport, Statistics } from "./report.ts";
import { withResolvers } from "./room.ts";
import { ALLOWED_STATES, invalidState, type SessionCall, type SessionState } from "./state.ts";

/** See the module's text. */
export class MuxSession {
  readonly #options: SessionOptions;
  readonly #container: Container;
  readonly #streams: readonly NumberedStream[];
  readonly #counters: readonly StreamCounters[];
  readonly #orders: readonly StreamOrder[];
  readonly #ended: boolean[];
  readonly #outputs: Output[];
  readonly #incoming = new Incoming();
  readonly #closed = withResolvers<FinalizeReport>();
  readonly #warnings: MuxError[] = [];
  #state: SessionState = "configuring";
  #hasBegun = false;
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
    return this.#sink?.ready ?? Promise.resolve();
  }

  /** Checks everything, opens the sinks, and lets samples in. Rejects with all problems in one error. */
  async beginWriting(): Promise<void> {
    if (this.#state !== "configuring" || this.#hasBegun) {
      throw this.#refusal("begin writing", this.#hasBegun ? "has begun" : undefined);
    }
    this.#hasBegun = true;
    try {
      this.#sink = this.#makeSink();
    } catch (error) {
      await this.#fail(error);
      throw error;
    }
    const opened = await Promise.allSettled(this.#outputs.map((output) => output.open(this.#container.name)));
    if (this.#state !== "configuring") throw this.#failure; // aborted meanwhile
    const failures = this.#outputs.filter((output, i) => opened[i]!.status === "rejected" && !output.optional);
    if (failures.length > 0) {
      const texts = failures.map((output) => output.error!.message);
      const error = new MuxError("sink-failed", `Cannot begin writing: ${texts.join("; ")}`, {
        stage: "open",
        cause: failures[0]!.error!.cause ?? failures[0]!.error,
      });
      await this.#fail(error);
      throw error;
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
    const incoming = this.#incoming;
    const counters = this.#counters[stream]!;
    incoming.read(sample, counters.streamNumber);
    if (this.#ended[stream]) {
      throw new MuxError("invalid-state", `Cannot write sample to stream ${counters.streamNumber}: it has ended`, {
        streamNumber: counters.streamNumber,
        state: "ended",
      });
    }
    const order = this.#orders[stream]!;
    order.check(incoming);
    const { timestamp } = incoming;
    const wait = this.#sink!.write(stream, incoming, metadata);
    order.commit(incoming);
    counters.received(timestamp, incoming.data.byteLength);
    return wait;
  }

  /** Nothing comes from this stream any more; others stop waiting for it. */
  endStream(stream: number): void {
    if (this.#state !== "open") throw this.#refusal("end stream");
    this.#ended[stream] = true;
    this.#sink!.endStream(stream);
  }

  /** Resolves when everything accepted so far is with every sink. */
  flush(): Promise<void> {
    if (this.#state !== "open") return Promise.reject(this.#refusal("flush"));
    return this.#sink!.flush();
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
    await output.open(this.#container.name);
    if (this.#state !== "open") return void await output.abort(this.#failure ?? this.#refusal("add sink"));
    await this.#sink.join(output);
    if (output.error) throw output.error;
  }

  /** Finishes one sink: the finalize, with this sink as its scope. */
  async removeSink(sinkLike: SinkLike, options: FinalizeOptions = {}): Promise<SinkReport> {
    if (this.#state !== "open") throw this.#refusal("remove sink");
    const output = this.#outputs.find((output) => output.sinkLike === sinkLike);
    if (!output) throw new MuxError("invalid-state", "Cannot remove sink: it takes no part in this session");
    const outcome = await finalize({
      drain: () => this.#sink!.flush(),
      endStreams: () => Promise.resolve(),
      flushPacketizer: () => {},
      outputs: [output],
    }, options.signal);
    leaveSession(sinkLike);
    if (outcome.error !== undefined) throw outcome.error;
    return output.report();
  }

  /** The finalize, with the whole session as its scope. A second call gets the same promise. */
  finish(options: FinalizeOptions = {}): Promise<FinalizeReport> {
    if (this.#finish) return this.#finish;
    if (this.#state !== "open") {
      return Promise.reject(this.#state === "failed" ? this.#failure : this.#refusal("finish"));
    }
    this.#state = "finalizing";
    const sink = this.#sink!;
    this.#finish = this.#settle({
      drain: () => sink.drain(),
      endStreams: () => Promise.resolve(), // the container has no end-of-segment mark of its own
      flushPacketizer: () => sink.finish(),
      outputs: this.#outputs,
    }, options.signal);
    this.#finish.catch(() => {});
    return this.#finish;
  }

  async #settle(scope: FinalizeScope, signal?: AbortSignal): Promise<FinalizeReport> {
    const outcome: FinalizeOutcome = await finalize(scope, signal);
    this.#warnings.push(...outcome.warnings);
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
    const error = isSignal ? outcome.error : this.#withReport(outcome.error, report);
    this.#state = isSignal ? "aborted" : "failed";
    this.#failure = error;
    this.#sink!.abandon(error);
    this.#closed.reject(error);
    throw error;
  }

  #withReport(error: unknown, report: FinalizeReport): MuxError {
    const first = error instanceof MuxError ? error : undefined;
    const message = error instanceof Error ? error.message : String(error);
    return new MuxError(first?.code ?? "sink-failed", first ? message : `Cannot finish: ${message}`, {
      cause: first?.cause ?? error,
      stage: first?.stage,
      streamNumber: first?.streamNumber,
      timestamp: first?.timestamp,
      report,
    });
  }

  /** Gives up. Resolves when every sink has let go. */
  abort(reason: unknown = new DOMException("The session was aborted", "AbortError")): Promise<void> {
    if (this.#release) return this.#release;
    if (this.#state === "finalized" || this.#state === "failed") return Promise.resolve();
    return this.#giveUp("aborted", reason);
  }

  async dispose(): Promise<void> {
    if (this.#state === "finalizing") await this.#finish!.catch(() => {});
    else await this.abort();
  }

  /** The first fatal error: everything stops here. */
  #fail(error: unknown): Promise<void> {
    if (this.#release || this.#state === "finalizing") return this.#release ?? Promise.resolve();
    return this.#giveUp("failed", error);
  }

  #giveUp(state: "failed" | "aborted", reason: unknown): Promise<void> {
    this.#state = state;
    this.#stopListening();
    this.#failure = reason;
    this.#release = (async () => {
      this.#sink?.abandon(reason);
      await Promise.all(this.#outputs.map((output) => output.abort(reason)));
      if (state === "failed") this.#failure = this.#withReport(reason, this.#report());
      this.#closed.reject(this.#failure);
    })();
    return this.#release;
  }

  #stopListening(): void {
    this.#options.signal?.removeEventListener("abort", this.#onSignal);
  }

  #makeOutput(sinkLike: SinkLike, options: SinkOptions): Output {
    const output = new Output(sinkLike, options, () => this.#metadata, () => this.#onOutputFailure());
    enterSession(sinkLike, this);
    return output;
  }

  /** A failing sink is alone, unless it was the last one. */
  #onOutputFailure(): void {
    if (this.#state !== "open" || this.#outputs.some((output) => output.isHealthy)) return;
    const failed = this.#outputs.find((output) => output.error && !output.optional);
    if (failed) void this.#fail(failed.error);
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
    if (this.#state === "aborted" && this.#options.signal?.aborted) return this.#failure;
    if (detail !== undefined) {
      return new MuxError("invalid-state", `Cannot ${call}: the session ${detail}, must be configuring`, {
        state: this.#state,
        allowed: ALLOWED_STATES[call],
      });
    }
    return invalidState(call, this.#state);
  }
}
