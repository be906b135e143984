/**
 * The codec table of the ISO base media file format. A new codec is a file with an entry, and a line in one of the two
 * lists.
 *
 * @module
 */

import { checkFields } from "../codecs/checks.ts";
import { cannotDescribe } from "../codecs/common.ts";
import type { ChunkMetadata } from "../sample.ts";
import { isDataStream, type StreamConfig } from "../stream_config.ts";
import { ac3 } from "./ac3.ts";
import { av1 } from "./av1.ts";
import { colorOf } from "./color.ts";
import type { IsoAudioCodec, IsoDescription, IsoVideoCodec } from "./description.ts";
import { flac } from "./flac.ts";
import { h264 } from "./h264.ts";
import { hevc } from "./hevc.ts";
import { aac, mp3 } from "./mpeg_audio.ts";
import { opus } from "./opus.ts";
import { vp9 } from "./vp9.ts";

const VIDEO_CODECS: readonly IsoVideoCodec[] = [h264, hevc, vp9, av1];
const AUDIO_CODECS: readonly IsoAudioCodec[] = [aac, mp3, opus, flac, ac3];

/** The names of all codecs of a kind, for messages. */
export function isoCodecNames(kind: "video" | "audio"): string {
  return (kind === "video" ? VIDEO_CODECS : AUDIO_CODECS).map(({ name }) => name).join(", ");
}

/** Whether there is an entry for a stream's codec. */
export function isIsoCodec(stream: StreamConfig): boolean {
  if (isDataStream(stream)) return false;
  const { kind, codec } = stream;
  return (kind === "video" ? VIDEO_CODECS : AUDIO_CODECS).some((entry) => entry.matches(codec));
}

/** What is wrong with the fields of a configuration, one line each. */
export function checkIsoStream(config: StreamConfig): string[] {
  const problems = checkFields(config);
  if (config.kind !== "video") return problems;
  const { colorSpace, rotation = 0 } = config;
  if (colorSpace !== undefined && typeof colorSpace !== "object") {
    problems.push(`colorSpace must be an object, got ${typeof colorSpace}`);
  }
  if (![0, 90, 180, 270].includes(rotation)) problems.push(`rotation must be 0, 90, 180 or 270, got ${rotation}`);
  return problems;
}

/**
 * Describes a stream from its configuration, a decoder's metadata, and its first sample; `undefined` while something is
 * missing. The description keeps no reference to what it was made of.
 *
 * @throws {MuxError} `unsupported` for an unknown codec, `bad-media` for a description or first sample that is not what
 * its codec says.
 */
export function describeIso(
  config: StreamConfig,
  metadata?: ChunkMetadata,
  data?: Uint8Array,
): IsoDescription | undefined {
  if (isDataStream(config)) throw cannotDescribe(config, "unsupported", `${config.kind} has no sample entry`);
  const { codec } = config;
  if (config.kind === "video") {
    const description = VIDEO_CODECS.find((entry) => entry.matches(codec))?.describe(config, metadata, data);
    const color = colorOf(config, metadata);
    if (description !== undefined) return color === undefined ? description : { ...description, color };
  } else {
    const description = AUDIO_CODECS.find((entry) => entry.matches(codec))?.describe(config, metadata, data);
    if (description !== undefined) return description;
  }
  if (isIsoCodec(config)) return undefined;
  throw cannotDescribe(config, "unsupported", `${config.kind} codec ${JSON.stringify(codec)} has no sample entry`);
}

/** What {@linkcode describeIso} is waiting for, in one line. */
export function missingIso(stream: StreamConfig): string {
  if (isDataStream(stream)) return "it has no sample entry";
  const { kind, codec } = stream;
  const entry = (kind === "video" ? VIDEO_CODECS : AUDIO_CODECS).find((entry) => entry.matches(codec));
  return entry?.missing ?? "its codec is not known";
}
