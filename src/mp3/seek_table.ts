/**
 * Where frames begin, kept in little memory whatever the length: every 2^n-th one.
 *
 * @module
 */

/** How many are kept at most; one in two goes when they are that many. */
const MAX_COUNT = 1024;

/** Positions by frame number. */
export class SeekTable {
  /** Byte position of frame `i · #step`. */
  #positions: number[] = [];
  #step = 1;
  /** Frames, and bytes, so far. */
  frameCount = 0;
  byteCount = 0;

  /** Counts one frame. */
  add(byteLength: number): void {
    if (this.frameCount % this.#step === 0) this.#positions.push(this.byteCount);
    this.frameCount++;
    this.byteCount += byteLength;
    if (this.#positions.length < MAX_COUNT) return;
    this.#positions = this.#positions.filter((_, i) => i % 2 === 0);
    this.#step *= 2;
  }

  /** Byte position of a frame, between the ones that are known. */
  position(frame: number): number {
    if (frame >= this.frameCount) return this.byteCount;
    const at = Math.floor(frame / this.#step);
    const start = this.#positions[at]!;
    const end = this.#positions[at + 1] ?? this.byteCount;
    const span = Math.min(this.#step, this.frameCount - at * this.#step);
    return start + (end - start) * (frame - at * this.#step) / span;
  }
}
