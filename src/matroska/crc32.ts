/**
 * The checksum of a CRC-32 element ([RFC 8794] 11.3.1).
 *
 * @module
 */

const POLYNOMIAL = 0xEDB8_8320;
/** Bytes taken at a time. */
const STRIDE = 8;

/** One table a place in the stride, made when it is first needed. */
let tables: Uint32Array | undefined;

function makeTables(): Uint32Array {
  const made = new Uint32Array(STRIDE * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ POLYNOMIAL : value >>> 1;
    made[byte] = value;
  }
  for (let at = 256; at < made.length; at++) made[at] = made[at - 256]! >>> 8 ^ made[made[at - 256]! & 0xFF]!;
  return made;
}

/** CRC-32 of `bytes[start..end)`. */
export function crc32(bytes: Uint8Array, start = 0, end = bytes.byteLength): number {
  const t = tables ??= makeTables();
  let crc = -1;
  let at = start;
  for (; at + STRIDE <= end; at += STRIDE) {
    crc = t[0x700 + ((crc ^ bytes[at]!) & 0xFF)]! ^ t[0x600 + ((crc >>> 8 ^ bytes[at + 1]!) & 0xFF)]! ^
      t[0x500 + ((crc >>> 16 ^ bytes[at + 2]!) & 0xFF)]! ^ t[0x400 + (crc >>> 24 ^ bytes[at + 3]!)]! ^
      t[0x300 + bytes[at + 4]!]! ^ t[0x200 + bytes[at + 5]!]! ^ t[0x100 + bytes[at + 6]!]! ^ t[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = t[(crc ^ bytes[at]!) & 0xFF]! ^ crc >>> 8;
  return ~crc >>> 0;
}
