/**
 * The opening window: samples are held until every stream is described and has begun, or the wait is over. What the first
 * unit fixes is fixed then.
 *
 * @module
 */

import type { Muxer, Packetizer } from "../../container/container.ts";
import { MuxError } from "../../errors.ts";
import type { Metadata } from "../../media/metadata.ts";
import type { ChunkMetadata } from "../../media/sample.ts";
import type { IncomingSample } from "../input/incoming_sample.ts";
import type { QueueBudget } from "../input/queue_budget.ts";
import type { Settings } from "../options.ts";
import type { Output } from "../outputs/output.ts";
import { decodeTimeOf, type HeldSample, holdSample } from "./held_sample.ts";
import type { Interleaver } from "./interleaver.ts";
import { beforeZero, undescribed } from "./refusals.ts";
import type { StreamState } from "./stream_state.ts";

/** What an opening window works on. */
export interface OpeningWindowOptions
  extends Pick<Settings, "startTime" | "openWindowMs" | "describeWindowMs" | "maxLatencyMs"> {
  readonly muxer: Muxer;
  readonly states: readonly StreamState[];
  readonly interleaver: Interleaver;
  readonly budget: QueueBudget;
  readonly outputs: readonly Output[];
  /** The metadata as they stand. */
  metadata(): Metadata;
  /** A sample that was taken had to be given up. */
  onStreamError(stream: number, error: MuxError): void;
}

/** See the module's text. */
export class OpeningWindow {
  readonly #options: OpeningWindowOptions;
  readonly #muxer: Muxer;
  readonly #states: readonly StreamState[];
  readonly #budget: QueueBudget;

  constructor(options: OpeningWindowOptions) {
    this.#options = options;
    this.#muxer = options.muxer;
    this.#states = options.states;
    this.#budget = options.budget;
  }

  /**
   * Holds a sample. Answers whether its stream is described, with this sample at the latest; else it waits as it came.
   *
   * @throws {MuxError} For a sample that is refused; nothing has changed then.
   */
  hold(state: StreamState, sample: IncomingSample, metadata?: ChunkMetadata): boolean {
    if (!state.facts && !this.#learn(state, sample.data, metadata)) {
      this.#holdRaw(state, sample);
      return false;
    }
    this.#frame(state, sample);
    return true;
  }

  /** Whether the stream is described now; then what it had waiting is held in its order. */
  #learn(state: StreamState, data: Uint8Array, metadata?: ChunkMetadata): boolean {
    const facts = this.#muxer.describe(state.index, metadata, data);
    if (!facts) return false;
    state.setFacts(facts);
    for (const sample of state.raw.splice(0)) {
      this.#budget.leave(state.index, sample.data.byteLength);
      try {
        this.#frame(state, sample);
      } catch (error) {
        this.#drop(state, error);
      }
    }
    return true;
  }

  #frame(state: StreamState, sample: IncomingSample | HeldSample): void {
    const pieces = this.#muxer.frame(state.index, sample.data, sample.isKey);
    this.#checkTimes(state, sample);
    const time = state.takeTime(sample);
    this.#options.interleaver.advance(state.index, time);
    const held = holdSample(state.index, pieces.toUint8Array(), sample, time);
    this.#budget.enter(state.index, held.data.byteLength);
    this.#options.interleaver.hold(held);
  }

  /** Keeps a sample of a stream that is not described yet. @throws {MuxError} `missing-description` when the wait is over. */
  #holdRaw(state: StreamState, sample: IncomingSample): void {
    const first = state.raw[0]?.timestamp ?? sample.timestamp;
    const isOver = sample.timestamp - first > this.#options.openWindowMs * 1000 || this.#budget.isHalfFull;
    if (isOver) {
      state.staysUndescribed = true;
      throw this.missing(state, sample.timestamp);
    }
    state.raw.push(holdSample(state.index, sample.data.slice(), sample, sample.decodeTimestamp));
    this.#budget.enter(state.index, sample.data.byteLength);
  }

  /** Why a sample of a stream that is not described is not taken. */
  missing({ config, index }: StreamState, timestamp: number): MuxError {
    return undescribed(config.streamNumber, timestamp, this.#muxer.missing(index));
  }

  /**
   * Whether the container can say this sample's times, and still those of what is held: an earlier zero makes them larger.
   *
   * @throws {MuxError} `late-sample`, `too-large`
   */
  #checkTimes(state: StreamState, sample: IncomingSample | HeldSample): void {
    const zero = this.findZero(decodeTimeOf(sample));
    checkTimes(this.#muxer, state, sample, zero);
    for (const { hasBegun, index, latestTimestamp, lastTime } of this.#states) {
      if (hasBegun) this.#muxer.checkTimes?.(index, latestTimestamp - zero, lastTime - zero);
    }
  }

  /** The caller's time that is the session's zero, as far as it is known. */
  findZero(earliest = Infinity): number {
    if (this.#options.startTime !== "rebase-all") return 0; // "rebase-each" has been settled on the way in
    for (const { firstTime } of this.#states) if (firstTime < earliest) earliest = firstTime;
    return earliest;
  }

  /** Whether nothing more is waited for. */
  get isOver(): boolean {
    let first = Infinity;
    let last = -Infinity;
    for (const { facts, firstTime, lastTime } of this.#states) {
      if (firstTime < first) first = firstTime;
      if (!facts?.sparse && lastTime > last) last = lastTime;
    }
    const isLive = this.#options.maxLatencyMs !== undefined;
    let isComplete = true;
    let isComing = false;
    let windowMs = this.#options.openWindowMs;
    for (const state of this.#states) {
      if (!state.isReady(first, isLive)) isComplete = false;
      if (state.isComing) isComing = true;
      if (state.mayBeDescribed) windowMs = this.#options.describeWindowMs;
    }
    const isTimeOver = last - first >= windowMs * 1000;
    return isComplete || (isTimeOver && !isComing) || this.#budget.isHalfFull;
  }

  /** Begins the muxer with what is known. @param zero The caller's time that is the session's zero. */
  close(zero: number): Packetizer {
    const { interleaver, metadata, outputs, maxLatencyMs } = this.#options;
    for (const state of this.#states) {
      if (!state.facts) this.#leaveOut(state);
      else if (state.facts.sparse) interleaver.setSparse(state.index);
      if (state.isAbsent || state.hasEnded) interleaver.exclude(state.index);
    }
    interleaver.begin(zero);
    return this.#muxer.begin({
      metadata: metadata(),
      bitrates: this.#states.map(({ measuredBitrate }) => measuredBitrate),
      present: this.#states.map(({ isAbsent }) => !isAbsent),
      presentationStart: Math.max(0, -zero),
      firstTimestamps: this.#states.map(({ firstTimestamp }) => firstTimestamp - zero),
      trimStarts: this.#states.map(({ trimStart }) => trimStart),
      sinks: outputs.map(({ abilities }) => abilities),
      maxUnitBytes: Math.min(...outputs.map(({ maxPacketBytes }) => maxPacketBytes)),
      maxLatencyMs,
    });
  }

  #leaveOut(state: StreamState): void {
    state.isAbsent = true;
    for (const sample of state.raw.splice(0)) {
      this.#budget.leave(state.index, sample.data.byteLength);
      this.#drop(state, this.missing(state, sample.timestamp));
    }
  }

  #drop(state: StreamState, error: unknown): void {
    if (!(error instanceof MuxError)) throw error;
    state.counters.lost(error);
    this.#options.onStreamError(state.index, error);
  }
}

/** Refuses a sample whose times lie before the session's zero, or that the container cannot say. @throws {MuxError} */
export function checkTimes(
  muxer: Muxer,
  { config, index }: StreamState,
  sample: IncomingSample | HeldSample,
  zero: number,
): void {
  const { timestamp } = sample;
  const time = decodeTimeOf(sample);
  if (time < zero) throw beforeZero(config.streamNumber, timestamp, time, zero);
  muxer.checkTimes?.(index, timestamp - zero, time - zero);
}
