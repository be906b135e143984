/**
 * The life of one sink in a session: opened once, completed, and let go of exactly once.
 *
 * ```text
 *   new ──► opening ──► open ──► releasing ──► finished      failed: a call rejected
 *              │          │          │                       aborted: given up on purpose
 *              └──────────┴──────────┴──► failed, aborted
 * ```
 *
 * Invariants
 * - The sink's last call is `close` or `abort`, and it comes exactly once; a sink that could not be opened gets neither.
 * - The first error stands: one that comes while the sink is let go of is dropped.
 *
 * @module
 */

import type { MuxError } from "../../errors.ts";
import type { SinkReport } from "../../report.ts";
import { withResolvers } from "../promises.ts";

/** The calls that a lifecycle makes, each once at most. */
export interface LifecycleCalls {
  /** The finish leaves the sink open; failures and aborts do not. */
  readonly preventClose?: boolean;
  /** Acquires what the sink needs. */
  open(): void | Promise<void>;
  /** Completes what was written. */
  complete(): void | Promise<void>;
  /** Lets go, on the way of success. */
  close(): void | Promise<void>;
  /** Lets go, on any other way. */
  abort(reason: unknown): void | Promise<void>;
  /** Completes what the sink holds though a call has failed, where that can be: answers the attempt, or `undefined`. */
  salvage?(cause: unknown): (() => Promise<void>) | undefined;
  /** The error that the session tells. */
  explain(cause: unknown, stage: string): MuxError;
  /** The sink has failed. Called once; not where `open` fails, which rejects. */
  onFailure(): void;
  /** The sink was let go of early, by a failure or an abort, and the session knows. */
  onLetGo?(): void;
}

type Phase = "new" | "opening" | "open" | "releasing" | "finished" | "failed" | "aborted";

/** See the module's text. */
export class SinkLifecycle {
  readonly #calls: LifecycleCalls;
  #phase: Phase = "new";
  #error: MuxError | undefined;
  /** The sink holds what `open` acquires, or is about to. */
  #isAcquired = false;
  #stopOpening = () => {};
  #sealing: Promise<void> | undefined;
  /** The one call of `close` or `abort`. */
  #released: Promise<void> | undefined;

  constructor(calls: LifecycleCalls) {
    this.#calls = calls;
  }

  /** Whether the sink takes part: neither failed nor at its end. */
  get isHealthy(): boolean {
    return this.#phase !== "failed" && this.#phase !== "aborted" && this.#phase !== "finished";
  }

  /** Whether it was opened, and is not let go of. */
  get isOpen(): boolean {
    return this.#phase === "open";
  }

  /** Whether `open` has not come back yet. */
  get isOpening(): boolean {
    return this.#phase === "opening";
  }

  /** Whether an abort comes too late: the sink is being completed, or let go of. */
  get isSettling(): boolean {
    return this.#sealing !== undefined || this.#released !== undefined;
  }

  /** Whether the last call was made: nothing may follow. */
  get isReleased(): boolean {
    return this.#released !== undefined;
  }

  /** Why the sink failed. */
  get error(): MuxError | undefined {
    return this.#error;
  }

  get outcome(): SinkReport["outcome"] {
    const phase = this.#phase;
    return phase === "finished" || phase === "failed" || phase === "aborted" ? phase : "open";
  }

  /** Opens the sink. Rejects with its error; resolves at once when the sink is aborted meanwhile. */
  async open(): Promise<void> {
    this.#phase = "opening";
    this.#isAcquired = true;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#stopOpening = resolve;
        Promise.resolve(this.#calls.open()).then(resolve, reject);
      });
      if (this.#phase === "opening") this.#phase = "open";
    } catch (error) {
      this.#isAcquired = false;
      this.fail(error, "open");
    }
    if (this.#error) throw this.#error;
  }

  /** Takes the sink as open: it opens itself when it gets its first call. */
  setOpen(): void {
    this.#phase = "open";
    this.#isAcquired = true;
  }

  /** Completes what was written. From here on an abort comes too late. */
  seal(): Promise<void> {
    this.#sealing = this.#complete();
    return this.#sealing;
  }

  async #complete(): Promise<void> {
    await undefined; // so that a sink that calls back finds `#sealing` set
    try {
      await this.#calls.complete();
    } catch (error) {
      this.fail(error, "seal");
    }
  }

  /** Closes the sink, on the way of success; waits where it is let go of already. */
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
      if (!this.#calls.preventClose) await this.#calls.close();
      this.#phase = "finished";
    } catch (error) {
      this.#error = this.#calls.explain(error, "release");
      this.#phase = "failed";
      this.#calls.onFailure();
    }
  }

  /** A call to the sink failed: the sink is let go of, alone. */
  fail(cause: unknown, stage: string): void {
    if (this.#released) return;
    this.#error = this.#calls.explain(cause, stage);
    this.#letGo("failed", this.#error, this.#calls.salvage?.(cause), stage !== "open");
  }

  /** Gives up on purpose. Resolves when the sink has let go. */
  abort(reason: unknown): Promise<void> {
    if (this.#sealing) return this.#sealing.then(() => this.release());
    if (!this.#released) this.#letGo("aborted", reason);
    return this.#released!;
  }

  #letGo(phase: "failed" | "aborted", reason: unknown, salvage?: () => Promise<void>, isTold = false): void {
    this.#phase = phase;
    const { promise, resolve } = withResolvers<void>();
    this.#released = promise;
    this.#stopOpening();
    // A sink that fails to let go has nobody left to tell: the first error stands.
    this.#leave(reason, salvage).catch(() => {}).then(resolve);
    if (isTold) this.#calls.onFailure();
    this.#calls.onLetGo?.();
  }

  async #leave(reason: unknown, salvage?: () => Promise<void>): Promise<void> {
    if (!this.#isAcquired) return;
    const isComplete = salvage !== undefined && await salvage().then(() => true, () => false);
    await (isComplete ? this.#calls.close() : this.#calls.abort(reason));
  }
}
