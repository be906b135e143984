/**
 * The `fmt ` chunk ([WAVE] "Format Chunk", [MS-RFC2361]): WAVEFORMATEX or WAVEFORMATEXTENSIBLE.
 *
 * @module
 */

import type { ByteWriter } from "../container/byte_writer.ts";
import type { AudioDescription } from "../media/codecs/description.ts";

const TAG_PCM = 0x0001;
const TAG_FLOAT = 0x0003;
const TAG_EXTENSIBLE = 0xFFFE;

/** The rest of a sub-format GUID: KSDATAFORMAT_SUBTYPE of a format tag. */
const SUBTYPE_REST = [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

/** Speakers by number of channels, in the order of their bits; 0: not said. */
const CHANNEL_MASKS = [0, 0x4, 0x3, 0x7, 0x33, 0x37, 0x3F, 0x70F, 0x63F];

/** Whether plain WAVEFORMATEX is ambiguous: more than two channels, or integers wider than 16 bits. */
function isExtensible({ formatTag, numberOfChannels, bitsPerSample }: AudioDescription): boolean {
  if (formatTag !== TAG_PCM && formatTag !== TAG_FLOAT) return false;
  return numberOfChannels > 2 || (formatTag === TAG_PCM && bitsPerSample > 16);
}

/** Whether a `fact` chunk is due: for everything but integers. */
export function needsFact({ formatTag }: AudioDescription): boolean {
  return formatTag !== TAG_PCM;
}

/**
 * Writes the chunk's body.
 *
 * ```text
 * 0  tag u16 · channels u16 · rate u32 · bytes a second u32 · block u16 · bits u16      PCM ends here
 * 16 size of the rest u16 · codec data, or: valid bits u16 · speakers u32 · sub-format GUID
 * ```
 */
export function writeFormat(w: ByteWriter, format: AudioDescription): void {
  const extensible = isExtensible(format);
  w.u16(extensible ? TAG_EXTENSIBLE : format.formatTag);
  w.u16(format.numberOfChannels);
  w.u32(format.sampleRate);
  w.u32(format.bytesPerSecond);
  w.u16(format.blockBytes);
  w.u16(format.bitsPerSample);
  if (extensible) {
    w.u16(22);
    w.u16(format.bitsPerSample);
    w.u32(CHANNEL_MASKS[format.numberOfChannels] ?? 0);
    w.u16(format.formatTag);
    w.bytes(SUBTYPE_REST);
  } else if (format.formatTag !== TAG_PCM) {
    w.u16(format.extraData.byteLength);
    w.bytes(format.extraData);
  }
}
