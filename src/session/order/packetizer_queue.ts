/**
 * From ordered samples to chunks at the sinks: the part of a {@linkcode MuxSink} behind its opening.
 *
 * Invariants
 * - Samples, flushes and joins reach the muxer in the order they were put in: whatever has to wait for sinks waits in one
 *   queue, so the output depends on the calls and never on the sinks' timing.
 * - Nothing reaches the muxer between a `write` that came back unfinished and the `resume` that finished it.
 * - While the muxer or a sink is being called nothing else is: what a sink's call hands in or asks for waits its turn.
 *
 * @module
 */

import { Pieces } from "../../bytes/pieces.ts";
import type { Muxer, MuxSample } from "../../container/container.ts";
import { Backpressure } from "../backpressure.ts";
import { Fifo } from "../fifo.ts";
import type { IncomingSample } from "../input/incoming_sample.ts";
import type { Output } from "../outputs/output.ts";
import { SharedChunk } from "../outputs/shared_chunk.ts";
import type { HeldSample } from "./held_sample.ts";
import { LatencyTimer } from "./latency.ts";
import { SampleClock } from "./sample_clock.ts";
import type { StreamState } from "./stream_state.ts";

/** How long closed units wait for their chunk to get full, while a sink can be left half written: so much may be lost. */
const HAND_OUT_MS = 500;

/** A stream that is farther behind is silent, where the interleaving does not allow for more. */
const LONGEST_LAG_US = 1_000_000;

/** What can wait for sinks: a sample, or something to be done when its turn has come. */
type Step = HeldSample | (() => void);

/** What a layout works on. */
export interface PacketizerQueueOptions {
  readonly muxer: Muxer;
  readonly states: readonly StreamState[];
  readonly outputs: readonly Output[];
  readonly maxLatencyMs?: number;
  readonly interleaveWindowMs: number;
  /** An output ends here; answers the one that follows, if one does. */
  endOutput(output: Output, time: number): Output | undefined;
  /** A held sample goes on its way. */
  onDequeue(sample: HeldSample): void;
  /** The container itself failed: nothing can go on. */
  onFatal(error: unknown): void;
}

/** See the module's text. */
export class PacketizerQueue {
  readonly backpressure: Backpressure;
  readonly #options: PacketizerQueueOptions;
  readonly #muxer: Muxer;
  readonly #states: readonly StreamState[];
  #outputs: Output[];
  readonly #queue = new Fifo<Step>();
  readonly #latency: LatencyTimer | undefined;
  readonly #clock: SampleClock;
  /** Units closed when they were last handed out. */
  #handedUnitCount = 0;
  /** Whether a sink is to have what is closed without much delay: what it holds can be read at any time. */
  #keepsUp = false;
  #handOutTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #heldPieces = new Pieces();
  readonly #sample: MuxSample;
  #isOpen = false;
  #isDone = false;
  #isAbandoned = false;
  /** The caller's time that is the session's zero. */
  #zero = 0;
  /** The muxer has kept a rest. */
  #isStuck = false;
  /** The muxer or a sink is being called. */
  #isBusy = false;
  #releaseCount = 0;
  /** Bytes of all samples laid out. */
  #byteCount = 0;
  #joining: Output[] = [];
  /** Some sink begins or ends at a clean point, or skips to one. */
  #hasCuts = false;

  constructor(options: PacketizerQueueOptions) {
    this.#options = options;
    this.#muxer = options.muxer;
    this.#states = options.states;
    this.#outputs = [...options.outputs];
    this.#sample = {
      stream: 0,
      pieces: this.#heldPieces,
      timestamp: 0,
      decodeTimestamp: 0,
      duration: -1,
      isKey: true,
      extension: undefined,
    };
    this.#clock = new SampleClock(options.states);
    this.backpressure = new Backpressure(() => this.#hasRoom());
    if (options.maxLatencyMs !== undefined) {
      this.#latency = new LatencyTimer(
        options.maxLatencyMs,
        () => this.#attempt(() => this.#enter(() => this.#closeUnit())),
      );
    }
  }

  /** The muxer has begun: hands the header to the sinks. */
  begin(zero: number): void {
    this.#zero = zero;
    this.#isOpen = true;
    this.#enter(() => {
      for (const output of this.#outputs) this.#enroll(output, !output.range.hasBegunBy(zero));
    });
  }

  #enroll(output: Output, joins: boolean): void {
    output.start(this.#muxer, joins);
    if (output.isDurable) this.#keepsUp = true;
    if (output.isJoining || output.drops || output.range.isBounded) this.#hasCuts = true;
    if (output.isJoining) this.#joining.push(output);
    else output.range.begin(this.#zero, this.#byteCount);
  }

  #hasRoom(): boolean {
    if (this.#isAbandoned || this.#isStuck || this.#queue.length > 0) return false;
    return !this.#isOpen || this.#muxer.hasRoom;
  }

  /** Whether a sample can be laid out now, without overtaking anything. */
  get isClear(): boolean {
    return this.#isOpen && !this.#isBusy && !this.#isStuck && this.#queue.length === 0;
  }

  /** Puts a sample with bytes of its own into the queue. */
  enqueue(sample: HeldSample): void {
    this.#queue.push(sample);
    this.pump();
  }

  /** Gives up what a stream has waiting. */
  discard(stream: number): HeldSample[] {
    return this.#queue.take((step) => typeof step !== "function" && step.stream === stream) as HeldSample[];
  }

  /** Does something when its turn has come; rejects when everything is given up before. */
  step(action: () => void): Promise<void> {
    return this.backpressure.race((resolve) => {
      this.#queue.push(() => {
        action();
        resolve();
      });
      this.pump();
    });
  }

  /** Pads and closes the open unit when its turn has come; resolves when every sink has taken what is closed. */
  async flush(): Promise<void> {
    await this.step(() => this.#closeUnit());
    await Promise.all(this.#outputs.map((output) => output.idle()));
  }

  /** A sink leaves: what was put in so far, in whole units, is its last. @param last Who it is when its turn has come. */
  async leave(last: () => Output): Promise<void> {
    if (!this.#isOpen) return last().end();
    await this.step(() => {
      this.#closeUnit();
      const output = last();
      output.range.end();
      output.end();
    });
  }

  /** A sink joins: before the opening it takes part from the first unit, afterwards from the next clean point. */
  async join(output: Output): Promise<void> {
    this.#outputs.push(output);
    if (!this.#isOpen) return;
    await this.step(() => this.#enroll(output, true));
  }

  /** Closes the last unit and hands it out. */
  finish(): void {
    this.#enter(() => {
      this.#muxer.finish();
      this.#handOut(true);
      this.#stop();
    });
  }

  /** Nothing is laid out any more, and nobody who waits gets backpressure. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#stop();
  }

  #stop(): void {
    this.#isDone = true;
    this.#latency?.clear();
    // Deno loads its timers when one is first named, which takes longer than all else that a short session does.
    if (this.#handOutTimer !== undefined) clearTimeout(this.#handOutTimer);
  }

  /** Lays out one sample. Its bytes may be the caller's: they are copied before this returns. */
  packetize(state: StreamState, pieces: Pieces, sample: IncomingSample, time: number): void {
    this.#isBusy = true;
    try {
      this.#place(state, pieces, sample, time);
    } finally {
      this.#isBusy = false;
    }
    this.#goOn();
  }

  /** Does something with the muxer or the sinks; then whatever had to wait meanwhile. */
  #enter(action: () => void): void {
    this.#isBusy = true;
    try {
      action();
    } finally {
      this.#isBusy = false;
    }
    this.#goOn();
  }

  #place(state: StreamState, pieces: Pieces, incoming: IncomingSample | HeldSample, time: number): void {
    const sample = this.#sample;
    const { timestamp, duration, isKey } = incoming;
    sample.stream = state.index;
    sample.pieces = pieces;
    sample.timestamp = timestamp - this.#zero;
    sample.decodeTimestamp = time - this.#zero;
    sample.duration = duration;
    sample.isKey = isKey;
    sample.extension = incoming.extension;
    if (isKey && this.#hasCuts && this.#isCleanPointWanted(state.isVideo, timestamp)) {
      if (pieces !== this.#heldPieces) sample.pieces = this.#keep(pieces); // sinks are called before it is laid out
      state.packetizedUntil = time;
      this.#passCleanPoint(timestamp, time);
    }
    const bytes = pieces.byteLength;
    state.packetizedUntil = state.isVideo || incoming.duration < 0 ? time : time + incoming.duration;
    this.#isStuck = !this.#muxer.write(sample);
    this.#byteCount += bytes;
    state.counters.processed(timestamp + state.base, bytes);
    if (this.#muxer.hasChunk) this.#handOut(false);
    if (this.#latency) this.#boundLatency(state, sample.decodeTimestamp, duration);
    else if (this.#keepsUp) this.#handOutTimer ??= setTimeout(this.#onHandOut, HAND_OUT_MS);
  }

  /** Runs what waits, as far as the sinks allow. */
  pump(): void {
    if (this.#isBusy || !this.#isOpen) return;
    this.#isBusy = true;
    this.#attempt(() => {
      while (!this.#isDone && this.#unstick()) {
        const step = this.#queue.shift();
        if (step === undefined) break;
        if (typeof step === "function") {
          step();
          continue;
        }
        this.#options.onDequeue(step);
        this.#heldPieces.clear();
        this.#heldPieces.add(step.data);
        const state = this.#states[step.stream]!;
        this.#place(state, this.#heldPieces, step, step.decodeTimestamp);
      }
    });
    this.#isBusy = false;
    this.backpressure.update();
  }

  #goOn(): void {
    if (!this.#isDone && (this.#isStuck || this.#queue.length > 0)) this.pump();
    else this.backpressure.update();
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

  readonly #onRelease = (): void => {
    this.#releaseCount++;
    if (!this.#isBusy) this.#goOn();
  };

  /** Sinks begin and end before a key frame; before one of video a sink that skips can go on. */
  #isCleanPointWanted(isVideo: boolean, timestamp: number): boolean {
    let isWanted = false; // loops without closures: each sample of sound is asked
    for (const output of this.#outputs) {
      if (isVideo && output.lifecycle.isHealthy && output.drops) return true;
      isWanted ||= output.range.endsAt(timestamp, this.#byteCount);
    }
    for (const { range } of this.#joining) isWanted ||= range.hasBegunBy(timestamp);
    if (!isWanted) return false;
    return isVideo || !this.#states.some((state) => state.isVideo && !state.hasEnded && !state.isAbsent);
  }

  /** @param timestamp When the key frame is shown, by which it is chosen. @param time When it is decoded, before the others. */
  #passCleanPoint(timestamp: number, time: number): void {
    this.#closeUnit();
    const base = this.#joinTime(time);
    const ending = this.#outputs.filter(({ lifecycle, range }) =>
      lifecycle.isHealthy && range.endsAt(timestamp, this.#byteCount)
    );
    for (const output of ending) this.#endOutput(output, timestamp, base);
    for (const output of this.#joining.splice(0)) {
      if (output.range.hasBegunBy(timestamp)) this.#admit(output, timestamp, base);
      else this.#joining.push(output);
    }
  }

  #endOutput(output: Output, timestamp: number, base: number): void {
    const next = this.#options.endOutput(output, timestamp);
    if (!next) return;
    this.#outputs = this.#outputs.filter(({ lifecycle }) => lifecycle.isHealthy); // the others get nothing any more
    this.#outputs.push(next);
    next.start(this.#muxer, true);
    this.#admit(next, timestamp, base, output);
  }

  #admit(output: Output, timestamp: number, base: number, before?: Output): void {
    output.join(this.#muxer.unitCount, base);
    output.range.begin(timestamp, this.#byteCount, before?.range);
  }

  #keep(pieces: Pieces): Pieces {
    const data = pieces.toUint8Array();
    this.#heldPieces.clear();
    this.#heldPieces.add(data);
    return this.#heldPieces;
  }

  /** A time that nothing yet to come lies before, on the session's clock; streams that are silent are not looked at. */
  #joinTime(time: number): number {
    const longest = Math.max(LONGEST_LAG_US, this.#options.interleaveWindowMs * 1000);
    let first = time;
    for (const state of this.#states) {
      const { packetizedUntil } = state;
      if (!state.hasEnded && !state.facts?.sparse && packetizedUntil < first && packetizedUntil >= time - longest) {
        first = packetizedUntil;
      }
    }
    return Math.max(0, first - this.#zero);
  }

  /** What is closed leaves at once. What is open is closed now if it could not wait for the sample to come next. */
  #boundLatency(state: StreamState, time: number, duration: number): void {
    this.#clock.note(state, time, duration);
    if (this.#muxer.unitCount !== this.#handedUnitCount) {
      this.#handOut(true);
      this.#latency!.rest();
    }
    const held = this.#muxer.heldTimestamp;
    if (held < 0) return this.#latency!.rest();
    const limit = held + this.#options.maxLatencyMs! * 1000;
    if (time >= limit || this.#clock.nextTime > limit) this.#closeUnit();
    else this.#latency!.start();
  }

  #closeUnit(): void {
    if (this.#isStuck || this.#isDone) return;
    this.#muxer.closeUnit();
    this.#handOut(true);
    this.#latency?.rest();
  }

  readonly #onHandOut = (): void => {
    this.#handOutTimer = undefined;
    if (this.#isDone || this.#isStuck) return;
    this.#attempt(() => this.#enter(() => this.#handOut(true)));
  };

  #handOut(partial: boolean): void {
    if (partial) this.#handedUnitCount = this.#muxer.unitCount;
    for (let chunk; (chunk = this.#muxer.nextChunk(partial));) {
      const shared = new SharedChunk(chunk, this.#onRelease);
      for (const output of this.#outputs) output.push(shared);
      shared.unpin();
    }
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#options.onFatal(error);
    }
  }
}
