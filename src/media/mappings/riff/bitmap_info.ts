/**
 * BITMAPINFOHEADER, and the codec data behind it.
 *
 * ```text
 * 0 biSize u32 · 4 biWidth i32 · 8 biHeight i32 · 12 biPlanes u16 · 14 biBitCount u16 · 16 biCompression 4 bytes
 * 20 biSizeImage u32 · 24 biXPelsPerMeter i32 · 28 biYPelsPerMeter i32 · 32 biClrUsed u32 · 36 biClrImportant u32
 * 40 codec data
 * ```
 *
 * @module
 */

import { ByteWriter } from "../../../bytes/byte_writer.ts";
import type { RiffVideo } from "./description.ts";

const HEADER_BYTES = 40;
const BITS_PER_PIXEL = 24;

/** The four bytes of a FourCC; shorter ones are filled with blanks. */
export function fourccBytes(fourcc: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(fourcc.padEnd(4).slice(0, 4), (character) => character.charCodeAt(0));
}

/** The stream's BITMAPINFOHEADER with its codec data. */
export function bitmapInfo({ codedWidth, codedHeight, id, privateData }: RiffVideo): Uint8Array<ArrayBuffer> {
  const byteLength = HEADER_BYTES + privateData.byteLength;
  const imageBytes = codedWidth * codedHeight * (BITS_PER_PIXEL / 8);
  const w = new ByteWriter("little");
  w.u32(byteLength); // readers take the size of the codec data from here
  w.u32(codedWidth);
  w.u32(codedHeight);
  w.u16(1);
  w.u16(BITS_PER_PIXEL);
  w.bytes(fourccBytes(id));
  w.u32(imageBytes <= 0xFFFF_FFFF ? imageBytes : 0); // which it may be where it does not fit
  w.zeros(16);
  w.bytes(privateData);
  return w.toUint8Array();
}
