/**
 * Bytes read before they are asked for.
 *
 * @module
 */

import type { RandomBytes } from "./bytes.ts";

/** Whoever asks for so much at once is passing through the whole. */
const PASS_BYTES = 1 << 18;

/** What is being read. */
interface Ahead {
  readonly offset: number;
  readonly length: number;
  readonly bytes: Promise<Uint8Array>;
}

/**
 * Reads the next piece of a file while the last one is worked on, into two pieces of memory in turn. What `read` answers
 * is dead when it is called again; calls must not overlap.
 */
export class ReadAhead {
  readonly #source: RandomBytes;
  #ahead: Ahead | undefined;
  /** In the caller's hands, and free. */
  #given = new Uint8Array(0);
  #spare = new Uint8Array(0);

  constructor(source: RandomBytes) {
    this.#source = source;
  }

  /** How many bytes there are. */
  get size(): number {
    return this.#source.size;
  }

  /** Up to `length` bytes from `offset`; fewer where the file ends. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    let bytes = await ahead?.bytes;
    if (ahead === undefined || ahead.offset !== offset || ahead.length < length) {
      bytes = await this.#start(offset, length).bytes;
    }
    const next = offset + length;
    if (length >= PASS_BYTES && next < this.size) this.#ahead = this.#start(next, length);
    return bytes!.subarray(0, length);
  }

  #start(offset: number, length: number): Ahead {
    const end = Math.min(this.size, offset + length);
    if (this.#spare.byteLength < end - offset) this.#spare = new Uint8Array(end - offset);
    const memory = this.#spare;
    this.#spare = this.#given;
    this.#given = memory;
    const bytes = this.#source.read(offset, end, memory);
    bytes.catch(() => {}); // told when it is asked for
    return { offset, length: end - offset, bytes };
  }
}
