/**
 * MP3: MPEG-1, MPEG-2 and MPEG-2.5 layer III.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { cannotDescribe } from "./common.ts";
import { type FrameHeader, parseFrame, samplesPerFrameAt } from "./mp3_frame.ts";

/** WAVE format tag. */
export const MP3_TAG = 0x0055;

/** What an MP3 stream says. */
export interface Mp3Facts extends AudioFacts {
  readonly sampleRate: number;
  readonly samplesPerFrame: number;
  /** Bit/s of its frames. */
  readonly bitrate: number;
  /** Of the first frame, once that is there. */
  readonly header?: FrameHeader;
}

function parse(config: AudioStream, _metadata?: ChunkMetadata, data?: Uint8Array): Mp3Facts | undefined {
  let header: FrameHeader | undefined;
  if (data !== undefined) {
    header = parseFrame(data);
    if (header === undefined) throw cannotDescribe(config, "bad-media", "its first sample is no MPEG layer III frame");
  } else if (config.bitrate === undefined) {
    return undefined;
  }
  const { sampleRate, numberOfChannels } = header ?? config;
  const samplesPerFrame = samplesPerFrameAt(sampleRate);
  return {
    codecName: "MP3",
    sampleRate,
    numberOfChannels,
    samplesPerFrame,
    // Free format: the frame alone tells.
    bitrate: header?.bitrate || (data?.byteLength ?? 0) * 8 * sampleRate / samplesPerFrame,
    header,
  };
}

/** MP3. */
export const mp3: AudioCodec<Mp3Facts> = {
  matches: (codec) => codec === MP3_TAG || codec === "mp3",
  parse,
  missing: () => "MP3 needs its bitrate, or its first frame",
};
