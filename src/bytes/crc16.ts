/**
 * CRC-16 of the polynomial 8005, the least significant bit first, from zero on: of LAME's tag.
 *
 * @module
 */

const POLYNOMIAL = 0xA001;

let table: Uint16Array | undefined;

function makeTable(): Uint16Array {
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
    return crc;
  });
}

/** The CRC of `bytes[start..end)`. @param crc Of the bytes before these. */
export function crc16(bytes: Uint8Array, crc = 0, start = 0, end = bytes.byteLength): number {
  const byByte = table ??= makeTable();
  let register = crc;
  for (let i = start; i < end; i++) register = register >> 8 ^ byByte[(register ^ bytes[i]!) & 0xFF]!;
  return register;
}
