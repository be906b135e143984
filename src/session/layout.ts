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

import type { Muxer, MuxSample, Packetizer } from "../container/container.ts";
import { Pieces } from "../bytes/pieces.ts";
import { Cadence } from "./cadence.ts";
import type { Incoming } from "./incoming.ts";
import type { Lane } from "./lane.ts";
import { LatencyTimer } from "./latency_timer.ts";
import type { Output } from "./output.ts";
import { Room } from "./room.ts";
import { Fifo, type HeldSample } from "./sample_queue.ts";
import { SharedChunk } from "./shared_chunk.ts";

/** How long closed units wait for their chunk to get full, while a sink can be left half written: so much may be lost. */
const HAND_OUT_MS = 500;

/** A stream that is farther behind is silent, where the interleaving does not allow for more. */
const LONGEST_LAG_US = 1_000_000;

/** What can wait for sinks: a sample, or something to be done when its turn has come. */
type Step = HeldSample | (() => void);

/** What a layout works on. */
export interface LayoutOptions {
  readonly muxer: Muxer;
  readonly lanes: readonly Lane[];
  readonly outputs: readonly Output[];
  readonly maxLatencyMs?: number;
  readonly interleaveWindowMs: number;
  /** An output ends here; answers the one that follows, if one does. */
  relieve(output: Output, time: number): Output | undefined;
  /** A held sample goes on its way. */
  onDequeue(sample: HeldSample): void;
  /** The container itself failed: nothing can go on. */
  onFatal(error: unknown): void;
}

/** See the module's text. */
export class Layout {
  readonly room: Room;
  readonly #options: LayoutOptions;
  readonly #muxer: Muxer;
  /** There once the session is open. */
  #packetizer!: Packetizer;
  readonly #lanes: readonly Lane[];
  #outputs: Output[];
  readonly #queue = new Fifo<Step>();
  readonly #latency: LatencyTimer | undefined;
  readonly #cadence: Cadence;
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

  constructor(options: LayoutOptions) {
    this.#options = options;
    this.#muxer = options.muxer;
    this.#lanes = options.lanes;
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
    this.#cadence = new Cadence(options.lanes);
    this.room = new Room(() => this.#hasRoom());
    if (options.maxLatencyMs !== undefined) {
      this.#latency = new LatencyTimer(
        options.maxLatencyMs,
        () => this.#attempt(() => this.#enter(() => this.#closeUnit())),
      );
    }
  }

  /** The muxer has begun: hands the header to the sinks. */
  begin(packetizer: Packetizer, zero: number): void {
    this.#packetizer = packetizer;
    this.#zero = zero;
    this.#isOpen = true;
    this.#enter(() => {
      for (const output of this.#outputs) this.#enroll(output, !output.span.hasCome(zero));
    });
  }

  #enroll(output: Output, joins: boolean): void {
    output.start(this.#muxer, this.#packetizer, joins);
    if (output.isDurable) this.#keepsUp = true;
    if (output.isJoining || output.drops || output.span.isBounded) this.#hasCuts = true;
    if (output.isJoining) this.#joining.push(output);
    else output.span.begin(this.#zero, this.#byteCount);
  }

  #hasRoom(): boolean {
    if (this.#isAbandoned || this.#isStuck || this.#queue.length > 0) return false;
    return !this.#isOpen || this.#packetizer.hasRoom;
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
    return this.room.race((resolve) => {
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
      output.span.end();
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
      this.#packetizer.finish();
      this.#handOut(true);
      this.#stop();
    });
  }

  /** Nothing is laid out any more, and nobody who waits gets room. */
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
  layOut(lane: Lane, pieces: Pieces, sample: Incoming, time: number): void {
    this.#isBusy = true;
    try {
      this.#place(lane, pieces, sample, time);
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

  #place(lane: Lane, pieces: Pieces, incoming: Incoming | HeldSample, time: number): void {
    const sample = this.#sample;
    const { timestamp, duration, isKey } = incoming;
    sample.stream = lane.index;
    sample.pieces = pieces;
    sample.timestamp = timestamp - this.#zero;
    sample.decodeTimestamp = time - this.#zero;
    sample.duration = duration;
    sample.isKey = isKey;
    sample.extension = incoming.extension;
    if (isKey && this.#hasCuts && this.#isCleanPointWanted(lane.isVideo, timestamp)) {
      if (pieces !== this.#heldPieces) sample.pieces = this.#keep(pieces); // sinks are called before it is laid out
      lane.laidEnd = time;
      this.#passCleanPoint(timestamp, time);
    }
    const bytes = pieces.byteLength;
    lane.laidEnd = lane.isVideo || incoming.duration < 0 ? time : time + incoming.duration;
    this.#isStuck = !this.#packetizer.write(sample);
    this.#byteCount += bytes;
    lane.counters.processed(timestamp + lane.base, bytes);
    if (this.#packetizer.hasChunk) this.#handOut(false);
    if (this.#latency) this.#boundLatency(lane, sample.decodeTimestamp, duration);
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
        const lane = this.#lanes[step.stream]!;
        this.#place(lane, this.#heldPieces, step, step.decodeTimestamp);
      }
    });
    this.#isBusy = false;
    this.room.update();
  }

  #goOn(): void {
    if (!this.#isDone && (this.#isStuck || this.#queue.length > 0)) this.pump();
    else this.room.update();
  }

  /** Whether the muxer is free for the next sample. */
  #unstick(): boolean {
    while (this.#isStuck) {
      const before = this.#releaseCount;
      this.#isStuck = !this.#packetizer.resume();
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
      if (isVideo && output.isHealthy && output.drops) return true;
      isWanted ||= output.span.endsAt(timestamp, this.#byteCount);
    }
    for (const { span } of this.#joining) isWanted ||= span.hasCome(timestamp);
    if (!isWanted) return false;
    return isVideo || !this.#lanes.some((lane) => lane.isVideo && !lane.hasEnded && !lane.isAbsent);
  }

  /** @param timestamp When the key frame is shown, by which it is chosen. @param time When it is decoded, before the others. */
  #passCleanPoint(timestamp: number, time: number): void {
    this.#closeUnit();
    const base = this.#joinTime(time);
    const ending = this.#outputs.filter(({ isHealthy, span }) => isHealthy && span.endsAt(timestamp, this.#byteCount));
    for (const output of ending) this.#relieve(output, timestamp, base);
    for (const output of this.#joining.splice(0)) {
      if (output.span.hasCome(timestamp)) this.#admit(output, timestamp, base);
      else this.#joining.push(output);
    }
  }

  #relieve(output: Output, timestamp: number, base: number): void {
    const next = this.#options.relieve(output, timestamp);
    if (!next) return;
    this.#outputs = this.#outputs.filter(({ isHealthy }) => isHealthy); // the others get nothing any more
    this.#outputs.push(next);
    next.start(this.#muxer, this.#packetizer, true);
    this.#admit(next, timestamp, base, output);
  }

  #admit(output: Output, timestamp: number, base: number, before?: Output): void {
    output.admit(this.#packetizer.unitCount, base);
    output.span.begin(timestamp, this.#byteCount, before?.span);
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
    for (const lane of this.#lanes) {
      const { laidEnd } = lane;
      if (!lane.hasEnded && !lane.facts?.sparse && laidEnd < first && laidEnd >= time - longest) first = laidEnd;
    }
    return Math.max(0, first - this.#zero);
  }

  /** What is closed leaves at once. What is open is closed now if it could not wait for the sample to come next. */
  #boundLatency(lane: Lane, time: number, duration: number): void {
    this.#cadence.note(lane, time, duration);
    if (this.#packetizer.unitCount !== this.#handedUnitCount) {
      this.#handOut(true);
      this.#latency!.rest();
    }
    const held = this.#packetizer.heldTimestamp;
    if (held < 0) return this.#latency!.rest();
    const limit = held + this.#options.maxLatencyMs! * 1000;
    if (time >= limit || this.#cadence.nextTime > limit) this.#closeUnit();
    else this.#latency!.start();
  }

  #closeUnit(): void {
    if (this.#isStuck || this.#isDone) return;
    this.#packetizer.closeUnit();
    this.#handOut(true);
    this.#latency?.rest();
  }

  readonly #onHandOut = (): void => {
    this.#handOutTimer = undefined;
    if (this.#isDone || this.#isStuck) return;
    this.#attempt(() => this.#enter(() => this.#handOut(true)));
  };

  #handOut(partial: boolean): void {
    if (partial) this.#handedUnitCount = this.#packetizer.unitCount;
    for (let chunk; (chunk = this.#packetizer.nextChunk(partial));) {
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
