/**
 * Who takes part in a session: byte sinks that come, leave and fail one by one, or a media sink of the caller's own.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Metadata } from "../../media/metadata.ts";
import type { SinkReport } from "../../report.ts";
import type { SegmentSink } from "../../sinks/segment_sink.ts";
import type { SinkLike, SinkOptions } from "../../sinks/sink.ts";
import { finalize, type FinalizeOutput, type FinalizeScope } from "../finalize.ts";
import { enterSession, leaveSession, type Membership } from "../membership.ts";
import { withResolvers } from "../promises.ts";
import type { SessionOutput, Target } from "../target.ts";
import type { SinkContainer } from "./byte_sink.ts";
import { Output } from "./output.ts";
import { isSegmentSink, Recording } from "./recording.ts";
import { TimeRange } from "./time_range.ts";

/** Of a media sink's session, which has no byte sinks. */
const NO_CONTAINER: SinkContainer = { name: "" };

/** What was added: a sink, or all the files of a recording. */
type Member = Output | Recording;

/** What a set of sinks is for. */
export interface SinkSetOptions {
  readonly session: Membership;
  readonly container?: SinkContainer;
  /** The metadata as they stand. */
  metadata(): Metadata;
  /** Something went wrong without being fatal. */
  onWarning(warning: MuxError): void;
  /** Nobody is left: a failing sink is alone, unless it was the last. */
  onLoss(loss: MuxError): void;
}

/** See the module's text. */
export class SinkSet {
  /** The byte sinks; none beside a media sink. Of a recording, the files that are not finished. */
  readonly outputs: Output[] = [];
  /** Those that have failed, the first one first. */
  readonly failed: SessionOutput[] = [];
  readonly #options: SinkSetOptions;
  readonly #removals = new Map<Member, Promise<SinkReport>>();
  /** Outputs that have all they will get, and are being finished. */
  readonly #ending = new Map<Output, Promise<void>>();
  #only: SessionOutput | undefined;

  constructor(options: SinkSetOptions) {
    this.#options = options;
  }

  /** Everyone. */
  get parts(): readonly SessionOutput[] {
    return this.#only ? [this.#only] : this.outputs;
  }

  /** What becomes of everyone, of finished files too. */
  reports(): SinkReport[] {
    if (this.#only) return [this.#only.report()];
    return [...new Set(this.outputs.map(memberOf))].flatMap((member) => {
      if (member instanceof Output) return member.report();
      const reports = [...member.reports];
      for (const output of this.outputs) {
        if (output.range.recording === member) reports[output.range.position] = output.report();
      }
      return reports;
    });
  }

  /** A media sink stands instead of byte sinks. */
  setOnly(output: SessionOutput): void {
    this.#only = output;
  }

  /** Opens everyone there is. Answers why it cannot go on, with all that failed in one error. */
  async open(): Promise<MuxError | undefined> {
    const parts = [...this.parts];
    const opened = await Promise.allSettled(parts.map(({ lifecycle }) => lifecycle.open()));
    const failed = parts.filter((_, i) => opened[i]!.status === "rejected");
    this.failed.push(...failed.filter((output) => output.optional)); // they come first, should the others fail too
    const failures = failed.length === parts.length ? failed : failed.filter((output) => !output.optional);
    if (failures.length === 0) return undefined;
    const errors = failures.map((output) => output.lifecycle.error!);
    const cause = errors[0]!.cause ?? errors[0];
    const code = errors.every((error) => error.code === "unsupported") ? "unsupported" : "sink-failed";
    const named = (error: MuxError, i: number) =>
      parts.length > 1 && error.code === "unsupported"
        ? `sink ${parts.indexOf(failures[i]!) + 1}: ${error.reason}`
        : error.message;
    return new MuxError(code, { action: "begin writing", reason: errors.map(named).join("; ") }, {
      stage: "open",
      cause,
    });
  }

  /**
   * A sink comes in. @throws {TypeError} If it is none. @throws {RangeError} For times in the wrong order.
   * @throws {MuxError} `invalid-state` if it is there already.
   */
  add(sink: SinkLike | SegmentSink, options: SinkOptions): Output {
    if (this.#find(sink)) throw new MuxError("invalid-state", { action: "add sink", reason: "it takes part already" });
    const recording = isSegmentSink(sink) ? new Recording(sink, options) : undefined;
    const range = new TimeRange(options, recording);
    const output = this.#createOutput(recording ? recording.make() : sink as SinkLike, options, range);
    this.outputs.push(output);
    return output;
  }

  #createOutput(sinkLike: SinkLike, options: SinkOptions, range: TimeRange, isLate = false): Output {
    const { container = NO_CONTAINER, metadata, session } = this.#options;
    const { onFailure } = this;
    const output = new Output(sinkLike, { ...options, range, container, isLate, metadata, onFailure });
    enterSession(sinkLike, session);
    return output;
  }

  /** Gives up those that are still being opened. */
  stopOpening(reason: () => unknown): void {
    for (const { lifecycle } of this.outputs) if (lifecycle.isOpening) void lifecycle.abort(reason());
  }

  /** As if it had never come. */
  forget(output: Output): void {
    this.outputs.splice(this.outputs.indexOf(output), 1);
  }

  /** An output ends here, while others go on: it is finished beside them. Answers the file that follows, if one does. */
  readonly endOutput = (output: Output, time: number): Output | undefined => {
    const { recording, until } = output.range;
    output.end();
    this.#finishEnded(output);
    if (!recording || time >= until) return undefined;
    const range = new TimeRange({ until }, recording); // before the sink is made: its position is the next file's
    const next = this.#createOutput(recording.makeOrFail(), recording.options, range, true);
    this.outputs.splice(this.outputs.indexOf(output) + 1, 0, next);
    return next;
  };

  #finishEnded(output: Output): void {
    const ending = finalize({
      drain: () => Promise.resolve(),
      endStreams: () => Promise.resolve(),
      flushPacketizer: () => {},
      outputs: () => [output],
      failed: this.failed,
    }).then(({ warnings }) => {
      this.#ending.delete(output);
      for (const warning of warnings) if (warning !== output.lifecycle.error) this.#options.onWarning(warning);
      leaveSession(output.sinkLike);
      const { recording } = output.range;
      if (!recording || output.lifecycle.error || this.#find(recording.source) === output) return;
      recording.reports[output.range.position] = output.report(); // which is all that is left of it, however many there are
      this.forget(output);
    });
    this.#ending.set(output, ending);
  }

  /** Resolves when nobody is being finished any more, the finish of the session apart; or nobody of a member's. */
  async #ended(member?: Member): Promise<void> {
    const ending = [...this.#ending].filter(([output]) => member === undefined || memberOf(output) === member);
    await Promise.all(ending.map(([, promise]) => promise));
  }

  /** The output of a sink, or the last one of a recording. */
  #find(sink: SinkLike | SegmentSink): Output | undefined {
    return this.outputs.findLast(({ sinkLike, range }) => sinkLike === sink || range.recording?.source === sink);
  }

  /** Finishes one sink, while the others go on. A second call gets the same promise. */
  remove(
    sink: SinkLike | SegmentSink,
    leave: (last: () => Output) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<SinkReport> {
    const output = this.#find(sink);
    if (!output || output.lifecycle.isOpening) {
      const fact = output ? "it is still being opened" : "it takes no part in this session";
      return Promise.reject(new MuxError("invalid-state", { action: "remove sink", reason: fact }));
    }
    const member = memberOf(output);
    const removal = this.#removals.get(member);
    if (removal) return removal;
    const { promise, resolve } = withResolvers<SinkReport>();
    this.#removals.set(member, promise); // first of all: the sink may call back while it gets the last of its data
    resolve(this.#finishRemoved(member, () => this.#find(sink)!, leave, signal));
    return promise;
  }

  /** The finalize, with one sink as its scope. @param last Who it is when its turn has come. */
  async #finishRemoved(
    member: Member,
    last: () => Output,
    leave: (last: () => Output) => Promise<void>,
    signal?: AbortSignal,
  ): Promise<SinkReport> {
    const { error, warnings } = await finalize({
      drain: () => leave(last),
      endStreams: () => this.#ended(member),
      flushPacketizer: () => {}, // done in its turn, while the others go on
      outputs: () => [last()],
      failed: this.failed,
    }, signal);
    warnings.forEach(this.#options.onWarning);
    leaveSession(last().sinkLike);
    if (error !== undefined) throw error;
    return last().report();
  }

  /** The finalize, with everyone as its scope; while it is running files may still end, and others follow. */
  scopeOf(target: Target, drainSources?: () => Promise<void>): FinalizeScope {
    return {
      drainSources,
      drain: () => target.drain(),
      endStreams: () => target.endStreams().finally(() => this.#ended()),
      flushPacketizer: () => target.finish(),
      outputs: () => this.#everyone(),
      failed: this.failed,
    };
  }

  #everyone(): FinalizeOutput[] {
    return this.parts.map((output) => {
      const removal = output instanceof Output && this.#removals.get(memberOf(output));
      return removal ? leaving(output, removal) : output;
    });
  }

  /** One of them has failed. */
  readonly onFailure = (output: SessionOutput): void => {
    this.failed.push(output);
    const loss = this.#findLoss();
    if (loss) this.#options.onLoss(loss);
  };

  /** Why nobody is left to write for: the first error that is not somebody else's to tell, a required sink's if there is one. */
  #findLoss(): MuxError | undefined {
    if (this.parts.some((output) => output.lifecycle.isHealthy)) return undefined;
    const isRemoved = (output: SessionOutput) => output instanceof Output && this.#removals.has(memberOf(output));
    const failed = this.failed.filter((output) => !isRemoved(output));
    return (failed.find((output) => !output.optional) ?? failed[0])?.lifecycle.error;
  }
}

function memberOf(output: Output): Member {
  return output.range.recording ?? output;
}

/** A sink that is being removed: the finish only waits for it, and what goes wrong is told by its removal. */
function leaving(output: FinalizeOutput, removal: Promise<unknown>): FinalizeOutput {
  const removed = removal.then(() => {}, () => {});
  return {
    lifecycle: {
      isHealthy: false,
      error: undefined,
      release: () => removed,
      abort: (reason) => output.lifecycle.abort(reason),
    },
    optional: false,
    idle: () => removed,
    writeTrailer: () => Promise.resolve(undefined),
    seal: () => removed,
    report: () => output.report(),
  };
}
