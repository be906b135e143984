/**
 * Reads what is kept as it is.
 *
 * @module
 */

import { type Input, PIECE_BYTES } from "../inspect/byte_source.ts";

/** Bytes of the input, as a copy; what is not there is zero. */
export async function readAll(input: Input, offset: number, byteLength: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(byteLength);
  for (let at = 0; at < byteLength;) {
    const piece = await input.read(offset + at, Math.min(PIECE_BYTES, byteLength - at));
    if (piece.byteLength === 0) break;
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
