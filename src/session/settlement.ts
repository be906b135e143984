/**
 * How a session ends: by its finish, by a failure, or by an abort; and what it tells then.
 *
 * Invariants
 * - Claiming the finish is one step, before anything is awaited.
 * - The first fatal error is the one every later call and the finish report.
 * - `closed` settles exactly once, after every sink was released.
 *
 * @module
 */

import { type FinalizeReport, MuxError, type Problem } from "../errors.ts";
import type { Statistics } from "../report.ts";
import { finalize, type FinalizeOptions, type FinalizeScope } from "./finalize.ts";
import { type SessionHooks, withHresult } from "./hooks.ts";
import type { InputStreams } from "./input/input_streams.ts";
import { takeStatistics } from "./input/stream_counters.ts";
import type { Markers } from "./markers.ts";
import type { SinkSet } from "./outputs/sink_set.ts";
import { withResolvers } from "./promises.ts";
import type { SessionStatus } from "./state.ts";

/** What there is to settle. */
export interface SettlementOptions {
  readonly status: SessionStatus;
  readonly input: InputStreams;
  readonly sinks: SinkSet;
  readonly markers: Markers;
  readonly hooks: SessionHooks;
  readonly signal: AbortSignal | undefined;
  /** What has no place in the container. */
  losses(): readonly Problem[];
}

/** See the module's text. */
export class Settlement {
  readonly #options: SettlementOptions;
  readonly #status: SessionStatus;
  readonly #closed = withResolvers<FinalizeReport>();
  readonly #warnings: MuxError[] = [];
  #finish: Promise<FinalizeReport> | undefined;
  /** Resolves when every sink has let go, where the session is given up. */
  #release: Promise<void> | undefined;

  constructor(options: SettlementOptions) {
    this.#options = options;
    this.#status = options.status;
    this.#closed.promise.catch(() => {});
  }

  /** Settled once every sink was released: the report, or the error that ended the session. */
  get closed(): Promise<FinalizeReport> {
    return this.#closed.promise;
  }

  /** Whether the session failed or was aborted: `failure` tells why. */
  get isGivenUp(): boolean {
    return this.#release !== undefined;
  }

  /** Aborts when the caller's signal does. */
  listen(): void {
    const { signal } = this.#options;
    if (signal?.aborted) void this.abort(signal.reason);
    else signal?.addEventListener("abort", this.#onSignal);
  }

  readonly #onSignal = (): void => void this.abort(this.#options.signal!.reason);

  /** Nothing is taken any more. */
  #stop(): void {
    this.#options.signal?.removeEventListener("abort", this.#onSignal);
    this.#status.isFeeding = false;
    this.#options.hooks.release?.();
  }

  /** Something went wrong without being fatal: it stands in the report. */
  warn(warning: MuxError): void {
    this.#warnings.push(warning);
  }

  statistics(): Statistics {
    const { input, sinks } = this.#options;
    return takeStatistics(input.target?.unitCount ?? 0, input.counters, sinks.reports());
  }

  #report(): FinalizeReport {
    const duration = this.#options.input.target?.duration ?? 0;
    return { ...this.statistics(), duration, warnings: this.#warnings, losses: this.#options.losses() };
  }

  // ── The finish ──

  /** The finalize, with the whole session as its scope. A second call gets the same promise. */
  finish(options: FinalizeOptions): Promise<FinalizeReport> {
    if (this.#finish) return this.#finish;
    const { state } = this.#status;
    if (state !== "failed" && state !== "open") return Promise.reject(this.#status.refusal("finish"));
    const { promise, resolve } = withResolvers<FinalizeReport>();
    this.#finish = promise; // first of all: a sink may call back while it gets the last of its data
    promise.catch(() => {});
    if (state === "failed") resolve(this.#release!.then(() => Promise.reject(this.#status.failure)));
    else {
      this.#status.state = "finalizing";
      const { sinks, hooks, input } = this.#options;
      sinks.stopOpening(() => this.#status.refusal("add sink"));
      const drainSources = hooks.drain && (() => this.#drainSources());
      resolve(this.#settle(sinks.scopeOf(input.target!, drainSources), options.signal));
    }
    return promise;
  }

  /** What is still on its way in comes first: out of encoders, then the markers that waited behind it. */
  async #drainSources(): Promise<void> {
    this.#status.isFeeding = true;
    try {
      await this.#options.hooks.drain?.();
    } finally {
      await this.#options.markers.placed();
      this.#status.isFeeding = false;
    }
  }

  async #settle(scope: FinalizeScope, signal?: AbortSignal): Promise<FinalizeReport> {
    const { error, warnings } = await finalize(scope, signal);
    const status = this.#status;
    const { input, markers, hooks } = this.#options;
    status.isFeeding = false;
    this.#warnings.push(...warnings);
    if (error !== undefined) input.target!.abandon();
    const report = this.#report();
    if (status.state === "aborted") { // the abort came first, and tells everybody
      await this.#release;
      throw status.failure;
    }
    this.#stop();
    if (error === undefined) {
      status.state = "finalized";
      await markers.settled();
      hooks.onSettled?.(undefined, report);
      this.#closed.resolve(report);
      return report;
    }
    const isSignal = signal?.aborted && error === signal.reason;
    status.state = isSignal ? "aborted" : "failed";
    status.failure = isSignal ? error : this.#withReport(error, report);
    input.target!.backpressure.fail(status.failure);
    await markers.settled();
    hooks.onSettled?.(status.failure, report);
    this.#closed.reject(status.failure);
    throw status.failure;
  }

  #withReport(error: unknown, report: FinalizeReport): unknown {
    return withReport(withHresult(error, this.#options.hooks.hresults), report);
  }

  // ── Giving up ──

  /** Gives up. Resolves when every sink has let go. */
  abort(reason?: unknown): Promise<void> {
    if (this.#release) return this.#release;
    const { state, isFeeding } = this.#status;
    if (state === "finalizing") {
      const isSettling = !isFeeding && this.#options.sinks.parts.every(({ lifecycle }) => lifecycle.isSettling);
      if (isSettling) return this.#finish!.then(() => {}, () => {});
    } else if (state !== "configuring" && state !== "open") return Promise.resolve();
    return this.#giveUp("aborted", reason === undefined ? aborted() : reason);
  }

  /** Waits for the finish under way, or aborts. */
  async dispose(): Promise<void> {
    if (this.#status.state === "finalizing") await this.#finish!.catch(() => {});
    else await this.abort();
  }

  /** The first fatal error: everything stops here. A finish under way closes what can be closed. */
  fail(error: unknown): Promise<void> {
    if (this.#release) return this.#release;
    if (this.#status.state !== "finalizing") return this.#giveUp("failed", error);
    const target = this.#options.input.target!;
    target.abandon();
    target.backpressure.fail(error);
    return Promise.resolve();
  }

  #giveUp(state: "failed" | "aborted", reason: unknown): Promise<void> {
    const status = this.#status;
    const { input: { target }, sinks, markers, hooks } = this.#options;
    const { promise, resolve } = withResolvers<void>();
    this.#release = promise; // first of all: a sink may call back while it is aborted
    status.state = state;
    status.failure = reason;
    this.#stop();
    target?.abandon();
    const released = sinks.parts.map(({ lifecycle }) => lifecycle.abort(reason));
    const report = this.#report();
    if (state === "failed") status.failure = this.#withReport(reason, report);
    target?.backpressure.fail(status.failure);
    void Promise.all([...released, markers.settled()]).then(() => {
      Object.assign(report, this.#report()); // a sink that was full holds less by now
      hooks.onSettled?.(status.failure, report);
      this.#closed.reject(status.failure);
      resolve();
    });
    return promise;
  }
}

/** A failure that tells how everything stood; what is not a `MuxError` is told as it is. */
/** Not before it is needed: a stack trace takes longer than a short session's finish. */
function aborted(): DOMException {
  return new DOMException("The session was aborted", "AbortError");
}

function withReport(error: unknown, report: FinalizeReport): unknown {
  if (!(error instanceof MuxError)) return error;
  const { code, action, reason, cause } = error;
  return new MuxError(code, action === undefined ? reason : { action, reason }, { ...error, cause, report });
}
