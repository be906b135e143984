/**
 * AC-3 in sample entries of type ac-3 ([ETSI TS 102 366] F.4), described by the head of a frame (5.3, 5.4).
 *
 * @module
 */

import { BitReader } from "../../bytes/bit_reader.ts";
import { cannotDescribe } from "../codecs/common.ts";
import type { IsoAudioCodec } from "./description.ts";

const SYNC_WORD = 0x0B77;
const SAMPLE_RATES = [48_000, 44_100, 32_000];
/** Channels by `acmod`, without the low frequencies. */
const CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];
/** kbit/s by `frmsizecod / 2`. */
const KILOBITS = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
/** From here on it is E-AC-3. */
const MAX_BSID = 10;

interface FrameHead {
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitrate: number;
  readonly record: Uint8Array;
}

function parseHead(data: Uint8Array): FrameHead | undefined {
  const r = new BitReader(data.subarray(0, 16));
  if (r.bits(16) !== SYNC_WORD) return undefined;
  r.skip(16);
  const fscod = r.bits(2);
  const bitRateCode = r.bits(6) >> 1;
  const bsid = r.bits(5);
  const bsmod = r.bits(3);
  const acmod = r.bits(3);
  if ((acmod & 1) !== 0 && acmod !== 1) r.skip(2);
  if ((acmod & 4) !== 0) r.skip(2);
  if (acmod === 2) r.skip(2);
  const lfeon = r.bit();
  const [sampleRate, kilobits] = [SAMPLE_RATES[fscod], KILOBITS[bitRateCode]];
  if (r.exhausted || sampleRate === undefined || kilobits === undefined || bsid > MAX_BSID) return undefined;
  // fscod(2) bsid(5) bsmod(3) acmod(3) lfeon(1) bit_rate_code(5) reserved(5)
  const bits = fscod << 22 | bsid << 17 | bsmod << 14 | acmod << 11 | lfeon << 10 | bitRateCode << 5;
  return {
    sampleRate,
    channels: CHANNELS[acmod]! + lfeon,
    bitrate: kilobits * 1000,
    record: Uint8Array.of(bits >> 16, bits >> 8, bits),
  };
}

/** AC-3. */
export const ac3: IsoAudioCodec = {
  name: "AC-3 (ac-3)",
  matches: (codec) => codec === "ac-3",
  describe(config, _metadata, data) {
    if (data === undefined) return undefined;
    const head = parseHead(data);
    if (head === undefined) throw cannotDescribe(config, "bad-media", "its first sample is no AC-3 frame");
    return {
      kind: "audio",
      codecName: "AC-3",
      sampleEntry: "ac-3",
      config: { type: "dac3", body: head.record },
      sampleRate: head.sampleRate,
      numberOfChannels: head.channels,
      bitrate: config.bitrate ?? head.bitrate,
    };
  },
  missing: "AC-3 needs its first frame",
};
