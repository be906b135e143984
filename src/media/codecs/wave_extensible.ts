/**
 * What follows WAVEFORMATEX in WAVEFORMATEXTENSIBLE ([MS-RFC2361] 4): bits that count u16, speakers u32, and a GUID that
 * holds the format tag proper.
 *
 * @module
 */

/** `wFormatTag` of WAVEFORMATEXTENSIBLE. */
export const TAG_EXTENSIBLE = 0xFFFE;
/** How many bytes they are. */
export const EXTENSIBLE_BYTES = 22;

/** The rest of a GUID made of a format tag: `0000-0010-8000-00AA00389B71`, in the order of the wire. */
export const FORMAT_GUID_REST = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

/** What those bytes say. */
export interface Extensible {
  readonly validBits: number;
  readonly channelMask: number;
  readonly formatTag: number;
}

/** Reads them; `undefined` when they are cut off, or the GUID is not made of a format tag. */
export function parseExtensible(data: Uint8Array): Extensible | undefined {
  if (data.byteLength < EXTENSIBLE_BYTES || FORMAT_GUID_REST.some((byte, i) => data[8 + i] !== byte)) return undefined;
  const view = new DataView(data.buffer, data.byteOffset);
  return {
    validBits: view.getUint16(0, true),
    channelMask: view.getUint32(2, true),
    formatTag: view.getUint16(6, true),
  };
}
