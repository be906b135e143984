/**
 * What stands in front of the frames ([RFC 9639] 8).
 *
 * ```text
 * "fLaC" · STREAMINFO · SEEKTABLE, where it can be filled in · VORBIS_COMMENT · PICTURE … · PADDING, where there is any
 * ```
 *
 * @module
 */

import { concatBytes } from "../bytes/bytes.ts";
import { ByteWriter } from "../bytes/byte_writer.ts";
import {
  FLAC_BLOCK_HEAD_BYTES,
  FLAC_COMMENT,
  FLAC_PADDING,
  FLAC_PICTURE,
  FLAC_SEEK_TABLE,
  FLAC_STREAM_INFO,
  flacBlock,
  MAX_FLAC_BLOCK_BYTES,
} from "../media/codecs/flac_block.ts";
import type { Metadata } from "../media/metadata.ts";
import { encodeComments, encodePictures } from "../media/vorbis_comment.ts";
import { MAX_POINTS, type SeekPoint } from "./frame_log.ts";

/** What the header is about. */
export interface FlacHeaderFacts {
  readonly info: Uint8Array;
  readonly metadata: Metadata;
  /** Absent: there is no table. */
  readonly points?: readonly SeekPoint[];
}

/** Whether a header can be made larger by so many bytes. */
export function isPaddable(spare: number): boolean {
  return spare === 0 || spare >= FLAC_BLOCK_HEAD_BYTES;
}

/** The header, padded to `byteLength`; as small as it gets without. @throws {MuxError} `too-large` */
export function encodeHeader({ info, metadata, points }: FlacHeaderFacts, byteLength = 0): Uint8Array<ArrayBuffer> {
  const blocks: [type: number, body: Uint8Array][] = [[FLAC_STREAM_INFO, info]];
  if (points !== undefined) blocks.push([FLAC_SEEK_TABLE, encodeSeekTable(points)]);
  blocks.push([FLAC_COMMENT, encodeComments(metadata)]);
  for (const picture of encodePictures(metadata)) blocks.push([FLAC_PICTURE, picture]);
  const least = blocks.reduce((sum, [, body]) => sum + FLAC_BLOCK_HEAD_BYTES + body.byteLength, 4);
  let spare = byteLength - least;
  while (spare > 0) {
    const bodyBytes = Math.min(spare - FLAC_BLOCK_HEAD_BYTES, MAX_FLAC_BLOCK_BYTES - FLAC_BLOCK_HEAD_BYTES);
    blocks.push([FLAC_PADDING, new Uint8Array(bodyBytes)]);
    spare -= FLAC_BLOCK_HEAD_BYTES + bodyBytes;
  }
  const last = blocks.length - 1;
  const encoded = blocks.map(([type, body], i) => flacBlock(type, body, i === last));
  return concatBytes(new TextEncoder().encode("fLaC"), ...encoded);
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
