/**
 * A track of Mediabunny's as a {@linkcode StreamConfig}.
 *
 * @module
 */

import type { InputAudioTrack, InputTrack, InputVideoTrack } from "mediabunny";
import type { AudioStream, StreamConfig, VideoStream } from "../media/stream_config.ts";
import { displayAspect } from "./aspect.ts";
import { languageTag } from "./language.ts";

/** Describes a track; a string says why it cannot be described. */
export async function trackConfig(track: InputTrack): Promise<StreamConfig | string> {
  const codec = await track.getCodec();
  if (codec === null) return `its codec is not known${await internalName(track)}`;
  if (track.isVideoTrack()) return await videoConfig(track);
  if (track.isAudioTrack()) return await audioConfig(track);
  return "it is neither audio nor video";
}

async function videoConfig(track: InputVideoTrack): Promise<VideoStream | string> {
  const decoder = await track.getDecoderConfig();
  if (decoder === null) return "its codec is not known";
  const codedWidth = await track.getCodedWidth();
  const codedHeight = await track.getCodedHeight();
  const config: VideoStream = { kind: "video", codec: decoder.codec, codedWidth, codedHeight };
  const { num, den } = await track.getPixelAspectRatio();
  Object.assign(config, displayAspect(codedWidth, codedHeight, num, den));
  const { primaries, transfer, matrix } = decoder.colorSpace ?? {};
  if (primaries || transfer || matrix) config.colorSpace = decoder.colorSpace;
  return complete(config, track, decoder.description);
}

async function audioConfig(track: InputAudioTrack): Promise<AudioStream | string> {
  const decoder = await track.getDecoderConfig();
  if (decoder === null) return "its codec is not known";
  const { sampleRate, numberOfChannels } = decoder;
  const config: AudioStream = { kind: "audio", codec: decoder.codec, sampleRate, numberOfChannels };
  return complete(config, track, decoder.description);
}

async function complete<T extends StreamConfig>(
  config: T,
  track: InputTrack,
  description: AllowSharedBufferSource | undefined,
): Promise<T> {
  if (description !== undefined) config.description = description;
  const language = languageTag(await track.getLanguageCode());
  if (language !== undefined) config.language = language;
  const bitrate = await track.getAverageBitrate();
  if (bitrate !== null && bitrate > 0) config.bitrate = Math.round(bitrate);
  return config;
}

async function internalName(track: InputTrack): Promise<string> {
  const id = await track.getInternalCodecId();
  return id === null || id instanceof Uint8Array ? "" : ` (${typeof id === "number" ? `0x${id.toString(16)}` : id})`;
}
