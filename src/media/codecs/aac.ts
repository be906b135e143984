/**
 * AAC, stored as raw frames under format tag 0x00FF with the AudioSpecificConfig as codec data.
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream } from "../stream_config.ts";
import {
  adtsBlockCount,
  adtsFrameBytes,
  adtsHeaderBytes,
  adtsToAacConfig,
  beginsWithAdts,
  parseAacConfig,
} from "./aac_config.ts";
import type { AudioCodec, AudioFacts } from "./codec.ts";
import { badSample, cannotDescribe, privateData } from "./common.ts";

/** LC, HE (SBR) and HE v2 (SBR, PS), with or without leading zero; other object types are no AAC of this family. */
const CODEC_STRING = /^mp4a\.40\.(0?2|0?5|29)$/i;
const FORMAT_TAG = 0x00FF;
/** No frame is larger: 6144 bits a channel ([ISO 14496-3] 4.5.3.2). */
const MAX_FRAME_BYTES_PER_CHANNEL = 768;

/** Takes ADTS headers off; what has none passes unless `needsHeader`. */
function makeFraming(streamNumber: number | undefined, needsHeader: boolean): Framing {
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

function describe(config: AudioStream, metadata?: ChunkMetadata, data?: Uint8Array): AudioFacts | undefined {
  let extraData = privateData(config, metadata);
  const isAdts = extraData.byteLength === 0;
  if (isAdts) {
    if (data === undefined || !beginsWithAdts(data)) return undefined;
    const made = adtsToAacConfig(data);
    if (made === undefined) {
      throw cannotDescribe(config, "bad-media", "its ADTS header is cut off, or says no sample rate or channels");
    }
    extraData = made;
  }
  const aac = parseAacConfig(extraData);
  if (aac === undefined) throw cannotDescribe(config, "bad-media", "its AAC description is no AudioSpecificConfig");

  // SBR doubles the rate and PS the channel, and both may go unsaid: then the configuration is believed.
  const mayBeSbr = config.sampleRate === aac.coreRate || config.sampleRate === 2 * aac.coreRate;
  const mayBePs = aac.channels === 1 && config.numberOfChannels === 2;
  const channels = aac.channels === 0 || mayBePs ? config.numberOfChannels : aac.hasPs ? 2 : aac.channels;
  return {
    codecName: "AAC",
    formatTag: FORMAT_TAG,
    sampleRate: aac.sbrRate || (mayBeSbr ? config.sampleRate : aac.coreRate),
    numberOfChannels: channels,
    bitsPerSample: 16,
    blockBytes: MAX_FRAME_BYTES_PER_CHANNEL * channels,
    extraData,
    framing: makeFraming(config.streamNumber, isAdts),
  };
}

/** AAC, raw or in ADTS. */
export const aac: AudioCodec = {
  names: ["mp4a.40.2", "mp4a.40.5", "mp4a.40.29", "0x00FF"],
  matches: (codec) => typeof codec === "number" ? codec === FORMAT_TAG : CODEC_STRING.test(codec),
  describe,
  missing: () => "AAC needs an AudioSpecificConfig as description, or a first sample with an ADTS header",
};
