import type { Pieces } from "./types.ts";

const NO_PIECES: Pieces = { sources: [], starts: [], ends: [], count: 0, byteLength: 0 };

/** Goes through the bytes of one media object, piece by piece. */
export class PieceCursor {
  /** Bytes to go. */
  left = 0;
  /** The object. */
  pieces = NO_PIECES;
  #piece = 0;
  /** Position in the source of that piece. */
  #at = 0;

  /** Goes to the first byte of an object. */
  begin(pieces: Pieces): void {
    this.pieces = pieces;
    this.#piece = 0;
    this.#at = pieces.starts[0]!;
    this.left = pieces.byteLength;
  }

  /** The next bytes, at most so many and not beyond the end of their piece; goes past them. */
  next(most: number): Uint8Array {
    const { sources, starts, ends } = this.pieces;
    const source = sources[this.#piece]!;
    const end = ends[this.#piece]!;
    const from = this.#at;
    const bytes = Math.min(most, end - from);
    this.left -= bytes;
    this.#at = from + bytes < end || this.left === 0 ? from + bytes : starts[++this.#piece]!;
    return bytes === source.byteLength ? source : source.subarray(from, from + bytes);
  }

  /** Goes past so many bytes. */
  skip(bytes: number): void {
    if (bytes === this.left) {
      this.left = 0;
      return;
    }
    while (bytes > 0) bytes -= this.next(bytes).byteLength;
  }

  /** Goes back over bytes that `next` has answered. */
  back(bytes: number): void {
    const { starts, ends } = this.pieces;
    this.left += bytes;
    for (let passed; (passed = this.#at - starts[this.#piece]!) < bytes; this.#at = ends[--this.#piece]!) {
      bytes -= passed;
    }
    this.#at -= bytes;
  }

  /** Copies what is left, which from now on depends on no bytes of others. */
  own(): void {
    const rest = new Uint8Array(this.left);
    for (let at = 0; at < rest.byteLength;) {
      const part = this.next(rest.byteLength - at);
      rest.set(part, at);
      at += part.byteLength;
    }
    this.begin({ sources: [rest], starts: [0], ends: [rest.byteLength], count: 1, byteLength: rest.byteLength });
  }

  /** The object is laid out: holds nothing of it any more. */
  end(): void {
    this.pieces = NO_PIECES;
  }
}
