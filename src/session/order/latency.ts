/**
 * Closes a unit by the clock when no sample comes to close it.
 *
 * @module
 */

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
    clearTimeout(this.#timer);
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
