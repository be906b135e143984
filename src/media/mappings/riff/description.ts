/**
 * What a described stream is in the RIFF family, which ASF, WAVE and AVI share.
 *
 * @module
 */

import type { AudioDescription, VideoDescription } from "../../codecs/description.ts";
import type { Mapped } from "../codec_table.ts";

/** A described video stream: `id` is a FourCC (`biCompression`), the private data follow BITMAPINFOHEADER. */
export interface RiffVideo extends VideoDescription, Mapped<string> {
  readonly privateData: Uint8Array;
}

/** A described audio stream: `id` is `wFormatTag`, the private data follow `cbSize`. */
export interface RiffAudio extends AudioDescription, Mapped<number> {
  readonly privateData: Uint8Array;
  /** `nBlockAlign`, at least 1. */
  readonly blockBytes: number;
  /** `wBitsPerSample`; 0 where the codec has none. */
  readonly bitsPerSample: number;
  /** `nAvgBytesPerSec`, at least 1. */
  readonly bytesPerSecond: number;
  /** Speakers of PCM (`dwChannelMask`); absent: those usual for the number of channels. */
  readonly channelMask?: number;
  /** Bits of PCM that count (`wValidBitsPerSample`); absent: all. */
  readonly validBits?: number;
}
