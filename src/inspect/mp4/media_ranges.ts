/**
 * Where the media data of a file lie.
 *
 * @module
 */

/** Ranges of bytes in ascending order, of which there may be as many as there are fragments. */
export class MediaRanges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  /** The range used last: samples follow each other. */
  #last = 0;

  /** Adds a range behind all others. */
  add(start: number, end: number): void {
    this.#starts.push(start);
    this.#ends.push(end);
  }

  /** Whether bytes lie inside a range. */
  holds(offset: number, length: number): boolean {
    const end = offset + length;
    if (this.#isIn(this.#last, offset, end)) return true;
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    this.#last = Math.max(0, low);
    return this.#isIn(this.#last, offset, end);
  }

  #isIn(index: number, offset: number, end: number): boolean {
    return offset >= this.#starts[index]! && end <= this.#ends[index]!;
  }
}
