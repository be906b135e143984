/**
 * What follows WAVEFORMATEX in WAVEFORMATEXTENSIBLE ([MS-RFC2361] 4): bits that count u16, speakers u32, and a GUID that
 * holds the format tag proper.
 *
 * @module
 */

import type { AudioDescription } from "./description.ts";

/** `wFormatTag` of WAVEFORMATEXTENSIBLE. */
export const TAG_EXTENSIBLE = 0xFFFE;
const TAG_PCM = 0x0001;
const TAG_FLOAT = 0x0003;
const BYTES = 22;

/** The rest of a GUID made of a format tag: `0000-0010-8000-00AA00389B71`, in the order of the wire. */
const GUID_REST = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

/** Usual speakers by number of channels, in the order of their bits; 0: not said. */
const CHANNEL_MASKS = [0, 0x4, 0x3, 0x7, 0x33, 0x37, 0x3F, 0x70F, 0x63F];

/** What those bytes say. */
export interface Extensible {
  readonly validBits: number;
  readonly channelMask: number;
  readonly formatTag: number;
}

/** Reads them; `undefined` when they are cut off, or the GUID is not made of a format tag. */
export function parseExtensible(data: Uint8Array): Extensible | undefined {
  if (data.byteLength < BYTES || GUID_REST.some((byte, i) => data[8 + i] !== byte)) return undefined;
  const view = new DataView(data.buffer, data.byteOffset);
  return {
    validBits: view.getUint16(0, true),
    channelMask: view.getUint32(2, true),
    formatTag: view.getUint16(6, true),
  };
}

/**
 * Whether PCM has to say more than WAVEFORMATEX can: Windows takes no more than two channels without, and any mask is worth
 * keeping. Wide integers need it by the letter too, but VLC does not know it in ASF, and every reader takes them plain.
 */
export function needsExtensible(audio: AudioDescription): boolean {
  const { formatTag, numberOfChannels, channelMask, bitsPerSample, validBits = bitsPerSample } = audio;
  if (formatTag !== TAG_PCM && formatTag !== TAG_FLOAT) return false;
  const usualMask = CHANNEL_MASKS[numberOfChannels];
  return numberOfChannels > 2 || (channelMask ?? usualMask) !== usualMask || validBits !== bitsPerSample;
}

/** Writes them. */
export function makeExtensible(audio: AudioDescription): Uint8Array<ArrayBuffer> {
  const { formatTag, numberOfChannels, bitsPerSample } = audio;
  const data = new Uint8Array(BYTES);
  const view = new DataView(data.buffer);
  view.setUint16(0, audio.validBits ?? bitsPerSample, true);
  view.setUint32(2, audio.channelMask ?? CHANNEL_MASKS[numberOfChannels] ?? 0, true);
  view.setUint16(6, formatTag, true);
  data.set(GUID_REST, 8);
  return data;
}
