/**
 * Tables of whole numbers, a column an array: rows come one by one, memory is bounded.
 *
 * @module
 */

/** The numbers of a column: DWORDs. */
export type Column = Uint32Array<ArrayBuffer>;

const FIRST_ROWS = 1024;
/** Half a megabyte a column. */
const MOST_ROWS = 1 << 17;

/**
 * Columns that grow by doubling, up to a capacity; then they are made coarser: of several rows one goes on. Arrays that
 * were given out before stay as they are, but for rows behind those that were there.
 */
export class Columns {
  /** All of the same length, of which `count` is in use. */
  arrays: readonly Column[];
  /** Rows in use. */
  count = 0;
  /** In rows. */
  readonly capacity: number;
  /** Of how many rows that came one was kept. */
  #step = 1;
  #seen = 0;

  /** @param capacity In rows; default 131 072. */
  constructor(columnCount: number, capacity: number = MOST_ROWS) {
    this.capacity = capacity;
    this.arrays = Array(columnCount).fill(new Uint32Array(0));
  }

  /** Of how many rows {@linkcode Columns.add} keeps one: a power of two. */
  get step(): number {
    return this.#step;
  }

  /** Makes place for so many rows, at most as many as the capacity. */
  reserve(count: number): void {
    const { length } = this.arrays[0]!;
    if (count > length) this.#resize(Math.min(this.capacity, Math.max(FIRST_ROWS, 2 * length, count)));
  }

  /** The next row, one number a column; it is kept if its turn has come. */
  add(...row: number[]): void {
    const seen = this.#seen++;
    if (seen % this.#step !== 0) return;
    if (this.count === this.capacity) {
      this.coarsen(Math.ceil(this.count / 2), (row) => 2 * row);
      this.#step *= 2;
      if (seen % this.#step !== 0) return;
    }
    this.reserve(this.count + 1);
    row.forEach((value, column) => this.arrays[column]![this.count] = value);
    this.count++;
  }

  /** Keeps so many rows, each the one that `from` names, which stands no earlier. */
  coarsen(count: number, from: (row: number) => number): void {
    this.#resize(this.arrays[0]!.length); // what was given out keeps the old ones
    for (let row = 0; row < count; row++) {
      const kept = from(row);
      for (const array of this.arrays) array[row] = array[kept]!;
    }
    this.count = count;
  }

  #resize(length: number): void {
    this.arrays = this.arrays.map((array) => {
      const larger = new Uint32Array(length);
      larger.set(array);
      return larger;
    });
  }
}
