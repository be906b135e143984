/**
 * The `fmt ` chunk ([WAVE] "Format Chunk", [MS-RFC2361]): WAVEFORMATEX or WAVEFORMATEXTENSIBLE.
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import { TAG_INTEGER } from "../media/codecs/pcm.ts";
import {
  RIFF_AC3,
  RIFF_FLAC,
  RIFF_MP3,
  RIFF_PASSED,
  RIFF_PCM,
  RIFF_WMA,
  riffAudio,
  type RiffAudioTable,
} from "../media/mappings/riff/audio.ts";
import type { RiffAudio } from "../media/mappings/riff/description.ts";
import { needsExtensible, PCM_FORMAT_BYTES, waveFormat } from "../media/mappings/riff/wave_format.ts";

/** The codecs whose frames say where they end. */
export const WAVE_AUDIO: RiffAudioTable = /* @__PURE__ */ riffAudio([
  RIFF_MP3,
  RIFF_AC3,
  RIFF_FLAC,
  RIFF_PCM,
  RIFF_WMA,
  RIFF_PASSED,
]);

/** In WAVE integers wider than 16 bits count as ambiguous, too. */
function isExtensible(format: RiffAudio): boolean {
  return needsExtensible(format) || (format.id === TAG_INTEGER && format.bitsPerSample > 16);
}

/** Whether a `fact` chunk is due: for everything but what the tag of integers says by itself. */
export function needsFact(format: RiffAudio): boolean {
  return format.id !== TAG_INTEGER || isExtensible(format);
}

/** Writes the chunk's body: of plain integers without `cbSize`, which has nothing to count. */
export function writeFormat(w: ByteWriter, format: RiffAudio): void {
  const extensible = isExtensible(format);
  const bytes = waveFormat(format, extensible);
  w.bytes(needsFact(format) ? bytes : bytes.subarray(0, PCM_FORMAT_BYTES));
}
