/**
 * A column of numbers that grows for as long as they come, without ever moving what it has: blocks of 64 KiB.
 *
 * @module
 */

/** Numbers of 32 bits, or any. */
type Block = Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

const FIRST_NUMBERS = 256;
const BLOCK_BITS = 14;
const BLOCK_NUMBERS = 1 << BLOCK_BITS;
const IN_BLOCK = BLOCK_NUMBERS - 1;

/** See the module's text. Numbers of 32 bits are taken modulo 2^32. */
export class LongColumn {
  /** How many there are. */
  length = 0;
  readonly #Block: new (length: number) => Block;
  /** All full but the last one, and the first is smaller while it is the only one. */
  readonly #blocks: Block[] = [];
  #open: Block;
  /** In the open block. */
  #used = 0;

  /** @param kind `"u32"`, or `"f64"` for numbers beyond. */
  constructor(kind: "u32" | "f64") {
    this.#Block = kind === "u32" ? Uint32Array : Float64Array;
    this.#open = new this.#Block(0);
  }

  /** Appends a number. */
  push(value: number): void {
    if (this.#used === this.#open.length) this.#extend();
    this.#open[this.#used++] = value;
    this.length++;
  }

  /** The number at a place that there is. */
  at(index: number): number {
    return this.#blocks[index >>> BLOCK_BITS]![index & IN_BLOCK]!;
  }

  /** Hands over the numbers of a range, a block's at a time: those of `block` in [start, end). */
  forEachBlock(from: number, to: number, use: (block: Block, start: number, end: number) => void): void {
    for (let at = from; at < to;) {
      const start = at & IN_BLOCK;
      const end = Math.min(BLOCK_NUMBERS, start + to - at);
      use(this.#blocks[at >>> BLOCK_BITS]!, start, end);
      at += end - start;
    }
  }

  /** The first place from which on no number is below `least`, where they ascend. */
  findFirst(least: number): number {
    let [from, to] = [0, this.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.at(middle) < least) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #extend(): void {
    if (this.#blocks.length === 1 && this.#open.length < BLOCK_NUMBERS) {
      const larger = new this.#Block(2 * this.#open.length);
      larger.set(this.#open);
      this.#blocks[0] = this.#open = larger;
    } else {
      this.#open = new this.#Block(this.#blocks.length === 0 ? FIRST_NUMBERS : BLOCK_NUMBERS);
      this.#blocks.push(this.#open);
      this.#used = 0;
    }
  }
}
