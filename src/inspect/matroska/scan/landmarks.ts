/**
 * Where things stand in a file, in a few bytes each: what index entries are judged by.
 *
 * @module
 */

/** A hostile file has more; what does not fit is not judged. */
const MAX_COUNT = 1 << 20;

/** Rows of numbers that grow as they come. */
export class NumberTable {
  readonly #width: number;
  #numbers = new Float64Array(256);
  /** How many rows there are. */
  count = 0;

  constructor(width: number) {
    this.#width = width;
  }

  /** Adds a row; false when there is no room. */
  add(...row: number[]): boolean {
    if (this.count >= MAX_COUNT) return false;
    const start = this.count * this.#width;
    if (start + this.#width > this.#numbers.length) {
      const grown = new Float64Array(2 * this.#numbers.length);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    for (let i = 0; i < this.#width; i++) this.#numbers[start + i] = row[i]!;
    this.count++;
    return true;
  }

  /** A number of a row. */
  at(row: number, column: number): number {
    return this.#numbers[row * this.#width + column]!;
  }

  /** The row whose first number is this, the rows being in its order; -1: none. */
  find(first: number): number {
    let low = 0;
    let high = this.count - 1;
    while (low <= high) {
      const middle = low + high >> 1;
      const value = this.at(middle, 0);
      if (value === first) return middle;
      if (value < first) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }

  /** The last row whose first number is at most this; -1: none. */
  findLast(first: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = low + high >> 1;
      if (this.at(middle, 0) <= first) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** All landmarks of a Segment. */
export class Landmarks {
  /** Elements of the Segment but Clusters: offset, ID. */
  readonly elements = new NumberTable(2);
  /** Clusters: offset, bytes of ID and size, timestamp. */
  readonly clusters = new NumberTable(3);
  /** Key blocks of video, and the first block of each track in each Cluster: offset, track, timestamp, is it a key. */
  readonly blocks = new NumberTable(4);
  /** What SeekHeads say: position, ID, offset of the entry. */
  readonly seeks = new NumberTable(3);
  /** What Cues say: time, track, Cluster's position, relative position (-1: not said), offset of the entry. */
  readonly cues = new NumberTable(5);
}
