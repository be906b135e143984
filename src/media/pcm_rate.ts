import type { StreamConfig } from "./stream_config.ts";

/** WAVE format tags of sound whose bytes say how long it lasts: integers, floating point, A-law, µ-law, extensible. */
const TAGS: readonly number[] = [0x0001, 0x0003, 0x0006, 0x0007, 0xfffe];

/** Bytes a second of uncompressed audio, as a configuration tells it; 0: it is none, or does not tell. */
export function pcmBytesPerSecond(stream: StreamConfig): number {
  if (stream.kind !== "audio") return 0;
  const { codec, sampleRate, numberOfChannels, bitsPerSample = 0, blockBytes } = stream;
  const bits = typeof codec === "number" ? (TAGS.includes(codec) ? bitsPerSample : 0) : bitsOf(codec);
  const rate = bits === 0 ? 0 : (blockBytes ?? bits / 8 * numberOfChannels) * sampleRate;
  return rate > 0 && rate < Infinity ? rate : 0;
}

/** As in `"pcm-s16"`, `"pcm-f32be"`. */
function bitsOf(codec: string): number {
  if (codec === "alaw" || codec === "ulaw") return 8;
  const [, digits = "0"] = /^pcm-[usf](\d+)(?:be|le)?$/.exec(codec) ?? [];
  return Number(digits);
}
