/**
 * The line that says how far a copy has come.
 *
 * @module
 */

import { formatBytes, formatTime } from "./format.ts";
import { CLEAR, type Io } from "./io.ts";

/** Often enough to look alive. */
const INTERVAL_MS = 100;

/** Rewrites one line on a terminal; elsewhere does nothing. */
export class ProgressLine {
  readonly #io: Io;
  readonly #duration: number | undefined;
  readonly #startedAt = performance.now();
  #nextAt = 0;
  #isShown = false;

  /** @param duration Length of the media in microseconds, if it is known. */
  constructor(io: Io, duration: number | undefined) {
    this.#io = io;
    this.#duration = duration;
  }

  /** Shows how far the copy is; looks at the clock, not at the terminal, when called often. */
  update(time: number, byteCount: () => number): void {
    if (!this.#io.errorIsTerminal) return;
    const now = performance.now();
    if (now < this.#nextAt) return;
    this.#nextAt = now + INTERVAL_MS;
    this.#isShown = true;
    const elapsed = (now - this.#startedAt) * 1000;
    const speed = elapsed > 0 ? `${(time / elapsed).toFixed(1)}×` : "";
    this.#io.report(`${CLEAR}${[this.#share(time), formatBytes(byteCount()), speed].filter(Boolean).join("  ")}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isShown) this.#io.report(CLEAR);
    this.#isShown = false;
  }

  #share(time: number): string {
    if (this.#duration === undefined) return formatTime(time);
    const percent = Math.floor(100 * Math.min(1, Math.max(0, time / this.#duration)));
    return `${String(percent).padStart(3)} %  ${formatTime(time)} of ${formatTime(this.#duration)}`;
  }
}
