/**
 * What the flags of a sample say ([ISO 14496-12] 8.8.3.1).
 *
 * @module
 */

/** Depends on no other sample. */
const KEY = 0x0200_0000;
/** Depends on others, and is no place to begin. */
const DELTA = 0x0101_0000;

/** The flags of a sample that can be decoded alone, or cannot. */
export function sampleFlags(isKey: boolean): number {
  return isKey ? KEY : DELTA;
}
