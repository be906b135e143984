/**
 * Opus: packets as they are, and the identification header ([RFC 7845] 5.1).
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { cannotDescribe, nonEmptyFraming, privateData } from "./common.ts";

/** The one Media Foundation knows. */
export const OPUS_TAG = 0x704F;
/** Opus always counts time at this rate. */
const SAMPLE_RATE = 48_000;
/** What an identification header begins with. */
const OPUS_HEAD_NAME = "OpusHead";
/** Up to the mapping family; others than 0 have two counts and a byte for each channel behind it. */
const HEAD_BYTES = 19;
/** 80 ms, in which a decoder converges ([RFC 7845] 4.6). */
const SEEK_PRE_ROLL = 3840;

/** Whether a description is a whole identification header. */
function isOpusHead(description: Uint8Array): boolean {
  const hasName = [...OPUS_HEAD_NAME].every((letter, i) => description[i] === letter.charCodeAt(0));
  const channels = description[9] ?? 0;
  const isMapped = description[HEAD_BYTES - 1] !== 0;
  return hasName && channels > 0 && description.byteLength >= HEAD_BYTES + (isMapped ? 2 + channels : 0);
}

/** What one or two channels need when nothing is said: no samples to skip, no gain. */
function plainHead(channels: number, sampleRate: number): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  head.set(Array.from(OPUS_HEAD_NAME, (letter) => letter.charCodeAt(0)));
  head[8] = 1; // version
  head[9] = channels;
  new DataView(head.buffer).setUint32(12, sampleRate, true);
  return head;
}

/** What an Opus stream says. */
export interface OpusFacts extends AudioFacts {
  /** The identification header. */
  readonly privateData: Uint8Array;
  readonly numberOfChannels: number;
}

function parse(config: AudioStream, metadata?: ChunkMetadata): OpusFacts | undefined {
  const description = privateData(config, metadata);
  if (description.byteLength === 0 && config.numberOfChannels > 2) return undefined;
  if (description.byteLength > 0 && !isOpusHead(description)) {
    throw cannotDescribe(config, "bad-media", "its Opus description is no identification header");
  }
  const head = description.byteLength > 0 ? description : plainHead(config.numberOfChannels, config.sampleRate);
  const numberOfChannels = head[9]!;
  return {
    codecName: "Opus",
    sampleRate: SAMPLE_RATE,
    numberOfChannels,
    codecDelay: head[10]! | head[11]! << 8, // pre-skip
    seekPreRoll: SEEK_PRE_ROLL,
    privateData: head,
    framing: nonEmptyFraming(config.streamNumber, "an Opus packet"),
  };
}

/** Opus. */
export const opus: AudioCodec<OpusFacts> = {
  matches: (codec) => codec === "opus" || codec === OPUS_TAG,
  parse,
  missing: () => "Opus with more than two channels needs its identification header as description",
};
