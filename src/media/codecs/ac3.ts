/**
 * AC-3 and E-AC-3, format tag 0x2000: sync frames, described by the head of the first ([ETSI TS 102 366] 5.3, E.1.2).
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import { BitReader } from "../../bytes/bit_reader.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { badSample, cannotDescribe } from "./common.ts";

/** Readers find out from the frames which of the two it is. */
const FORMAT_TAG = 0x2000;
const SYNC_WORD = 0x0B77;
const SAMPLE_RATES = [48_000, 44_100, 32_000];
/** Channels by `acmod`, without the low frequencies. */
const CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];
/** kbit/s of AC-3 by `frmsizecod / 2`. */
const KILOBITS = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
/** Samples of a frame of E-AC-3 by `numblkscod`; AC-3 always has the most. */
const FRAME_SAMPLES = [256, 512, 768, 1536];
/** `bsid` up to here is AC-3, up to the other is E-AC-3. */
const MAX_AC3_BSID = 10;
const MAX_EAC3_BSID = 16;
/** The largest frame of either kind, which is what their block is said to be. */
const AC3_BLOCK_BYTES = 3840;
const EAC3_BLOCK_BYTES = 4096;

interface FrameHead {
  readonly isEnhanced: boolean;
  readonly sampleRate: number;
  readonly numberOfChannels: number;
  /** Bit/s. */
  readonly bitrate: number;
}

function isSync(data: Uint8Array): boolean {
  return data[0] === SYNC_WORD >> 8 && data[1] === (SYNC_WORD & 0xFF);
}

/** `undefined` when it is not the head of a frame. */
function parseHead(data: Uint8Array): FrameHead | undefined {
  const r = new BitReader(data.subarray(0, 16));
  r.skip(40);
  const bsid = r.bits(5);
  if (!isSync(data) || r.exhausted || bsid > MAX_EAC3_BSID) return undefined;
  return bsid <= MAX_AC3_BSID ? parseAc3(data) : parseEac3(data);
}

function parseAc3(data: Uint8Array): FrameHead | undefined {
  const r = new BitReader(data.subarray(4, 16));
  const sampleRate = SAMPLE_RATES[r.bits(2)];
  const kilobits = KILOBITS[r.bits(6) >> 1];
  r.skip(5 + 3);
  const mode = r.bits(3);
  if ((mode & 1) !== 0 && mode !== 1) r.skip(2);
  if ((mode & 4) !== 0) r.skip(2);
  if (mode === 2) r.skip(2);
  const lowFrequencies = r.bit();
  if (r.exhausted || sampleRate === undefined || kilobits === undefined) return undefined;
  const numberOfChannels = CHANNELS[mode]! + lowFrequencies;
  return { isEnhanced: false, sampleRate, numberOfChannels, bitrate: kilobits * 1000 };
}

function parseEac3(data: Uint8Array): FrameHead | undefined {
  const r = new BitReader(data.subarray(2, 16));
  r.skip(2 + 3); // type and number of the substream
  const frameBytes = 2 * (r.bits(11) + 1);
  const rateCode = r.bits(2);
  const isHalved = rateCode === 3;
  const rate = SAMPLE_RATES[isHalved ? r.bits(2) : rateCode];
  const samples = FRAME_SAMPLES[isHalved ? 3 : r.bits(2)]!;
  const mode = r.bits(3);
  const lowFrequencies = r.bit();
  if (r.exhausted || rate === undefined) return undefined;
  const sampleRate = isHalved ? rate / 2 : rate;
  return {
    isEnhanced: true,
    sampleRate,
    numberOfChannels: CHANNELS[mode]! + lowFrequencies,
    bitrate: Math.round(frameBytes * 8 * sampleRate / samples),
  };
}

function describe(config: AudioStream, _metadata?: ChunkMetadata, data?: Uint8Array): AudioFacts | undefined {
  if (data === undefined) return undefined;
  const head = parseHead(data);
  if (head === undefined) throw cannotDescribe(config, "bad-media", "its first sample is no AC-3 or E-AC-3 frame");
  const { isEnhanced, sampleRate } = head;
  return {
    codecName: isEnhanced ? "E-AC-3" : "AC-3",
    formatTag: FORMAT_TAG,
    sampleRate,
    // Of E-AC-3 the first substream says its own channels alone.
    numberOfChannels: isEnhanced ? Math.max(config.numberOfChannels, head.numberOfChannels) : head.numberOfChannels,
    blockBytes: isEnhanced ? EAC3_BLOCK_BYTES : AC3_BLOCK_BYTES,
    usualBitrate: head.bitrate,
    bitrateKnown: true,
    framing(data, _isKey, out) {
      if (!isSync(data)) throw badSample(config.streamNumber, "it begins with no AC-3 sync word");
      out.add(data);
    },
  };
}

/** AC-3 and E-AC-3. */
export const ac3: AudioCodec = {
  names: ["ac-3", "ec-3", "0x2000"],
  matches: (codec) => codec === "ac-3" || codec === "ec-3" || codec === FORMAT_TAG,
  describe,
  missing: () => "AC-3 needs its first frame",
};
