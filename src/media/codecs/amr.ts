/**
 * AMR and AMR-WB: frames in storage format ([RFC 4867] 5.3), each behind a byte that says how long it is.
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { badSample } from "./common.ts";

/** The names that 3GP files use. */
const NARROW = "samr";
const WIDE = "sawb";
const FRAMES_A_SECOND = 50;

/** Bytes behind the first one by frame type; `undefined`: reserved. */
const NARROW_BYTES = [12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, undefined, undefined, undefined, 0];
const WIDE_BYTES = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, undefined, undefined, undefined, undefined, 0, 0];

/** What a stream of AMR is. */
export interface AmrFacts extends AudioFacts {
  readonly isWide: boolean;
  readonly framing: Framing;
}

function parse({ codec, streamNumber }: AudioStream): AmrFacts {
  const isWide = codec === WIDE;
  const sampleRate = isWide ? 16_000 : 8000;
  const sizes = isWide ? WIDE_BYTES : NARROW_BYTES;
  return {
    codecName: isWide ? "AMR-WB" : "AMR",
    sampleRate,
    numberOfChannels: 1,
    samplesPerFrame: sampleRate / FRAMES_A_SECOND,
    isWide,
    framing(data, _isKey, out) {
      let at = 0;
      while (at < data.byteLength) {
        const size = sizes[data[at]! >> 3 & 15];
        const isFrame = (data[at]! & 0x80) === 0 && size !== undefined;
        if (!isFrame || at + 1 + size > data.byteLength) {
          throw badSample(streamNumber, `at byte ${at} begins no whole ${isWide ? "AMR-WB" : "AMR"} frame`);
        }
        at += 1 + size;
      }
      out.add(data);
    },
  };
}

/** AMR and AMR-WB, of one channel. */
export const amr: AudioCodec<AmrFacts> = {
  matches: (codec) => codec === NARROW || codec === WIDE,
  check: ({ numberOfChannels }) => numberOfChannels === 1 ? [] : [`AMR has one channel, got ${numberOfChannels}`],
  parse,
  missing: () => "nothing is missing",
};
