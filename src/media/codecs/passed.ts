/**
 * Codecs that this library has no words for: their samples and codec data are carried as they come. The last entries of
 * the table, since they match nearly everything.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream, VideoStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts, VideoCodec, VideoFacts } from "./codec.ts";
import { knownSize, privateData } from "./common.ts";

/** Four printable characters. */
const FOURCC = /^[\x20-\x7E]{4}$/;

const VIDEO_NAMES: Readonly<Record<string, string>> = {
  MPG4: "Microsoft MPEG-4 version 1",
  MP42: "Microsoft MPEG-4 version 2",
  MP43: "Microsoft MPEG-4 version 3",
  WMV1: "Windows Media Video 7",
  WMV2: "Windows Media Video 8",
  WMV3: "Windows Media Video 9",
  WVC1: "Windows Media Video 9 Advanced Profile",
  MSS1: "Windows Media Video 7 Screen",
  MSS2: "Windows Media Video 9 Screen",
};

/** Their decoders refuse to start without codec data. */
const NEEDS_DESCRIPTION = ["WMV2", "WMV3", "WVC1", "WMVA", "WMVP", "WVP2", "MSS1", "MSS2"];

/**
 * Reorder depth of a stream said to reorder. One for B-frames that are never referred to (VC-1, MPEG-4, MPEG-2), one more
 * for encoders that refer to some of them, as those of HEVC do by default.
 */
const ASSUMED_REORDER_DEPTH = 2;

/** Whether a FourCC is one of Windows Media, or of Microsoft's early MPEG-4. */
export function isWindowsFourCC(codec: string): boolean {
  return Object.hasOwn(VIDEO_NAMES, codec.toUpperCase()) || NEEDS_DESCRIPTION.includes(codec.toUpperCase());
}

function parseVideo(config: VideoStream, metadata?: ChunkMetadata): VideoFacts | undefined {
  const fourcc = config.codec;
  const description = privateData(config, metadata);
  const size = knownSize(config, metadata);
  if (size === undefined) return undefined;
  if (description.byteLength === 0 && NEEDS_DESCRIPTION.includes(fourcc.toUpperCase())) return undefined;
  return {
    codecName: VIDEO_NAMES[fourcc.toUpperCase()] ?? fourcc,
    size,
    assumedReorderDepth: ASSUMED_REORDER_DEPTH,
    privateData: description,
  };
}

/** Any FourCC: the Windows Media codecs, and whatever else there is. */
export const passedVideo: VideoCodec = {
  matches: (codec) => FOURCC.test(codec),
  parse: parseVideo,
  missing: ({ codec }) =>
    NEEDS_DESCRIPTION.includes(codec.toUpperCase())
      ? `${codec} needs codedWidth, codedHeight and its codec data as description`
      : `${codec} needs codedWidth and codedHeight`,
};

function parseAudio(config: AudioStream, metadata?: ChunkMetadata): AudioFacts {
  return {
    codecName: "Format 0x" + (config.codec as number).toString(16).toUpperCase().padStart(4, "0"),
    bitsPerSample: config.bitsPerSample,
    privateData: privateData(config, metadata),
  };
}

/** Any format tag. */
export const passedAudio: AudioCodec = {
  matches: (codec) => typeof codec === "number" && Number.isInteger(codec) && codec >= 1 && codec <= 0xFFFF,
  parse: parseAudio,
  missing: () => "nothing is missing",
};
