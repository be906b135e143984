/**
 * A container over any number of byte sinks: the built-in kind of media sink.
 *
 * ```text
 *   write ─► describe, frame, decode time ─► interleaver ─► Layout: queue ─► muxer ─► chunks ─► Output × n
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

import type { Muxer, NumberedStream, Packetizer } from "../container/container.ts";
import { MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { Problem } from "../media/problem.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { Backlog } from "./backlog.ts";
import type { StreamCounters } from "./counters.ts";
import type { Incoming } from "./incoming.ts";
import { Interleaver } from "./interleaver.ts";
import { Lane } from "./lane.ts";
import { Layout, type LayoutOptions } from "./layout.ts";
import { type Discarded, noSamples, type Target } from "./media_sink.ts";
import type { Settings } from "./options.ts";
import { type Output, smallestPacketBytes } from "./output.ts";
import { beforeZero, tooLate, undescribed } from "./refusals.ts";
import type { Room } from "./room.ts";
import { heldCopy, type HeldSample } from "./sample_queue.ts";

/** What a session gives its mux sink. */
export interface MuxSinkOptions extends Settings {
  readonly muxer: Muxer;
  readonly streams: readonly NumberedStream[];
  readonly counters: readonly StreamCounters[];
  readonly outputs: readonly Output[];
  /** The metadata as they stand. */
  metadata(): Metadata;
  /** As of the layout. */
  readonly relieve: LayoutOptions["relieve"];
  /** Something went wrong without being fatal. */
  onWarning(warning: MuxError): void;
  /** A sample that was taken had to be given up. */
  onStreamError(stream: number, error: MuxError): void;
  /** The container itself failed: nothing can go on. */
  onFatal(error: unknown): void;
}

/** See the module's text. */
export class MuxSink implements Target {
  readonly backlog: Backlog;
  readonly #options: MuxSinkOptions;
  readonly #muxer: Muxer;
  #packetizer!: Packetizer;
  readonly #lanes: readonly Lane[];
  readonly #interleaver: Interleaver;
  readonly #layout: Layout;
  #isOpen = false;
  #isOpening = false;
  /** What is held goes on its way, sinks are called: what they hand in comes behind all of it. */
  #isReleasing = false;
  /** The caller's time that is the session's zero. */
  #zero = 0;

  constructor(options: MuxSinkOptions) {
    this.#options = options;
    this.#muxer = options.muxer;
    this.backlog = new Backlog(options.maxQueuedBytes, options.counters);
    this.#lanes = options.streams.map((config, index) => new Lane(index, config, options.counters[index]!));
    this.#interleaver = new Interleaver(
      this.#lanes.length,
      options.interleaveWindowMs,
      options.maxQueuedBytes / 2, // so that a lagging stream always finds room
    );
    this.#layout = new Layout({
      ...options,
      lanes: this.#lanes,
      onDequeue: (sample) => this.backlog.leave(sample.stream, sample.data.byteLength),
    });
  }

  /** Length of the presentation so far, microseconds. */
  get duration(): number {
    return this.#isOpen ? this.#packetizer.duration : 0;
  }

  /** Units closed so far. */
  get unitCount(): number {
    return this.#isOpen ? this.#packetizer.unitCount : 0;
  }

  /** Why these metadata do not fit any more; `undefined` when they do. */
  checkMetadata(metadata: Metadata): Problem | undefined {
    return this.#muxer.checkMetadata(metadata);
  }

  get room(): Room {
    return this.#layout.room;
  }

  /** Takes one sample. @throws {MuxError} For a sample that is refused; nothing has changed then. */
  write(stream: number, sample: Incoming, metadata?: ChunkMetadata): Promise<void> | undefined {
    const lane = this.#lanes[stream]!;
    if (lane.isAbsent) throw this.#missing(lane, sample.timestamp);
    sample.extend(this.#muxer, stream, lane.config.streamNumber);
    if (this.#options.startTime === "rebase-each") lane.rebase(sample);
    if (!lane.facts && !this.#learn(lane, sample.data, metadata)) return void this.#holdRaw(lane, sample);
    const pieces = this.#muxer.frame(stream, sample.data, sample.isKey);
    this.#checkTimes(lane, sample);
    const time = lane.takeTime(sample);
    try {
      if (this.#interleaver.isLate(stream, time)) lane.lateCount++;
      this.#interleaver.advance(stream, time);
      const passes = this.#isOpen && this.#interleaver.passes(time);
      if (passes && this.#layout.isClear) {
        this.#layout.layOut(lane, pieces, sample, time);
      } else {
        this.#hold(lane, pieces.toUint8Array(), sample, time);
        if (!this.#isOpen) this.#openIfDue();
      }
      if (this.#interleaver.heldCount > 0) this.#release();
    } catch (error) { // the sample is half way in: nothing could put it right
      this.#options.onFatal(error);
      throw error;
    }
    return this.#layout.room.wait();
  }

  #checkTimes(lane: Lane, sample: Incoming | HeldSample): void {
    const { timestamp, decodeTimestamp } = sample;
    const decode = decodeTimestamp === decodeTimestamp ? decodeTimestamp : timestamp;
    const zero = this.#isOpen ? this.#zero : this.#findZero(decode);
    if (decode < zero) throw beforeZero(lane.config.streamNumber, timestamp, decode, zero);
    this.#muxer.checkTimes(lane.index, timestamp - zero, decode - zero);
    if (!this.#isOpen) this.#checkHeldTimes(zero);
    if (this.#options.onLag === "error" && this.#interleaver.isLate(lane.index, decode)) {
      throw tooLate(lane.config.streamNumber, timestamp);
    }
  }

  /** An earlier zero makes the times of what is held larger. */
  #checkHeldTimes(zero: number): void {
    for (const { hasBegun, index, latestTimestamp, lastTime } of this.#lanes) {
      if (hasBegun) this.#muxer.checkTimes(index, latestTimestamp - zero, lastTime - zero);
    }
  }

  /** The caller's time that is the session's zero, as far as it is known. */
  #findZero(earliest = Infinity): number {
    if (this.#options.startTime !== "rebase-all") return 0; // "rebase-each" has been settled on the way in
    for (const lane of this.#lanes) if (lane.firstTime < earliest) earliest = lane.firstTime;
    return earliest;
  }

  // ── Description ──

  /** Describes what can be described from the configuration alone. @throws {MuxError} `unsupported`, `bad-media`. */
  describe(stream: number): void {
    const facts = this.#muxer.describe(stream);
    if (facts) this.#lanes[stream]!.settle(facts);
  }

  /** Whether the stream is described now; then what it had waiting goes its way. */
  #learn(lane: Lane, data: Uint8Array, metadata?: ChunkMetadata): boolean {
    const facts = this.#muxer.describe(lane.index, metadata, data);
    if (!facts) return false;
    lane.settle(facts);
    for (const sample of lane.raw.splice(0)) {
      this.backlog.leave(lane.index, sample.data.byteLength);
      try {
        const pieces = this.#muxer.frame(lane.index, sample.data, sample.isKey);
        this.#checkTimes(lane, sample);
        const time = lane.takeTime(sample);
        this.#interleaver.advance(lane.index, time);
        this.#hold(lane, pieces.toUint8Array(), sample, time);
      } catch (error) {
        this.#drop(lane, error);
      }
    }
    return true;
  }

  /** Keeps a sample of a stream that is not described yet: while the session may still open with that stream. */
  #holdRaw(lane: Lane, sample: Incoming): void {
    const { openWindowMs } = this.#options;
    const first = lane.raw[0]?.timestamp ?? sample.timestamp;
    const isOver = sample.timestamp - first > openWindowMs * 1000 || this.backlog.isHalfFull;
    if (this.#isOpen || isOver) throw this.#missing(lane, sample.timestamp);
    lane.raw.push(heldCopy(lane.index, sample.data.slice(), sample, sample.decodeTimestamp));
    this.backlog.enter(lane.index, sample.data.byteLength);
  }

  #missing(lane: Lane, timestamp: number): MuxError {
    return undescribed(lane.config.streamNumber, timestamp, this.#muxer.missing(lane.index));
  }

  // ── Opening window ──

  #openIfDue(): void {
    let first = Infinity;
    let last = -Infinity;
    let isComplete = true;
    for (const lane of this.#lanes) {
      if (lane.firstTime < first) first = lane.firstTime;
      if (!lane.facts?.sparse && lane.lastTime > last) last = lane.lastTime;
    }
    const isLive = this.#options.maxLatencyMs !== undefined;
    let isComing = false;
    for (const lane of this.#lanes) {
      if (!lane.isReady(first, isLive)) isComplete = false;
      if (lane.isComing) isComing = true;
    }
    const isOver = last - first >= this.#options.openWindowMs * 1000;
    if (isComplete || (isOver && !isComing) || this.backlog.isHalfFull) this.#open();
  }

  /** Fixes everything the first unit fixes. A sink that writes or flushes while it gets its header changes nothing of that. */
  #open(): void {
    if (this.#isOpening) return;
    this.#isOpening = true;
    try {
      this.#zero = this.#findZero();
      for (const lane of this.#lanes) {
        if (!lane.facts) this.#leaveOut(lane);
        else if (lane.facts.sparse) this.#interleaver.setSparse(lane.index);
        if (lane.isAbsent || lane.hasEnded) this.#interleaver.exclude(lane.index);
      }
      this.#interleaver.begin(this.#zero);
      this.#packetizer = this.#muxer.begin({
        metadata: this.#options.metadata(),
        bitrates: this.#lanes.map((lane) => lane.measuredBitrate),
        present: this.#lanes.map((lane) => !lane.isAbsent),
        presentationStart: Math.max(0, -this.#zero),
        firstTimestamps: this.#lanes.map(({ firstTimestamp }) => firstTimestamp - this.#zero),
        maxUnitBytes: smallestPacketBytes(this.#options.outputs),
        maxLatencyMs: this.#options.maxLatencyMs,
      });
      this.#layout.begin(this.#packetizer, this.#zero);
      this.#isOpen = true;
      this.#release();
    } catch (error) {
      this.#options.onFatal(error);
      throw error;
    }
  }

  #leaveOut(lane: Lane): void {
    lane.isAbsent = true;
    for (const sample of lane.raw.splice(0)) {
      this.backlog.leave(lane.index, sample.data.byteLength);
      this.#drop(lane, this.#missing(lane, sample.timestamp));
    }
  }

  // ── Order ──

  #hold(lane: Lane, data: Uint8Array, sample: Incoming | HeldSample, time: number): void {
    const held = heldCopy(lane.index, data, sample, time);
    this.backlog.enter(lane.index, data.byteLength);
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
    const lane = this.#lanes[stream]!;
    if (this.#options.startTime === "rebase-each" && !lane.hasBegun) return; // its clock has no zero yet
    const onClock = time - lane.base;
    this.#quiet(stream, onClock, () => this.#interleaver.tick(stream, onClock));
  }

  endSegment(stream: number): void {
    this.#quiet(stream, Infinity, () => this.#interleaver.rest(stream));
  }

  endStream(stream: number): void {
    this.#lanes[stream]!.hasEnded = true;
    this.#quiet(stream, Infinity, () => this.#interleaver.end(stream));
  }

  /** A stream has nothing until `time`: others may go on. */
  #quiet(stream: number, time: number, action: () => void): void {
    this.#lanes[stream]!.beQuiet(time);
    action();
    if (!this.#isOpen && this.#hasSamples) this.#openIfDue();
    this.#release();
  }

  /** Streams share what is held and what is padded, so a marker takes the flush. */
  placeMarker(): Promise<void> {
    return this.flush();
  }

  discard(stream: number): Discarded {
    const lane = this.#lanes[stream]!;
    const held = this.#interleaver.discard(stream, !this.#isOpen);
    const dropped = [...lane.raw.splice(0), ...this.#layout.discard(stream), ...held];
    let bytesDiscarded = 0;
    for (const { data: { byteLength } } of dropped) {
      this.backlog.leave(lane.index, byteLength);
      bytesDiscarded += byteLength;
    }
    lane.counters.samplesDropped += dropped.length;
    if (!this.#isOpen) lane.restart();
    this.#release();
    this.room.update();
    return { samplesDiscarded: dropped.length, bytesDiscarded };
  }

  /** A container has no end-of-segment mark of its own. */
  endStreams(): Promise<void> {
    return Promise.resolve();
  }

  get #hasSamples(): boolean {
    return this.#lanes.some((lane) => lane.hasBegun);
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
    const undescribed = this.#lanes.filter((lane) => lane.raw.length > 0).map((lane) =>
      `stream ${lane.config.streamNumber} is not described, ${this.#muxer.missing(lane.index)}`
    );
    return noSamples(this.#options.counters, undescribed);
  }

  /** Closes the last unit and hands it out: the counts are frozen. Reports what the streams lack. */
  finish(): void {
    this.#layout.finish();
    for (const lane of this.#lanes) {
      const complaint = lane.complain();
      if (complaint) this.#options.onWarning(complaint);
    }
  }

  /** Lets go of everything that waits: it is counted as dropped. */
  abandon(): void {
    this.#layout.abandon();
    for (const { counters } of this.#lanes) counters.abandon();
  }

  #drop(lane: Lane, error: unknown): void {
    if (!(error instanceof MuxError)) throw error;
    lane.counters.samplesDropped++;
    this.#options.onStreamError(lane.index, error);
  }
}
