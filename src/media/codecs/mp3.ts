/**
 * MP3, format tag 0x0055.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { cannotDescribe } from "./common.ts";

const FORMAT_TAG = 0x0055;
/** From this rate on a stream is MPEG-1; below it is MPEG-2, or 2.5, with half the samples a frame. */
const MPEG1_MIN_RATE = 32_000;

/** kbit/s by `bitrate_index` ([ISO 11172-3] 2.4.2.3, [ISO 13818-3] 2.4.2.3); 0: free format. */
const MPEG1_KILOBITS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KILOBITS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** Hz of MPEG-1 by `sampling_frequency`; MPEG-2 has half, MPEG-2.5 a quarter. */
const RATES = [44100, 48000, 32000];

/** What the header of a layer III frame says. */
interface FrameHeader {
  readonly sampleRate: number;
  readonly numberOfChannels: number;
  /** Bit/s; 0: free format. */
  readonly bitrate: number;
}

function samplesPerFrame(sampleRate: number): number {
  return sampleRate >= MPEG1_MIN_RATE ? 1152 : 576;
}

/**
 * Reads `11111111 111vvllp bbbbrr.. cc......`: version 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5; layer III is 1.
 * `undefined` when it is not the header of a layer III frame.
 */
function parseFrameHeader(data: Uint8Array): FrameHeader | undefined {
  if (data.byteLength < 4 || data[0] !== 0xFF || (data[1]! & 0xE0) !== 0xE0) return undefined;
  const version = data[1]! >> 3 & 3;
  const layer = data[1]! >> 1 & 3;
  if (version === 1 || layer !== 1) return undefined;
  const kilobits = (version === 3 ? MPEG1_KILOBITS : MPEG2_KILOBITS)[data[2]! >> 4];
  const rate = RATES[data[2]! >> 2 & 3];
  if (kilobits === undefined || rate === undefined) return undefined;
  return {
    sampleRate: version === 3 ? rate : version === 2 ? rate / 2 : rate / 4,
    numberOfChannels: data[3]! >> 6 === 3 ? 1 : 2,
    bitrate: kilobits * 1000,
  };
}

/**
 * MPEGLAYER3WAVEFORMAT behind `cbSize`: WORD id 1, DWORD flags 2 (no padding is assumed), WORD bytes of a frame, WORD
 * frames a block 1, WORD codec delay 1393.
 */
function makeExtraData(frameBytes: number): Uint8Array {
  const extraData = new Uint8Array(12);
  const view = new DataView(extraData.buffer);
  view.setUint16(0, 1, true);
  view.setUint32(2, 2, true);
  view.setUint16(6, frameBytes, true);
  view.setUint16(8, 1, true);
  view.setUint16(10, 1393, true);
  return extraData;
}

function describe(config: AudioStream, _metadata?: ChunkMetadata, data?: Uint8Array): AudioFacts | undefined {
  let header: FrameHeader | undefined;
  if (data !== undefined) {
    header = parseFrameHeader(data);
    if (header === undefined) throw cannotDescribe(config, "bad-media", "its first sample is no MPEG layer III frame");
  } else if (config.bitrate === undefined) {
    return undefined;
  }
  const { sampleRate, numberOfChannels } = header ?? config;
  const samples = samplesPerFrame(sampleRate);
  // Free format: the frame alone tells.
  const frameBitrate = header?.bitrate || (data?.byteLength ?? 0) * 8 * sampleRate / samples;
  const bitrate = config.bitrate ?? frameBitrate;
  return {
    codecName: "MP3",
    formatTag: FORMAT_TAG,
    sampleRate,
    numberOfChannels,
    usualBitrate: frameBitrate,
    bitrateKnown: true,
    extraData: makeExtraData(Math.min(0xFFFF, Math.floor(samples / 8 * (frameBitrate || bitrate) / sampleRate))),
  };
}

/** MP3: MPEG-1, MPEG-2 and MPEG-2.5 layer III. */
export const mp3: AudioCodec = {
  names: ["mp3", "0x0055"],
  matches: (codec) => codec === FORMAT_TAG || codec === "mp3",
  describe,
  missing: () => "MP3 needs its bitrate, or its first frame",
};
