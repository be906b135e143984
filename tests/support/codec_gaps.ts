/**
 * Which codecs which readers do not know in ASF, whoever wrote the file: the dashes of the README's table.
 *
 * @module
 */

import type { ReaderName } from "./readers.ts";

/** By fixture; a fixture that is not named is known to all. */
export const CODEC_GAPS: Readonly<Record<string, readonly ReaderName[]>> = {
  "hevc.mkv": ["ffmpeg", "MPlayer"],
  "vp9.webm": ["GStreamer"],
  "av1.webm": ["GStreamer"],
  "tone.flac": ["GStreamer"],
  "opus.webm": ["ffmpeg", "GStreamer", "MPlayer"],
  "vorbis.webm": ["GStreamer"],
  "surround24.wav": ["VLC"],
};

/** Readers that do not know a fixture's codec. */
export function unknownTo(input: string): readonly ReaderName[] {
  return CODEC_GAPS[input] ?? [];
}
