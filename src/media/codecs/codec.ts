/**
 * What a codec is to the table: one entry a family. An entry says what it alone knows; the table completes it with what
 * the configuration says, and with what is alike for all.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream, VideoStream } from "../stream_config.ts";
import { configuredPixelAspect, toPixelAspect } from "./aspect.ts";
import { cannotDescribe } from "./common.ts";
import type { AudioDescription, VideoDescription } from "./description.ts";

/** What is usual for music, bit/s a channel. */
const USUAL_BITRATE_PER_CHANNEL = 64_000;

/** What an entry knows of a video stream; whatever is absent is as `completeVideo` says. */
export interface VideoFacts extends Pick<VideoDescription, "codecName" | "fourcc" | "framing"> {
  readonly size: { readonly width: number; readonly height: number };
  /** Shape of a pixel; 1:1, also where a part is 0. */
  readonly pixelAspect?: readonly [number, number];
  /** As found in the stream; 0. */
  readonly reorderDepth?: number;
  /** Of a stream that is said to reorder, where none was found; 0: it never does. */
  readonly assumedReorderDepth?: number;
  /** As found in the stream; the configuration's goes first. */
  readonly framerate?: number;
  /** Empty; it is copied. */
  readonly extraData?: Uint8Array;
}

/** What an entry knows of an audio stream; whatever is absent is as `completeAudio` says. */
export interface AudioFacts extends Partial<Omit<AudioDescription, "kind" | "codecName" | "formatTag">> {
  readonly codecName: string;
  readonly formatTag: number;
  /** Bit/s where the configuration says none; by default what is usual for so many channels. */
  readonly usualBitrate?: number;
}

/** An entry of the table. */
export interface Codec<Stream, Facts> {
  /** Codec strings as messages list them. */
  readonly names: readonly string[];
  /** Whether a stream's `codec` belongs here: a string, or for audio a number. */
  matches(codec: string | number): boolean;
  /** What is wrong with a configuration that only this family cares about. */
  check?(config: Stream): string[];
  /** As `describeStream`. */
  describe(config: Stream, metadata?: ChunkMetadata, data?: Uint8Array): Facts | undefined;
  /** What `describe` waits for. */
  missing(config: Stream): string;
}

/** An entry for video codecs. */
export interface VideoCodec extends Codec<VideoStream, VideoFacts> {
  matches(codec: string): boolean;
}

/** An entry for audio codecs. */
export type AudioCodec = Codec<AudioStream, AudioFacts>;

/**
 * The description that facts and a configuration make.
 *
 * @throws {MuxError} `bad-media` for pictures without a size.
 */
export function completeVideo(config: VideoStream, facts: VideoFacts): VideoDescription {
  const { size: { width, height }, pixelAspect = [1, 1], assumedReorderDepth = 0, ...known } = facts;
  const { reorderDepth = 0 } = facts;
  if (width < 1 || height < 1) {
    throw cannotDescribe(config, "bad-media", `its data says that pictures are ${width} × ${height} pixels`);
  }
  return {
    kind: "video",
    ...known,
    codedWidth: width,
    codedHeight: height,
    ...(configuredPixelAspect(config, width, height) ?? toPixelAspect(...pixelAspect)),
    reorderDepth: config.reorders === false ? 0 : Math.max(reorderDepth, config.reorders ? assumedReorderDepth : 0),
    framerate: config.framerate ?? facts.framerate,
    bitrate: config.bitrate,
    extraData: facts.extraData?.slice() ?? new Uint8Array(),
  };
}

/** The description that facts and a configuration make. */
export function completeAudio(config: AudioStream, facts: AudioFacts): AudioDescription {
  const { sampleRate = config.sampleRate, numberOfChannels = config.numberOfChannels, blockBytes = 1 } = facts;
  const { usualBitrate = USUAL_BITRATE_PER_CHANNEL * numberOfChannels, ...known } = facts;
  return {
    kind: "audio",
    bitsPerSample: 0,
    // Never 0, which readers divide by, and never above its DWORD.
    bytesPerSecond: Math.min(0xFFFF_FFFF, Math.max(1, Math.round((config.bitrate ?? usualBitrate) / 8))),
    bitrateKnown: config.bitrate !== undefined,
    ...known,
    sampleRate,
    numberOfChannels,
    blockBytes: Math.min(0xFFFF, Math.max(1, blockBytes)),
    extraData: facts.extraData?.slice() ?? new Uint8Array(),
  };
}
