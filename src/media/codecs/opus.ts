/**
 * Opus, format tag 0x704F: packets as they are, the identification header ([RFC 7845] 5.1) as codec data.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { cannotDescribe, nonEmptyFraming, privateData } from "./common.ts";

/** The one Media Foundation knows. */
const FORMAT_TAG = 0x704F;
/** Opus always counts time at this rate. */
const SAMPLE_RATE = 48_000;
/** What an identification header begins with. */
export const OPUS_HEAD_NAME = "OpusHead";
/** Up to the mapping family; others than 0 have two counts and a byte for each channel behind it. */
const HEAD_BYTES = 19;
/** No packet is larger: three frames of 1275 bytes for each stream, about one a channel. */
const MAX_PACKET_BYTES_PER_CHANNEL = 3 * 1275 + 7;

/** Whether a description is a whole identification header. */
export function isOpusHead(description: Uint8Array): boolean {
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

function describe(config: AudioStream, metadata?: ChunkMetadata): AudioFacts | undefined {
  const description = privateData(config, metadata);
  if (description.byteLength === 0 && config.numberOfChannels > 2) return undefined;
  if (description.byteLength > 0 && !isOpusHead(description)) {
    throw cannotDescribe(config, "bad-media", "its Opus description is no identification header");
  }
  const head = description.byteLength > 0 ? description : plainHead(config.numberOfChannels, config.sampleRate);
  const numberOfChannels = head[9]!;
  return {
    codecName: "Opus",
    formatTag: FORMAT_TAG,
    sampleRate: SAMPLE_RATE,
    numberOfChannels,
    blockBytes: MAX_PACKET_BYTES_PER_CHANNEL * numberOfChannels,
    extraData: head,
    framing: nonEmptyFraming(config.streamNumber, "an Opus packet"),
  };
}

/** Opus. */
export const opus: AudioCodec = {
  names: ["opus", "0x704F"],
  matches: (codec) => codec === "opus" || codec === FORMAT_TAG,
  describe,
  missing: () => "Opus with more than two channels needs its identification header as description",
};
