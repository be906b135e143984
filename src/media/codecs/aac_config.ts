/**
 * AudioSpecificConfig ([ISO 14496-3] 1.6.2.1).
 *
 * @module
 */

import { BitReader } from "../../bytes/bit_reader.ts";

/** Hz by `samplingFrequencyIndex` ([ISO 14496-3] Table 1.18). */
export const AAC_SAMPLE_RATES = [
  96000,
  88200,
  64000,
  48000,
  44100,
  32000,
  24000,
  22050,
  16000,
  12000,
  11025,
  8000,
  7350,
];
/** `samplingFrequencyIndex` of a rate that follows in 24 bits. */
const EXPLICIT_RATE = 15;
/** Channels by `channelConfiguration` ([ISO 14496-3] Table 1.19); 0: said elsewhere. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 0, 8];

export const TYPE_SBR = 5;
export const TYPE_PS = 29;
/** Marks backward compatible SBR and PS signalling behind the configuration ([ISO 14496-3] 1.6.2.1). */
const SBR_SYNC = 0x2B7;
const PS_SYNC = 0x548;
/** The signalling stands in the first bytes, or nowhere. */
const MAX_SEARCH_BYTES = 64;

/** What an AudioSpecificConfig says of the decoder's output. */
export interface AacConfig {
  /** Rate of the core coder, Hz. */
  readonly coreRate: number;
  /** Samples of one channel that the core coder makes of a frame. */
  readonly coreSamples: number;
  /** Rate with SBR where SBR is signalled, else 0. */
  readonly sbrRate: number;
  /** Channels; 0 when nothing says them. */
  readonly channels: number;
  /** Whether parametric stereo is signalled. */
  readonly hasPs: boolean;
}

function readRate(reader: BitReader): number {
  const index = reader.bits(4);
  return index === EXPLICIT_RATE ? reader.bits(24) : AAC_SAMPLE_RATES[index] ?? 0;
}

function readObjectType(reader: BitReader): number {
  const type = reader.bits(5);
  return type === 31 ? 32 + reader.bits(6) : type;
}

/** Looks for SBR and PS signalling that older decoders take for padding. */
function findExtension(config: Uint8Array): { rate: number; hasPs: boolean } {
  const head = config.subarray(0, MAX_SEARCH_BYTES);
  for (let skip = 16; skip + 16 <= head.byteLength * 8; skip++) {
    const reader = new BitReader(head);
    reader.skip(skip);
    if (reader.bits(11) !== SBR_SYNC || reader.bits(5) !== TYPE_SBR) continue;
    if (reader.bit() === 0) break;
    const rate = readRate(reader);
    const hasPs = reader.bitsLeft >= 12 && reader.bits(11) === PS_SYNC && reader.bit() === 1;
    return { rate: reader.exhausted ? 0 : rate, hasPs };
  }
  return { rate: 0, hasPs: false };
}

/** Channels by the program config element behind the flags of a GASpecificConfig; 0: it is cut off. */
function readProgramChannels(reader: BitReader): number {
  if (reader.bit() === 1) reader.skip(14); // delay of the core coder
  reader.skip(1 + 4 + 2 + 4); // extension flag, tag, object type, rate
  const counts = [reader.bits(4), reader.bits(4), reader.bits(4)]; // front, side, back
  let channels = reader.bits(2); // low frequencies
  reader.skip(3 + 4);
  for (const bits of [4, 4, 3]) if (reader.bit() === 1) reader.skip(bits); // mixdowns
  for (const count of counts) {
    for (let i = 0; i < count; i++) {
      channels += 1 + reader.bit();
      reader.skip(4);
    }
  }
  return reader.exhausted ? 0 : channels;
}

/** Reads an AudioSpecificConfig; `undefined` when it is not one. */
export function parseAacConfig(config: Uint8Array): AacConfig | undefined {
  const reader = new BitReader(config);
  const type = readObjectType(reader);
  const coreRate = readRate(reader);
  const configuration = reader.bits(4);
  const isExplicit = type === TYPE_SBR || type === TYPE_PS;
  const sbrRate = isExplicit ? readRate(reader) : 0;
  const isCutOff = reader.exhausted;
  if (isExplicit) readObjectType(reader); // of the core coder
  const coreSamples = reader.bit() === 1 ? 960 : 1024; // frameLengthFlag ([ISO 14496-3] 4.4.1)
  const channels = CHANNELS[configuration] ?? 0;
  const found = configuration === 0 ? readProgramChannels(reader) : channels;
  if (isCutOff || type === 0 || coreRate === 0 || (isExplicit && sbrRate === 0)) return undefined;
  if (isExplicit) return { coreRate, coreSamples, sbrRate, channels: found, hasPs: type === TYPE_PS };
  const extension = findExtension(config);
  return { coreRate, coreSamples, sbrRate: extension.rate, channels: found, hasPs: extension.hasPs };
}
