/**
 * The bytes around a position that moves forward through an input.
 *
 * @module
 */

import { GrowingBytes } from "../bytes/growing_bytes.ts";
import { type Input, PIECE_BYTES } from "./byte_source.ts";

/** The first read at a place: most of what is looked for there is small. */
const FIRST_BYTES = 1 << 16;

/**
 * Invariants
 * - `bytes` is the block that was read last, or the joint: the end of the block before with the beginning of that one.
 * - The joint ends inside the block, so that what follows it is there.
 * - Only `load` moves: views of `bytes` live until it is called.
 */
export class ByteWindow {
  /** What is there, without a gap. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Offset in the input of its first byte. */
  base = 0;
  /** Where the input was found to end; Infinity while that is not known. */
  end = Infinity;

  readonly #input: Input;
  #block: Uint8Array = new Uint8Array(0);
  #blockBase = 0;
  #nextBytes = FIRST_BYTES;
  readonly #joint = new GrowingBytes();
  #jointBase = 0;

  constructor(input: Input) {
    this.#input = input;
  }

  /** Whether these bytes are there; if so, they are inside `bytes`. */
  has(position: number, length: number): boolean {
    const at = position - this.base;
    if (at >= 0 && at + length <= this.bytes.byteLength) return true;
    return this.bytes !== this.#block && this.#isInBlock(position, length);
  }

  /** How many of `length` bytes at a position can be there, as far as it is known. */
  limit(position: number, length: number): number {
    return Math.max(0, Math.min(length, this.end - position));
  }

  /** Reads until these bytes are there, or all that the input has of them. All views die. */
  async load(position: number, length: number): Promise<void> {
    if (this.#isInBlock(position, length)) return;
    const blockEnd = () => this.#blockBase + this.#block.byteLength;
    const jointEnd = () => this.#jointBase + this.#joint.byteLength;
    if (this.bytes !== this.#block && position >= this.#jointBase && position < jointEnd()) {
      if (position > this.#jointBase) this.#keep(this.bytes.slice(position - this.#jointBase), position);
    } else if (position >= this.#blockBase && position < blockEnd()) {
      this.#keep(this.#block.subarray(position - this.#blockBase), position);
    } else {
      if (position !== blockEnd()) this.#nextBytes = FIRST_BYTES;
      await this.#read(position);
      this.#useBlock();
      if (this.limit(position, length) <= this.#block.byteLength) return;
      this.#keep(this.#block, position);
    }
    const wanted = position + length;
    while (jointEnd() < wanted) {
      if (jointEnd() === blockEnd()) {
        await this.#read(blockEnd());
        if (this.#block.byteLength === 0) break;
      }
      const start = jointEnd() - this.#blockBase;
      this.#joint.append(this.#block.subarray(start, wanted - this.#blockBase));
    }
    this.bytes = this.#joint.view();
    this.base = this.#jointBase;
  }

  #keep(bytes: Uint8Array, position: number): void {
    this.#joint.reset();
    this.#joint.append(bytes);
    this.#jointBase = position;
  }

  #isInBlock(position: number, length: number): boolean {
    const at = position - this.#blockBase;
    if (at < 0 || at + length > this.#block.byteLength) return false;
    this.#useBlock();
    return true;
  }

  #useBlock(): void {
    this.bytes = this.#block;
    this.base = this.#blockBase;
  }

  async #read(position: number): Promise<void> {
    const known = this.#input.size;
    if (known !== undefined && position >= known) this.end = known;
    this.#block = position >= this.end ? new Uint8Array(0) : await this.#input.readUnits(position, 1, this.#nextBytes);
    this.#blockBase = position;
    this.#nextBytes = Math.min(PIECE_BYTES, 4 * this.#nextBytes);
    if (this.#block.byteLength === 0) this.end = Math.min(this.end, position, this.#input.size ?? position);
  }
}
