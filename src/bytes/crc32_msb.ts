/**
 * CRC-32 of the polynomial 04C11DB7, the most significant bit first: of MPEG-2 sections ([ISO 13818-1] Annex A), where it
 * begins with all ones, and of Ogg pages ([RFC 3533] 6), where it begins with zero.
 *
 * @module
 */

const POLYNOMIAL = 0x04C1_1DB7;

let table: Int32Array | undefined;

function makeTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 24;
    for (let bit = 0; bit < 8; bit++) crc = crc < 0 ? crc << 1 ^ POLYNOMIAL : crc << 1;
    return crc;
  });
}

/**
 * The CRC of `bytes[start..end)`.
 *
 * @param crc Of the bytes before these.
 */
export function crc32Msb(bytes: Uint8Array, crc: number, start = 0, end = bytes.byteLength): number {
  const byByte = table ??= makeTable();
  let register = crc | 0;
  for (let i = start; i < end; i++) register = register << 8 ^ byByte[register >>> 24 ^ bytes[i]!]!;
  return register >>> 0;
}
