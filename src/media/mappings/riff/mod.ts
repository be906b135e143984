/**
 * Every stream in the terms of the RIFF family: FourCC or format tag, and codec data.
 *
 * @module
 */

import { checkFields } from "../../codecs/checks.ts";
import { checkDataStream, type DataDescription, describeDataStream } from "../../data_stream.ts";
import type { ChunkMetadata } from "../../sample.ts";
import { type AudioStream, DATA_KINDS, isCodedStream, isDataStream, type StreamConfig } from "../../stream_config.ts";
import { checkIn, describeIn, missingIn } from "../codec_table.ts";
import {
  RIFF_AAC,
  RIFF_AC3,
  RIFF_FLAC,
  RIFF_MP3,
  RIFF_OPUS,
  RIFF_PASSED,
  RIFF_PCM,
  RIFF_VORBIS,
  RIFF_WMA,
  riffAudio,
} from "./audio.ts";
import type { RiffAudio, RiffVideo } from "./description.ts";
import { RIFF_VIDEO } from "./video.ts";

const RIFF_AUDIO = /* @__PURE__ */ riffAudio([
  RIFF_AAC,
  RIFF_MP3,
  RIFF_AC3,
  RIFF_FLAC,
  RIFF_OPUS,
  RIFF_VORBIS,
  RIFF_PCM,
  RIFF_WMA,
  RIFF_PASSED,
]);

/** A described stream. */
export type RiffDescription = RiffVideo | RiffAudio | DataDescription;

/** What is wrong with a configuration by itself, one line each; empty when nothing is. */
export function checkRiff(config: StreamConfig): string[] {
  if (config.kind === "video") return checkIn(RIFF_VIDEO, config);
  if (config.kind === "audio") return checkIn(RIFF_AUDIO, config);
  if (isDataStream(config)) return [...checkFields(config), ...checkDataStream(config)];
  const kinds = ["video", "audio", ...DATA_KINDS].map((kind) => JSON.stringify(kind)).join(", ");
  return [`kind must be one of ${kinds}, got ${String(config.kind)}`];
}

/**
 * Describes a stream from its configuration, a decoder's metadata, and its first sample; `undefined` while something is
 * missing. The description keeps no reference to what it was made of.
 *
 * @throws {MuxError} `unsupported` for an unknown codec, `bad-media` for a description or first sample that is not what
 * its codec says, `too-large` for codec data beyond what can be stored.
 */
export function describeRiff(
  config: StreamConfig,
  metadata?: ChunkMetadata,
  data?: Uint8Array,
): RiffDescription | undefined {
  if (isDataStream(config)) return describeDataStream(config);
  return config.kind === "video"
    ? describeIn(RIFF_VIDEO, config, metadata, data)
    : describeIn(RIFF_AUDIO, config as AudioStream, metadata, data);
}

/** What {@linkcode describeRiff} is waiting for, in one line. */
export function missingRiff(config: StreamConfig): string {
  if (!isCodedStream(config)) return "nothing is missing";
  return config.kind === "video" ? missingIn(RIFF_VIDEO, config) : missingIn(RIFF_AUDIO, config);
}
