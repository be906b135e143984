/**
 * AAC ([ISO 14496-3]): raw frames, and an AudioSpecificConfig.
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import { parseAacConfig } from "./aac_config.ts";
import { adtsBlockCount, adtsFrameBytes, adtsHeaderBytes, adtsToAacConfig, beginsWithAdts } from "./adts.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { badSample, cannotDescribe, privateData } from "./common.ts";

/** LC, HE (SBR) and HE v2 (SBR, PS), with or without leading zero; other object types are no AAC of this family. */
const CODEC_STRING = /^mp4a\.40\.(0?2|0?5|29)$/i;
/** WAVE format tag. */
export const AAC_TAG = 0x00FF;

/** Raw frames: takes ADTS headers off; what has none passes unless `needsHeader`. */
function rawFraming(streamNumber: number | undefined, needsHeader: boolean): Framing {
  return (data, _isKey, out) => {
    if (data.byteLength === 0) throw badSample(streamNumber, "an AAC frame is never empty");
    if (!beginsWithAdts(data)) {
      if (needsHeader) throw badSample(streamNumber, "it begins with no ADTS header, as the stream's first one did");
      out.add(data);
      return;
    }
    const frameBytes = adtsFrameBytes(data);
    const headerBytes = adtsHeaderBytes(data);
    if (frameBytes !== data.byteLength || frameBytes <= headerBytes) {
      throw badSample(streamNumber, `its ADTS frame has ${frameBytes} bytes, the sample ${data.byteLength}`);
    }
    if (adtsBlockCount(data) > 1) {
      throw badSample(streamNumber, `its ADTS frame holds ${adtsBlockCount(data)} raw AAC frames, want one a sample`);
    }
    out.add(data, headerBytes);
  };
}

/** What an AAC stream says. */
export interface AacFacts extends AudioFacts {
  /** AudioSpecificConfig. */
  readonly privateData: Uint8Array;
  readonly numberOfChannels: number;
  readonly framing: Framing;
}

function parse(config: AudioStream, metadata?: ChunkMetadata, data?: Uint8Array): AacFacts | undefined {
  let audioConfig = privateData(config, metadata);
  const isAdts = audioConfig.byteLength === 0;
  if (isAdts) {
    if (data === undefined || !beginsWithAdts(data)) return undefined;
    const made = adtsToAacConfig(data);
    if (made === undefined) {
      throw cannotDescribe(config, "bad-media", "its ADTS header is cut off, or says no sample rate or channels");
    }
    audioConfig = made;
  }
  const aac = parseAacConfig(audioConfig);
  if (aac === undefined) throw cannotDescribe(config, "bad-media", "its AAC description is no AudioSpecificConfig");

  // SBR doubles the rate and PS the channel, and both may go unsaid: then the configuration is believed.
  const mayBeSbr = config.sampleRate === aac.coreRate || config.sampleRate === 2 * aac.coreRate;
  const mayBePs = aac.channels === 1 && config.numberOfChannels === 2;
  const channels = aac.channels === 0 || mayBePs ? config.numberOfChannels : aac.hasPs ? 2 : aac.channels;
  const sampleRate = aac.sbrRate || (mayBeSbr ? config.sampleRate : aac.coreRate);
  return {
    codecName: "AAC",
    sampleRate,
    numberOfChannels: channels,
    samplesPerFrame: aac.coreSamples * sampleRate / aac.coreRate,
    privateData: audioConfig,
    framing: rawFraming(config.streamNumber, isAdts),
  };
}

/** AAC, raw or in ADTS. */
export const aac: AudioCodec<AacFacts> = {
  matches: (codec) => typeof codec === "number" ? codec === AAC_TAG : CODEC_STRING.test(codec),
  parse,
  missing: () => "AAC needs an AudioSpecificConfig as description, or a first sample with an ADTS header",
};
