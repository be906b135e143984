/**
 * In which order the streams' samples go into the container.
 *
 * A sample passes at once, in arrival order, while it is not more than the window ahead of the slowest stream that others
 * wait for; beyond, it is held, and passes in time order when that stream has moved on. What waits depends on the samples'
 * times and sizes alone, so the same samples give the same order whatever the sinks' timing.
 *
 * @module
 */

import { Fifo } from "../fifo.ts";
import { decodeTimeOf, type HeldSample } from "./held_sample.ts";

/** Held media may range this many windows; then a stream that lags is no longer waited for. */
const LIMIT_WINDOWS = 20;

interface StreamFront {
  readonly queue: Fifo<HeldSample>;
  /** Time of its latest sample or tick: nothing earlier will come. */
  front: number;
  /** Time of its latest sample. */
  latest: number;
  /** Others wait for it: it is neither sparse, nor ended, nor lagging, nor resting. */
  isAwaited: boolean;
  isLagging: boolean;
  /** Its segment has ended: others wait for it again when it goes on. */
  isResting: boolean;
  /** Silent for long: it says nothing of how far the others are. */
  isSparse: boolean;
  hasEnded: boolean;
}

/** Holds what is ahead. Times are microseconds on the clock that all streams share. */
export class Interleaver {
  readonly #windowUs: number;
  readonly #limitUs: number;
  readonly #limitBytes: number;
  readonly #states: StreamFront[];
  #heldCount = 0;
  #heldBytes = 0;
  #isDraining = false;
  /** What is not after this passes, as far as it was last looked at: it only grows while no stream is awaited again. */
  #reach = -Infinity;

  /** @param windowMs 0 lets everything pass. @param limitBytes What may be held altogether. */
  constructor(streamCount: number, windowMs: number, limitBytes: number) {
    this.#windowUs = windowMs * 1000;
    this.#limitUs = this.#windowUs * LIMIT_WINDOWS;
    this.#limitBytes = limitBytes;
    this.#states = Array.from({ length: streamCount }, () => ({
      queue: new Fifo<HeldSample>(),
      front: -Infinity,
      latest: -Infinity,
      isAwaited: true,
      isLagging: false,
      isResting: false,
      isSparse: false,
      hasEnded: false,
    }));
  }

  /** Number of samples held. */
  get heldCount(): number {
    return this.#heldCount;
  }

  /** Others do not wait for this stream. */
  exclude(stream: number): void {
    this.#states[stream]!.isAwaited = false;
  }

  /** A stream that is silent for long: others do not wait for it, nor are they late when it is ahead. */
  setSparse(stream: number): void {
    this.#states[stream]!.isSparse = true;
    this.exclude(stream);
  }

  /** Nothing comes from this stream any more. */
  end(stream: number): void {
    this.#states[stream]!.hasEnded = true;
    this.exclude(stream);
  }

  /** Nothing comes from this stream for now: others do not wait for it until it goes on. */
  rest(stream: number): void {
    const state = this.#states[stream]!;
    if (!state.isAwaited && !state.isLagging) return;
    state.isAwaited = false;
    state.isLagging = false;
    state.isResting = true;
  }

  /** Every stream has moved at least to `time`: where the session begins. */
  begin(time: number): void {
    for (const state of this.#states) if (state.front < time) state.front = state.latest = time;
  }

  /** The stream has a sample at `time`. */
  advance(stream: number, time: number): void {
    const state = this.#states[stream]!;
    if (time > state.latest) state.latest = time;
    this.#move(state, time);
  }

  /** The stream has nothing before `time`. */
  tick(stream: number, time: number): void {
    this.#move(this.#states[stream]!, time);
  }

  #move(state: StreamFront, time: number): void {
    if (time > state.front) state.front = time;
    if ((state.isResting || state.isLagging) && !state.hasEnded) this.#comeBack(state);
  }

  /** Others wait for the stream again, if it has caught up with them. */
  #comeBack(state: StreamFront): void {
    if (state.isLagging && state.front < this.#latestFront() - this.#windowUs) return;
    state.isResting = state.isLagging = false;
    state.isAwaited = true;
    this.#reach = -Infinity;
  }

  /** Whether a sample at `time` comes late: the others do not wait for it any more, and it does not catch up with them. */
  isLate(stream: number, time: number): boolean {
    const { isLagging, isSparse } = this.#states[stream]!;
    return (isLagging || isSparse && this.#windowUs > 0) && time < this.#latestFront() - this.#windowUs;
  }

  /** Whether a sample that has just come in need not be held; while others are, it has to queue up among them. */
  passes(time: number): boolean {
    if (this.#windowUs === 0) return true;
    if (this.#heldCount > 0) return false;
    if (time > this.#reach) this.#reach = this.#slowestFront() + this.#windowUs;
    return time <= this.#reach;
  }

  /** Keeps a sample that does not pass. */
  hold(sample: HeldSample): void {
    this.#states[sample.stream]!.queue.push(sample);
    this.#heldCount++;
    this.#heldBytes += sample.data.byteLength;
  }

  /** Gives up what is held of a stream. With `forgets` the stream is as if it had not begun. */
  discard(stream: number, forgets: boolean): HeldSample[] {
    const state = this.#states[stream]!;
    const dropped: HeldSample[] = [];
    for (let sample; (sample = state.queue.shift());) dropped.push(sample);
    this.#heldCount -= dropped.length;
    for (const { data } of dropped) this.#heldBytes -= data.byteLength;
    if (forgets) state.front = state.latest = this.#reach = -Infinity;
    return dropped;
  }

  /** From now on everything held passes. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Holding begins again. */
  refill(): void {
    this.#isDraining = false;
  }

  /** The next held sample that passes, if there is one. */
  next(): HeldSample | undefined {
    if (this.#heldCount === 0) return undefined;
    let first: StreamFront | undefined;
    let firstTime = Infinity;
    for (const state of this.#states) {
      const head = state.queue.peek();
      if (head === undefined) continue;
      const time = decodeTimeOf(head);
      if (time < firstTime) {
        first = state;
        firstTime = time;
      }
    }
    if (!this.#isDraining && firstTime > this.#slowestFront() + this.#windowUs && !this.#giveUpWaiting()) {
      return undefined;
    }
    const sample = first!.queue.shift()!;
    this.#heldCount--;
    this.#heldBytes -= sample.data.byteLength;
    return sample;
  }

  /** At the limit: those that hold the others up are not waited for until they have caught up. */
  #giveUpWaiting(): boolean {
    const slowest = this.#slowestFront();
    if (this.#heldBytes <= this.#limitBytes && this.#latestFront() - slowest <= this.#limitUs) return false;
    for (const state of this.#states) {
      if (state.isAwaited && state.front === slowest) {
        state.isAwaited = false;
        state.isLagging = true;
      }
    }
    return true;
  }

  #slowestFront(): number {
    let slowest = Infinity;
    for (const state of this.#states) if (state.isAwaited && state.front < slowest) slowest = state.front;
    return slowest;
  }

  #latestFront(): number {
    let latest = -Infinity;
    for (const state of this.#states) if (!state.isSparse && state.latest > latest) latest = state.latest;
    return latest;
  }
}
