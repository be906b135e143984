/**
 * MPEG audio of layers I and II ([ISO 11172-3] 2.4.1.3), as it comes.
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { badSample } from "./common.ts";
import { MPEG1_MIN_RATE } from "./mp3_frame.ts";

/** WAVE format tag. */
const MP2_TAG = 0x0050;

/** What such a stream is. */
export interface Mp2Facts extends AudioFacts {
  readonly isMpeg1: boolean;
  readonly framing: Framing;
}

function parse({ sampleRate, streamNumber }: AudioStream): Mp2Facts {
  return {
    codecName: "MPEG audio",
    isMpeg1: sampleRate >= MPEG1_MIN_RATE,
    framing(data, _isKey, out) {
      // Eleven bits of sync, two of version, two of layer: 01 is layer III, 00 is none.
      const isFrame = data[0] === 0xFF && (data[1]! & 0xE0) === 0xE0 && (data[1]! & 4) !== 0;
      if (!isFrame) throw badSample(streamNumber, "it begins no frame of MPEG audio, layer I or II");
      out.add(data);
    },
  };
}

/** MPEG audio, layers I and II. */
export const mp2: AudioCodec<Mp2Facts> = {
  matches: (codec) => codec === "mp2" || codec === MP2_TAG,
  parse,
  missing: () => "nothing is missing",
};
