/**
 * AMR, narrow and wide band: frames of 20 ms in storage format ([RFC 4867] 5.3), each with its head of one byte.
 *
 * @module
 */

import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { badSample } from "./common.ts";

const NARROW_RATE = 8000;
const WIDE_RATE = 16_000;
const FRAME_SECONDS = 0.02;
/** Bits that are 0 in the head of a frame: P, and the two that pad it. */
const PADDING = 0x83;

/** Whether a codec string names the wide band. */
export function isWideAmr(codec: string | number): boolean {
  return codec === "sawb";
}

function check({ codec, sampleRate, numberOfChannels }: AudioStream): string[] {
  const rate = isWideAmr(codec) ? WIDE_RATE : NARROW_RATE;
  return [
    ...sampleRate === rate ? [] : [`sampleRate must be ${rate} for ${codec}, got ${sampleRate}`],
    ...numberOfChannels === 1 ? [] : [`numberOfChannels must be 1 for ${codec}, got ${numberOfChannels}`],
  ];
}

function parse({ codec, streamNumber }: AudioStream): AudioFacts {
  const isWide = isWideAmr(codec);
  return {
    codecName: isWide ? "AMR wide band" : "AMR narrow band",
    samplesPerFrame: (isWide ? WIDE_RATE : NARROW_RATE) * FRAME_SECONDS,
    framing(data, _isKey, out) {
      if (data.byteLength === 0 || (data[0]! & PADDING) !== 0) {
        throw badSample(streamNumber, "it begins with no head of an AMR frame");
      }
      out.add(data);
    },
  };
}

/** AMR. */
export const amr: AudioCodec = {
  matches: (codec) => codec === "samr" || codec === "sawb",
  check,
  parse,
  missing: () => "nothing is missing",
};
