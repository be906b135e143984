/** Checkpoints are at least so long apart, unless the sink has grown by much. */
const CHECKPOINT_MS = 400;

/** FFmpeg believes a header no more that is 5 % short of the file; less than this is nothing to lose. */
const CHECKPOINT_GROWTH = 0.04;
const CHECKPOINT_BYTES = 64 << 10;

/** When a header that states what its sink has confirmed is due to be brought up to date. */
export class Checkpoints {
  #statedBytes = 0;
  #statedAt = performance.now();

  /** Whether it is due now that so many bytes of data are confirmed; if so it counts as done. */
  isDue(dataBytes: number): boolean {
    const grown = dataBytes - this.#statedBytes;
    if (!(grown > 0)) return false;
    const now = performance.now();
    const least = Math.max(CHECKPOINT_BYTES, CHECKPOINT_GROWTH * this.#statedBytes);
    if (grown < least && now - this.#statedAt < CHECKPOINT_MS) return false;
    this.#statedBytes = dataBytes;
    this.#statedAt = now;
    return true;
  }

  /** It is never due again. */
  stop(): void {
    this.#statedBytes = Infinity;
  }
}
