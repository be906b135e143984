/**
 * A container over any number of byte sinks: the built-in kind of media sink.
 *
 * ```text
 *   write ─► describe, frame, decode time ─► interleaver ─► PacketizerQueue: queue ─► packetizer ─► chunks ─► Output × n
 *            (may refuse: nothing taken)     (holds what            (only while
 *                                             is ahead)              sinks are behind)
 * ```
 *
 * Invariants
 * - A sample is refused before anything has changed, or taken and accounted for: laid out, queued, or counted as dropped
 *   with a warning.
 * - Until the session has opened, every sample is held; from then on what is held depends on the samples' times alone.
 *
 * @module
 */

import type { Container, Muxer, NumberedStream, Packetizer } from "../../container/container.ts";
import type { MuxError, Problem } from "../../errors.ts";
import type { Metadata } from "../../media/metadata.ts";
import type { ChunkMetadata } from "../../media/sample.ts";
import type { Backpressure } from "../backpressure.ts";
import type { IncomingSample } from "../input/incoming_sample.ts";
import { QueueBudget } from "../input/queue_budget.ts";
import { noSamples, refusedStream, type StreamCounters } from "../input/stream_counters.ts";
import type { Settings } from "../options.ts";
import type { Output } from "../outputs/output.ts";
import type { Discarded, Target } from "../target.ts";
import { decodeTimeOf, type HeldSample, holdSample } from "./held_sample.ts";
import { Interleaver } from "./interleaver.ts";
import { checkTimes, OpeningWindow } from "./opening.ts";
import { PacketizerQueue, type PacketizerQueueOptions } from "./packetizer_queue.ts";
import { tooLate } from "./refusals.ts";
import { StreamState } from "./stream_state.ts";

/** What a session gives its mux sink. */
export interface MuxSinkOptions extends Settings {
  readonly container: Container;
  readonly muxer: Muxer;
  readonly streams: readonly NumberedStream[];
  readonly counters: readonly StreamCounters[];
  readonly outputs: readonly Output[];
  /** The metadata as they stand. */
  metadata(): Metadata;
  /** An output ends here; answers the one that follows, if one does. */
  readonly endOutput: PacketizerQueueOptions["endOutput"];
  /** Something went wrong without being fatal. */
  onWarning(warning: MuxError): void;
  /** A sample that was taken had to be given up. */
  onStreamError(stream: number, error: MuxError): void;
  /** The container itself failed: nothing can go on. */
  onFatal(error: unknown): void;
}

/** See the module's text. */
export class MuxSink implements Target {
  readonly budget: QueueBudget;
  readonly #options: MuxSinkOptions;
  readonly #muxer: Muxer;
  /** There once the session is open. */
  #packetizer!: Packetizer;
  readonly #states: readonly StreamState[];
  readonly #opening: OpeningWindow;
  readonly #interleaver: Interleaver;
  readonly #queue: PacketizerQueue;
  /** `opening`: a sink that writes or flushes while it gets its header changes nothing of what is being fixed. */
  #phase: "held" | "opening" | "open" = "held";
  /** What is held goes on its way, sinks are called: what they hand in comes behind all of it. */
  #isReleasing = false;
  /** The caller's time that is the session's zero. */
  #zero = 0;

  constructor(options: MuxSinkOptions) {
    const { muxer, counters, maxQueuedBytes } = options;
    this.#options = options;
    this.#muxer = muxer;
    const budget = this.budget = new QueueBudget(maxQueuedBytes, counters);
    const states = this.#states = options.streams.map((config, index) =>
      new StreamState(index, config, counters[index]!)
    );
    const interleaver = this.#interleaver = new Interleaver(
      states.length,
      options.interleaveWindowMs,
      maxQueuedBytes / 2, // so that a lagging stream always finds room
    );
    this.#opening = new OpeningWindow({ ...options, states, interleaver, budget });
    this.#queue = new PacketizerQueue({
      ...options,
      states,
      onDequeue: ({ stream, data }) => budget.leave(stream, data.byteLength),
    });
  }

  /** Length of the presentation so far, microseconds. */
  get duration(): number {
    return this.#phase === "open" ? this.#packetizer.duration : 0;
  }

  /** Units closed so far. */
  get unitCount(): number {
    return this.#phase === "open" ? this.#packetizer.unitCount : 0;
  }

  /** Why these metadata do not fit any more; `undefined` when they do. */
  checkMetadata(metadata: Metadata): Problem | undefined {
    return this.#muxer.checkMetadata?.(metadata);
  }

  /** What of the samples has no place in the container. */
  losses(): readonly Problem[] {
    const { name, trims } = this.#options.container;
    if (trims) return [];
    return this.#states.flatMap((state) => state.lostTrims(name));
  }

  get backpressure(): Backpressure {
    return this.#queue.backpressure;
  }

  /** Takes one sample. @throws {MuxError} For a sample that is refused; nothing has changed then. */
  write(stream: number, sample: IncomingSample, metadata?: ChunkMetadata): Promise<void> | undefined {
    const state = this.#states[stream]!;
    if (state.isAbsent) throw this.#opening.missing(state, sample.timestamp);
    if (sample.duration < 0 && state.pcmBytesPerSecond > 0) {
      sample.duration = sample.data.byteLength * 1e6 / state.pcmBytesPerSecond;
    }
    sample.extend(this.#muxer, stream, state.config.streamNumber);
    if (this.#options.startTime === "rebase-each") state.rebase(sample);
    if (metadata !== undefined && state.facts) this.#redescribe(state, metadata, sample.data);
    sample.configuration = state.configuration;
    if (this.#phase !== "open") return this.#hold(state, sample, metadata);
    const pieces = this.#muxer.frame(stream, sample.data, sample.isKey);
    checkTimes(this.#muxer, state, sample, this.#zero);
    if (this.#options.onLag === "error") this.#refuseLate(state, sample);
    const time = state.takeTime(sample);
    try {
      if (this.#interleaver.isLate(stream, time)) state.lateCount++;
      this.#interleaver.advance(stream, time);
      const passes = this.#interleaver.passes(time);
      if (passes && this.#queue.isClear) this.#queue.packetize(state, pieces, sample, time);
      else this.#wait(holdSample(stream, pieces.toUint8Array(), sample, time), passes);
      if (this.#interleaver.heldCount > 0) this.#release();
    } catch (error) {
      this.#giveUp(error);
    }
    return this.#queue.backpressure.wait();
  }

  /** Puts a sample where its turn comes: in the queue, or among those that are held. */
  #wait(sample: HeldSample, passes: boolean): void {
    this.budget.enter(sample.stream, sample.data.byteLength);
    if (passes && !this.#isReleasing) this.#queue.enqueue(sample);
    else this.#interleaver.hold(sample);
  }

  /** A stream may have become another in mid-way, from this sample on. @throws {MuxError} `unsupported` */
  #redescribe(state: StreamState, metadata: ChunkMetadata, data: Uint8Array): void {
    const facts = this.#muxer.redescribe?.(state.index, metadata, data);
    if (facts === undefined) return;
    state.setFacts(facts);
    state.configuration++;
  }

  /** Holds a sample until the session opens, which may be now. */
  #hold(state: StreamState, sample: IncomingSample, metadata?: ChunkMetadata): Promise<void> | undefined {
    if (!this.#opening.hold(state, sample, metadata)) return undefined;
    this.#openIfDue();
    return this.#queue.backpressure.wait();
  }

  #refuseLate({ index, config }: StreamState, sample: IncomingSample): void {
    if (this.#interleaver.isLate(index, decodeTimeOf(sample))) throw tooLate(config.streamNumber, sample.timestamp);
  }

  /** A sample is half way in: nothing could put it right. */
  #giveUp(error: unknown): never {
    this.#options.onFatal(error);
    throw error;
  }

  /** Describes what can be described from the configuration alone. @throws {MuxError} `unsupported`, `bad-media`. */
  describe(stream: number): void {
    const facts = this.#muxer.describe(stream);
    if (facts) this.#states[stream]!.setFacts(facts);
  }

  #openIfDue(): void {
    if (this.#opening.isOver) this.#open();
  }

  /** Fixes everything the first unit fixes, and lets go of what was held. */
  #open(): void {
    if (this.#phase !== "held") return;
    this.#phase = "opening";
    try {
      this.#zero = this.#opening.findZero();
      this.#packetizer = this.#opening.close(this.#zero);
      this.#queue.begin(this.#packetizer, this.#zero);
      this.#phase = "open";
      this.#release();
    } catch (error) {
      this.#giveUp(error);
    }
  }

  // ── Order ──

  /** Releases held samples that are due. */
  #release(): void {
    if (this.#phase !== "open") return;
    this.#isReleasing = true;
    for (let held; (held = this.#interleaver.next());) this.#queue.enqueue(held);
    this.#isReleasing = false;
  }

  #releaseAll(): void {
    if (this.#phase !== "open") this.#open();
    this.#interleaver.drain();
    this.#release();
  }

  /** All that is held passes; what comes behind is held again. */
  #flushHeld(): void {
    this.#releaseAll();
    this.#interleaver.refill();
  }

  // ── What a session asks for ──

  tick(stream: number, time: number): void {
    const state = this.#states[stream]!;
    if (this.#options.startTime === "rebase-each" && !state.hasBegun) return; // its clock has no zero yet
    const onClock = time - state.base;
    this.#quiet(stream, onClock, () => this.#interleaver.tick(stream, onClock));
  }

  endSegment(stream: number): void {
    this.#quiet(stream, Infinity, () => this.#interleaver.rest(stream));
  }

  endStream(stream: number): void {
    this.#states[stream]!.hasEnded = true;
    this.#quiet(stream, Infinity, () => this.#interleaver.end(stream));
  }

  /** A stream has nothing until `time`: others may go on. */
  #quiet(stream: number, time: number, action: () => void): void {
    this.#states[stream]!.setQuiet(time);
    action();
    if (this.#phase !== "open" && this.#hasSamples) this.#openIfDue();
    this.#release();
  }

  /** Streams share what is held and what is padded, so a marker takes the flush. */
  placeMarker(): Promise<void> {
    return this.flush();
  }

  discard(stream: number): Discarded {
    const state = this.#states[stream]!;
    const held = this.#interleaver.discard(stream, this.#phase !== "open");
    const dropped = [...state.raw.splice(0), ...this.#queue.discard(stream), ...held];
    let bytesDiscarded = 0;
    for (const { data: { byteLength } } of dropped) {
      this.budget.leave(state.index, byteLength);
      bytesDiscarded += byteLength;
    }
    state.counters.samplesDropped += dropped.length;
    if (this.#phase !== "open") state.restart();
    this.#release();
    this.backpressure.update();
    return { samplesDiscarded: dropped.length, bytesDiscarded };
  }

  /** A container has no end-of-segment mark of its own. */
  endStreams(): Promise<void> {
    return Promise.resolve();
  }

  get #hasSamples(): boolean {
    return this.#states.some((state) => state.hasBegun);
  }

  /** Resolves when everything taken so far is with every sink. */
  async flush(): Promise<void> {
    if (!this.#hasSamples) return;
    this.#flushHeld();
    await this.#queue.flush();
  }

  /** A sink leaves: it still gets everything taken so far, and then nothing more. */
  async leave(last: () => Output): Promise<void> {
    if (this.#hasSamples) this.#flushHeld();
    await this.#queue.leave(last);
  }

  /** A sink joins. */
  join(output: Output): Promise<void> {
    return this.#queue.join(output);
  }

  /**
   * Resolves when everything taken is with the muxer. Rejects with `no-samples` or `missing-description` if there is
   * nothing, and with why a stream was refused of which nothing was taken.
   */
  async drain(): Promise<void> {
    const { counters } = this.#options;
    if (!this.#hasSamples) {
      const undescribed = this.#states.filter((state) => state.raw.length > 0).map((state) =>
        `stream ${state.config.streamNumber} is not described, ${this.#muxer.missing(state.index)}`
      );
      throw noSamples(counters, undescribed);
    }
    this.#releaseAll();
    await this.#queue.step(() => {});
    const refused = refusedStream(counters);
    if (refused) throw refused;
  }

  /** Closes the last unit and hands it out: the counts are frozen. Reports what the streams lack. */
  finish(): void {
    this.#queue.finish();
    for (const state of this.#states) {
      const warning = state.finalWarning();
      if (warning) this.#options.onWarning(warning);
    }
  }

  /** Lets go of everything that waits: it is counted as dropped. */
  abandon(): void {
    this.#queue.abandon();
    for (const { counters } of this.#states) counters.abandon();
  }
}
