/**
 * A chunk that several sinks are taking: its memory goes back to the muxer when the last of them is through.
 *
 * @module
 */

import type { Chunk } from "../../container/container.ts";

/** A chunk and the number of those who still need it. Born with one pin, that of whoever hands it round. */
export class SharedChunk {
  readonly chunk: Chunk;
  readonly #onRelease: () => void;
  #pins = 1;

  constructor(chunk: Chunk, onRelease: () => void) {
    this.chunk = chunk;
    this.#onRelease = onRelease;
  }

  pin(): void {
    this.#pins++;
  }

  unpin(): void {
    if (--this.#pins > 0) return;
    this.chunk.release();
    this.#onRelease();
  }
}
