/**
 * The codec table: from a stream's configuration to its description in RIFF terms. A new codec is a file with an entry,
 * and a line in one of the two lists.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { StreamConfig } from "../stream_config.ts";
import { aac } from "./aac.ts";
import { ac3 } from "./ac3.ts";
import { av1 } from "./av1.ts";
import { checkFields, MAX_AUDIO_EXTRA_BYTES, MAX_VIDEO_EXTRA_BYTES } from "./checks.ts";
import {
  type AudioCodec,
  type AudioFacts,
  type Codec,
  completeAudio,
  completeVideo,
  type VideoCodec,
  type VideoFacts,
} from "./codec.ts";
import { cannotDescribe } from "./common.ts";
import type { StreamDescription } from "./description.ts";
import { flac } from "./flac.ts";
import { h264 } from "./h264.ts";
import { hevc } from "./hevc.ts";
import { mjpeg } from "./mjpeg.ts";
import { mp3 } from "./mp3.ts";
import { mpeg2 } from "./mpeg2.ts";
import { mpeg4 } from "./mpeg4.ts";
import { opus } from "./opus.ts";
import { passedAudio, passedVideo } from "./passed.ts";
import { pcm } from "./pcm.ts";
import { vc1 } from "./vc1.ts";
import { vorbis } from "./vorbis.ts";
import { vp8, vp9 } from "./vpx.ts";
import { windowsMediaAudio } from "./windows_media.ts";

/** The first entry that matches counts. */
const VIDEO_CODECS: readonly VideoCodec[] = [h264, hevc, vp8, vp9, av1, mpeg4, mpeg2, mjpeg, vc1, passedVideo];
const AUDIO_CODECS: readonly AudioCodec[] = [aac, mp3, ac3, flac, opus, vorbis, pcm, windowsMediaAudio, passedAudio];

/** An entry of either kind; it is only asked about streams of that kind. */
type AnyCodec = Codec<StreamConfig, VideoFacts | AudioFacts>;

function entriesOf({ kind }: StreamConfig): readonly AnyCodec[] {
  return kind === "video" ? VIDEO_CODECS : AUDIO_CODECS;
}

function findEntry(config: StreamConfig): AnyCodec | undefined {
  const { kind, codec } = config;
  const isOfItsType = typeof codec === "string" || (kind === "audio" && typeof codec === "number");
  return isOfItsType ? entriesOf(config).find((entry) => entry.matches(codec)) : undefined;
}

function requireEntry(config: StreamConfig): AnyCodec {
  const entry = findEntry(config);
  if (entry === undefined) throw cannotDescribe(config, "unsupported", unknownCodec(config));
  return entry;
}

function unknownCodec(config: StreamConfig): string {
  const { kind, codec } = config;
  const known = entriesOf(config).flatMap((entry) => entry.names);
  const text = typeof codec === "string" ? JSON.stringify(codec) : String(codec);
  return `${kind} codec ${text} is not known; known are ${known.join(", ")}`;
}

/** What is wrong with a configuration by itself, one line each; empty when nothing is. */
export function checkStream(config: StreamConfig): string[] {
  if (config.kind !== "video" && config.kind !== "audio") {
    return [`kind must be "video" or "audio", got ${String((config as { kind: unknown }).kind)}`];
  }
  const entry = findEntry(config);
  return [...checkFields(config), ...entry === undefined ? [unknownCodec(config)] : entry.check?.(config) ?? []];
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
  const facts = requireEntry(config).describe(config, metadata, data);
  if (facts === undefined) return undefined;
  if ("size" in facts && (facts.size.width < 1 || facts.size.height < 1)) {
    const { width, height } = facts.size;
    throw cannotDescribe(config, "bad-media", `its data says that pictures are ${width} × ${height} pixels`);
  }
  const description = config.kind === "video"
    ? completeVideo(config, facts as VideoFacts)
    : completeAudio(config, facts as AudioFacts);
  const { byteLength } = description.extraData;
  const maxBytes = description.kind === "video" ? MAX_VIDEO_EXTRA_BYTES : MAX_AUDIO_EXTRA_BYTES;
  if (byteLength > maxBytes) {
    throw cannotDescribe(config, "too-large", `codec data must not exceed ${maxBytes} bytes, got ${byteLength}`);
  }
  return description;
}

/** What {@linkcode describeStream} is waiting for, in one line. */
export function missingDescription(config: StreamConfig): string {
  return requireEntry(config).missing(config);
}
