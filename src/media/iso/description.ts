/**
 * What a described stream is, in the terms of the ISO base media file format: a sample entry and its configuration
 * record. WebCodecs and Matroska use the same records.
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream, VideoStream } from "../stream_config.ts";

/** A box inside a sample entry. */
export interface ConfigBox {
  /** Four characters. */
  readonly type: string;
  /** What follows size and type. */
  readonly body: Uint8Array;
}

interface TrackDescription {
  /** For people: `"H.264 / AVC"`. */
  readonly codecName: string;
  /** Four characters, the type of the sample entry. */
  readonly sampleEntry: string;
  readonly config: ConfigBox;
  /** Bit/s if known. */
  readonly bitrate?: number;
  /** How access units are re-framed; absent: they are carried as they are. */
  readonly framing?: Framing;
}

/** Colours by their numbers ([H.265] E.3.1); what is undefined is not known. */
export interface ColorCodes {
  readonly primaries: number | undefined;
  readonly transfer: number | undefined;
  readonly matrix: number | undefined;
  readonly isFullRange: boolean | undefined;
}

/** A described video stream. */
export interface VideoTrackDescription extends TrackDescription {
  readonly kind: "video";
  readonly codedWidth: number;
  readonly codedHeight: number;
  /** Pixel aspect ratio; 1:1 when square or unknown. */
  readonly pixelAspectWidth: number;
  readonly pixelAspectHeight: number;
  /** How many samples may overtake one on the way from decode to presentation order; 0: none. */
  readonly reorderDepth: number;
  /** Frames per second if known. */
  readonly framerate?: number;
  /** What the caller says of its colours; absent: nothing. */
  readonly color?: ColorCodes;
}

/** A described audio stream. */
export interface AudioTrackDescription extends TrackDescription {
  readonly kind: "audio";
  readonly sampleRate: number;
  readonly numberOfChannels: number;
  /** Of a sample of one channel, where the codec keeps that; default 16, as it stands for all others. */
  readonly bitsPerSample?: number;
}

/** A described stream. */
export type IsoDescription = VideoTrackDescription | AudioTrackDescription;

/** An entry of the table: one codec. */
export interface IsoCodec<Config extends VideoStream | AudioStream, Description extends IsoDescription> {
  /** For messages: its name, and codec strings in brackets. */
  readonly name: string;
  matches(codec: string | number): boolean;
  /** `undefined` while something is missing. */
  describe(config: Config, metadata?: ChunkMetadata, data?: Uint8Array): Description | undefined;
  /** What `describe` waits for. */
  readonly missing: string;
}

/** An entry for a video codec. */
export type IsoVideoCodec = IsoCodec<VideoStream, VideoTrackDescription>;
/** An entry for an audio codec. */
export type IsoAudioCodec = IsoCodec<AudioStream, AudioTrackDescription>;
