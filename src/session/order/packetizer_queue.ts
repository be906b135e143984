/**
 * From ordered samples to chunks at the outputs: the part of a {@linkcode MuxSink} behind its opening.
 *
 * Invariants
 * - Samples, flushes and joins reach the packetizer in the order they were put in: whatever has to wait for sinks waits in one
 *   queue, so the output depends on the calls and never on the sinks' timing.
 * - Nothing reaches the packetizer between a `write` that came back unfinished and the `resume` that finished it.
 * - While the packetizer or a sink is being called nothing else is: what a sink's call hands in or asks for waits its turn.
 *
 * @module
 */

import { Pieces } from "../../bytes/pieces.ts";
import type { MuxSample, Packetizer } from "../../container/container.ts";
import { Backpressure } from "../backpressure.ts";
import { Fifo } from "../fifo.ts";
import type { IncomingSample } from "../input/incoming_sample.ts";
import type { Output } from "../outputs/output.ts";
import { SharedChunk } from "../outputs/shared_chunk.ts";
import { CutPoints, type CutPointsOptions } from "./cut_points.ts";
import type { HeldSample } from "./held_sample.ts";
import { LatencyBound, LatencyTimer } from "./latency.ts";
import type { StreamState } from "./stream_state.ts";

/** How long closed units wait for their chunk to get full, while a sink can be left half written: so much may be lost. */
const HAND_OUT_MS = 500;

/** What can wait for sinks: a sample, or something to be done when its turn has come. */
type Step = HeldSample | (() => void);

/** What a queue works on. */
export interface PacketizerQueueOptions extends CutPointsOptions {
  readonly maxLatencyMs?: number;
  /** A held sample goes on its way. */
  onDequeue(sample: HeldSample): void;
  /** The container itself failed: nothing can go on. */
  onFatal(error: unknown): void;
}

/** See the module's text. */
export class PacketizerQueue {
  readonly backpressure: Backpressure;
  readonly #options: PacketizerQueueOptions;
  /** There once the queue is open. */
  #packetizer!: Packetizer;
  readonly #cuts: CutPoints;
  readonly #queue = new Fifo<Step>();
  readonly #latency: LatencyBound | undefined;
  /** There while an output is durable: it gets what is closed without much delay. */
  #handOutTimer: LatencyTimer | undefined;
  /** Units closed when they were last handed out. */
  #handedUnitCount = 0;
  readonly #heldPieces = new Pieces();
  readonly #sample: MuxSample;
  #isOpen = false;
  #end: "finished" | "abandoned" | undefined;
  /** The caller's time that is the session's zero. */
  #zero = 0;
  /** The packetizer has kept a rest of a sample: no chunk was free for it. */
  #isBlocked = false;
  /** The packetizer or a sink is being called. */
  #isBusy = false;
  #releaseCount = 0;

  constructor(options: PacketizerQueueOptions) {
    this.#options = options;
    this.#cuts = new CutPoints(options);
    this.#sample = {
      stream: 0,
      pieces: this.#heldPieces,
      timestamp: 0,
      decodeTimestamp: 0,
      duration: -1,
      isKey: true,
      trimStart: 0,
      trimEnd: 0,
      configuration: 0,
      extension: undefined,
    };
    this.backpressure = new Backpressure(() => this.#hasRoom());
    if (options.maxLatencyMs !== undefined) {
      this.#latency = new LatencyBound(
        options.maxLatencyMs,
        options.states,
        () => this.#onTimer(() => this.#closeUnit()),
      );
    }
  }

  /** The muxer has begun: hands the header to the outputs. */
  begin(packetizer: Packetizer, zero: number): void {
    this.#packetizer = packetizer;
    this.#zero = zero;
    this.#isOpen = true;
    this.#exclusively(() => {
      this.#cuts.begin(packetizer, zero);
      this.#cuts.outputs.forEach((output) => this.#watch(output));
    });
  }

  #watch(output: Output): void {
    if (output.isDurable) {
      this.#handOutTimer ??= new LatencyTimer(HAND_OUT_MS, () => this.#onTimer(() => this.#handOut(true)));
    }
  }

  #hasRoom(): boolean {
    if (this.#end === "abandoned" || this.#isBlocked || this.#queue.length > 0) return false;
    return !this.#isOpen || this.#packetizer.hasRoom;
  }

  /** Whether a sample can be packetized now, without overtaking anything. */
  get isClear(): boolean {
    return this.#isOpen && !this.#isBusy && !this.#isBlocked && this.#queue.length === 0;
  }

  /** Packetizes one sample, past the queue. Its bytes may be the caller's: they are copied before this returns. */
  packetize(state: StreamState, pieces: Pieces, sample: IncomingSample, time: number): void {
    this.#isBusy = true;
    try {
      this.#write(state, pieces, sample, time);
    } finally {
      this.#isBusy = false;
    }
    this.#run();
  }

  /** Puts a sample with bytes of its own into the queue. */
  enqueue(sample: HeldSample): void {
    this.#queue.push(sample);
    this.#run();
  }

  /** Does something when its turn has come; rejects when everything is given up before. */
  step(action: () => void): Promise<void> {
    return this.backpressure.race((resolve) => {
      this.#queue.push(() => {
        action();
        resolve();
      });
      this.#run();
    });
  }

  /** Gives up what a stream has waiting. */
  discard(stream: number): HeldSample[] {
    return this.#queue.take((step) => typeof step !== "function" && step.stream === stream) as HeldSample[];
  }

  /** Pads and closes the open unit when its turn has come; resolves when every sink has taken what is closed. */
  async flush(): Promise<void> {
    await this.step(() => this.#closeUnit());
    await Promise.all(this.#cuts.outputs.map((output) => output.idle()));
  }

  /** A sink leaves: what was put in so far, in whole units, is its last. @param last Who it is when its turn has come. */
  async leave(last: () => Output): Promise<void> {
    if (!this.#isOpen) return last().end();
    await this.step(() => {
      this.#closeUnit();
      last().end();
    });
  }

  /** A sink joins: before the opening it takes part from the first unit, afterwards from the next clean point. */
  async join(output: Output): Promise<void> {
    this.#cuts.outputs = [...this.#cuts.outputs, output];
    if (!this.#isOpen) return;
    await this.step(() => {
      this.#cuts.start(output, true);
      this.#watch(output);
    });
  }

  /** Closes the last unit and hands it out. */
  finish(): void {
    this.#exclusively(() => {
      this.#packetizer.finish();
      this.#handOut(true);
      this.#stop("finished");
    });
  }

  /** Nothing is packetized any more, and nobody who waits gets room. */
  abandon(): void {
    this.#stop("abandoned");
  }

  #stop(end: "finished" | "abandoned"): void {
    if (this.#end !== "abandoned") this.#end = end;
    this.#latency?.clear();
    this.#handOutTimer?.clear();
  }

  /** Does something with the packetizer or the sinks, and nothing else meanwhile; then whatever had to wait. */
  #exclusively(action: () => void): void {
    this.#isBusy = true;
    try {
      action();
    } finally {
      this.#isBusy = false;
    }
    this.#run();
  }

  /** As above, when the time has come: nobody is there to catch an error. */
  #onTimer(action: () => void): void {
    if (this.#end || this.#isBlocked) return;
    try {
      this.#exclusively(action);
    } catch (error) {
      this.#options.onFatal(error);
    }
  }

  /** Takes what waits in the queue, while the sinks allow it. */
  #run(): void {
    if (this.#isBusy || !this.#isOpen) return;
    if (!this.#end && (this.#isBlocked || this.#queue.length > 0)) {
      this.#isBusy = true;
      try {
        for (let step; !this.#end && this.#resume() && (step = this.#queue.shift());) this.#take(step);
      } catch (error) {
        this.#options.onFatal(error);
      }
      this.#isBusy = false;
    }
    this.backpressure.update();
  }

  #take(step: Step): void {
    if (typeof step === "function") return step();
    this.#options.onDequeue(step);
    this.#heldPieces.clear();
    this.#heldPieces.add(step.data);
    this.#write(this.#options.states[step.stream]!, this.#heldPieces, step, step.decodeTimestamp);
  }

  /** Whether the packetizer is free for the next sample: goes on with the rest it has kept, if it has. */
  #resume(): boolean {
    while (this.#isBlocked) {
      const before = this.#releaseCount;
      this.#isBlocked = !this.#packetizer.resume();
      this.#handOut(false);
      if (this.#isBlocked && this.#releaseCount === before) return false;
    }
    return true;
  }

  readonly #onRelease = (): void => {
    this.#releaseCount++;
    this.#run();
  };

  /** Has the packetizer write one sample, and hands out what is full, or has to go. */
  #write(state: StreamState, pieces: Pieces, incoming: IncomingSample | HeldSample, time: number): void {
    const sample = this.#sample;
    const { timestamp, duration, isKey } = incoming;
    sample.stream = state.index;
    sample.pieces = pieces;
    sample.timestamp = timestamp - this.#zero;
    sample.decodeTimestamp = time - this.#zero;
    sample.duration = duration;
    sample.isKey = isKey;
    sample.trimStart = incoming.trimStart;
    sample.trimEnd = incoming.trimEnd;
    sample.configuration = incoming.configuration;
    sample.extension = incoming.extension;
    const cuts = this.#cuts;
    if (isKey && cuts.hasCuts && cuts.isWantedAt(timestamp, state.isVideo)) {
      if (pieces !== this.#heldPieces) sample.pieces = this.#keep(pieces); // sinks are called before it is written
      state.packetizedUntil = time;
      this.#closeUnit();
      cuts.cut(timestamp, time);
    }
    const bytes = pieces.byteLength;
    state.packetizedUntil = state.isVideo || duration < 0 ? time : time + duration;
    this.#isBlocked = !this.#packetizer.write(sample);
    cuts.byteCount += bytes;
    state.counters.processed(timestamp + state.base, bytes);
    if (this.#packetizer.hasChunk) this.#handOut(false);
    if (this.#latency) this.#boundLatency(this.#latency, state, sample.decodeTimestamp, duration);
    else this.#handOutTimer?.start();
  }

  #keep(pieces: Pieces): Pieces {
    const data = pieces.toUint8Array();
    this.#heldPieces.clear();
    this.#heldPieces.add(data);
    return this.#heldPieces;
  }

  /** What is closed leaves at once. What is open is closed now if it could not wait for the sample to come next. */
  #boundLatency(latency: LatencyBound, state: StreamState, time: number, duration: number): void {
    if (this.#packetizer.unitCount !== this.#handedUnitCount) {
      this.#handOut(true);
      latency.rest();
    }
    if (latency.isDue(state, time, duration, this.#packetizer.heldTimestamp)) this.#closeUnit();
  }

  #closeUnit(): void {
    if (this.#isBlocked || this.#end) return;
    this.#packetizer.closeUnit();
    this.#handOut(true);
    this.#latency?.rest();
  }

  #handOut(partial: boolean): void {
    if (partial) this.#handedUnitCount = this.#packetizer.unitCount;
    for (let chunk; (chunk = this.#packetizer.nextChunk(partial));) {
      const shared = new SharedChunk(chunk, this.#onRelease);
      for (const output of this.#cuts.outputs) output.push(shared);
      shared.unpin();
    }
  }
}
