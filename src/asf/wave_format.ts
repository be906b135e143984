/**
 * WAVEFORMATEX: the type-specific data of an audio stream ([ASF] 9.1).
 *
 * ```text
 * 0 wFormatTag u16 · 2 nChannels u16 · 4 nSamplesPerSec u32 · 8 nAvgBytesPerSec u32
 * 12 nBlockAlign u16 · 14 wBitsPerSample u16 · 16 cbSize u16 · 18 codec data
 * ```
 *
 * PCM of more than two channels is WAVEFORMATEXTENSIBLE: format tag 0xFFFE, and the codec data say which PCM it is.
 *
 * @module
 */

import type { AudioDescription } from "../media/codecs/description.ts";
import { makeExtensible, needsExtensible, TAG_EXTENSIBLE } from "../media/codecs/wave_extensible.ts";
import { ObjectWriter } from "./object_writer.ts";

/** Windows Media Audio: Voice, 1, 2, Professional, Lossless. */
const WINDOWS_MEDIA_TAGS: readonly number[] = [0x000a, 0x0160, 0x0161, 0x0162, 0x0163];

/** Whether a format tag is of the Windows Media Audio family. */
export function isWindowsMediaAudio(formatTag: number): boolean {
  return WINDOWS_MEDIA_TAGS.includes(formatTag);
}

/** The stream's WAVEFORMATEX. */
export function waveFormat(audio: AudioDescription): Uint8Array<ArrayBuffer> {
  const isExtensible = needsExtensible(audio);
  const extraData = isExtensible ? makeExtensible(audio) : audio.extraData;
  const w = new ObjectWriter(18 + extraData.byteLength);
  w.u16(isExtensible ? TAG_EXTENSIBLE : audio.formatTag);
  w.u16(audio.numberOfChannels);
  w.u32(audio.sampleRate);
  w.u32(audio.bytesPerSecond);
  w.u16(audio.blockBytes);
  w.u16(audio.bitsPerSample);
  w.u16(extraData.byteLength);
  w.bytes(extraData);
  return w.finish();
}

/**
 * Audio Spread data ([ASF] 9.1) that spreads nothing: span 1, one block per virtual packet and chunk, one byte of silence.
 */
export function audioSpread(audio: AudioDescription): Uint8Array<ArrayBuffer> {
  const w = new ObjectWriter(8);
  w.u8(1); // Span
  w.u16(audio.blockBytes); // Virtual Packet Length
  w.u16(audio.blockBytes); // Virtual Chunk Length
  w.u16(1); // Silence Data Length
  w.u8(0);
  return w.finish();
}
