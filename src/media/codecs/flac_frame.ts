/**
 * The head of a FLAC frame ([RFC 9639] 9.1).
 *
 * ```text
 * 11111111 1111100v · block size(4) sample rate(4) · channels(4) bits(3) 0 · number, 1 to 7 bytes · size · rate · CRC-8
 * ```
 *
 * @module
 */

/** Codes of sizes that follow behind the number, less one. */
const SIZE_IN_BYTE = 6;
const SIZE_IN_WORD = 7;

/** Samples of one channel in a frame; 0 where its head does not say it. */
export function flacBlockSize(frame: Uint8Array, start = 0): number {
  const code = frame[start + 2]! >> 4;
  if (code === 1) return 192;
  if (code >= 2 && code <= 5) return 576 << code - 2;
  if (code >= 8) return 256 << code - 8;
  if (code === 0) return 0;
  // The number is as UTF-8 would have it: as many leading ones as there are bytes, or none.
  const numberBytes = Math.max(1, Math.clz32(~(frame[start + 4]! << 24)));
  const at = start + 4 + numberBytes;
  const last = frame[at + (code === SIZE_IN_WORD ? 1 : 0)];
  if (last === undefined) return 0;
  return (code === SIZE_IN_BYTE ? last : frame[at]! << 8 | last) + 1;
}
