/**
 * What a codec is to the table: one entry a family.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream, VideoStream } from "../stream_config.ts";
import type { AudioDescription, VideoDescription } from "./description.ts";

/** An entry for video codecs. */
export interface VideoCodec {
  /** Codec strings as messages list them. */
  readonly names: readonly string[];
  /** Whether a stream's `codec` belongs here. */
  matches(codec: string): boolean;
  /** What is wrong with a configuration that only this family cares about. */
  check(config: VideoStream): string[];
  /** As `describeStream`. */
  describe(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoDescription | undefined;
  /** What `describe` waits for. */
  missing(config: VideoStream): string;
}

/** An entry for audio codecs. */
export interface AudioCodec {
  /** Codec strings as messages list them. */
  readonly names: readonly string[];
  /** Whether a stream's `codec` belongs here. */
  matches(codec: string | number): boolean;
  /** What is wrong with a configuration that only this family cares about. */
  check(config: AudioStream): string[];
  /** As `describeStream`. */
  describe(config: AudioStream, metadata?: ChunkMetadata, data?: Uint8Array): AudioDescription | undefined;
  /** What `describe` waits for. */
  missing(config: AudioStream): string;
}
