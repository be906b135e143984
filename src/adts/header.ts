/**
 * ADTS headers made of an AudioSpecificConfig ([ISO 14496-3] 1.A.2, 1.6.2.1).
 *
 * @module
 */

import { BitReader } from "../bytes/bit_reader.ts";

/** Size without a checksum. */
export const HEADER_BYTES = 7;
/** `aac_frame_length` has 13 bits, and counts the header. */
export const MAX_FRAME_BYTES = 0x1FFF;

const TYPE_SBR = 5;
const TYPE_PS = 29;
/** Main, LC, SSR and LTP: `profile` has two bits. */
const MAX_TYPE = 4;
/** The last rate with an index of its own; others are written out, for which ADTS has no room. */
const MAX_RATE_INDEX = 12;
/** `channel_configuration` has three bits; 0 points to a description inside the frames. */
const MAX_CHANNELS = 7;

/**
 * The header of a frame without data, to be completed by {@linkcode setFrameBytes}; a string says why there is none.
 *
 * HE-AAC is signalled as what it is for a decoder that knows no SBR: the core coder, at its rate.
 *
 * ```text
 * FFF ID layer protection_absent | profile rate(4) private channels(3) | 4 bits · length(13) · fullness(11) · blocks(2)
 * ```
 */
export function makeHeader(config: Uint8Array): Uint8Array<ArrayBuffer> | string {
  const reader = new BitReader(config);
  let type = reader.bits(5);
  const rateIndex = reader.bits(4);
  if (rateIndex > MAX_RATE_INDEX) return "ADTS has no index for its sample rate";
  const channels = reader.bits(4);
  if (type === TYPE_SBR || type === TYPE_PS) {
    if (reader.bits(4) === 15) reader.skip(24);
    type = reader.bits(5);
  }
  const hasShortFrames = reader.bit() === 1;
  if (reader.exhausted) return "its AudioSpecificConfig is cut off";
  if (type < 1 || type > MAX_TYPE) return `ADTS cannot say audio object type ${type}`;
  if (channels < 1 || channels > MAX_CHANNELS) return `ADTS cannot say channel configuration ${channels}`;
  if (hasShortFrames) return "ADTS cannot say that its frames have 960 samples";
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = 0xFF;
  header[1] = 0xF1; // MPEG-4, no checksum
  header[2] = (type - 1) << 6 | rateIndex << 2 | channels >> 2;
  header[3] = (channels & 3) << 6;
  header[5] = 0x1F; // buffer fullness 0x7FF: variable rate
  header[6] = 0xFC;
  return header;
}

/** Writes the size of a frame, header included, into its header. */
export function setFrameBytes(header: Uint8Array, byteLength: number): void {
  header[3] = (header[3]! & 0xFC) | byteLength >> 11;
  header[4] = byteLength >> 3 & 0xFF;
  header[5] = (byteLength & 7) << 5 | 0x1F;
}
