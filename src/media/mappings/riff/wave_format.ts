/**
 * WAVEFORMATEX and WAVEFORMATEXTENSIBLE ([MS-RFC2361] 4).
 *
 * ```text
 * 0 wFormatTag u16 · 2 nChannels u16 · 4 nSamplesPerSec u32 · 8 nAvgBytesPerSec u32
 * 12 nBlockAlign u16 · 14 wBitsPerSample u16 · 16 cbSize u16 · 18 codec data
 *    or, with format tag 0xFFFE: 18 valid bits u16 · 20 speakers u32 · 24 GUID that holds the format tag proper
 * ```
 *
 * @module
 */

import { ByteWriter } from "../../../bytes/byte_writer.ts";
import { TAG_FLOAT, TAG_INTEGER } from "../../codecs/pcm.ts";
import { EXTENSIBLE_BYTES, FORMAT_GUID_REST, TAG_EXTENSIBLE } from "../../codecs/wave_extensible.ts";
import type { RiffAudio } from "./description.ts";

/** Up to `cbSize`, which PCM may do without in WAVE. */
export const PCM_FORMAT_BYTES = 16;

/** Usual speakers by number of channels, in the order of their bits; 0: not said. */
const CHANNEL_MASKS = [0, 0x4, 0x3, 0x7, 0x33, 0x37, 0x3F, 0x70F, 0x63F];

/**
 * Whether PCM has to say more than WAVEFORMATEX can: Windows takes no more than two channels without, and any mask is worth
 * keeping. Wide integers need it by the letter too, but VLC does not know it in ASF, and every reader takes them plain.
 */
export function needsExtensible(audio: RiffAudio): boolean {
  const { id, numberOfChannels, channelMask, bitsPerSample, validBits = bitsPerSample } = audio;
  if (id !== TAG_INTEGER && id !== TAG_FLOAT) return false;
  const usualMask = CHANNEL_MASKS[numberOfChannels];
  return numberOfChannels > 2 || (channelMask ?? usualMask) !== usualMask || validBits !== bitsPerSample;
}

/** The stream's WAVEFORMATEX. */
export function waveFormat(audio: RiffAudio, isExtensible: boolean = needsExtensible(audio)): Uint8Array<ArrayBuffer> {
  const { id, numberOfChannels, bitsPerSample, privateData } = audio;
  const restBytes = isExtensible ? EXTENSIBLE_BYTES : privateData.byteLength;
  const w = new ByteWriter("little");
  w.u16(isExtensible ? TAG_EXTENSIBLE : id);
  w.u16(numberOfChannels);
  w.u32(audio.sampleRate);
  w.u32(audio.bytesPerSecond);
  w.u16(audio.blockBytes);
  w.u16(bitsPerSample);
  w.u16(restBytes);
  if (isExtensible) {
    w.u16(audio.validBits ?? bitsPerSample);
    w.u32(audio.channelMask ?? CHANNEL_MASKS[numberOfChannels] ?? 0);
    w.u16(id);
    w.bytes(FORMAT_GUID_REST);
  } else {
    w.bytes(privateData);
  }
  return w.toUint8Array();
}
