/**
 * Bytes in pieces of 64 KiB, all in the same memory.
 *
 * @module
 */

/** Of a piece. */
const PIECE_BYTES = 64 << 10;

/** See the module's text. */
export class PieceWriter {
  readonly #memory = new Uint8Array(PIECE_BYTES);
  readonly #view = new DataView(this.#memory.buffer);
  /** Bytes in the open piece. */
  used = 0;

  /** How many more bytes the open piece takes. */
  get room(): number {
    return PIECE_BYTES - this.used;
  }

  /** The open piece; another begins. */
  take(): Uint8Array<ArrayBuffer> {
    const piece = this.#memory.subarray(0, this.used);
    this.used = 0;
    return piece;
  }

  /** Sets a number, modulo 2^32; there is room for it. */
  u32(value: number): void {
    this.#view.setUint32(this.used, value);
    this.used += 4;
  }

  /** Sets a whole number of 64 bits; there is room for it. */
  u64(value: number): void {
    this.u32(Math.floor(value / 0x1_0000_0000));
    this.u32(value);
  }

  /** Sets numbers of 32 bits; there is room for them. */
  numbers(source: ArrayLike<number>, start: number, end: number): void {
    const view = this.#view;
    let at = this.used;
    for (let i = start; i < end; i++, at += 4) view.setUint32(at, source[i]!);
    this.used = at;
  }

  /** Writes bytes. Yields the pieces that are full. */
  *bytes(bytes: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    for (let at = 0; at < bytes.byteLength;) {
      if (this.room === 0) yield this.take();
      const count = Math.min(this.room, bytes.byteLength - at);
      this.#memory.set(bytes.subarray(at, at + count), this.used);
      this.used += count;
      at += count;
    }
  }
}
