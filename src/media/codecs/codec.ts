/**
 * What a codec is: one entry each, which knows its own bytes and no container. An entry finds facts; what the
 * configuration says beside them, and what is alike for all, completes them to a description. How a family of containers
 * names a codec and stores its private data stands in `mappings/`.
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream, VideoStream } from "../stream_config.ts";
import { configuredPixelAspect, toPixelAspect } from "./aspect.ts";
import { cannotDescribe, type PictureSize } from "./common.ts";
import type { AudioDescription, VideoDescription } from "./description.ts";

/** What a codec finds in a video stream; an entry adds what is its own. */
export interface VideoFacts {
  /** For people: `"H.264 / AVC"`. */
  readonly codecName: string;
  readonly size: PictureSize;
  /** Shape of a pixel; 1:1, also where a part is 0. */
  readonly pixelAspect?: readonly [number, number];
  /** As found in the stream; 0. */
  readonly reorderDepth?: number;
  /** Of a stream that is said to reorder, where none was found; 0: it never does. */
  readonly assumedReorderDepth?: number;
  /** As found in the stream; the configuration's goes first. */
  readonly framerate?: number;
  /** Codec private data that every container stores as they are. */
  readonly privateData?: Uint8Array;
  /** Makes units of the codec's own form of what comes, where it has one; absent: they are carried as they are. */
  readonly framing?: Framing;
}

/** What a codec finds in an audio stream; an entry adds what is its own. */
export interface AudioFacts {
  /** For people: `"AAC"`. */
  readonly codecName: string;
  /** As found in the stream; the configuration's. */
  readonly sampleRate?: number;
  /** As found in the stream; the configuration's. */
  readonly numberOfChannels?: number;
  /** Bits of a sample of one channel, where the codec keeps that. */
  readonly bitsPerSample?: number;
  /** Samples of one channel that an access unit becomes, where all become the same number. */
  readonly samplesPerFrame?: number;
  /** Samples of one channel that a decoder gives before the first that is to be heard, where the stream says it. */
  readonly codecDelay?: number;
  /** Samples of one channel to be decoded before those that are to be heard behind a seek, where the codec says it. */
  readonly seekPreRoll?: number;
  /** Bit/s that follow from the format, whatever else is said. */
  readonly exactBitrate?: number;
  /** Bit/s that the stream says of itself; the configuration's goes first. */
  readonly bitrate?: number;
  /** Bit/s that are usual for such a stream, where neither says it; absent: nobody knows. */
  readonly usualBitrate?: number;
  /** As {@linkcode VideoFacts.privateData}. */
  readonly privateData?: Uint8Array;
  /** As {@linkcode VideoFacts.framing}. */
  readonly framing?: Framing;
}

/** An entry. */
export interface Codec<Stream, Name, Facts> {
  /** Whether a stream's `codec` names this one: a codec string, a FourCC or a WAVE format tag. */
  matches(codec: Name): boolean;
  /** What is wrong with a configuration that only this codec cares about, one line each. */
  check?(config: Stream): string[];
  /**
   * Finds the facts in a configuration, a decoder's metadata, and the first sample; `undefined` while something is missing.
   *
   * @throws {MuxError} `bad-media` for a description or a sample that is not what the codec says.
   */
  parse(config: Stream, metadata?: ChunkMetadata, data?: Uint8Array): Facts | undefined;
  /** What `parse` waits for. */
  missing(config: Stream): string;
}

/** A video codec. */
export type VideoCodec<Facts extends VideoFacts = VideoFacts> = Codec<VideoStream, string, Facts>;
/** An audio codec. */
export type AudioCodec<Facts extends AudioFacts = AudioFacts> = Codec<AudioStream, string | number, Facts>;

/**
 * The description that facts and a configuration make.
 *
 * @throws {MuxError} `bad-media` for pictures without a size.
 */
export function completeVideo(config: VideoStream, facts: VideoFacts): VideoDescription {
  const { codecName, size: { width, height }, pixelAspect = [1, 1], reorderDepth = 0, assumedReorderDepth = 0 } = facts;
  if (width < 1 || height < 1) {
    throw cannotDescribe(config, "bad-media", `its data says that pictures are ${width} × ${height} pixels`);
  }
  return {
    kind: "video",
    codecName,
    codedWidth: width,
    codedHeight: height,
    ...(configuredPixelAspect(config, width, height) ?? toPixelAspect(...pixelAspect)),
    reorderDepth: config.reorders === false ? 0 : Math.max(reorderDepth, config.reorders ? assumedReorderDepth : 0),
    framerate: config.framerate ?? facts.framerate,
    bitrate: config.bitrate,
  };
}

/** The description that facts and a configuration make. */
export function completeAudio(config: AudioStream, facts: AudioFacts): AudioDescription {
  return {
    kind: "audio",
    codecName: facts.codecName,
    sampleRate: facts.sampleRate ?? config.sampleRate,
    numberOfChannels: facts.numberOfChannels ?? config.numberOfChannels,
    bitsPerSample: facts.bitsPerSample,
    bitrate: facts.exactBitrate ?? config.bitrate ?? facts.bitrate,
  };
}
