/**
 * Codecs that this library has no words for: their samples and codec data are carried as they come. The last entries of
 * the table, since they match nearly everything.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream, VideoStream } from "../stream_config.ts";
import { configuredPixelAspect, toPixelAspect } from "./aspect.ts";
import type { AudioCodec, VideoCodec } from "./codec.ts";
import { knownSize, privateData, toBytesPerSecond } from "./common.ts";
import type { AudioDescription, VideoDescription } from "./description.ts";

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

/** Bit/s a channel where nothing is said. */
const ASSUMED_BITRATE = 64_000;

function describeVideo(config: VideoStream, metadata?: ChunkMetadata): VideoDescription | undefined {
  const fourcc = config.codec;
  const extraData = privateData(config, metadata);
  const size = knownSize(config, metadata);
  if (size === undefined) return undefined;
  const { width, height } = size;
  if (extraData.byteLength === 0 && NEEDS_DESCRIPTION.includes(fourcc.toUpperCase())) return undefined;
  return {
    kind: "video",
    codecName: VIDEO_NAMES[fourcc.toUpperCase()] ?? fourcc,
    fourcc,
    codedWidth: width,
    codedHeight: height,
    ...(configuredPixelAspect(config, width, height) ?? toPixelAspect(1, 1)),
    reorderDepth: config.reorders === true ? ASSUMED_REORDER_DEPTH : 0,
    framerate: config.framerate,
    bitrate: config.bitrate,
    extraData: extraData.slice(),
  };
}

/** Any FourCC: the Windows Media codecs, and whatever else there is. */
export const passedVideo: VideoCodec = {
  names: ["a FourCC such as WMV3"],
  matches: (codec) => FOURCC.test(codec),
  check: () => [],
  describe: describeVideo,
  missing: ({ codec }) =>
    NEEDS_DESCRIPTION.includes(codec.toUpperCase())
      ? `${codec} needs codedWidth, codedHeight and its codec data as description`
      : `${codec} needs codedWidth and codedHeight`,
};

function describeAudio(config: AudioStream, metadata?: ChunkMetadata): AudioDescription {
  const formatTag = config.codec as number;
  return {
    kind: "audio",
    codecName: "Format 0x" + formatTag.toString(16).toUpperCase().padStart(4, "0"),
    formatTag,
    sampleRate: config.sampleRate,
    numberOfChannels: config.numberOfChannels,
    bitsPerSample: config.bitsPerSample ?? 0,
    blockBytes: config.blockBytes ?? 1,
    bytesPerSecond: toBytesPerSecond(config.bitrate ?? ASSUMED_BITRATE * config.numberOfChannels),
    bitrateKnown: config.bitrate !== undefined,
    extraData: privateData(config, metadata).slice(),
  };
}

/** Any format tag. */
export const passedAudio: AudioCodec = {
  names: ["a WAVE format tag such as 0x2000"],
  matches: (codec) => typeof codec === "number" && Number.isInteger(codec) && codec >= 1 && codec <= 0xFFFF,
  check: () => [],
  describe: describeAudio,
  missing: () => "nothing is missing",
};
