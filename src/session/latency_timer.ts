/**
 * Closes a unit by the clock when no sample comes to close it.
 *
 * @module
 */

/** A timer that fires once nothing has touched it for a while. Touching costs no timer call. */
export class LatencyTimer {
  readonly #delayMs: number;
  readonly #onQuiet: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #touchedAt = 0;

  constructor(delayMs: number, onQuiet: () => void) {
    this.#delayMs = delayMs;
    this.#onQuiet = onQuiet;
  }

  /** Something waits; count from now. */
  touch(): void {
    this.#touchedAt = performance.now();
    if (this.#timer === undefined) this.#arm(this.#delayMs);
  }

  /** Nothing waits. */
  clear(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #arm(delayMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const quietMs = performance.now() - this.#touchedAt;
      if (quietMs >= this.#delayMs) this.#onQuiet();
      else this.#arm(this.#delayMs - quietMs);
    }, delayMs);
  }
}
