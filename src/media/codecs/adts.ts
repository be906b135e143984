/**
 * ADTS: AAC frames, each behind a header ([ISO 14496-3] 1.A.2, 1.A.3.2), read, and made of an AudioSpecificConfig.
 *
 * @module
 */

import { BitReader } from "../../bytes/bit_reader.ts";
import { sampleError } from "../../errors.ts";
import { Pieces } from "../../bytes/pieces.ts";
import type { Framing } from "../framing.ts";
import type { AudioStream } from "../stream_config.ts";
import { AAC_SAMPLE_RATES, TYPE_PS, TYPE_SBR } from "./aac_config.ts";
import { cannotDescribe } from "./common.ts";

/** Size without a checksum. */
const HEADER_BYTES = 7;
/** `aac_frame_length` has 13 bits, and counts the header. */
const MAX_FRAME_BYTES = 0x1FFF;

/** Main, LC, SSR and LTP: `profile` has two bits. */
const MAX_TYPE = 4;
/** The last rate with an index of its own; others are written out, for which ADTS has no room. */
const MAX_RATE_INDEX = 12;
/** `channel_configuration` has three bits; 0 points to a description inside the frames. */
const MAX_CHANNELS = 7;

/**
 * Whether data begins like an ADTS frame: twelve bits of sync, two bits of layer that are 0. A raw frame does not: its
 * first three bits set would end it.
 */
export function beginsWithAdts(data: Uint8Array): boolean {
  return data.byteLength >= 2 && data[0] === 0xFF && (data[1]! & 0xF6) === 0xF0;
}

/** Size of the header of data that begins like an ADTS frame: 7 bytes, and 2 of checksum where there is one. */
export function adtsHeaderBytes(data: Uint8Array): number {
  return (data[1]! & 1) === 1 ? 7 : 9;
}

/** `aac_frame_length`, header included; 0 when the header is cut off. */
export function adtsFrameBytes(data: Uint8Array): number {
  return data.byteLength < 7 ? 0 : (data[3]! & 3) << 11 | data[4]! << 3 | data[5]! >> 5;
}

/** Number of raw data blocks in the frame. */
export function adtsBlockCount(data: Uint8Array): number {
  return (data[6]! & 3) + 1;
}

/** Makes an AudioSpecificConfig of an ADTS header; `undefined` when it lacks what that needs. */
export function adtsToAacConfig(data: Uint8Array): Uint8Array | undefined {
  if (!beginsWithAdts(data) || data.byteLength < 7) return undefined;
  const objectType = (data[2]! >> 6) + 1;
  const rateIndex = data[2]! >> 2 & 0xF;
  const channelConfiguration = (data[2]! & 1) << 2 | data[3]! >> 6;
  if (AAC_SAMPLE_RATES[rateIndex] === undefined || channelConfiguration === 0) return undefined;
  // 5 bits object type, 4 bits rate, 4 bits channels, 3 zero bits of GASpecificConfig.
  return new Uint8Array([objectType << 3 | rateIndex >> 1, (rateIndex & 1) << 7 | channelConfiguration << 3]);
}

/**
 * The header of a frame without data, to be completed by `setFrameBytes`; a string says why there is none.
 *
 * HE-AAC is signalled as what it is for a decoder that knows no SBR: the core coder, at its rate.
 *
 * ```text
 * FFF ID layer protection_absent | profile rate(4) private channels(3) | 4 bits · length(13) · fullness(11) · blocks(2)
 * ```
 */
function makeHeader(config: Uint8Array): Uint8Array<ArrayBuffer> | string {
  const reader = new BitReader(config);
  let type = reader.bits(5);
  const rateIndex = reader.bits(4);
  if (rateIndex > MAX_RATE_INDEX) return "ADTS has no index for its sample rate";
  const channels = reader.bits(4);
  if (type === TYPE_SBR || type === TYPE_PS) {
    if (reader.bits(4) === 15) reader.skip(24);
    type = reader.bits(5);
  }
  const hasShortFrames = reader.bit() === 1;
  if (reader.exhausted) return "its AudioSpecificConfig is cut off";
  if (type < 1 || type > MAX_TYPE) return `ADTS cannot say audio object type ${type}`;
  if (channels < 1 || channels > MAX_CHANNELS) return `ADTS cannot say channel configuration ${channels}`;
  if (hasShortFrames) return "ADTS cannot say that its frames have 960 samples";
  const header = new Uint8Array(HEADER_BYTES);
  header[0] = 0xFF;
  header[1] = 0xF1; // MPEG-4, no checksum
  header[2] = (type - 1) << 6 | rateIndex << 2 | channels >> 2;
  header[3] = (channels & 3) << 6;
  header[5] = 0x1F; // buffer fullness 0x7FF: variable rate
  header[6] = 0xFC;
  return header;
}

/** Writes the size of a frame, header included, into its header. */
function setFrameBytes(header: Uint8Array, byteLength: number): void {
  header[3] = (header[3]! & 0xFC) | byteLength >> 11;
  header[4] = byteLength >> 3 & 0xFF;
  header[5] = (byteLength & 7) << 5 | 0x1F;
}

/**
 * AAC frames, each behind an ADTS header of its own; those that bring one keep it.
 *
 * @param audioConfig The stream's AudioSpecificConfig. @param toRaw Its framing as raw frames.
 * @throws {MuxError} `unsupported` where ADTS cannot say what the stream is.
 */
export function adtsFraming(config: AudioStream, audioConfig: Uint8Array, toRaw: Framing): Framing {
  const { streamNumber } = config;
  const header = makeHeader(audioConfig);
  if (typeof header === "string") throw cannotDescribe(config, "unsupported", header);
  const raw = new Pieces();
  return (data, isKey, out) => {
    raw.clear();
    toRaw(data, isKey, raw); // also checks an ADTS header
    if (beginsWithAdts(data)) return out.add(data);
    const byteLength = HEADER_BYTES + data.byteLength;
    if (byteLength > MAX_FRAME_BYTES) {
      const most = MAX_FRAME_BYTES - HEADER_BYTES;
      const reason = `must have at most ${most} bytes, got ${data.byteLength}`;
      throw sampleError("too-large", streamNumber, reason);
    }
    setFrameBytes(header, byteLength);
    out.add(header);
    out.add(data);
  };
}
