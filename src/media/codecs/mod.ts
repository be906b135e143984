/**
 * The codec table: from a stream's configuration to its description in RIFF terms. A new codec is a file with an entry,
 * and a line in one of the two lists.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import { checkDataStream, describeDataStream } from "../data_stream.ts";
import { type CodedStream, DATA_KINDS, isDataStream, type StreamConfig } from "../stream_config.ts";
import { aac } from "./aac.ts";
import { ac3 } from "./ac3.ts";
import { av1 } from "./av1.ts";
import { checkFields, MAX_AUDIO_EXTRA_BYTES, MAX_VIDEO_EXTRA_BYTES } from "./checks.ts";
import type { AudioCodec, VideoCodec } from "./codec.ts";
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

function findVideo(codec: unknown): VideoCodec | undefined {
  return typeof codec === "string" ? VIDEO_CODECS.find((entry) => entry.matches(codec)) : undefined;
}

function findAudio(codec: unknown): AudioCodec | undefined {
  if (typeof codec !== "string" && typeof codec !== "number") return undefined;
  return AUDIO_CODECS.find((entry) => entry.matches(codec));
}

function unknownCodec(config: CodedStream): string {
  const known = (config.kind === "video" ? VIDEO_CODECS : AUDIO_CODECS).flatMap((entry) => entry.names);
  const codec = typeof config.codec === "string" ? JSON.stringify(config.codec) : String(config.codec);
  return `${config.kind} codec ${codec} is not known; known are ${known.join(", ")}`;
}

/** What is wrong with a configuration by itself, one line each; empty when nothing is. */
export function checkStream(config: StreamConfig): string[] {
  if (isDataStream(config)) return [...checkFields(config), ...checkDataStream(config)];
  if (config.kind !== "video" && config.kind !== "audio") {
    const kinds = ["video", "audio", ...DATA_KINDS].map((kind) => JSON.stringify(kind)).join(", ");
    return [`kind must be one of ${kinds}, got ${String((config as { kind: unknown }).kind)}`];
  }
  const problems = checkFields(config);
  if (config.kind === "video") {
    const entry = findVideo(config.codec);
    problems.push(...entry === undefined ? [unknownCodec(config)] : entry.check(config));
  } else {
    const entry = findAudio(config.codec);
    problems.push(...entry === undefined ? [unknownCodec(config)] : entry.check(config));
  }
  return problems;
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
  const description = config.kind === "video"
    ? requireEntry(config, findVideo(config.codec)).describe(config, metadata, data)
    : requireEntry(config, findAudio(config.codec)).describe(config, metadata, data);
  if (description === undefined) return undefined;
  if (description.kind === "video" && (description.codedWidth < 1 || description.codedHeight < 1)) {
    const { codedWidth, codedHeight } = description;
    throw cannotDescribe(config, "bad-media", `its data says that pictures are ${codedWidth} × ${codedHeight} pixels`);
  }
  const { byteLength } = description.extraData;
  const maxBytes = description.kind === "video" ? MAX_VIDEO_EXTRA_BYTES : MAX_AUDIO_EXTRA_BYTES;
  if (byteLength > maxBytes) {
    throw cannotDescribe(config, "too-large", `codec data must not exceed ${maxBytes} bytes, got ${byteLength}`);
  }
  return description;
}

/** What {@linkcode describeStream} is waiting for, in one line. */
export function missingDescription(config: StreamConfig): string {
  if (isDataStream(config)) return "nothing is missing";
  return config.kind === "video"
    ? requireEntry(config, findVideo(config.codec)).missing(config)
    : requireEntry(config, findAudio(config.codec)).missing(config);
}

function requireEntry<T>(config: CodedStream, entry: T | undefined): T {
  if (entry === undefined) throw cannotDescribe(config, "unsupported", unknownCodec(config));
  return entry;
}
