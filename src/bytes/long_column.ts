/**
 * A column of numbers that grows for as long as they come, without ever moving what it has: blocks of 16 384 numbers, each
 * as wide as its largest needs.
 *
 * @module
 */

/** Numbers of 16 or 32 bits, or any. */
type Block = Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

const FIRST_NUMBERS = 256;
const BLOCK_BITS = 14;
const BLOCK_NUMBERS = 1 << BLOCK_BITS;
const IN_BLOCK = BLOCK_NUMBERS - 1;
const MAX_NARROW = 0xFFFF;

/** See the module's text. Numbers of 32 bits are taken modulo 2^32. */
export class LongColumn {
  /** How many there are. */
  length = 0;
  readonly #kind: "u32" | "f64";
  /** All full but the last one, and the first is smaller while it is the only one. */
  readonly #blocks: Block[] = [];
  #open: Block = new Uint16Array(0);
  /** In the open block. */
  #used = 0;
  /** Numbers beyond make the open block wider. */
  #most = 0;

  /** @param kind `"u32"`, or `"f64"` for numbers beyond. */
  constructor(kind: "u32" | "f64") {
    this.#kind = kind;
  }

  /** Appends a number. */
  push(value: number): void {
    if (this.#used === this.#open.length) this.#extend();
    if (value > this.#most || value < 0) this.#widen();
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

  /** A larger block, where the first is the only one, or another. */
  #extend(): void {
    const isFirst = this.#blocks.length === 1 && this.#open.length < BLOCK_NUMBERS;
    if (isFirst) {
      this.#replace(
        this.#most > MAX_NARROW ? this.#wide(2 * this.#open.length) : new Uint16Array(2 * this.#open.length),
      );
      return;
    }
    const length = this.#blocks.length === 0 ? FIRST_NUMBERS : BLOCK_NUMBERS;
    this.#open = this.#kind === "f64" ? this.#wide(length) : new Uint16Array(length);
    this.#most = this.#kind === "f64" ? Infinity : MAX_NARROW;
    this.#blocks.push(this.#open);
    this.#used = 0;
  }

  #widen(): void {
    if (this.#most > MAX_NARROW) return;
    this.#most = Infinity;
    this.#replace(this.#wide(this.#open.length));
  }

  #wide(length: number): Block {
    return this.#kind === "f64" ? new Float64Array(length) : new Uint32Array(length);
  }

  #replace(block: Block): void {
    block.set(this.#open);
    this.#blocks[this.#blocks.length - 1] = this.#open = block;
  }
}
