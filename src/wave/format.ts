/**
 * The `fmt ` chunk ([WAVE] "Format Chunk", [MS-RFC2361]): WAVEFORMATEX or WAVEFORMATEXTENSIBLE.
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { AudioDescription } from "../media/codecs/description.ts";
import { makeExtensible, needsExtensible, TAG_EXTENSIBLE } from "../media/codecs/wave_extensible.ts";

const TAG_PCM = 0x0001;

/** In WAVE integers wider than 16 bits count as ambiguous, too. */
function isExtensible(format: AudioDescription): boolean {
  return needsExtensible(format) || (format.formatTag === TAG_PCM && format.bitsPerSample > 16);
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
    const rest = makeExtensible(format);
    w.u16(rest.byteLength);
    w.bytes(rest);
  } else if (format.formatTag !== TAG_PCM) {
    w.u16(format.extraData.byteLength);
    w.bytes(format.extraData);
  }
}
