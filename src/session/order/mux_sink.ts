/**
 * A container over any number of byte sinks: the built-in kind of media sink.
 *
 * ```text
 *   write ─► describe, frame, decode time ─► interleaver ─► PacketizerQueue: queue ─► muxer ─► chunks ─► Output × n
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

import type { Muxer, NumberedStream } from "../../container/container.ts";
import { MuxError } from "../../errors.ts";
import type { Metadata } from "../../media/metadata.ts";
import type { ChunkMetadata } from "../../media/sample.ts";
import type { Backpressure } from "../backpressure.ts";
import type { IncomingSample } from "../input/incoming_sample.ts";
import { QueueBudget } from "../input/queue_budget.ts";
import { noSamples, type StreamCounters } from "../input/stream_counters.ts";
import type { Settings } from "../options.ts";
import { type Output, smallestPacketBytes } from "../outputs/output.ts";
import type { Discarded, Target } from "../target.ts";
import { type HeldSample, holdSample } from "./held_sample.ts";
import { Interleaver } from "./interleaver.ts";
import { PacketizerQueue, type PacketizerQueueOptions } from "./packetizer_queue.ts";
import { beforeZero, tooLate, undescribed } from "./refusals.ts";
import { StreamState } from "./stream_state.ts";

/** What a session gives its mux sink. */
export interface MuxSinkOptions extends Settings {
  readonly muxer: Muxer;
  readonly streams: readonly NumberedStream[];
  readonly counters: readonly StreamCounters[];
  readonly outputs: readonly Output[];
  /** The metadata as they stand. */
  metadata(): Metadata;
  /** As of the layout. */
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
  readonly #states: readonly StreamState[];
  readonly #interleaver: Interleaver;
  readonly #layout: PacketizerQueue;
  #isOpen = false;
  #isOpening = false;
  /** What is held goes on its way, sinks are called: what they hand in comes behind all of it. */
  #isReleasing = false;
  /** The caller's time that is the session's zero. */
  #zero = 0;

  constructor(options: MuxSinkOptions) {
    this.#options = options;
    this.#muxer = options.muxer;
    this.budget = new QueueBudget(options.maxQueuedBytes, options.counters);
    this.#states = options.streams.map((config, index) => new StreamState(index, config, options.counters[index]!));
    this.#interleaver = new Interleaver(
      this.#states.length,
      options.interleaveWindowMs,
      options.maxQueuedBytes / 2, // so that a lagging stream always finds room
    );
    this.#layout = new PacketizerQueue({
      ...options,
      states: this.#states,
      onDequeue: (sample) => this.budget.leave(sample.stream, sample.data.byteLength),
    });
  }

  /** Length of the presentation so far, microseconds. */
  get duration(): number {
    return this.#isOpen ? this.#muxer.duration : 0;
  }

  /** Units closed so far. */
  get unitCount(): number {
    return this.#isOpen ? this.#muxer.unitCount : 0;
  }

  /** Why these metadata do not fit any more; `undefined` when they do. */
  checkMetadata(metadata: Metadata): string | undefined {
    return this.#muxer.checkMetadata(metadata);
  }

  get backpressure(): Backpressure {
    return this.#layout.backpressure;
  }

  /** Takes one sample. @throws {MuxError} For a sample that is refused; nothing has changed then. */
  write(stream: number, sample: IncomingSample, metadata?: ChunkMetadata): Promise<void> | undefined {
    const state = this.#states[stream]!;
    if (state.isAbsent) throw this.#missing(state, sample.timestamp);
    sample.extend(this.#muxer, stream, state.config.streamNumber);
    if (this.#options.startTime === "rebase-each") state.rebase(sample);
    if (!state.facts && !this.#learn(state, sample.data, metadata)) return void this.#holdRaw(state, sample);
    const pieces = this.#muxer.frame(stream, sample.data, sample.isKey);
    this.#checkTimes(state, sample);
    const time = state.takeTime(sample);
    try {
      if (this.#interleaver.isLate(stream, time)) state.lateCount++;
      this.#interleaver.advance(stream, time);
      const passes = this.#isOpen && this.#interleaver.passes(time);
      if (passes && this.#layout.isClear) {
        this.#layout.packetize(state, pieces, sample, time);
      } else {
        this.#hold(state, pieces.toUint8Array(), sample, time);
        if (!this.#isOpen) this.#openIfDue();
      }
      if (this.#interleaver.heldCount > 0) this.#release();
    } catch (error) { // the sample is half way in: nothing could put it right
      this.#options.onFatal(error);
      throw error;
    }
    return this.#layout.backpressure.wait();
  }

  #checkTimes(state: StreamState, sample: IncomingSample | HeldSample): void {
    const { timestamp, decodeTimestamp } = sample;
    const decode = decodeTimestamp === decodeTimestamp ? decodeTimestamp : timestamp;
    const zero = this.#isOpen ? this.#zero : this.#findZero(decode);
    if (decode < zero) throw beforeZero(state.config.streamNumber, timestamp, decode, zero);
    this.#muxer.checkTimes(state.index, timestamp - zero, decode - zero);
    if (!this.#isOpen) this.#checkHeldTimes(zero);
    if (this.#options.onLag === "error" && this.#interleaver.isLate(state.index, decode)) {
      throw tooLate(state.config.streamNumber, timestamp);
    }
  }

  /** An earlier zero makes the times of what is held larger. */
  #checkHeldTimes(zero: number): void {
    for (const { hasBegun, index, latestTimestamp, lastTime } of this.#states) {
      if (hasBegun) this.#muxer.checkTimes(index, latestTimestamp - zero, lastTime - zero);
    }
  }

  /** The caller's time that is the session's zero, as far as it is known. */
  #findZero(earliest = Infinity): number {
    if (this.#options.startTime !== "rebase-all") return 0; // "rebase-each" has been settled on the way in
    for (const state of this.#states) if (state.firstTime < earliest) earliest = state.firstTime;
    return earliest;
  }

  // ── Description ──

  /** Describes what can be described from the configuration alone. @throws {MuxError} `unsupported`, `bad-media`. */
  describe(stream: number): void {
    const facts = this.#muxer.describe(stream);
    if (facts) this.#states[stream]!.settle(facts);
  }

  /** Whether the stream is described now; then what it had waiting goes its way. */
  #learn(state: StreamState, data: Uint8Array, metadata?: ChunkMetadata): boolean {
    const facts = this.#muxer.describe(state.index, metadata, data);
    if (!facts) return false;
    state.settle(facts);
    for (const sample of state.raw.splice(0)) {
      this.budget.leave(state.index, sample.data.byteLength);
      try {
        const pieces = this.#muxer.frame(state.index, sample.data, sample.isKey);
        this.#checkTimes(state, sample);
        const time = state.takeTime(sample);
        this.#interleaver.advance(state.index, time);
        this.#hold(state, pieces.toUint8Array(), sample, time);
      } catch (error) {
        this.#drop(state, error);
      }
    }
    return true;
  }

  /** Keeps a sample of a stream that is not described yet: while the session may still open with that stream. */
  #holdRaw(state: StreamState, sample: IncomingSample): void {
    const { openWindowMs } = this.#options;
    const first = state.raw[0]?.timestamp ?? sample.timestamp;
    const isOver = sample.timestamp - first > openWindowMs * 1000 || this.budget.isHalfFull;
    if (this.#isOpen || isOver) throw this.#missing(state, sample.timestamp);
    state.raw.push(holdSample(state.index, sample.data.slice(), sample, sample.decodeTimestamp));
    this.budget.enter(state.index, sample.data.byteLength);
  }

  #missing(state: StreamState, timestamp: number): MuxError {
    return undescribed(state.config.streamNumber, timestamp, this.#muxer.missing(state.index));
  }

  // ── Opening window ──

  #openIfDue(): void {
    let first = Infinity;
    let last = -Infinity;
    let isComplete = true;
    for (const state of this.#states) {
      if (state.firstTime < first) first = state.firstTime;
      if (!state.facts?.sparse && state.lastTime > last) last = state.lastTime;
    }
    const isLive = this.#options.maxLatencyMs !== undefined;
    let isComing = false;
    for (const state of this.#states) {
      if (!state.isReady(first, isLive)) isComplete = false;
      if (state.isComing) isComing = true;
    }
    const isOver = last - first >= this.#options.openWindowMs * 1000;
    if (isComplete || (isOver && !isComing) || this.budget.isHalfFull) this.#open();
  }

  /** Fixes everything the first unit fixes. A sink that writes or flushes while it gets its header changes nothing of that. */
  #open(): void {
    if (this.#isOpening) return;
    this.#isOpening = true;
    try {
      this.#zero = this.#findZero();
      for (const state of this.#states) {
        if (!state.facts) this.#leaveOut(state);
        else if (state.facts.sparse) this.#interleaver.setSparse(state.index);
        if (state.isAbsent || state.hasEnded) this.#interleaver.exclude(state.index);
      }
      this.#interleaver.begin(this.#zero);
      this.#muxer.begin({
        metadata: this.#options.metadata(),
        bitrates: this.#states.map((state) => state.measuredBitrate),
        present: this.#states.map((state) => !state.isAbsent),
        presentationStart: Math.max(0, -this.#zero),
        firstTimestamps: this.#states.map(({ firstTimestamp }) => firstTimestamp - this.#zero),
        maxUnitBytes: smallestPacketBytes(this.#options.outputs),
        maxLatencyMs: this.#options.maxLatencyMs,
      });
      this.#layout.begin(this.#zero);
      this.#isOpen = true;
      this.#release();
    } catch (error) {
      this.#options.onFatal(error);
      throw error;
    }
  }

  #leaveOut(state: StreamState): void {
    state.isAbsent = true;
    for (const sample of state.raw.splice(0)) {
      this.budget.leave(state.index, sample.data.byteLength);
      this.#drop(state, this.#missing(state, sample.timestamp));
    }
  }

  // ── Order ──

  #hold(state: StreamState, data: Uint8Array, sample: IncomingSample | HeldSample, time: number): void {
    const held = holdSample(state.index, data, sample, time);
    this.budget.enter(state.index, data.byteLength);
    if (this.#isOpen && !this.#isReleasing && this.#interleaver.passes(time)) this.#layout.enqueue(held);
    else this.#interleaver.hold(held);
  }

  /** Lets go of what passes. */
  #release(): void {
    if (!this.#isOpen) return;
    this.#isReleasing = true;
    for (let held; (held = this.#interleaver.next());) this.#layout.enqueue(held);
    this.#isReleasing = false;
  }

  #releaseAll(): void {
    if (!this.#isOpen) this.#open();
    this.#interleaver.drain();
    this.#release();
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
    this.#states[stream]!.beQuiet(time);
    action();
    if (!this.#isOpen && this.#hasSamples) this.#openIfDue();
    this.#release();
  }

  /** Streams share what is held and what is padded, so a marker takes the flush. */
  placeMarker(): Promise<void> {
    return this.flush();
  }

  discard(stream: number): Discarded {
    const state = this.#states[stream]!;
    const held = this.#interleaver.discard(stream, !this.#isOpen);
    const dropped = [...state.raw.splice(0), ...this.#layout.discard(stream), ...held];
    let bytesDiscarded = 0;
    for (const { data: { byteLength } } of dropped) {
      this.budget.leave(state.index, byteLength);
      bytesDiscarded += byteLength;
    }
    state.counters.samplesDropped += dropped.length;
    if (!this.#isOpen) state.restart();
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
    this.#releaseAll();
    this.#interleaver.refill();
    await this.#layout.flush();
  }

  /** A sink leaves: it still gets everything taken so far, and then nothing more. */
  async leave(last: () => Output): Promise<void> {
    if (this.#hasSamples) {
      this.#releaseAll();
      this.#interleaver.refill();
    }
    await this.#layout.leave(last);
  }

  /** A sink joins. */
  join(output: Output): Promise<void> {
    return this.#layout.join(output);
  }

  /** Resolves when everything taken is with the muxer. Rejects with `no-samples` if there is nothing. */
  async drain(): Promise<void> {
    if (!this.#hasSamples) throw this.#noSamples();
    this.#releaseAll();
    await this.#layout.step(() => {});
  }

  #noSamples(): MuxError {
    const undescribed = this.#states.filter((state) => state.raw.length > 0).map((state) =>
      `stream ${state.config.streamNumber} is not described, ${this.#muxer.missing(state.index)}`
    );
    return noSamples(this.#options.counters, undescribed);
  }

  /** Closes the last unit and hands it out: the counts are frozen. Reports what the streams lack. */
  finish(): void {
    this.#layout.finish();
    for (const state of this.#states) {
      const complaint = state.complain();
      if (complaint) this.#options.onWarning(complaint);
    }
  }

  /** Lets go of everything that waits: it is counted as dropped. */
  abandon(): void {
    this.#layout.abandon();
    for (const { counters } of this.#states) counters.abandon();
  }

  #drop(state: StreamState, error: unknown): void {
    if (!(error instanceof MuxError)) throw error;
    state.counters.samplesDropped++;
    this.#options.onStreamError(state.index, error);
  }
}
