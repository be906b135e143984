import type { StreamState } from "./stream_state.ts";

/** When the next sample is to be expected, from those that came: where latency is bounded. */
export class SampleClock {
  readonly #states: readonly StreamState[];
  /** The latest time of each state, and when its next sample is to be expected. */
  readonly #latest: number[];
  readonly #expected: number[];

  constructor(states: readonly StreamState[]) {
    this.#states = states;
    this.#latest = states.map(() => Infinity);
    this.#expected = states.map(() => -Infinity);
  }

  /** A sample has come. @param duration Microseconds, below 0 or 0: unknown, so taken for as long as the last one's distance. */
  note({ index }: StreamState, time: number, duration: number): void {
    this.#expected[index] = time + (duration > 0 ? duration : time - this.#latest[index]!);
    this.#latest[index] = time;
  }

  /** The first time at which a sample is to be expected, as far as the states tell. */
  get nextTime(): number {
    let next = Infinity;
    for (const { index, hasEnded, isAbsent, facts } of this.#states) {
      if (!hasEnded && !isAbsent && !facts?.sparse) next = Math.min(next, this.#expected[index]!);
    }
    return next;
  }
}
