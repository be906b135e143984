/**
 * Who takes part in a session: byte sinks that come, leave and fail one by one, or a media sink of the caller's own.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { SinkLike, SinkOptions } from "../sinks/sink.ts";
import { finalize, type FinalizeOutput } from "./finalize.ts";
import type { SessionOutput } from "./media_sink.ts";
import { enterSession, leaveSession, type Membership } from "./membership.ts";
import { Output } from "./output.ts";
import type { SinkReport } from "./report.ts";

/** See the module's text. */
export class Roster {
  /** The byte sinks; none beside a media sink. */
  readonly outputs: Output[] = [];
  /** Those that have failed, the first one first. */
  readonly failed: SessionOutput[] = [];
  readonly #session: Membership;
  readonly #metadata: () => Metadata;
  readonly #onLoss: (loss: MuxError) => void;
  readonly #removals = new Map<FinalizeOutput, Promise<SinkReport>>();
  #only: SessionOutput | undefined;

  /** @param metadata As they stand. @param onLoss Nobody is left: a failing sink is alone, unless it was the last. */
  constructor(session: Membership, metadata: () => Metadata, onLoss: (loss: MuxError) => void) {
    this.#session = session;
    this.#metadata = metadata;
    this.#onLoss = onLoss;
  }

  /** Everyone. */
  get parts(): readonly SessionOutput[] {
    return this.#only ? [this.#only] : this.outputs;
  }

  /** A media sink stands instead of byte sinks. */
  setOnly(output: SessionOutput): void {
    this.#only = output;
  }

  /** Opens everyone there is. Answers why it cannot go on, with all that failed in one error. */
  async open(containerName = ""): Promise<MuxError | undefined> {
    const parts = [...this.parts];
    const opened = await Promise.allSettled(parts.map((output) => output.open(containerName)));
    const failed = parts.filter((_, i) => opened[i]!.status === "rejected");
    this.failed.push(...failed.filter((output) => output.optional)); // they come first, should the others fail too
    const failures = failed.length === parts.length ? failed : failed.filter((output) => !output.optional);
    if (failures.length === 0) return undefined;
    const texts = failures.map((output) => output.error!.message);
    const cause = failures[0]!.error!.cause ?? failures[0]!.error;
    return new MuxError("sink-failed", `Cannot begin writing: ${texts.join("; ")}`, { stage: "open", cause });
  }

  /** A sink comes in. @throws {TypeError} If it is none. @throws {MuxError} `invalid-state` if it is there already. */
  add(sinkLike: SinkLike, options: SinkOptions): Output {
    if (this.outputs.some((output) => output.sinkLike === sinkLike)) {
      throw new MuxError("invalid-state", "Cannot add sink: it takes part already");
    }
    const output: Output = new Output(sinkLike, options, this.#metadata, () => this.onFailure(output));
    this.outputs.push(output);
    enterSession(sinkLike, this.#session);
    return output;
  }

  /** As if it had never come. */
  forget(output: Output): void {
    this.outputs.splice(this.outputs.indexOf(output), 1);
  }

  /** Finishes one sink, while the others go on. A second call gets the same promise. */
  remove(
    sinkLike: SinkLike,
    leave: (output: Output) => Promise<void>,
    warnings: MuxError[],
    signal?: AbortSignal,
  ): Promise<SinkReport> {
    const output = this.outputs.find((output) => output.sinkLike === sinkLike);
    if (!output || output.isOpening) {
      const fact = output ? "it is still being opened" : "it takes no part in this session";
      return Promise.reject(new MuxError("invalid-state", `Cannot remove sink: ${fact}`));
    }
    let removal = this.#removals.get(output);
    if (!removal) this.#removals.set(output, removal = this.#finish(output, () => leave(output), warnings, signal));
    return removal;
  }

  /** The finalize, with one sink as its scope. */
  async #finish(
    output: Output,
    leave: () => Promise<void>,
    warnings: MuxError[],
    signal?: AbortSignal,
  ): Promise<SinkReport> {
    const outcome = await finalize({
      drain: leave,
      endStreams: () => Promise.resolve(),
      flushPacketizer: () => {}, // done in its turn, while the others go on
      outputs: [output],
      failed: this.failed,
    }, signal);
    warnings.push(...outcome.warnings);
    leaveSession(output.sinkLike);
    if (outcome.error !== undefined) throw outcome.error;
    return output.report();
  }

  /** Everyone, as the finish of the session sees them. */
  scope(): FinalizeOutput[] {
    return this.parts.map((output) => {
      const removal = this.#removals.get(output);
      return removal ? leaving(output, removal) : output;
    });
  }

  /** One of them has failed. */
  readonly onFailure = (output: SessionOutput): void => {
    this.failed.push(output);
    const loss = this.#findLoss();
    if (loss) this.#onLoss(loss);
  };

  /** Why nobody is left to write for: the first error that is not somebody else's to tell, a required sink's if there is one. */
  #findLoss(): MuxError | undefined {
    if (this.parts.some((output) => output.isHealthy)) return undefined;
    const failed = this.failed.filter((output) => !this.#removals.has(output));
    return (failed.find((output) => !output.optional) ?? failed[0])?.error;
  }
}

/** A sink that is being removed: the finish only waits for it, and what goes wrong is told by its removal. */
function leaving(output: FinalizeOutput, removal: Promise<unknown>): FinalizeOutput {
  const removed = removal.then(() => {}, () => {});
  return {
    isHealthy: false,
    error: undefined,
    optional: false,
    idle: () => removed,
    writeIndex: () => Promise.resolve(undefined),
    seal: () => removed,
    release: () => removed,
    abort: (reason) => output.abort(reason),
    report: () => output.report(),
  };
}
