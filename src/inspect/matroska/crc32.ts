/**
 * CRC-32 as EBML has it: that of Ethernet and ZIP, the least significant byte first ([RFC 8794] 11.3.1).
 *
 * @module
 */

const POLYNOMIAL = 0xEDB88320;
/** Tables for eight bytes at a time. */
const SLICES = 8;

function makeTables(): Uint32Array {
  const tables = new Uint32Array(256 * SLICES);
  for (let i = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++) value = value >>> 1 ^ (value & 1 ? POLYNOMIAL : 0);
    tables[i] = value;
  }
  for (let i = 256; i < tables.length; i++) tables[i] = tables[i - 256]! >>> 8 ^ tables[tables[i - 256]! & 0xFF]!;
  return tables;
}

let tables: Uint32Array | undefined;

/** Takes more bytes in: `crc` is what came out before, 0 at first. */
export function crc32(crc: number, bytes: Uint8Array, start: number, end: number): number {
  const t = tables ??= makeTables();
  let value = ~crc;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const low = value ^ (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24);
    value = t[1792 + (low & 0xFF)]! ^ t[1536 + (low >>> 8 & 0xFF)]! ^ t[1280 + (low >>> 16 & 0xFF)]! ^
      t[1024 + (low >>> 24)]! ^ t[768 + bytes[at + 4]!]! ^ t[512 + bytes[at + 5]!]! ^ t[256 + bytes[at + 6]!]! ^
      t[bytes[at + 7]!]!;
  }
  for (; at < end; at++) value = value >>> 8 ^ t[(value ^ bytes[at]!) & 0xFF]!;
  return ~value >>> 0;
}
