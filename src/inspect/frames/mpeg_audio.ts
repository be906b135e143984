/**
 * Frames of MPEG audio, layers I to III ([ISO 11172-3] 2.4.1.3, [ISO 13818-3] 2.4.1.3).
 *
 * @module
 */

import type { FrameHead, FrameSyntax } from "./syntax.ts";

/** kbit/s by layer and index: MPEG-1, then MPEG-2 and 2.5. */
const KILOBITS: readonly (readonly number[])[][] = [
  [
    [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  ],
  [
    [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ],
];
/** Hz of MPEG-1; MPEG-2 has half, MPEG-2.5 a quarter. */
const RATES = [44_100, 48_000, 32_000];
/** Version, layer and rate, and whether it has one channel. */
const LAYER_SHIFT = 2;

/** Layer of a frame by what its head calls `kind`, 1 to 3. */
export function layerOf(kind: number): number {
  return kind >> LAYER_SHIFT & 3;
}

/** MPEG audio. */
export const mpegAudio: FrameSyntax = {
  name: "MPEG audio",
  firstByte: 0xFF,
  headBytes: 4,
  maxBytes: 8192,
  read(bytes, at, head) {
    const second = bytes[at + 1]!;
    const third = bytes[at + 2]!;
    const version = second >> 3 & 3; // 3: MPEG-1, 2: MPEG-2, 0: MPEG-2.5
    const layer = 4 - (second >> 1 & 3);
    if (bytes[at] !== 0xFF || (second & 0xE0) !== 0xE0 || version === 1 || layer === 4) return false;
    const kilobits = KILOBITS[version === 3 ? 0 : 1]![layer - 1]![third >> 4];
    const rate = RATES[third >> 2 & 3];
    if (kilobits === undefined || rate === undefined) return false;
    const isMono = bytes[at + 3]! >> 6 === 3;
    const padding = third >> 1 & 1;
    head.sampleRate = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4;
    head.channels = isMono ? 1 : 2;
    head.sampleCount = layer === 1 ? 384 : layer === 3 && version !== 3 ? 576 : 1152;
    head.bitrate = 1000 * kilobits;
    head.kind = (second >> 3 & 3) << 6 | (third >> 2 & 3) << 4 | layer << LAYER_SHIFT | (isMono ? 1 : 0);
    head.byteLength = kilobits === 0
      ? 0
      : layer === 1
      ? 4 * (Math.floor(12_000 * kilobits / head.sampleRate) + padding)
      : Math.floor(head.sampleCount / 8 * 1000 * kilobits / head.sampleRate) + padding;
    return true;
  },
};

/** What a frame without sound says of those behind it. */
export interface StreamInfo {
  /** How many there are, this one not counted; 0: it does not say. */
  readonly frameCount: number;
  /** Bytes of all, this one's included; 0: it does not say. */
  readonly byteCount: number;
  /** Samples that the encoder put in front; −1: it does not say. */
  readonly delay: number;
  /** Samples that it put behind; −1: it does not say. */
  readonly padding: number;
}

/** Flags of a Xing header. */
const HAS_FRAMES = 1;
const HAS_BYTES = 2;
const HAS_TABLE = 4;
const HAS_QUALITY = 8;

/** The Xing, Info or VBRI header that a frame of layer III holds in place of sound; `undefined`: it is sound. */
export function streamInfo(frame: Uint8Array, head: FrameHead): StreamInfo | undefined {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const word = (at: number) => at + 4 <= frame.byteLength ? view.getUint32(at) : 0;
  const isMpeg1 = head.sampleRate >= 32_000;
  const sideBytes = isMpeg1 ? head.channels === 1 ? 17 : 32 : head.channels === 1 ? 9 : 17;
  const at = 4 + ((frame[1]! & 1) === 0 ? 2 : 0) + sideBytes;
  const VBRI = 0x56425249;
  if (word(36) === VBRI) return { byteCount: word(46), frameCount: word(50), delay: -1, padding: -1 };
  // A checksum is said and left out by some writers.
  const start = [at, 4 + sideBytes].find((place) => word(place) === 0x58696E67 || word(place) === 0x496E666F);
  if (start === undefined) return undefined;
  const flags = word(start + 4);
  let next = start + 8;
  const frameCount = flags & HAS_FRAMES ? word((next += 4) - 4) : 0;
  const byteCount = flags & HAS_BYTES ? word((next += 4) - 4) : 0;
  if (flags & HAS_TABLE) next += 100;
  if (flags & HAS_QUALITY) next += 4;
  // LAME's, which FFmpeg and others write as well: nine letters, then 21 bytes on delay and padding, 12 bits each.
  const isNamed = /^[A-Za-z]{3}/.test(String.fromCharCode(...frame.subarray(next, next + 3)));
  if (!isNamed || next + 24 > frame.byteLength) return { frameCount, byteCount, delay: -1, padding: -1 };
  const trims = frame[next + 21]! << 16 | frame[next + 22]! << 8 | frame[next + 23]!;
  return { frameCount, byteCount, delay: trims >> 12, padding: trims & 0xFFF };
}
