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
import type { AudioDescription } from "../media/codecs/description.ts";

const PCM_TAGS = [1, 3, 6, 7];
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

  constructor({ blockBytes, sampleRate, formatTag, bitsPerSample }: AudioDescription) {
    this.#blockBytes = blockBytes;
    this.#sampleRate = sampleRate;
    const unitBytes = Math.max(1, Math.floor(SILENCE_BYTES / blockBytes)) * blockBytes;
    this.unit = new Uint8Array(unitBytes).fill(silenceOf(formatTag, bitsPerSample));
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
  if (formatTag === 6) return 0xD5;
  if (formatTag === 7) return 0xFF;
  return formatTag === 1 && bitsPerSample === 8 ? 0x80 : 0;
}

/** Whether bytes alone say how long samples of this format last. */
export function isUncompressed({ formatTag }: AudioDescription): boolean {
  return PCM_TAGS.includes(formatTag);
}
