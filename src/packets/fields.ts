/**
 * Fields of packets whose sizes are told by flags ([ASF] 5.2): absent, BYTE, WORD or DWORD, little-endian.
 *
 * @module
 */

/** Size of a field whose length type is bits `shift` and `shift + 1` of `flags`: 0, 1, 2 or 4 bytes. */
export function fieldBytes(flags: number, shift: number): number {
  return 1 << (flags >> shift & 3) >> 1;
}

/** A field; 0 if it has no bytes, NaN if they are not there. */
export function readField(bytes: Uint8Array, at: number, byteLength: number): number {
  let value = 0;
  while (byteLength > 0) value = value * 256 + bytes[at + --byteLength]!;
  return value;
}

/** Sets a field. */
export function writeField(bytes: Uint8Array, at: number, byteLength: number, value: number): void {
  for (let byte = 0; byte < byteLength; byte++) bytes[at + byte] = value >>> 8 * byte;
}
