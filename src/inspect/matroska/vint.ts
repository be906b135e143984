/**
 * Numbers of variable length ([RFC 8794] 4): as many zero bits in front as bytes follow.
 *
 * @module
 */

/** A size of which nothing is known but where it ends by what follows. */
export const UNKNOWN_SIZE = -1;

/** How many bytes the number takes that begins with this byte: 1 to 8; 9: none does. */
export function vintBytes(first: number): number {
  return Math.clz32(first) - 23;
}

/** The element ID of `count` bytes at `at`, its marker included. */
export function idAt(bytes: Uint8Array, at: number, count: number): number {
  switch (count) {
    case 1:
      return bytes[at]!;
    case 2:
      return bytes[at]! << 8 | bytes[at + 1]!;
    case 3:
      return bytes[at]! << 16 | bytes[at + 1]! << 8 | bytes[at + 2]!;
    default:
      return bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!;
  }
}

/** The number of `count` bytes at `at` without its marker, rounded above 2^53; all ones: {@linkcode UNKNOWN_SIZE}. */
export function sizeAt(bytes: Uint8Array, at: number, count: number): number {
  let value = bytes[at]! & 0xFF >> count;
  let isAllOnes = value === 0xFF >> count;
  for (let i = 1; i < count; i++) {
    const byte = bytes[at + i]!;
    if (byte !== 0xFF) isAllOnes = false;
    value = value * 256 + byte;
  }
  return isAllOnes ? UNKNOWN_SIZE : value;
}

/** The unsigned integer of `count` bytes at `at`, rounded above 2^53. */
export function uintAt(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = 0; i < count; i++) value = value * 256 + bytes[at + i]!;
  return value;
}

/** The signed integer of `count` bytes at `at`, rounded beyond ±2^53. */
export function intAt(bytes: Uint8Array, at: number, count: number): number {
  if (count === 0) return 0;
  let value = bytes[at]! << 24 >> 24; // with its sign from the beginning: nothing is rounded on the way
  for (let i = 1; i < count; i++) value = value * 256 + bytes[at + i]!;
  return value;
}
