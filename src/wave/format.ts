/**
 * The `fmt ` chunk ([WAVE] "Format Chunk", [MS-RFC2361]): WAVEFORMATEX or WAVEFORMATEXTENSIBLE.
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import { PCM_TAGS } from "../media/codecs/pcm.ts";
import type { RiffAudio } from "../media/mappings/riff/description.ts";
import { needsExtensible, PCM_FORMAT_BYTES, waveFormat } from "../media/mappings/riff/wave_format.ts";

/** In WAVE integers wider than 16 bits count as ambiguous, too. */
function isExtensible(format: RiffAudio): boolean {
  return needsExtensible(format) || (format.id === PCM_TAGS.integer && format.bitsPerSample > 16);
}

/** Whether a `fact` chunk is due: for everything but integers. */
export function needsFact({ id }: RiffAudio): boolean {
  return id !== PCM_TAGS.integer;
}

/** Writes the chunk's body: of plain integers without `cbSize`, which has nothing to count. */
export function writeFormat(w: ByteWriter, format: RiffAudio): void {
  const extensible = isExtensible(format);
  const bytes = waveFormat(format, extensible);
  w.bytes(extensible || needsFact(format) ? bytes : bytes.subarray(0, PCM_FORMAT_BYTES));
}
