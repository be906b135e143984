/**
 * How pictures are turned and moved on their way to the screen ([ISO 14496-12] 8.3.2.3).
 *
 * @module
 */

/** 1 as a fixed-point number of 16.16 bits. */
export const FIXED_1 = 0x0001_0000;
/** 1 in 2.30 bits: the last column. */
const FIXED_1_W = 0x4000_0000;

/** The matrix that leaves pictures as they are. */
export const UNTURNED: readonly number[] = [FIXED_1, 0, 0, 0, FIXED_1, 0, 0, 0, FIXED_1_W];

/** The matrix that turns a picture of this size clockwise by so many degrees, and moves it back to where it began. */
export function turned(rotation: number | undefined, width: number, height: number): readonly number[] {
  if (rotation === 90) return [0, FIXED_1, 0, -FIXED_1, 0, 0, height, 0, FIXED_1_W];
  if (rotation === 180) return [-FIXED_1, 0, 0, 0, -FIXED_1, 0, width, height, FIXED_1_W];
  if (rotation === 270) return [0, -FIXED_1, 0, FIXED_1, 0, 0, 0, width, FIXED_1_W];
  return UNTURNED;
}
