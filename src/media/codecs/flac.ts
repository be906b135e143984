/**
 * FLAC: frames as they are, and the STREAMINFO block ([RFC 9639] 8.2).
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { badSample, cannotDescribe, privateData } from "./common.ts";

/** WAVE format tag. */
export const FLAC_TAG = 0xF1AC;
/** Size of STREAMINFO. */
const INFO_BYTES = 34;
const MARKER = [0x66, 0x4C, 0x61, 0x43];
/** What FLAC makes of PCM, roughly. */
const USUAL_RATIO = 0.6;

/** The STREAMINFO in a FLAC description: behind `fLaC`, behind its block header alone, or bare; `undefined` when there is none. */
function findStreamInfo(description: Uint8Array): Uint8Array | undefined {
  const hasMarker = MARKER.every((byte, i) => description[i] === byte);
  const rest = description.subarray(hasMarker ? MARKER.length : 0);
  if (!hasMarker && rest.byteLength === INFO_BYTES) return rest;
  const [type, high, middle, low] = rest;
  const isInfo = type !== undefined && (type & 0x7F) === 0 && high === 0 && middle === 0 && low === INFO_BYTES;
  return isInfo && rest.byteLength >= 4 + INFO_BYTES ? rest.subarray(4, 4 + INFO_BYTES) : undefined;
}

/** A frame begins with 14 bits of sync and a reserved bit that is 0 ([RFC 9639] 9.1). */
function beginsFrame(data: Uint8Array): boolean {
  return data[0] === 0xFF && (data[1]! & 0xFE) === 0xF8;
}

/** What a FLAC stream says. */
export interface FlacFacts extends AudioFacts {
  /** STREAMINFO, bare. */
  readonly privateData: Uint8Array;
  /** Of the largest frame; 0: not known. */
  readonly maxFrameBytes: number;
}

function parse(config: AudioStream, metadata?: ChunkMetadata): FlacFacts | undefined {
  const description = privateData(config, metadata);
  if (description.byteLength === 0) return undefined;
  const info = findStreamInfo(description);
  if (info === undefined) throw cannotDescribe(config, "bad-media", "its FLAC description has no STREAMINFO block");
  // 20 bits of sample rate, 3 of channels less one, 5 of bits less one.
  const sampleRate = info[10]! << 12 | info[11]! << 4 | info[12]! >> 4;
  if (sampleRate === 0) throw cannotDescribe(config, "bad-media", "its FLAC description says no sample rate");
  const numberOfChannels = (info[12]! >> 1 & 7) + 1;
  const bitsPerSample = ((info[12]! & 1) << 4 | info[13]! >> 4) + 1;
  const [least, most] = [info[0]! << 8 | info[1]!, info[2]! << 8 | info[3]!]; // samples of a block
  const maxFrameBytes = info[7]! << 16 | info[8]! << 8 | info[9]!;
  return {
    codecName: "FLAC",
    sampleRate,
    numberOfChannels,
    bitsPerSample,
    samplesPerFrame: least === most && most > 0 ? most : undefined,
    maxFrameBytes,
    usualBitrate: sampleRate * numberOfChannels * bitsPerSample * USUAL_RATIO,
    privateData: info,
    framing(data, _isKey, out) {
      if (!beginsFrame(data)) throw badSample(config.streamNumber, "it begins with no FLAC frame");
      out.add(data);
    },
  };
}

/** FLAC. */
export const flac: AudioCodec<FlacFacts> = {
  matches: (codec) => codec === "flac" || codec === FLAC_TAG,
  parse,
  missing: () => "FLAC needs its STREAMINFO as description",
};
