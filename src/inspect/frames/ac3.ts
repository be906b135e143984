/**
 * Sync frames of AC-3 and E-AC-3 ([ETSI TS 102 366] 4.3, E.1.2).
 *
 * @module
 */

import type { FrameSyntax } from "./syntax.ts";

const RATES = [48_000, 44_100, 32_000];
const KILOBITS = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
const CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];
const BLOCKS = [1, 2, 3, 6];
const BLOCK_SAMPLES = 256;
/** Where in the kind it says that it is E-AC-3. */
const ENHANCED = 1 << 8;

/** Whether frames of a kind are E-AC-3. */
export function isEnhanced(kind: number): boolean {
  return (kind & ENHANCED) !== 0;
}

/** AC-3 and E-AC-3; substreams of E-AC-3 that go with the frame before it have no samples of their own. */
export const ac3: FrameSyntax = {
  name: "AC-3",
  firstByte: 0x0B,
  headBytes: 7,
  maxBytes: 4096,
  read(bytes, at, head) {
    if (bytes[at] !== 0x0B || bytes[at + 1] !== 0x77) return false;
    const identification = bytes[at + 5]! >> 3;
    head.bitrate = 0;
    if (identification <= 10) {
      const code = bytes[at + 4]!;
      const rate = RATES[code >> 6];
      const kilobits = KILOBITS[(code & 63) >> 1];
      if (rate === undefined || kilobits === undefined) return false;
      const mode = bytes[at + 6]! >> 5;
      // Where the low frequencies are said, behind the fields that the mode has.
      const skipped = (mode & 1 && mode !== 1 ? 2 : 0) + (mode & 4 ? 2 : 0) + (mode === 2 ? 2 : 0);
      const hasLow = skipped < 5 && (bytes[at + 6]! >> (4 - skipped) & 1) === 1;
      const halved = identification > 8 ? identification - 8 : 0;
      const words = rate === 44_100 ? Math.floor(kilobits * 320 / 147) + (code & 1) : kilobits * 96 / (rate / 1000);
      head.byteLength = 2 * words;
      head.sampleRate = rate >> halved;
      head.channels = CHANNELS[mode]! + (hasLow ? 1 : 0);
      head.sampleCount = 6 * BLOCK_SAMPLES;
      head.bitrate = 1000 * kilobits >> halved;
      head.kind = code >> 6;
      return true;
    }
    if (identification > 16) return false;
    const code = bytes[at + 4]!;
    const rate = code >> 6 === 3 ? RATES[code >> 4 & 3] : RATES[code >> 6];
    if (rate === undefined) return false;
    const isDependent = bytes[at + 2]! >> 6 === 1;
    head.byteLength = 2 * (((bytes[at + 2]! & 7) << 8 | bytes[at + 3]!) + 1);
    head.sampleRate = code >> 6 === 3 ? rate / 2 : rate;
    head.channels = CHANNELS[code >> 1 & 7]! + (code & 1);
    head.sampleCount = isDependent ? 0 : BLOCK_SAMPLES * (code >> 6 === 3 ? 6 : BLOCKS[code >> 4 & 3]!);
    head.kind = ENHANCED | code >> 6;
    return true;
  },
};
