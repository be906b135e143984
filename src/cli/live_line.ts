/**
 * The line that says how something live is doing.
 *
 * @module
 */

import { CLEAR, type Io } from "./io.ts";

const INTERVAL_MS = 250;

/** Rewrites one line on a terminal; elsewhere does nothing. */
export class LiveLine {
  readonly #io: Io;
  #nextAt = 0;
  #isShown = false;

  constructor(io: Io) {
    this.#io = io;
  }

  /** Shows what `text` says; asks it only when it is time. */
  update(text: () => string): void {
    if (!this.#io.errorIsTerminal) return;
    const now = performance.now();
    if (now < this.#nextAt) return;
    this.#nextAt = now + INTERVAL_MS;
    this.#isShown = true;
    this.#io.report(CLEAR + text());
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isShown) this.#io.report(CLEAR);
    this.#isShown = false;
  }
}
