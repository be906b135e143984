/**
 * The head of the box that holds samples ([ISO 14496-12] 8.1.1), in a room in front of them that may have place for the
 * movie, too.
 *
 * ```text
 * while samples come   free u32·4 │ place for the movie │ 8 bytes           fragments follow
 *                      free u32·4 │ place for the movie │ mdat 0 u32·4      to the end of the file
 * at the end           mdat 1 u32·4 │ size u64 │ …                          over everything, whatever boxes are in it
 *   or                 moov … │ free │ mdat 1 u32·4 │ size u64              revealed by its first eight bytes
 * ```
 *
 * @module
 */

import { BoxWriter } from "./box_writer.ts";

/** Of the head. */
export const MEDIA_DATA_ROOM = 16;
/** The size stands behind the type, in 64 bits. */
const HAS_LONG_SIZE = 1;

/** The head of a box with nothing in it. */
export function encodeFreeHead(byteLength: number): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  w.u32(byteLength);
  w.text("free");
  return w.toUint8Array();
}

/** The end of the room, where all that follows are samples. */
export function encodeOpenMediaData(): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  w.u32(0);
  w.text("mdat");
  return w.toUint8Array();
}

/** The room says that `byteLength` bytes follow that are samples. */
export function encodeMediaData(byteLength: number): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  w.u32(HAS_LONG_SIZE);
  w.text("mdat");
  w.u64(MEDIA_DATA_ROOM + byteLength);
  return w.toUint8Array();
}
