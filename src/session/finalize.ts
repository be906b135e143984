/**
 * The one finalize. `Writer.endWriting`, `SinkWriter.finalize` and `PushSink.endSession` run it, on a whole session or on
 * one sink of it; what a stage means is what the scope supplies.
 *
 * | stage             | meaning                                                              | if it fails                    |
 * |-------------------|----------------------------------------------------------------------|--------------------------------|
 * | drain             | everything accepted before is with the packetizer, or reported; encoders first | remembered, unless nothing can be closed |
 * | end streams       | one end-of-segment marker a stream, behind its last sample           | remembered                     |
 * | flush packetizer  | the last packet padded and handed over, counts frozen                | fatal for all sinks            |
 * | trailer, per sink | where the sink can hold one, once it has taken all data              | a warning; error of this sink where the file needs it |
 * | seal, per sink    | the final header over the provisional one                            | error of this sink             |
 * | release, per sink | files, sockets, locks: on every path, exactly once                   | never masks the first error    |
 *
 * Claiming (`open` → `finalizing` in one step) comes before, settling (one report, one completion) behind it; both are
 * the session's. The trailer comes before seal, so that a header never promises an index that is not there.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { SinkReport } from "../report.ts";
import type { SinkLifecycle } from "./outputs/sink_lifecycle.ts";

/** How a caller finishes. */
export interface FinalizeOptions {
  /**
   * Stops waiting: sinks that are not sealed by then are aborted, and the finish rejects with the signal's reason, unless
   * only optional sinks were missing, and not all of them. A final header that is being written is not interrupted, only
   * waited for no longer.
   */
  signal?: AbortSignal;
}

/** One sink's part of the finish. */
export interface FinalizeOutput {
  readonly lifecycle: Pick<SinkLifecycle, "isHealthy" | "error" | "release" | "abort">;
  /** Its failure is a warning, unless nobody else is left. */
  readonly optional: boolean;
  /** Resolves when it has taken all data, or takes no part any more. */
  idle(): Promise<void>;
  /** Answers a warning if there is no trailer though there should be one, and the file is finished without. */
  writeTrailer(): Promise<MuxError | undefined>;
  seal(): Promise<void>;
  report(): SinkReport;
}

/** What is finished. */
export interface FinalizeScope {
  /** Whatever feeds the session runs dry. */
  drainSources?(): Promise<void>;
  drain(): Promise<void>;
  endStreams(): Promise<void>;
  flushPacketizer(): void;
  /** Whoever is finished: asked again when the shared stages are through, since files may end and others follow. */
  outputs(): readonly FinalizeOutput[];
  /** Outputs that have failed, in that order, those of other scopes too; it grows while the stages run. */
  readonly failed: readonly FinalizeOutput[];
}

/** How it went. */
export interface FinalizeResult {
  /** The first error, or the signal's reason; `undefined` on success. */
  readonly error: unknown;
  readonly warnings: readonly MuxError[];
}

/** Runs the stages. Never rejects: what went wrong is in the outcome. */
export async function finalize(scope: FinalizeScope, signal?: AbortSignal): Promise<FinalizeResult> {
  const stop = new Stop(signal);
  const log = new Log(scope);
  try {
    await prepare(scope, stop, log);
  } catch (error) {
    log.add(error);
    await stop.race(Promise.all(scope.outputs().map((output) => output.lifecycle.abort(error)))).catch(() => {});
  }
  await Promise.all(
    scope.outputs().map(async (output) => {
      try {
        const warning = await finishOutput(output, stop);
        if (warning) log.warnings.push(warning);
      } catch (reason) { // only the signal's: everything else is in output.lifecycle.error
        void output.lifecycle.abort(reason); // not awaited: a sink that hangs is why we are here
        if (output.optional) log.giveUp(output, reason);
        else log.add(reason);
      }
    }),
  );
  stop.dispose();
  return log.close();
}

/** The shared stages; throws what none of the sinks can survive. */
async function prepare(scope: FinalizeScope, stop: Stop, log: Log): Promise<void> {
  for (const stage of ["drainSources", "drain", "endStreams"] as const) {
    try {
      const done = scope[stage]?.();
      if (done) await stop.race(done); // where there is nothing to do, the next stage begins at once
    } catch (error) {
      if (stop.isSignalled || isHopeless(error)) throw error;
      log.add(error);
    }
  }
  scope.flushPacketizer();
}

/** What went wrong, in the order in which it did. */
class Log {
  readonly warnings: MuxError[] = [];
  readonly #errors: unknown[] = [];
  readonly #scope: FinalizeScope;
  /** Optional outputs that are no longer waited for, and why. */
  readonly #givenUp = new Map<FinalizeOutput, unknown>();

  constructor(scope: FinalizeScope) {
    this.#scope = scope;
    this.#collect();
  }

  add(error: unknown): void {
    this.#collect();
    this.#append(error);
  }

  giveUp(output: FinalizeOutput, reason: unknown): void {
    this.#givenUp.set(output, reason);
  }

  close(): FinalizeResult {
    this.#collect();
    const { failed } = this.#scope;
    const outputs = this.#scope.outputs();
    const losses = new Map<FinalizeOutput, unknown>();
    for (const output of [...failed, ...outputs]) {
      if (output.optional && output.lifecycle.error && outputs.includes(output)) {
        losses.set(output, output.lifecycle.error);
      }
    }
    for (const [output, reason] of this.#givenUp) losses.set(output, reason);
    // Warnings, unless nobody is left: then the first of them is what it all ends with.
    const isLost = outputs.length > 0 && outputs.every((output) => losses.has(output));
    if (isLost && this.#errors.length === 0) {
      const [output] = losses.keys();
      this.#append(losses.get(output!));
      losses.delete(output!);
    }
    for (const [output, loss] of losses) {
      this.warnings.push(this.#givenUp.has(output) ? unfinished(loss) : loss as MuxError);
    }
    return { error: this.#errors[0], warnings: this.warnings };
  }

  /** Takes up what sinks have reported by now. */
  #collect(): void {
    for (const output of this.#scope.failed) {
      if (!output.optional && this.#scope.outputs().includes(output)) this.#append(output.lifecycle.error);
    }
  }

  #append(error: unknown): void {
    if (!this.#errors.includes(error)) this.#errors.push(error);
  }
}

function unfinished(reason: unknown): MuxError {
  return new MuxError("sink-failed", { action: "finish an optional sink", reason: "the wait for it was given up" }, {
    cause: reason,
  });
}

/** Without a sample there is no header, and so nothing to close. */
function isHopeless(error: unknown): boolean {
  if (!(error instanceof MuxError)) return false;
  return error.code === "no-samples" || error.code === "missing-description" && error.stage === "drain";
}

async function finishOutput(output: FinalizeOutput, stop: Stop): Promise<MuxError | undefined> {
  let warning: MuxError | undefined;
  if (output.lifecycle.isHealthy) await stop.race(output.idle());
  if (output.lifecycle.isHealthy) {
    warning = await stop.race(output.writeTrailer());
    await stop.race(output.seal()); // once begun it is not interrupted, only waited for no longer: see SinkLifecycle.abort
  }
  await stop.race(output.lifecycle.release()); // if it has been let go of already: only wait until that is over
  return warning;
}

/** A signal as something to race against. */
class Stop {
  readonly #signal: AbortSignal | undefined;
  readonly #aborted: Promise<never>;
  #dispose = () => {};

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#aborted = new Promise((_, reject) => {
      if (!signal) return;
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort);
      this.#dispose = () => signal.removeEventListener("abort", onAbort);
    });
    this.#aborted.catch(() => {});
  }

  get isSignalled(): boolean {
    return this.#signal?.aborted ?? false;
  }

  race<T>(promise: Promise<T>): Promise<T> {
    return this.#signal ? Promise.race([this.#aborted, promise]) : promise;
  }

  dispose(): void {
    this.#dispose();
  }
}
