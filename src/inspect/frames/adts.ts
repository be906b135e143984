/**
 * Frames of AAC behind ADTS headers ([ISO 14496-3] 1.A.3.2).
 *
 * @module
 */

import type { FrameSyntax } from "./syntax.ts";

const RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];
const BLOCK_SAMPLES = 1024;

/** AAC in ADTS. */
export const adts: FrameSyntax = {
  name: "ADTS",
  firstByte: 0xFF,
  headBytes: 7,
  maxBytes: 8192,
  read(bytes, at, head) {
    const second = bytes[at + 1]!;
    const rate = RATES[bytes[at + 2]! >> 2 & 15];
    if (bytes[at] !== 0xFF || (second & 0xF6) !== 0xF0 || rate === undefined) return false;
    const byteLength = (bytes[at + 3]! & 3) << 11 | bytes[at + 4]! << 3 | bytes[at + 5]! >> 5;
    if (byteLength <= ((second & 1) === 1 ? 7 : 9)) return false;
    const configuration = (bytes[at + 2]! & 1) << 2 | bytes[at + 3]! >> 6;
    head.byteLength = byteLength;
    head.sampleRate = rate;
    head.channels = CHANNELS[configuration]!;
    head.sampleCount = BLOCK_SAMPLES * ((bytes[at + 6]! & 3) + 1);
    head.bitrate = 0;
    head.kind = bytes[at + 2]! & 0xFC | configuration << 8; // profile, rate, channels
    return true;
  },
};
