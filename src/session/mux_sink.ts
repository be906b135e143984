/**
 * A container over any number of byte sinks: the built-in kind of media sink.
 *
 * ```text
 *   write ─► describe, frame, decode time ─► interleaver ─► queue ─► muxer ─► chunks ─► Output × n
 *            (may refuse: nothing taken)     (holds what    (only while
 *                                             is ahead)      sinks are behind)
 * ```
 *
 * Invariants
 * - A sample is refused before anything has changed, or taken and accounted for: laid out, queued, or counted as dropped
 *   with a warning.
 * - The order in which samples, flushes and joins reach the muxer depends on the calls and the samples' times alone,
 *   never on the sinks' timing: whatever has to wait for sinks waits in one queue.
 * - Nothing reaches the muxer between a `write` that came back unfinished and the `resume` that finished it.
 *
 * @module
 */

import type { Muxer, MuxSample, NumberedStream } from "../container/container.ts";
import { MuxError } from "../errors.ts";
import { Gather } from "../media/gather.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { StreamCounters } from "./counters.ts";
import type { Incoming } from "./incoming.ts";
import { Interleaver } from "./interleaver.ts";
import { Lane } from "./lane.ts";
import { LatencyTimer } from "./latency_timer.ts";
import type { Output } from "./output.ts";
import { Room } from "./room.ts";
import { Fifo, type HeldSample } from "./sample_queue.ts";
import { SharedChunk } from "./shared_chunk.ts";

/** What a session sets for its mux sink. */
export interface MuxSinkOptions {
  readonly muxer: Muxer;
  readonly streams: readonly NumberedStream[];
  readonly counters: readonly StreamCounters[];
  readonly outputs: readonly Output[];
  readonly maxLatencyMs?: number;
  readonly openWindowMs: number;
  readonly interleaveWindowMs: number;
  readonly onLag: "continue" | "error";
  readonly maxQueuedBytes: number;
  readonly startTime: "rebase-all" | "rebase-each" | "keep";
  /** The metadata as they stand. */
  metadata(): Metadata;
  /** Something went wrong without being fatal. */
  onWarning(warning: MuxError): void;
  /** The container itself failed: nothing can go on. */
  onFatal(error: unknown): void;
}

/** What can wait for sinks: a sample, or something to be done when its turn has come. */
type Step = HeldSample | (() => void);

/** See the module's text. */
export class MuxSink {
  readonly #options: MuxSinkOptions;
  readonly #muxer: Muxer;
  readonly #lanes: readonly Lane[];
  readonly #outputs: Output[];
  readonly #interleaver: Interleaver;
  readonly #queue = new Fifo<Step>();
  readonly #room: Room;
  readonly #latency: LatencyTimer | undefined;
  readonly #heldPieces = new Gather();
  readonly #sample: MuxSample;
  #isOpen = false;
  /** The caller's time that is the session's zero. */
  #zero = 0;
  #isDone = false;
  /** Bytes of all samples that wait anywhere. */
  #queuedBytes = 0;
  /** The muxer has kept a rest. */
  #isStuck = false;
  #isPumping = false;
  #releaseCount = 0;
  #joining: Output[] = [];
  readonly #hasVideo: boolean;

  constructor(options: MuxSinkOptions) {
    this.#options = options;
    this.#muxer = options.muxer;
    this.#outputs = [...options.outputs];
    this.#lanes = options.streams.map((config, index) => new Lane(index, config, options.counters[index]!));
    this.#hasVideo = this.#lanes.some((lane) => lane.isVideo);
    this.#interleaver = new Interleaver(
      this.#lanes.length,
      options.interleaveWindowMs,
      options.maxQueuedBytes / 2, // so that a lagging stream always finds room
    );
    this.#room = new Room(() => !this.#isStuck && this.#queue.length === 0 && (!this.#isOpen || this.#muxer.hasRoom));
    this.#sample = {
      stream: 0,
      gather: this.#heldPieces,
      timestamp: 0,
      decodeTimestamp: 0,
      duration: -1,
      isKey: true,
    };
    if (options.maxLatencyMs !== undefined) {
      this.#latency = new LatencyTimer(options.maxLatencyMs, () => this.#attempt(() => this.#closeUnit()));
    }
  }

  /** Describes what can be described from the configuration alone. @throws {MuxError} `unsupported`, `bad-media`. */
  describe(stream: number): void {
    const lane = this.#lanes[stream]!;
    const facts = this.#muxer.describe(stream);
    if (facts) lane.settle(facts);
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

  /** Resolves when a sample can be written without waiting. */
  get ready(): Promise<void> {
    return this.#room.ready;
  }

  /** Takes one sample. @throws {MuxError} For a sample that is refused; nothing has changed then. */
  write(stream: number, sample: Incoming, metadata?: ChunkMetadata): Promise<void> | undefined {
    const lane = this.#lanes[stream]!;
    if (lane.isAbsent) throw this.#missing(lane, sample.timestamp);
    this.#checkQueue(lane, sample);
    if (this.#options.startTime === "rebase-each") lane.rebase(sample);
    if (!lane.facts && !this.#learn(lane, sample.data, metadata)) {
      this.#holdRaw(lane, sample);
      return;
    }
    const pieces = this.#muxer.frame(stream, sample.data, sample.isKey);
    this.#checkTimes(lane, sample);
    const time = lane.takeTime(sample);
    try {
      this.#interleaver.advance(stream, time);
      if (this.#isOpen && this.#queue.length === 0 && !this.#isStuck && this.#interleaver.passes(stream, time)) {
        this.#layOut(lane, pieces, sample.timestamp, time, sample.duration, sample.isKey);
      } else {
        this.#hold(lane, pieces.toUint8Array(), sample, time);
        if (!this.#isOpen) this.#openIfDue();
      }
      if (this.#interleaver.heldCount > 0) this.#release();
    } catch (error) { // the sample is half way in: nothing could put it right
      this.#options.onFatal(error);
      throw error;
    }
    return this.#room.wait();
  }

  #checkQueue(lane: Lane, sample: Incoming): void {
    const bytes = sample.data.byteLength;
    const limit = this.#options.maxQueuedBytes;
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > limit) {
      throw new MuxError(
        "queue-full",
        `Cannot write sample to stream ${lane.config.streamNumber}: ${this.#queuedBytes} bytes are waiting, ` +
          `must not exceed ${limit}; await the promise of writeSample, or ready`,
        { streamNumber: lane.config.streamNumber, timestamp: sample.timestamp },
      );
    }
  }

  #checkTimes(lane: Lane, sample: Incoming): void {
    const { timestamp } = sample;
    const decode = sample.decodeTimestamp === sample.decodeTimestamp ? sample.decodeTimestamp : timestamp;
    const { streamNumber } = lane.config;
    const origin = this.#isOpen ? this.#zero : this.#findZero(decode);
    if (decode < origin) {
      throw new MuxError(
        "late-sample",
        `Cannot write sample to stream ${streamNumber}: its time ${decode} µs lies before the session's zero, ${origin} µs`,
        { streamNumber, timestamp },
      );
    }
    this.#muxer.checkTimes(lane.index, timestamp - origin, decode - origin);
    if (this.#options.onLag === "error" && this.#isOpen && this.#interleaver.isLagging(lane.index)) {
      const error = `Cannot write sample to stream ${streamNumber}: it comes later than the others could wait for`;
      throw new MuxError("late-sample", error, { streamNumber, timestamp });
    }
  }

  /** The caller's time that is the session's zero, as far as it is known. */
  #findZero(earliest = Infinity): number {
    if (this.#options.startTime !== "rebase-all") return 0; // "rebase-each" has been settled on the way in
    for (const lane of this.#lanes) if (lane.firstTime < earliest) earliest = lane.firstTime;
    return earliest;
  }

  // ── Description ──

  /** Whether the stream is described now; then what it had waiting goes its way. */
  #learn(lane: Lane, data: Uint8Array, metadata?: ChunkMetadata): boolean {
    const facts = this.#muxer.describe(lane.index, metadata, data);
    if (!facts) return false;
    lane.settle(facts);
    for (const sample of lane.raw.splice(0)) {
      this.#dequeue(lane, sample.data.byteLength);
      try {
        const pieces = this.#muxer.frame(lane.index, sample.data, sample.isKey);
        const time = lane.takeTime(sample);
        this.#interleaver.advance(lane.index, time);
        this.#hold(lane, pieces.toUint8Array(), sample, time);
      } catch (error) {
        this.#drop(lane, error);
      }
    }
    return true;
  }

  #holdRaw(lane: Lane, sample: Incoming): void {
    const first = lane.raw[0]?.timestamp ?? sample.timestamp;
    if (this.#isOpen || sample.timestamp - first > this.#options.openWindowMs * 1000) {
      throw this.#missing(lane, sample.timestamp);
    }
    lane.raw.push(copy(lane.index, sample.data.slice(), sample, sample.decodeTimestamp, true));
    this.#enqueue(lane, sample.data.byteLength);
  }

  #missing(lane: Lane, timestamp: number): MuxError {
    const { streamNumber } = lane.config;
    return new MuxError(
      "missing-description",
      `Cannot write sample to stream ${streamNumber}: it is not described, ${this.#muxer.missing(lane.index)}`,
      { streamNumber, timestamp },
    );
  }

  // ── Opening window ──

  #openIfDue(): void {
    let first = Infinity;
    let last = -Infinity;
    let isComplete = true;
    for (const lane of this.#lanes) {
      if (lane.firstTime < first) first = lane.firstTime;
      if (lane.lastTime > last) last = lane.lastTime;
      if (!lane.hasEnded && !lane.facts?.sparse && !(lane.facts && lane.hasBegun)) isComplete = false;
    }
    const { openWindowMs, maxQueuedBytes } = this.#options;
    if (isComplete || last - first >= openWindowMs * 1000 || this.#queuedBytes > maxQueuedBytes / 2) this.#open();
  }

  /** Fixes everything the first unit fixes, and hands the header to the sinks. */
  #open(): void {
    this.#zero = this.#findZero();
    for (const lane of this.#lanes) {
      if (lane.facts) continue;
      lane.isAbsent = true;
      for (const sample of lane.raw.splice(0)) {
        this.#dequeue(lane, sample.data.byteLength);
        this.#drop(lane, this.#missing(lane, sample.timestamp));
      }
    }
    for (const lane of this.#lanes) {
      if (lane.isAbsent || lane.facts?.sparse || lane.hasEnded) this.#interleaver.exclude(lane.index);
    }
    this.#interleaver.begin(this.#zero);
    this.#muxer.begin({
      metadata: this.#options.metadata(),
      bitrates: this.#lanes.map((lane) => lane.measuredBitrate),
      present: this.#lanes.map((lane) => !lane.isAbsent),
      maxUnitBytes: smallest(this.#outputs.map((output) => output.maxPacketBytes)),
      maxLatencyMs: this.#options.maxLatencyMs,
    });
    this.#isOpen = true;
    for (const output of this.#outputs) output.start(this.#muxer, false);
    this.#release();
  }

  // ── Order ──

  #hold(lane: Lane, data: Uint8Array, sample: Incoming | HeldSample, time: number): void {
    const held = copy(lane.index, data, sample, time, false);
    this.#enqueue(lane, data.byteLength);
    if (this.#isOpen && this.#interleaver.passes(lane.index, time)) this.#queue.push(held);
    else this.#interleaver.hold(held);
  }

  /** Moves what passes from the interleaver to the queue, and the queue on. */
  #release(): void {
    if (!this.#isOpen) return;
    for (let held; (held = this.#interleaver.next());) this.#queue.push(held);
    this.#pump();
  }

  /** Runs what waits, as far as the sinks allow. */
  #pump(): void {
    if (this.#isPumping || !this.#isOpen) return;
    this.#isPumping = true;
    this.#attempt(() => {
      while (!this.#isDone && this.#unstick()) {
        const step = this.#queue.shift();
        if (step === undefined) break;
        if (typeof step === "function") {
          step();
          continue;
        }
        const lane = this.#lanes[step.stream]!;
        this.#dequeue(lane, step.data.byteLength);
        this.#heldPieces.clear();
        this.#heldPieces.add(step.data);
        this.#layOut(lane, this.#heldPieces, step.timestamp, step.decodeTimestamp, step.duration, step.isKey);
      }
    });
    this.#isPumping = false;
    this.#room.update();
  }

  /** Whether the muxer is free for the next sample. */
  #unstick(): boolean {
    while (this.#isStuck) {
      const before = this.#releaseCount;
      this.#isStuck = !this.#muxer.resume();
      this.#handOut(false);
      if (this.#isStuck && this.#releaseCount === before) return false;
    }
    return true;
  }

  // ── Layout ──

  #layOut(lane: Lane, pieces: Gather, timestamp: number, time: number, duration: number, isKey: boolean): void {
    const sample = this.#sample;
    sample.stream = lane.index;
    sample.gather = pieces;
    sample.timestamp = timestamp - this.#zero;
    sample.decodeTimestamp = time - this.#zero;
    sample.duration = duration;
    sample.isKey = isKey;
    if (isKey && (lane.isVideo || !this.#hasVideo)) this.#passCleanPoint(sample.decodeTimestamp, lane.isVideo);
    if (this.#interleaver.isLagging(lane.index)) lane.lateCount++;
    const bytes = pieces.byteLength;
    this.#isStuck = !this.#muxer.write(sample);
    lane.counters.processed(timestamp + lane.base, bytes);
    if (this.#muxer.hasChunk) this.#handOut(false);
    if (this.#latency) this.#boundLatency(sample.decodeTimestamp);
    if (this.#isStuck && !this.#isPumping) this.#pump();
  }

  /** Before a key frame: sinks that have joined begin here, and a sink that skips can go on here. */
  #passCleanPoint(time: number, isVideo: boolean): void {
    if (this.#joining.length === 0 && !(isVideo && this.#outputs.some((output) => output.isHealthy && output.drops))) {
      return;
    }
    this.#closeUnit();
    for (const output of this.#joining.splice(0)) output.admit(this.#muxer.unitCount, this.#joinTime(time));
  }

  /** A time that nothing yet to come lies before. */
  #joinTime(time: number): number {
    for (const lane of this.#lanes) {
      const last = lane.lastTime - this.#zero;
      if (!lane.hasEnded && !lane.facts?.sparse && last < time) time = last;
    }
    return Math.max(0, time);
  }

  #boundLatency(time: number): void {
    const held = this.#muxer.heldTimestamp;
    if (held < 0) this.#latency!.clear();
    else if (time - held >= this.#options.maxLatencyMs! * 1000) this.#closeUnit();
    else this.#latency!.touch();
  }

  #closeUnit(): void {
    if (this.#isStuck || this.#isDone) return;
    this.#muxer.closeUnit();
    this.#handOut(true);
    this.#latency?.clear();
  }

  #handOut(partial: boolean): void {
    for (let chunk; (chunk = this.#muxer.nextChunk(partial));) {
      const shared = new SharedChunk(chunk, this.#onRelease);
      for (const output of this.#outputs) output.push(shared);
      shared.unpin();
    }
  }

  readonly #onRelease = (): void => {
    this.#releaseCount++;
    if (this.#isPumping || this.#isDone) return;
    if (this.#isStuck || this.#queue.length > 0) this.#pump();
    else this.#room.update();
  };

  // ── What a session asks for ──

  /** Nothing comes from this stream before `time`. */
  tick(stream: number, time: number): void {
    this.#interleaver.advance(stream, time - this.#lanes[stream]!.base);
    this.#release();
  }

  /** Nothing comes from this stream any more. */
  endStream(stream: number): void {
    this.#lanes[stream]!.hasEnded = true;
    this.#interleaver.end(stream);
    if (!this.#isOpen && this.#hasSamples) this.#openIfDue();
    this.#release();
  }

  get #hasSamples(): boolean {
    return this.#lanes.some((lane) => lane.hasBegun);
  }

  /** Resolves when everything taken so far is with every sink. */
  async flush(): Promise<void> {
    if (!this.#isOpen) {
      if (!this.#hasSamples) return;
      this.#open();
    }
    this.#interleaver.drain();
    this.#release();
    this.#interleaver.refill();
    await this.#step(() => this.#closeUnit());
    await Promise.all(this.#outputs.map((output) => output.idle()));
  }

  /** A sink joins: before the opening it takes part from the first unit, afterwards from the next clean point. */
  async join(output: Output): Promise<void> {
    this.#outputs.push(output);
    if (!this.#isOpen) return;
    await this.#step(() => {
      output.start(this.#muxer, true);
      if (output.isJoining) this.#joining.push(output);
    });
  }

  /** Resolves when everything taken is with the muxer. Rejects with `no-samples` if there is nothing. */
  async drain(): Promise<void> {
    if (!this.#isOpen) {
      if (!this.#hasSamples) throw this.#noSamples();
      this.#open();
    }
    this.#interleaver.drain();
    this.#release();
    await this.#step(() => {});
  }

  #noSamples(): MuxError {
    const waiting = this.#lanes.filter((lane) => lane.raw.length > 0).map((lane) =>
      `stream ${lane.config.streamNumber} is not described, ${this.#muxer.missing(lane.index)}`
    );
    const why = waiting.length > 0 ? waiting.join("; ") : "no stream got a sample";
    return new MuxError("no-samples", `Cannot finish: ${why}`);
  }

  /** Closes the last unit and hands it out: the counts are frozen. Reports what the streams lack. */
  finish(): void {
    this.#muxer.finish();
    this.#handOut(true);
    this.#stop();
    for (const { config, counters, lateCount } of this.#lanes) {
      const { streamNumber } = config;
      if (counters.samplesReceived === 0) {
        const text = `Stream ${streamNumber} got no samples`;
        this.#options.onWarning(new MuxError("no-samples", text, { streamNumber }));
      } else if (lateCount > 0) {
        const text = `Stream ${streamNumber} fell behind the others: ${lateCount} samples came late`;
        this.#options.onWarning(new MuxError("late-sample", text, { streamNumber }));
      }
    }
  }

  /** Lets go of everything that waits; promises that wait for it reject with `reason`. */
  abandon(reason: unknown): void {
    this.#stop();
    for (const lane of this.#lanes) {
      lane.counters.samplesDropped += lane.counters.samplesReceived - lane.counters.samplesProcessed -
        lane.counters.samplesDropped;
      lane.counters.bytesQueued = 0;
    }
    this.#room.fail(reason);
  }

  #stop(): void {
    this.#isDone = true;
    this.#latency?.clear();
  }

  /** Does something when its turn has come; rejects when the session is given up before. */
  #step(action: () => void): Promise<void> {
    return this.#room.race((resolve) => {
      this.#queue.push(() => {
        action();
        resolve();
      });
      this.#pump();
    });
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.onFatal(error);
    }
  }

  // ── Accounts ──

  #enqueue(lane: Lane, bytes: number): void {
    this.#queuedBytes += bytes;
    lane.counters.bytesQueued += bytes;
  }

  #dequeue(lane: Lane, bytes: number): void {
    this.#queuedBytes -= bytes;
    lane.counters.bytesQueued -= bytes;
  }

  #drop(lane: Lane, error: unknown): void {
    if (!(error instanceof MuxError)) throw error;
    lane.counters.samplesDropped++;
    this.#options.onWarning(error);
  }
}

function copy(
  stream: number,
  data: Uint8Array,
  sample: Incoming | HeldSample,
  decodeTimestamp: number,
  isRaw: boolean,
): HeldSample {
  const { timestamp, duration, isKey } = sample;
  return { stream, data, isRaw, timestamp, decodeTimestamp, duration, isKey };
}

function smallest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
