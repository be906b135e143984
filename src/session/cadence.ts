import type { Lane } from "./lane.ts";

/** When the next sample is to be expected, from those that came: where latency is bounded. */
export class Cadence {
  readonly #lanes: readonly Lane[];
  /** The latest time of each lane, and when its next sample is to be expected. */
  readonly #latest: number[];
  readonly #expected: number[];

  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
    this.#latest = lanes.map(() => Infinity);
    this.#expected = lanes.map(() => -Infinity);
  }

  /** A sample has come. @param duration Microseconds, below 0 or 0: unknown, so taken for as long as the last one's distance. */
  note({ index }: Lane, time: number, duration: number): void {
    this.#expected[index] = time + (duration > 0 ? duration : time - this.#latest[index]!);
    this.#latest[index] = time;
  }

  /** The first time at which a sample is to be expected, as far as the lanes tell. */
  get nextTime(): number {
    let next = Infinity;
    for (const { index, hasEnded, isAbsent, facts } of this.#lanes) {
      if (!hasEnded && !isAbsent && !facts?.sparse) next = Math.min(next, this.#expected[index]!);
    }
    return next;
  }
}
