/**
 * Where tags stand that programs put in front of media and behind them.
 *
 * @module
 */

/** Bytes that `tagBytesAt` looks at. */
export const tagHeadBytes = 32;
const ID3V2_HEAD_BYTES = 10;
const ID3V1_BYTES = 128;
const APE_HEAD_BYTES = 32;

function isText(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * Size of the tag that begins at a position, of which `there` bytes are at hand: ID3v2, APEv2. Negative: an ID3v1 tag of so
 * many bytes, if nothing lies behind it. 0: there is none.
 */
export function tagBytesAt(bytes: Uint8Array, at: number, there: number): number {
  switch (bytes[at]) {
    case 0x49: // ID3
      if (there < ID3V2_HEAD_BYTES || !isText(bytes, at, "ID3") || bytes[at + 3] === 0xFF) return 0;
      return id3v2Bytes(bytes, at);
    case 0x54: // TAG
      return there >= 3 && isText(bytes, at, "TAG") ? -ID3V1_BYTES : 0;
    case 0x41: // APETAGEX
      if (there < APE_HEAD_BYTES || !isText(bytes, at, "APETAGEX")) return 0;
      return apeBytes(bytes, at);
    default:
      return 0;
  }
}

/** Size of an ID3v2 tag, its head and foot included. */
export function id3v2Bytes(bytes: Uint8Array, at: number): number {
  let size = 0;
  for (let i = 6; i < 10; i++) size = size * 128 + (bytes[at + i]! & 0x7F);
  const hasFoot = bytes[at + 3]! >= 4 && (bytes[at + 5]! & 0x10) !== 0;
  return size + (hasFoot ? 2 : 1) * ID3V2_HEAD_BYTES;
}

/** Size of an APE tag by its head, whose `size` counts all but the head; by its foot, the foot alone is left. */
function apeBytes(bytes: Uint8Array, at: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, APE_HEAD_BYTES);
  const isHead = view.getUint32(20, true) >>> 29 & 1;
  return isHead ? APE_HEAD_BYTES + view.getUint32(12, true) : APE_HEAD_BYTES;
}
