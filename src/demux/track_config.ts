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

/** What the track says about its presentation that a stream cannot carry; empty when nothing. */
export async function trackWarning(track: InputTrack, streamNumber: number): Promise<string> {
  if (!track.isVideoTrack()) return "";
  return await track.getFlip() ? `Stream ${streamNumber} is to be shown mirrored: that is not carried over` : "";
}

async function videoConfig(track: InputVideoTrack): Promise<VideoStream | string> {
  const decoder = await track.getDecoderConfig();
  if (decoder === null) return "its codec is not known";
  const codedWidth = await track.getCodedWidth();
  const codedHeight = await track.getCodedHeight();
  const config: VideoStream = { kind: "video", codec: decoder.codec, codedWidth, codedHeight };
  const { num, den } = await track.getPixelAspectRatio();
  Object.assign(config, displayAspect(codedWidth, codedHeight, num, den));
  const rotation = await track.getRotation();
  if (rotation !== 0) config.rotation = rotation;
  const { primaries, transfer, matrix } = decoder.colorSpace ?? {};
  if (primaries || transfer || matrix) config.colorSpace = decoder.colorSpace;
  return complete(config, track, decoder.description);
}

async function audioConfig(track: InputAudioTrack): Promise<AudioStream | string> {
  const decoder = await track.getDecoderConfig();
  if (decoder === null) return "its codec is not known";
  const { sampleRate, numberOfChannels } = decoder;
  const codec = G711_TAGS[decoder.codec] ?? decoder.codec.replace(BIG_ENDIAN, "$1");
  const config: AudioStream = { kind: "audio", codec, sampleRate, numberOfChannels };
  const bits = pcmBits(decoder.codec);
  if (bits > 0) {
    config.bitsPerSample = bits;
    config.blockBytes = numberOfChannels * bits / 8;
  }
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

/** By codec string: the WAVE format tag. */
const G711_TAGS: Readonly<Record<string, number>> = { alaw: 6, ulaw: 7 };

/** PCM with the most significant byte first, as QuickTime has it; turned round on the way. */
const BIG_ENDIAN = /^(pcm-[sf]\d+)be$/;

/** Size of the words that have to be turned round; 0: none. */
export async function bigEndianBytes(track: InputTrack): Promise<number> {
  const codec = await track.getCodec();
  return codec !== null && BIG_ENDIAN.test(codec) ? pcmBits(codec) / 8 : 0;
}

/** Bits of one PCM sample by its codec string ("pcm-s16", "alaw"); 0 for other codecs. */
function pcmBits(codec: string): number {
  if (Object.hasOwn(G711_TAGS, codec)) return 8;
  return Number(codec.match(/^pcm-[suf](8|16|24|32|64)(?:be)?$/)?.[1] ?? 0);
}

async function internalName(track: InputTrack): Promise<string> {
  const id = await track.getInternalCodecId();
  return id === null || id instanceof Uint8Array ? "" : ` (${typeof id === "number" ? `0x${id.toString(16)}` : id})`;
}
