/**
 * Bytes that come piece by piece, put together.
 *
 * @module
 */

/** Memory above this is not kept for the next use. */
const KEPT_BYTES = 1 << 22;

/** Grows with the bytes that have come, never with those that were promised. */
export class GrowingBytes {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** How many bytes are in it. */
  byteLength = 0;

  /** Copies bytes behind those already there. */
  append(bytes: Uint8Array): void {
    const needed = this.byteLength + bytes.byteLength;
    if (needed > this.#bytes.byteLength) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.byteLength));
      grown.set(this.view());
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.byteLength);
    this.byteLength = needed;
  }

  /** A view of all bytes, good until the next `append`. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.byteLength);
  }

  /** Begins anew in the same memory: views of what was in it are dead. */
  reset(): void {
    this.byteLength = 0;
    if (this.#bytes.byteLength > KEPT_BYTES) this.#bytes = new Uint8Array(0);
  }
}
