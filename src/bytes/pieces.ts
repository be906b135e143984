/**
 * An access unit as a list of pieces, so that re-framing (start codes for lengths, parameter sets in front) costs no
 * copy of its own: the pieces are set into their packet one by one.
 *
 * @module
 */

/**
 * The pieces whose bytes, in order, are one access unit. One object serves a stream from sample to sample.
 *
 * @example
 * ```ts
 * import { Pieces } from "@muxwell/muxwell/container";
 *
 * const unit = new Pieces();
 * unit.add(Uint8Array.of(0, 0, 0, 1)); // a start code for a length
 * unit.add(Uint8Array.of(0, 0, 0, 2, 0x65, 0x88), 4);
 * console.log(unit.byteLength, unit.toUint8Array()); // the bytes are copied here, and only here
 * ```
 */
export class Pieces {
  /** Where each piece comes from. Entries at and above `count` are stale. */
  readonly sources: Uint8Array[] = [];
  /** First byte of each piece in its source. */
  readonly starts: number[] = [];
  /** End (exclusive) of each piece in its source. */
  readonly ends: number[] = [];
  /** Number of pieces. */
  count = 0;
  /** Sum of the pieces' sizes. */
  byteLength = 0;

  /** Empties the list. */
  clear(): void {
    this.count = 0;
    this.byteLength = 0;
  }

  /** Appends `source[start..end)`; an empty piece is left out. */
  add(source: Uint8Array, start = 0, end = source.byteLength): void {
    if (end <= start) return;
    const at = this.count++;
    this.sources[at] = source;
    this.starts[at] = start;
    this.ends[at] = end;
    this.byteLength += end - start;
  }

  /** The unit in one piece: for tests and for callers that must own it. */
  toUint8Array(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.byteLength);
    for (let i = 0, at = 0; i < this.count; i++) {
      const piece = this.sources[i]!.subarray(this.starts[i], this.ends[i]);
      bytes.set(piece, at);
      at += piece.byteLength;
    }
    return bytes;
  }
}
