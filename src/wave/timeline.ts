/**
 * Where uncompressed samples lie in time, which WAVE cannot say: only the bytes before them put them there.
 *
 * A sample begins where the one before it ends, as long as its time is no further than {@linkcode TOLERANCE_US} behind
 * that: clocks that count milliseconds, and drivers that stamp late, make no clicks. A later one is preceded by silence,
 * so that it keeps its time. One that begins before that end follows it all the same: nothing is cut, and what is too late
 * then is so until the next silence makes up for it.
 *
 * @module
 */

import type { MuxSample } from "../container/container.ts";
import type { Filler } from "../container/unit_buffer.ts";
import { TAG_ALAW, TAG_INTEGER, TAG_ULAW } from "../media/codecs/pcm.ts";
import type { RiffAudio } from "../media/mappings/riff/description.ts";

const SILENCE_BYTES = 64 << 10;

/** How far a time may lie behind the one counted from bytes. */
export const TOLERANCE_US = 40_000;

/** Counts PCM. Times are microseconds. */
export class Timeline implements Filler {
  /** Silence. */
  readonly unit: Uint8Array;
  readonly #blockBytes: number;
  readonly #sampleRate: number;
  #firstTimestamp = NaN;
  #blockCount = 0;

  constructor({ blockBytes, sampleRate, id, bitsPerSample }: RiffAudio) {
    this.#blockBytes = blockBytes;
    this.#sampleRate = sampleRate;
    const unitBytes = Math.max(1, Math.floor(SILENCE_BYTES / blockBytes)) * blockBytes;
    this.unit = new Uint8Array(unitBytes).fill(silenceOf(id, bitsPerSample));
  }

  /** Where the next sample begins; NaN before the first, which begins wherever it says. */
  get end(): number {
    return this.#firstTimestamp + this.#blockCount * 1e6 / this.#sampleRate;
  }

  /** Counts a sample. Answers how many bytes of silence go in front of it. */
  add({ timestamp, pieces: { byteLength } }: MuxSample): number {
    if (Number.isNaN(this.#firstTimestamp)) this.#firstTimestamp = timestamp;
    const gap = timestamp - this.end;
    const silentBlockCount = gap > TOLERANCE_US ? Math.round(gap * this.#sampleRate / 1e6) : 0;
    this.#blockCount += silentBlockCount + byteLength / this.#blockBytes;
    return silentBlockCount * this.#blockBytes;
  }
}

/** The byte that is silence in this format: zero, but for unsigned and logarithmic samples. */
function silenceOf(formatTag: number, bitsPerSample: number): number {
  if (formatTag === TAG_ALAW) return 0xD5;
  if (formatTag === TAG_ULAW) return 0xFF;
  return formatTag === TAG_INTEGER && bitsPerSample === 8 ? 0x80 : 0;
}
