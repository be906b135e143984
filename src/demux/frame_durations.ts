/**
 * How long frames of audio last by their own bytes, for containers that put several of them at one time.
 *
 * @module
 */

import { opusPacketSamples } from "../media/codecs/opus_packet.ts";
import { vorbisPacketSamples } from "../media/codecs/vorbis_packet.ts";

/** Microseconds of a frame; `undefined` where its bytes do not tell. */
export type FrameDuration = (data: Uint8Array) => number | undefined;

/** The function for a codec; `undefined` where only the container could say it. */
export function frameDurations(
  codec: string | number,
  rate: number,
  description?: Uint8Array,
): FrameDuration | undefined {
  switch (codec) {
    case "opus":
      return opusDuration;
    case "vorbis":
      return description && vorbisDurations(description, rate);
    case "mp3":
      return constant(rate >= 32_000 ? 1152 : 576, rate);
    case "ac-3":
      return constant(1536, rate);
  }
  return typeof codec === "string" && codec.startsWith("mp4a.40.") ? constant(1024, rate) : undefined;
}

function constant(sampleCount: number, rate: number): FrameDuration {
  return () => sampleCount * 1e6 / rate;
}

function opusDuration(data: Uint8Array): number | undefined {
  const sampleCount = opusPacketSamples(data);
  return sampleCount === undefined ? undefined : sampleCount * 1e6 / 48_000;
}

function vorbisDurations(description: Uint8Array, rate: number): FrameDuration | undefined {
  const samplesOf = vorbisPacketSamples(description);
  return samplesOf && ((data) => samplesOf(data) * 1e6 / rate);
}
