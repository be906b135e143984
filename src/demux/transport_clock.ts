/**
 * The clock of a transport stream: it begins anywhere, and begins anew where recordings were joined.
 *
 * @module
 */

import { formatSeconds } from "./time.ts";

/** Pictures are reordered by less; what steps back farther is another clock. */
const REORDERED_US = 1_000_000;

/** What all streams of a source add to their times, so that they stay together. */
export class TransportClock {
  readonly #warn: (text: string) => void;
  /** By how often the clock has begun: what is added to its times, µs. */
  readonly #shifts: number[];
  /** End of what was handed out, µs. */
  #end = 0;

  /** @param firstTime Of the earliest first sample, µs: a transport stream trims nothing, so none is negative. */
  constructor(firstTime: number, warn: (text: string) => void) {
    this.#shifts = [Math.max(0, -firstTime)];
    this.#warn = warn;
  }

  /** What the first clock's times get. */
  get base(): number {
    return this.#shifts[0]!;
  }

  /** What is added where a stream has met so many clocks before; `time` is its first time by the new one. */
  shift(clockIndex: number, time: number): number {
    const known = this.#shifts[clockIndex];
    if (known !== undefined) return known;
    const shift = this.#end - time;
    this.#shifts.push(shift);
    this.#warn(`Its clock begins anew at ${formatSeconds(this.#end)}: what follows is moved there`);
    return shift;
  }

  /** A sample lasts until then. */
  reach(end: number): void {
    if (end > this.#end) this.#end = end;
  }
}

/** One stream's times by that clock. */
export class ClockedTimes {
  readonly #clock: TransportClock;
  #clockIndex = 0;
  #shift: number;
  /** Latest time by the clock that is in force, as the source says it. */
  #latest = -Infinity;
  /** Latest time handed out. */
  #latestGiven = -Infinity;
  /** The clock has begun anew with the sample last taken. */
  hasJumped = false;

  constructor(clock: TransportClock) {
    this.#clock = clock;
    this.#shift = clock.base;
  }

  /** Takes the time of the next sample; answers the one that it gets. */
  take(time: number, duration: number): number {
    this.hasJumped = time < this.#latest - REORDERED_US;
    if (this.hasJumped) {
      this.#shift = this.#clock.shift(++this.#clockIndex, time);
      this.#shift += Math.max(0, this.#latestGiven + 1 - time - this.#shift); // it was ahead of the others
      this.#latest = -Infinity;
    }
    this.#latest = Math.max(this.#latest, time);
    const given = time + this.#shift;
    this.#latestGiven = Math.max(this.#latestGiven, given);
    this.#clock.reach(given + duration);
    return given;
  }
}
