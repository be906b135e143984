/**
 * STREAMINFO ([RFC 9639] 8.2), as it is known before the frames and behind them.
 *
 * @module
 */

import { concatBytes } from "../bytes/bytes.ts";

/** Of its fields those that the frames tell. */
export interface FrameFacts {
  /** Smallest and largest block, samples; the last block does not count among the smallest. */
  readonly minBlock: number;
  readonly maxBlock: number;
  /** Bytes of the smallest and the largest frame; 0: not known. */
  readonly minFrame: number;
  readonly maxFrame: number;
  /** Of one channel; 0: not known. */
  readonly totalSamples: number;
  /** Whether they are all that the description speaks of, so that its checksum holds. */
  readonly isWhole: boolean;
}

const TOTAL_AT = 13;
const CHECKSUM_AT = 18;
/** The number of samples has 36 bits. */
const MAX_TOTAL = 2 ** 36 - 1;

/** Samples of one channel that a STREAMINFO speaks of; 0: not known. */
export function statedSamples(info: Uint8Array): number {
  const view = new DataView(info.buffer, info.byteOffset);
  return (info[TOTAL_AT]! & 0xF) * 2 ** 32 + view.getUint32(TOTAL_AT + 1);
}

/** One that says what the frames are; without facts what holds for any of them. */
export function encodeStreamInfo(described: Uint8Array, facts?: FrameFacts): Uint8Array<ArrayBuffer> {
  const info = concatBytes(described);
  const view = new DataView(info.buffer);
  if (facts !== undefined && facts.maxBlock > 0) {
    view.setUint16(0, facts.minBlock);
    view.setUint16(2, facts.maxBlock);
  }
  const { minFrame = 0, maxFrame = 0, totalSamples = 0, isWhole = false } = facts ?? {};
  info.set([minFrame >> 16, minFrame >> 8 & 0xFF, minFrame & 0xFF], 4);
  info.set([maxFrame >> 16, maxFrame >> 8 & 0xFF, maxFrame & 0xFF], 7);
  const total = totalSamples > MAX_TOTAL ? 0 : totalSamples;
  info[TOTAL_AT] = (info[TOTAL_AT]! & 0xF0) | Math.floor(total / 2 ** 32);
  view.setUint32(TOTAL_AT + 1, total % 2 ** 32);
  if (!isWhole) info.fill(0, CHECKSUM_AT);
  return info;
}
