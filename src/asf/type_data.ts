/**
 * The type-specific data of video and audio streams, and what is said beside them ([ASF] 9.1, 9.2). Audio has a
 * WAVEFORMATEX, video a BITMAPINFOHEADER behind the picture's size:
 *
 * ```text
 * 0 width u32 · 4 height u32 · 8 reserved flags u8 · 9 format data size u16 · 11 BITMAPINFOHEADER · 51 codec data
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import { bitmapInfo } from "../media/mappings/riff/bitmap_info.ts";
import type { RiffAudio, RiffVideo } from "../media/mappings/riff/description.ts";

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
/** Windows Media Audio: Voice, 1, 2, Professional, Lossless. */
const WINDOWS_MEDIA_TAGS: readonly number[] = [0x000a, 0x0160, 0x0161, 0x0162, 0x0163];

/** Whether a FourCC is one of Windows Media Video. */
export function isWindowsMediaVideo(fourcc: string): boolean {
  return WINDOWS_MEDIA_FOURCCS.includes(fourcc.toUpperCase());
}

/** Whether a format tag is of the Windows Media Audio family. */
export function isWindowsMediaAudio(formatTag: number): boolean {
  return WINDOWS_MEDIA_TAGS.includes(formatTag);
}

/** The type-specific data of a video stream. */
export function videoTypeData(video: RiffVideo): Uint8Array<ArrayBuffer> {
  const format = bitmapInfo(video);
  const w = new ByteWriter("little");
  w.u32(video.codedWidth);
  w.u32(video.codedHeight);
  w.u8(2); // Reserved Flags
  w.u16(format.byteLength);
  w.bytes(format);
  return w.toUint8Array();
}

/**
 * Audio Spread data ([ASF] 9.1) that spreads nothing: span 1, one block per virtual packet and chunk, one byte of silence.
 */
export function audioSpread({ blockBytes }: RiffAudio): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter("little");
  w.u8(1); // Span
  w.u16(blockBytes); // Virtual Packet Length
  w.u16(blockBytes); // Virtual Chunk Length
  w.u16(1); // Silence Data Length
  w.u8(0);
  return w.toUint8Array();
}
