/**
 * OBUs of AV1 ([AV1] 5.3) and the sequence header among them ([AV1] 5.5).
 *
 * @module
 */

import { BitReader, unsignedGolomb } from "../../bytes/bit_reader.ts";

const OBU_SEQUENCE_HEADER = 1;
/** Marks the begin of a temporal unit: samples do without. */
export const OBU_TEMPORAL_DELIMITER = 2;
const SELECT = 2;
const CP_BT709 = 1;
const TC_SRGB = 13;
const MC_IDENTITY = 0;

/** An OBU in a unit. */
export interface Obu {
  readonly type: number;
  readonly start: number;
  /** Where its payload begins. */
  readonly bodyStart: number;
  readonly end: number;
}

/** Reads the OBU at `start`; `undefined` when it is cut off, or none. */
export function readObu(data: Uint8Array, start: number): Obu | undefined {
  const head = data[start];
  if (head === undefined || (head & 0x80) !== 0) return undefined;
  let at = start + 1 + (head >> 2 & 1);
  let size = data.byteLength - at;
  if ((head & 2) !== 0) {
    size = 0;
    for (let i = 0;; i++) {
      const byte = data[at++];
      if (byte === undefined || i === 8) return undefined;
      size += (byte & 0x7F) * 2 ** (7 * i);
      if (byte < 0x80) break;
    }
  }
  if (size < 0 || at + size > data.byteLength) return undefined;
  return { type: head >> 3 & 15, start, bodyStart: at, end: at + size };
}

/** What a sequence header says. */
export interface Av1Sequence {
  /** The OBU as it stands. */
  readonly obu: Uint8Array;
  readonly width: number;
  readonly height: number;
  /** Second to fourth byte of the configuration record. */
  readonly record: readonly [number, number, number];
}

/** Finds and reads the sequence header of a unit; `undefined` when there is none, or it cannot be read. */
export function findSequence(data: Uint8Array): Av1Sequence | undefined {
  for (let at = 0; at < data.byteLength;) {
    const obu = readObu(data, at);
    if (obu === undefined) return undefined;
    if (obu.type === OBU_SEQUENCE_HEADER) return parse(data.slice(obu.start, obu.end), obu.bodyStart - obu.start);
    at = obu.end;
  }
  return undefined;
}

function parse(obu: Uint8Array, bodyStart: number): Av1Sequence | undefined {
  const r = new BitReader(obu.subarray(bodyStart));
  const profile = r.bits(3);
  r.skip(1);
  const isReduced = r.bit() === 1;
  const { level, tier } = isReduced ? { level: r.bits(5), tier: 0 } : readOperatingPoints(r);
  const widthBits = r.bits(4) + 1;
  const heightBits = r.bits(4) + 1;
  const width = r.bits(widthBits) + 1;
  const height = r.bits(heightBits) + 1;
  skipTools(r, isReduced);
  const color = readColor(r, profile);
  if (r.exhausted || width > 65_535 || height > 65_535) return undefined;
  return { obu, width, height, record: [profile << 5 | level, tier << 7 | color, 0] };
}

/** Timing and the operating points, of which the first counts. */
function readOperatingPoints(r: BitReader): { level: number; tier: number } {
  let delayBits = 0;
  if (r.bit() === 1) { // timing info
    r.skip(64);
    if (r.bit() === 1) unsignedGolomb(r); // uvlc() is the same code
    if (r.bit() === 1) { // decoder model
      delayBits = r.bits(5) + 1;
      r.skip(32 + 5 + 5);
    }
  }
  const hasDisplayDelay = r.bit() === 1;
  const first = { level: 0, tier: 0 };
  const last = r.bits(5);
  for (let i = 0; i <= last; i++) {
    r.skip(12);
    const level = r.bits(5);
    const tier = level > 7 ? r.bit() : 0;
    if (i === 0) Object.assign(first, { level, tier });
    if (delayBits > 0 && r.bit() === 1) r.skip(2 * delayBits + 1);
    if (hasDisplayDelay && r.bit() === 1) r.skip(4);
  }
  return first;
}

function skipTools(r: BitReader, isReduced: boolean): void {
  if (!isReduced && r.bit() === 1) r.skip(4 + 3); // frame ids
  r.skip(3);
  if (!isReduced) {
    r.skip(4);
    const hasOrderHint = r.bit() === 1;
    if (hasOrderHint) r.skip(2);
    const screenContent = r.bit() === 1 ? SELECT : r.bit();
    if (screenContent > 0 && r.bit() === 0) r.skip(1); // integer motion vectors
    if (hasOrderHint) r.skip(3);
  }
  r.skip(3);
}

/** The low seven bits of the record's third byte: high depth, twelve bits, monochrome, subsampling, its position. */
function readColor(r: BitReader, profile: number): number {
  const isHigh = r.bit();
  const isTwelve = profile === 2 && isHigh === 1 ? r.bit() : 0;
  const isMono = profile === 1 ? 0 : r.bit();
  let [primaries, transfer, matrix] = [2, 2, 2];
  if (r.bit() === 1) [primaries, transfer, matrix] = [r.bits(8), r.bits(8), r.bits(8)];
  let [x, y, position] = [1, 1, 0];
  if (isMono === 1) {
    r.skip(1);
  } else if (primaries === CP_BT709 && transfer === TC_SRGB && matrix === MC_IDENTITY) {
    [x, y] = [0, 0];
  } else {
    r.skip(1);
    if (profile === 1) [x, y] = [0, 0];
    else if (profile === 2) {
      x = isTwelve === 1 ? r.bit() : 1;
      y = isTwelve === 1 && x === 1 ? r.bit() : 0;
    }
    if (x === 1 && y === 1) position = r.bits(2);
  }
  return isHigh << 6 | isTwelve << 5 | isMono << 4 | x << 3 | y << 2 | position;
}
