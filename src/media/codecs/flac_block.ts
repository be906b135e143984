/**
 * Blocks of FLAC metadata ([RFC 9639] 8.1).
 *
 * @module
 */

import { MuxError } from "../../errors.ts";

/** Types. */
export const FLAC_STREAM_INFO = 0;
export const FLAC_PADDING = 1;
export const FLAC_SEEK_TABLE = 3;
export const FLAC_COMMENT = 4;
export const FLAC_PICTURE = 6;

/** Type and size. */
export const FLAC_BLOCK_HEAD_BYTES = 4;
/** Sizes have 24 bits. */
export const MAX_FLAC_BLOCK_BYTES = 0xFF_FFFF;
const LAST_BLOCK = 0x80;

/** A block. @throws {MuxError} `too-large` */
export function flacBlock(type: number, body: Uint8Array, isLast: boolean): Uint8Array<ArrayBuffer> {
  const { byteLength } = body;
  if (byteLength > MAX_FLAC_BLOCK_BYTES) {
    const reason = `a block of FLAC metadata must have at most ${MAX_FLAC_BLOCK_BYTES} bytes, got ${byteLength}`;
    throw new MuxError("too-large", { action: "write metadata", reason });
  }
  const block = new Uint8Array(FLAC_BLOCK_HEAD_BYTES + byteLength);
  block.set([type | (isLast ? LAST_BLOCK : 0), byteLength >> 16, byteLength >> 8 & 0xFF, byteLength & 0xFF]);
  block.set(body, FLAC_BLOCK_HEAD_BYTES);
  return block;
}
