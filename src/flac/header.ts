/**
 * What stands in front of the frames ([RFC 9639] 8).
 *
 * ```text
 * "fLaC" · STREAMINFO · SEEKTABLE, where it can be filled in · VORBIS_COMMENT · PICTURE … · PADDING, where there is any
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import { MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import { encodeComments, encodePictures } from "../media/vorbis_comment.ts";
import { MAX_POINTS, type SeekPoint } from "./frame_log.ts";

const STREAM_INFO = 0;
const PADDING = 1;
const SEEK_TABLE = 3;
const COMMENT = 4;
const PICTURE = 6;
const LAST_BLOCK = 0x80;
const BLOCK_HEAD_BYTES = 4;
const MAX_BLOCK_BYTES = 0xFF_FFFF;

/** What the header is about. */
export interface FlacHeaderFacts {
  readonly info: Uint8Array;
  readonly metadata: Metadata;
  /** Absent: there is no table. */
  readonly points?: readonly SeekPoint[];
}

/** Whether a header can be made larger by so many bytes. */
export function isPaddable(spare: number): boolean {
  return spare === 0 || spare >= BLOCK_HEAD_BYTES;
}

/** The header, padded to `byteLength`; as small as it gets without. @throws {MuxError} `too-large` */
export function encodeHeader({ info, metadata, points }: FlacHeaderFacts, byteLength = 0): Uint8Array<ArrayBuffer> {
  const blocks: [type: number, body: Uint8Array][] = [[STREAM_INFO, info]];
  if (points !== undefined) blocks.push([SEEK_TABLE, encodeSeekTable(points)]);
  blocks.push([COMMENT, encodeComments(metadata)]);
  for (const picture of encodePictures(metadata)) blocks.push([PICTURE, picture]);
  const least = blocks.reduce((sum, [, body]) => sum + BLOCK_HEAD_BYTES + body.byteLength, 4);
  let spare = byteLength - least;
  while (spare > 0) {
    const bodyBytes = Math.min(spare - BLOCK_HEAD_BYTES, MAX_BLOCK_BYTES - BLOCK_HEAD_BYTES);
    blocks.push([PADDING, new Uint8Array(bodyBytes)]);
    spare -= BLOCK_HEAD_BYTES + bodyBytes;
  }
  const w = new ByteWriter("big");
  w.text("fLaC");
  for (const [i, [type, body]] of blocks.entries()) {
    if (body.byteLength > MAX_BLOCK_BYTES) {
      const reason = `a block of FLAC metadata must have at most ${MAX_BLOCK_BYTES} bytes, got ${body.byteLength}`;
      throw new MuxError("too-large", { action: "write metadata", reason });
    }
    w.u8(type | (i === blocks.length - 1 ? LAST_BLOCK : 0));
    w.u24(body.byteLength);
    w.bytes(body);
  }
  return w.toUint8Array();
}

/** Always as many points: those that are not there are marked so, and stand behind. */
function encodeSeekTable(points: readonly SeekPoint[]): Uint8Array {
  const w = new ByteWriter("big");
  for (let i = 0; i < MAX_POINTS; i++) {
    const point = points[i];
    w.u64(point === undefined ? -1 : point.sample);
    w.u64(point?.offset ?? 0);
    w.u16(point?.blockSize ?? 0);
  }
  return w.toUint8Array();
}
