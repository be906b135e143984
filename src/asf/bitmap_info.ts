/**
 * The type-specific data of a video stream: picture size and BITMAPINFOHEADER ([ASF] 9.2).
 *
 * ```text
 * 0 width u32 · 4 height u32 · 8 reserved flags u8 · 9 format data size u16
 * 11 biSize u32 · 15 biWidth i32 · 19 biHeight i32 · 23 biPlanes u16 · 25 biBitCount u16 · 27 biCompression 4 bytes
 * 31 biSizeImage u32 · 35 biXPelsPerMeter i32 · 39 biYPelsPerMeter i32 · 43 biClrUsed u32 · 47 biClrImportant u32
 * 51 codec data
 * ```
 *
 * @module
 */

import type { VideoDescription } from "../media/codecs/description.ts";
import { ObjectWriter } from "./object_writer.ts";

const WINDOWS_MEDIA_FOURCCS: readonly string[] = [
  "WMV1",
  "WMV2",
  "WMV3",
  "WVC1",
  "WMVA",
  "WMVP",
  "WVP2",
  "MSS1",
  "MSS2",
];

const BITMAP_INFO_BYTES = 40;
const BITS_PER_PIXEL = 24;

/** Whether a FourCC is one of Windows Media Video. */
export function isWindowsMediaVideo(fourcc: string): boolean {
  return WINDOWS_MEDIA_FOURCCS.includes(fourcc.toUpperCase());
}

/** The four bytes of a FourCC; shorter ones are filled with blanks. */
export function fourccBytes(fourcc: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(fourcc.padEnd(4).slice(0, 4), (character) => character.charCodeAt(0));
}

/** The stream's type-specific data. */
export function bitmapInfo(video: VideoDescription): Uint8Array<ArrayBuffer> {
  const { codedWidth, codedHeight, extraData } = video;
  const formatBytes = BITMAP_INFO_BYTES + extraData.byteLength;
  const w = new ObjectWriter(11 + formatBytes);
  w.u32(codedWidth);
  w.u32(codedHeight);
  w.u8(2); // Reserved Flags
  w.u16(formatBytes);
  w.u32(formatBytes); // biSize: readers take the size of the codec data from here
  w.i32(codedWidth);
  w.i32(codedHeight);
  w.u16(1); // biPlanes
  w.u16(BITS_PER_PIXEL);
  w.bytes(fourccBytes(video.fourcc));
  w.u32(imageBytes(codedWidth, codedHeight));
  w.zeros(16); // resolution and palette
  w.bytes(extraData);
  return w.finish();
}

/** biSizeImage, which may be 0 where it does not fit. */
function imageBytes(width: number, height: number): number {
  const bytes = width * height * (BITS_PER_PIXEL / 8);
  return bytes <= 0xffff_ffff ? bytes : 0;
}
