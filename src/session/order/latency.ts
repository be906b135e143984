/**
 * How long media may be held back, by the samples' times and by the clock.
 *
 * @module
 */

import type { StreamState } from "./stream_state.ts";

/** A deadline for what waits, counted from when it began to wait. While it runs, starting it again costs next to nothing. */
export class LatencyTimer {
  readonly #delayMs: number;
  readonly #onDue: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Infinite while nothing waits. */
  #dueAt = Infinity;

  constructor(delayMs: number, onDue: () => void) {
    this.#delayMs = delayMs;
    this.#onDue = onDue;
  }

  /** Something waits: from now on, if nothing did. */
  start(): void {
    if (this.#dueAt !== Infinity) return;
    this.#dueAt = performance.now() + this.#delayMs;
    if (this.#timer === undefined) this.#arm(this.#delayMs);
  }

  /** Nothing waits. A timer under way is left to the next start: units are closed more often than time runs out. */
  rest(): void {
    this.#dueAt = Infinity;
  }

  /** Nothing will wait any more. */
  clear(): void {
    this.rest();
    // Deno loads its timers when one is first named, which takes longer than all else that a short session does.
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#dueAt === Infinity) return;
      const leftMs = this.#dueAt - performance.now();
      if (leftMs > 0) return this.#arm(leftMs);
      this.rest();
      this.#onDue();
    }, delayMs);
  }
}

/** Bounds how long media is held back: nothing waits for a sample that would come too late for it. */
export class LatencyBound extends LatencyTimer {
  readonly #limitUs: number;
  readonly #states: readonly StreamState[];
  /** Of each stream: its latest time, and when its next sample is expected. */
  readonly #latest: number[];
  readonly #expected: number[];

  /** @param onDue Called when the time is over and no sample has come. */
  constructor(maxLatencyMs: number, states: readonly StreamState[], onDue: () => void) {
    super(maxLatencyMs, onDue);
    this.#limitUs = maxLatencyMs * 1000;
    this.#states = states;
    this.#latest = states.map(() => Infinity);
    this.#expected = states.map(() => -Infinity);
  }

  /**
   * A sample has come, at `time` on the session's clock. Whether the open unit has to be closed now, since it could not
   * wait for the next one.
   *
   * @param duration Microseconds; at most 0: unknown, and the distance to the stream's sample before is used.
   * @param heldTimestamp Time of the earliest sample that is held back; below 0: none is.
   */
  isDue({ index }: StreamState, time: number, duration: number, heldTimestamp: number): boolean {
    this.#expected[index] = time + (duration > 0 ? duration : time - this.#latest[index]!);
    this.#latest[index] = time;
    if (heldTimestamp < 0) {
      this.rest();
      return false;
    }
    const limit = heldTimestamp + this.#limitUs;
    if (time >= limit || this.#nextTime() > limit) return true;
    this.start();
    return false;
  }

  /** The earliest time at which a sample is expected. */
  #nextTime(): number {
    let next = Infinity;
    for (const { index, hasEnded, isAbsent, facts } of this.#states) {
      if (!hasEnded && !isAbsent && !facts?.sparse) next = Math.min(next, this.#expected[index]!);
    }
    return next;
  }
}
