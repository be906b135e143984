/**
 * Looks at samples' bytes without handing them out.
 *
 * @module
 */

import { type Input, PIECE_BYTES } from "../byte_source.ts";

/** What is read where pieces are mostly wasted, so that a hostile order of samples costs no more than they are. */
const SMALL_BYTES = 4096;
const MAX_WASTE_BYTES = 64 << 20;

/** Reads a file forward in pieces; answers are dead when the next one is asked for. */
export class SampleBytes {
  readonly #input: Input;
  #piece: Uint8Array = new Uint8Array(0);
  #start = 0;
  #readBytes = 0;

  constructor(input: Input) {
    this.#input = input;
  }

  /** The bytes at `offset`; fewer where the file ends. */
  at(offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    const at = offset - this.#start;
    if (at >= 0 && at + length <= this.#piece.byteLength) return this.#piece.subarray(at, at + length);
    const isWasteful = this.#readBytes > 2 * (this.#input.size ?? 0) + MAX_WASTE_BYTES;
    const piece = this.#input.readUnits(offset, 1, Math.max(length, isWasteful ? SMALL_BYTES : PIECE_BYTES));
    return piece instanceof Promise
      ? piece.then((piece) => this.#take(offset, piece, length))
      : this.#take(offset, piece, length);
  }

  #take(offset: number, piece: Uint8Array, length: number): Uint8Array {
    this.#piece = piece;
    this.#start = offset;
    this.#readBytes += piece.byteLength;
    return piece.subarray(0, length);
  }
}
