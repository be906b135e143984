/**
 * How many bits came in each of the last seconds. Keeps no timer: it looks at the clock when it is used.
 *
 * @module
 */

/** Seconds that are kept, the present one aside. */
export const HISTORY_SECONDS = 120;
/** Over so many seconds the present rate is taken. */
const RATE_SECONDS = 4;

/** See the module's text. */
export class BitRate {
  readonly #now: () => number;
  /** Bytes of each second; the last is the present one. */
  readonly #bytes: number[] = new Array(HISTORY_SECONDS + 1).fill(0);
  #second: number;

  /** @param now Milliseconds of any clock that does not go back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#second = Math.floor(now() / 1000);
  }

  add(byteCount: number): void {
    this.#advance();
    this.#bytes[HISTORY_SECONDS]! += byteCount;
  }

  /** Bit/s over the last few whole seconds. */
  get current(): number {
    return this.history.slice(-RATE_SECONDS).reduce((sum, bits) => sum + bits, 0) / RATE_SECONDS;
  }

  /** Bit/s of each whole second, the oldest first. */
  get history(): number[] {
    this.#advance();
    return this.#bytes.slice(0, HISTORY_SECONDS).map((byteCount) => byteCount * 8);
  }

  #advance(): void {
    const second = Math.floor(this.#now() / 1000);
    const passed = Math.min(second - this.#second, this.#bytes.length);
    for (let i = 0; i < passed; i++) {
      this.#bytes.shift();
      this.#bytes.push(0);
    }
    this.#second = second;
  }
}
