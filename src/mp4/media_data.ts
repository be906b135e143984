/**
 * The head of the box that holds samples ([ISO 14496-12] 8.1.1), in a room of 16 bytes.
 *
 * ```text
 * while samples come   free u32·4 │ 8 bytes            nothing: fragments follow
 *                      free u32·4 │ mdat 0 u32·4       to the end of the file
 * at the end           mdat 1 u32·4 │ size u64         over everything, whatever boxes are in it
 * ```
 *
 * @module
 */

import { box, BOX_HEAD_BYTES } from "./box.ts";
import { BoxWriter } from "./box_writer.ts";

/** Of the room. */
export const MEDIA_DATA_ROOM = 16;
/** The size stands behind the type, in 64 bits. */
const HAS_LONG_SIZE = 1;

/** The room stays free. */
export function writeFreeRoom(w: BoxWriter): void {
  box(w, "free", () => w.zeros(MEDIA_DATA_ROOM - BOX_HEAD_BYTES));
}

/** The room says that all that follows are samples. */
export function writeOpenMediaData(w: BoxWriter): void {
  box(w, "free", () => {});
  w.u32(0);
  w.text("mdat");
}

/** The room says that `byteLength` bytes follow that are samples. */
export function encodeMediaData(byteLength: number): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  w.u32(HAS_LONG_SIZE);
  w.text("mdat");
  w.u64(MEDIA_DATA_ROOM + byteLength);
  return w.toUint8Array();
}
