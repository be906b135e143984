/**
 * Stream descriptions as callers give them: WebCodecs decoder configurations, or FourCC and format tag.
 *
 * @module
 */

import type { PayloadExtension } from "./payload_extension.ts";
import type { Bytes } from "./sample.ts";

/** What all kinds of streams share. */
export interface StreamBase {
  /** 1–127; default: position in the list + 1. */
  streamNumber?: number;
  /** BCP 47 tag, such as `"en-US"`. */
  language?: string;
  /** Codec private data; may follow with the first chunk's metadata. */
  description?: Bytes;
  /** Average bit/s; default: from the codec, else measured. */
  bitrate?: number;
  /**
   * What every sample carries beside its bytes and times, at most 7 systems and 231 bytes, in ASF alone ([ASF] 4.1). Small
   * audio objects of such a stream do not share payloads.
   */
  payloadExtensions?: readonly PayloadExtension[];
}

/** A video stream. */
export interface VideoStream extends StreamBase {
  /** Discriminates {@linkcode StreamConfig}. */
  kind: "video";
  /** WebCodecs string (`"avc1.64001f"`) or FourCC (`"WMV3"`). */
  codec: string;
  /** Width in pixels; default: from the parameter sets. */
  codedWidth?: number;
  /** Height in pixels; default: from the parameter sets. */
  codedHeight?: number;
  /** Whether presentation order differs from decode order (B-frames); default: from the parameter sets. */
  reorders?: boolean;
  /** Display aspect ratio, horizontal part. */
  displayAspectWidth?: number;
  /** Display aspect ratio, vertical part. */
  displayAspectHeight?: number;
  /** Frames per second, informative. */
  framerate?: number;
}

/** An audio stream. */
export interface AudioStream extends StreamBase {
  /** Discriminates {@linkcode StreamConfig}. */
  kind: "audio";
  /** WebCodecs string (`"mp4a.40.2"`, `"pcm-s16"`) or WAVE format tag (`0x0161`). */
  codec: string | number;
  /** Hz. */
  sampleRate: number;
  /** 1 and up. */
  numberOfChannels: number;
  /** Bits of one sample of one channel, where the codec has it. */
  bitsPerSample?: number;
  /** Bytes of one codec block (`nBlockAlign`), where the codec has it. */
  blockBytes?: number;
}

/** Any stream. */
export type StreamConfig = VideoStream | AudioStream;
