/**
 * Every codec: from a stream's configuration to its description in RIFF terms.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import { checkDataStream, describeDataStream } from "../data_stream.ts";
import { DATA_KINDS, isDataStream, type StreamConfig } from "../stream_config.ts";
import { AUDIO_CODECS } from "./audio.ts";
import { checkFields } from "./checks.ts";
import type { StreamDescription } from "./description.ts";
import { VIDEO_CODECS } from "./video.ts";

/** What is wrong with a configuration by itself, one line each; empty when nothing is. */
export function checkStream(config: StreamConfig): string[] {
  if (config.kind === "video") return VIDEO_CODECS.check(config);
  if (config.kind === "audio") return AUDIO_CODECS.check(config);
  if (isDataStream(config)) return [...checkFields(config), ...checkDataStream(config)];
  const kinds = ["video", "audio", ...DATA_KINDS].map((kind) => JSON.stringify(kind)).join(", ");
  return [`kind must be one of ${kinds}, got ${String((config as { kind: unknown }).kind)}`];
}

/**
 * Describes a stream from its configuration, a decoder's metadata, and its first sample; `undefined` while something is
 * missing. The description keeps no reference to what it was made of.
 *
 * @throws {MuxError} `unsupported` for an unknown codec, `bad-media` for a description or first sample that is not what
 * its codec says, `too-large` for codec data beyond what can be stored.
 */
export function describeStream(
  config: StreamConfig,
  metadata?: ChunkMetadata,
  data?: Uint8Array,
): StreamDescription | undefined {
  if (isDataStream(config)) return describeDataStream(config);
  return config.kind === "video"
    ? VIDEO_CODECS.describe(config, metadata, data)
    : AUDIO_CODECS.describe(config, metadata, data);
}

/** What {@linkcode describeStream} is waiting for, in one line. */
export function missingDescription(config: StreamConfig): string {
  if (isDataStream(config)) return "nothing is missing";
  return config.kind === "video" ? VIDEO_CODECS.missing(config) : AUDIO_CODECS.missing(config);
}
