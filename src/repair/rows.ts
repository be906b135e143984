/**
 * Rows of numbers that grow as they come.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { REPAIR } from "./report.ts";

const FIRST_ROWS = 256;
/** 256 MiB: a hostile file has more. */
const MAX_NUMBERS = 1 << 25;

/** A table of numbers, so many a row. */
export class Rows {
  readonly #width: number;
  #numbers: Float64Array<ArrayBuffer>;
  /** How many rows there are. */
  count = 0;

  constructor(width: number) {
    this.#width = width;
    this.#numbers = new Float64Array(FIRST_ROWS * width);
  }

  /** Adds a row. @throws {MuxError} `too-large` */
  add(...row: readonly number[]): void {
    const start = this.count * this.#width;
    if (start + this.#width > this.#numbers.length) {
      if (start >= MAX_NUMBERS) {
        const reason = "it has more parts than can be kept in mind";
        throw new MuxError("too-large", { action: REPAIR, reason });
      }
      const grown = new Float64Array(2 * this.#numbers.length);
      grown.set(this.#numbers);
      this.#numbers = grown;
    }
    for (let i = 0; i < this.#width; i++) this.#numbers[start + i] = row[i]!;
    this.count++;
  }

  /** A number of a row. */
  at(row: number, column: number): number {
    return this.#numbers[row * this.#width + column]!;
  }

  /** Changes a number of a row. */
  set(row: number, column: number, value: number): void {
    this.#numbers[row * this.#width + column] = value;
  }
}
