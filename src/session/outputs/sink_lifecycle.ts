/**
 * The life of one sink in a session: opened once, completed, and let go of exactly once.
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
  /** The sink has failed, other than in `open`, which rejects. Called once. */
  onFailure(): void;
  /** The sink was let go of early, and the session knows. */
  onLetGo?(): void;
}

/** See the module's text. */
export class SinkLifecycle {
  readonly #calls: LifecycleCalls;
  /** What became of the sink; `open` until it is known. */
  outcome: SinkReport["outcome"] = "open";
  /** `open` has not come back yet. */
  isOpening = false;
  /** Why the sink failed. */
  error: MuxError | undefined;
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
    return this.outcome === "open";
  }

  /** Whether an abort comes too late: the sink is being completed, or let go of. */
  get isSettling(): boolean {
    return this.#sealing !== undefined || this.#released !== undefined;
  }

  /** Whether the last call was made: nothing may follow. */
  get isReleased(): boolean {
    return this.#released !== undefined;
  }

  /** Opens the sink. Rejects with its error; resolves at once when the sink is aborted meanwhile, or was before. */
  async open(): Promise<void> {
    if (this.#released) return;
    this.isOpening = true;
    try {
      await this.#acquire();
      this.isOpening = false;
    } catch (error) {
      this.error = this.#notAcquired(error);
      this.#letGo("failed", this.error);
    }
    if (this.error) throw this.error;
  }

  /** Opens the sink as a part of its first call, which is what fails then. Resolves and rejects as `open` does. */
  openLate(): Promise<void> {
    return this.#acquire().catch((error) => {
      throw this.#notAcquired(error);
    });
  }

  #acquire(): Promise<void> {
    this.#isAcquired = true;
    return new Promise<void>((resolve, reject) => {
      this.#stopOpening = resolve;
      Promise.resolve(this.#calls.open()).then(resolve, reject);
    });
  }

  #notAcquired(cause: unknown): MuxError {
    this.#isAcquired = false;
    return this.#calls.explain(cause, "open");
  }

  /** Completes what was written. From here on an abort comes too late. */
  seal(): Promise<void> {
    return this.#sealing = this.#complete();
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
    return this.#released ??= this.#close();
  }

  async #close(): Promise<void> {
    await undefined; // so that a sink that calls back finds `#released` set
    try {
      if (!this.#calls.preventClose) await this.#calls.close();
      this.outcome = "finished";
    } catch (error) {
      this.error = this.#calls.explain(error, "release");
      this.outcome = "failed";
      this.#calls.onFailure();
    }
  }

  /** A call to the sink failed: the sink is let go of, alone. */
  fail(cause: unknown, stage: string): void {
    if (this.#released) return;
    this.error = this.#calls.explain(cause, stage);
    this.#letGo("failed", this.error, this.#calls.salvage?.(cause));
    this.#calls.onFailure();
    this.#calls.onLetGo?.();
  }

  /** Gives up on purpose. Resolves when the sink has let go. */
  abort(reason: unknown): Promise<void> {
    if (this.#sealing) return this.#sealing.then(() => this.release());
    if (!this.#released) {
      this.#letGo("aborted", reason);
      this.#calls.onLetGo?.();
    }
    return this.#released!;
  }

  #letGo(outcome: "failed" | "aborted", reason: unknown, salvage?: () => Promise<void>): void {
    this.outcome = outcome;
    this.isOpening = false;
    const { promise, resolve } = withResolvers<void>();
    this.#released = promise;
    this.#stopOpening();
    // A sink that fails to let go has nobody left to tell: the first error stands.
    this.#leave(reason, salvage).catch(() => {}).then(resolve);
  }

  async #leave(reason: unknown, salvage?: () => Promise<void>): Promise<void> {
    if (!this.#isAcquired) return;
    const isComplete = salvage !== undefined && await salvage().then(() => true, () => false);
    await (isComplete ? this.#calls.close() : this.#calls.abort(reason));
  }
}
