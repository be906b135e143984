/**
 * The session behind every facade: its calls. What comes in is judged by its {@linkcode InputStreams}, how it ends is its
 * {@linkcode Settlement}'s.
 *
 * Streams are counted from 0 here; facades translate their own numbering.
 *
 * @module
 */

import type { Container } from "../container/container.ts";
import { type FinalizeReport, MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { SinkReport, Statistics } from "../report.ts";
import type { SegmentSink } from "../sinks/segment_sink.ts";
import type { SinkLike, SinkOptions } from "../sinks/sink.ts";
import { createTarget, refuseUnfitMetadata } from "./create_target.ts";
import type { FinalizeOptions } from "./finalize.ts";
import { type SessionHooks, withHresult } from "./hooks.ts";
import { InputStreams } from "./input/input_streams.ts";
import { Markers } from "./markers.ts";
import type { SessionOptions } from "./options.ts";
import { SinkSet } from "./outputs/sink_set.ts";
import { withResolvers } from "./promises.ts";
import { Settlement } from "./settlement.ts";
import { type SessionCall, type SessionState, SessionStatus } from "./state.ts";

/** A container over byte sinks; without one there is a media sink of the caller's own, see {@linkcode SessionHooks}. */
export interface MuxSessionOptions extends Omit<SessionOptions, "container"> {
  container?: Container;
}

/** See the module's text. */
export class MuxSession {
  /** The streams, and what comes in for them. */
  readonly input: InputStreams;
  readonly #options: MuxSessionOptions;
  readonly #hooks: SessionHooks;
  readonly #status: SessionStatus;
  readonly #sinks: SinkSet;
  readonly #markers = new Markers();
  readonly #settlement: Settlement;
  #beginning: Promise<void> | undefined;
  #metadata: Metadata;

  /** @throws {TypeError} For a sink that is none. */
  constructor(options: MuxSessionOptions, streams: readonly StreamConfig[], hooks: SessionHooks = {}) {
    const { signal, maxQueuedBytes } = options;
    this.#options = options;
    this.#hooks = hooks;
    const status = this.#status = new SessionStatus(hooks.hresults, signal);
    const input = this.input = new InputStreams(status);
    for (const stream of streams) this.addStream(stream);
    this.#metadata = options.metadata ?? {};
    const sinks = this.#sinks = new SinkSet({
      session: this,
      container: options.container,
      metadata: () => this.#metadata,
      onWarning: this.warn,
      onLoss: (loss) => void (status.state === "open" && this.#settlement.fail(loss)),
    });
    for (const sink of options.sinks ?? []) sinks.add(sink, {});
    const ownSink = hooks.ownSink?.({
      streams: input.streams,
      counters: input.counters,
      maxQueuedBytes,
      onFailure: sinks.onFailure,
      onStreamError: this.#onStreamError,
      onWarning: this.warn,
    });
    if (ownSink) sinks.setOnly(ownSink);
    input.target = ownSink;
    this.#settlement = new Settlement({
      status,
      input,
      sinks,
      markers: this.#markers,
      hooks,
      signal,
      losses: () => [
        ...input.counters.flatMap((counters) => counters.losses()),
        ...ownSink ? [] : options.container?.losses?.(input.streams, this.#metadata) ?? [],
        ...input.target?.losses?.() ?? [],
      ],
    });
    this.#settlement.listen();
  }

  get state(): SessionState {
    return this.#status.state;
  }

  get closed(): Promise<FinalizeReport> {
    return this.#settlement.closed;
  }

  get ready(): Promise<void> {
    const { target } = this.input;
    if (target) return target.backpressure.ready;
    const ready = this.#settlement.isGivenUp ? this.closed.then(() => {}) : Promise.resolve();
    ready.catch(() => {});
    return ready;
  }

  /** Throws what a call gets in a state that does not allow it. */
  check(call: SessionCall): void {
    this.#status.check(call);
  }

  /** Adds a stream, until the session begins; answers its index. With an encoder `writeFrame` and `writeEncoded` feed it. */
  addStream(config: StreamConfig, hasEncoder = false): number {
    if (this.#beginning) throw this.#status.refusal("add stream", true);
    this.check("add stream");
    return this.input.add(config, hasEncoder);
  }

  /** Checks everything, opens the sinks, and lets samples in. Rejects with all problems in one error. */
  beginWriting(): Promise<void> {
    if (this.state !== "configuring" || this.#beginning) {
      return Promise.reject(this.#status.refusal("begin writing", this.#beginning !== undefined));
    }
    const { promise, resolve } = withResolvers<void>();
    this.#beginning = promise; // first of all: a sink may call back while it is opened
    resolve(this.#begin());
    return promise;
  }

  async #begin(): Promise<void> {
    const status = this.#status;
    try {
      this.#createTarget();
      this.#hooks.begin?.();
    } catch (error) {
      await this.#settlement.fail(error);
      throw status.failure;
    }
    const failure = await this.#sinks.open();
    if (status.state !== "configuring") throw status.failure; // aborted meanwhile
    if (failure) throw await this.#settlement.fail(failure).then(() => status.failure);
    status.state = "open";
  }

  #createTarget(): void {
    this.input.target ??= createTarget(this.#options.container!, this.#options, this.input.streams, {
      counters: this.input.counters,
      outputs: this.#sinks.outputs,
      metadata: () => this.#metadata,
      endOutput: this.#sinks.endOutput,
      onWarning: this.warn,
      onStreamError: this.#onStreamError,
      onFatal: (error) => void this.#settlement.fail(error),
    });
  }

  /** Something went wrong without being fatal: it stands in the report. */
  readonly warn = (warning: MuxError): void => this.#settlement.warn(warning);

  readonly #onStreamError = (stream: number, error: MuxError): void => {
    this.warn(withHresult(error, this.#hooks.hresults));
    this.#hooks.onStreamError?.(stream, error);
  };

  /** Resolves, after `onPassed` was called, when all of this stream so far, and what comes until `fed`, is with the sinks. */
  placeMarker(stream: number, context: unknown, onPassed: () => void, fed?: Promise<void>): Promise<void> {
    if (this.state !== "open") return Promise.reject(this.#status.refusal("place marker"));
    return this.#markers.add(stream, fed, async () => {
      this.#throwIfGivenUp();
      await this.input.target!.placeMarker(stream, context).catch((error) => {
        this.#throwIfGivenUp();
        if (this.state === "open" && error instanceof MuxError) this.warn(error); // whoever placed it may not look
        throw error;
      });
      this.#throwIfGivenUp();
    }, onPassed);
  }

  /** Resolves when everything accepted so far is with every sink. */
  async flush(): Promise<void> {
    this.check("flush");
    await this.input.target!.flush();
    this.#throwIfGivenUp(); // what was to be taken has nobody to take it any more
  }

  #throwIfGivenUp(): void {
    if (this.#settlement.isGivenUp) throw this.#status.failure;
  }

  get metadata(): Metadata {
    return this.#metadata;
  }

  setMetadata(metadata: Metadata): void {
    this.check("set metadata");
    refuseUnfitMetadata(metadata, this.input.target);
    this.#metadata = metadata;
  }

  async addSink(sink: SinkLike | SegmentSink, options: SinkOptions): Promise<void> {
    this.check("add sink");
    const output = this.#sinks.add(sink, options);
    const { target } = this.input;
    if (!target) return; // opened by beginWriting()
    const { lifecycle } = output;
    try {
      await lifecycle.open();
      await this.#beginning!.catch(() => {});
      if (this.state !== "open") {
        await lifecycle.abort(this.#status.failure);
        throw this.#status.refusal("add sink");
      }
      await target.join!(output);
      if (lifecycle.error) throw lifecycle.error;
    } catch (error) {
      if (lifecycle.error) this.#sinks.forget(output); // told here: the others go on without it
      throw error;
    }
  }

  /** Finishes one sink: the finalize, with this sink as its scope. A second call gets the same promise. */
  removeSink(sink: SinkLike | SegmentSink, options: FinalizeOptions = {}): Promise<SinkReport> {
    if (this.state !== "open") return Promise.reject(this.#status.refusal("remove sink"));
    return this.#sinks.remove(sink, (last) => this.input.target!.leave!(last), options.signal);
  }

  /** The finalize, with the whole session as its scope. A second call gets the same promise. */
  finish(options: FinalizeOptions = {}): Promise<FinalizeReport> {
    return this.#settlement.finish(options);
  }

  /** Gives up. Resolves when every sink has let go. */
  abort(reason?: unknown): Promise<void> {
    return this.#settlement.abort(reason);
  }

  /** Waits for the finish under way, or aborts. */
  dispose(): Promise<void> {
    return this.#settlement.dispose();
  }

  getStatistics(): Statistics {
    return this.#settlement.statistics();
  }
}
