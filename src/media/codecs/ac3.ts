/**
 * AC-3 and E-AC-3: sync frames, described by the head of the first ([ETSI TS 102 366] 5.3, E.1.2).
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import { BitReader } from "../../bytes/bit_reader.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { badSample, cannotDescribe } from "./common.ts";

/** Of both: readers find out from the frames which of the two it is. */
export const AC3_TAG = 0x2000;
const SYNC_WORD = 0x0B77;
const SAMPLE_RATES = [48_000, 44_100, 32_000];
/** Channels by `acmod`, without the low frequencies. */
const CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];
/** kbit/s of AC-3 by `frmsizecod / 2`. */
const KILOBITS = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
/** Samples of a frame of E-AC-3 by `numblkscod`; AC-3 always has the most. */
const FRAME_SAMPLES = [256, 512, 768, 1536];
const AC3_FRAME_SAMPLES = 1536;
/** `bsid` up to here is AC-3, up to the other is E-AC-3. */
const MAX_AC3_BSID = 10;
const MAX_EAC3_BSID = 16;

/** `fscod` of E-AC-3 at half a sample rate. */
const HALVED_RATE = 3;
/** 13 bits. */
const MAX_KILOBITS = 0x1FFF;

interface FrameHead {
  readonly sampleRate: number;
  readonly numberOfChannels: number;
  readonly samplesPerFrame: number;
  /** Bit/s. */
  readonly bitrate: number;
  /** The stream's record ([ETSI TS 102 366] F.4), of AC-3; absent: it is E-AC-3. */
  readonly record?: Uint8Array;
  /** The record of E-AC-3 (F.6), of one independent substream. */
  readonly enhancedRecord?: Uint8Array;
}

/** What a stream of AC-3 or E-AC-3 says. */
export interface Ac3Facts extends AudioFacts, Pick<FrameHead, "record" | "enhancedRecord"> {
  readonly codecName: "AC-3" | "E-AC-3";
  readonly framing: Framing;
  readonly numberOfChannels: number;
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
  const fscod = r.bits(2);
  const bitRateCode = r.bits(6) >> 1;
  const [bsid, bsmod, acmod] = [r.bits(5), r.bits(3), r.bits(3)];
  if ((acmod & 1) !== 0 && acmod !== 1) r.skip(2);
  if ((acmod & 4) !== 0) r.skip(2);
  if (acmod === 2) r.skip(2);
  const lfeon = r.bit();
  const [sampleRate, kilobits] = [SAMPLE_RATES[fscod], KILOBITS[bitRateCode]];
  if (r.exhausted || sampleRate === undefined || kilobits === undefined) return undefined;
  // fscod(2) bsid(5) bsmod(3) acmod(3) lfeon(1) bit_rate_code(5) reserved(5)
  const bits = fscod << 22 | bsid << 17 | bsmod << 14 | acmod << 11 | lfeon << 10 | bitRateCode << 5;
  return {
    sampleRate,
    numberOfChannels: CHANNELS[acmod]! + lfeon,
    samplesPerFrame: AC3_FRAME_SAMPLES,
    bitrate: kilobits * 1000,
    record: Uint8Array.of(bits >> 16, bits >> 8, bits),
  };
}

function parseEac3(data: Uint8Array): FrameHead | undefined {
  const r = new BitReader(data.subarray(2, 16));
  r.skip(2 + 3); // type and number of the substream
  const frameBytes = 2 * (r.bits(11) + 1);
  const rateCode = r.bits(2);
  const isHalved = rateCode === HALVED_RATE;
  const rate = SAMPLE_RATES[isHalved ? r.bits(2) : rateCode];
  const samplesPerFrame = FRAME_SAMPLES[isHalved ? 3 : r.bits(2)]!;
  const mode = r.bits(3);
  const lowFrequencies = r.bit();
  const bsid = r.bits(5);
  if (r.exhausted || rate === undefined) return undefined;
  const sampleRate = isHalved ? rate / 2 : rate;
  const bitrate = Math.round(frameBytes * 8 * sampleRate / samplesPerFrame);
  // data_rate(13) num_ind_sub(3) · fscod(2) bsid(5) reserved(1) asvc(1) bsmod(3) acmod(3) lfeon(1) · reserved(3)
  // num_dep_sub(4) reserved(1)
  const substream = rateCode << 14 | bsid << 9 | mode << 1 | lowFrequencies;
  const kilobits = Math.min(MAX_KILOBITS, Math.round(bitrate / 1000)) << 3;
  return {
    sampleRate,
    numberOfChannels: CHANNELS[mode]! + lowFrequencies,
    samplesPerFrame,
    bitrate,
    enhancedRecord: Uint8Array.of(kilobits >> 8, kilobits, substream >> 8, substream, 0),
  };
}

function parse(config: AudioStream, _metadata?: ChunkMetadata, data?: Uint8Array): Ac3Facts | undefined {
  if (data === undefined) return undefined;
  const head = parseHead(data);
  if (head === undefined) throw cannotDescribe(config, "bad-media", "its first sample is no AC-3 or E-AC-3 frame");
  const isEnhanced = head.record === undefined;
  return {
    ...head,
    codecName: isEnhanced ? "E-AC-3" : "AC-3",
    // Of E-AC-3 the first substream says its own channels alone.
    numberOfChannels: isEnhanced ? Math.max(config.numberOfChannels, head.numberOfChannels) : head.numberOfChannels,
    framing(data, _isKey, out) {
      if (!isSync(data)) throw badSample(config.streamNumber, "it begins with no AC-3 sync word");
      out.add(data);
    },
  };
}

/** AC-3 and E-AC-3. */
export const ac3: AudioCodec<Ac3Facts> = {
  matches: (codec) => codec === "ac-3" || codec === "ec-3" || codec === AC3_TAG,
  parse,
  missing: () => "AC-3 needs its first frame",
};
