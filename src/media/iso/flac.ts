/**
 * FLAC in sample entries of type fLaC ([FLAC in ISO BMFF] 3.3.2), made of its STREAMINFO block ([RFC 9639] 8.2).
 *
 * @module
 */

import { cannotDescribe, privateData } from "../codecs/common.ts";
import { findStreamInfo, INFO_BYTES } from "../codecs/flac.ts";
import type { IsoAudioCodec } from "./description.ts";

const LAST_BLOCK = 0x80;

/** FLAC. */
export const flac: IsoAudioCodec = {
  name: "FLAC (flac)",
  matches: (codec) => codec === "flac",
  describe(config, metadata) {
    const description = privateData(config, metadata);
    if (description.byteLength === 0) return undefined;
    const info = findStreamInfo(description);
    if (info === undefined) throw cannotDescribe(config, "bad-media", "its FLAC description has no STREAMINFO block");
    // 20 bits sample rate, 3 bits channels less one, 5 bits bits of a sample less one
    const sampleRate = info[10]! << 12 | info[11]! << 4 | info[12]! >> 4;
    if (sampleRate === 0) throw cannotDescribe(config, "bad-media", "its FLAC description says no sample rate");
    return {
      kind: "audio",
      codecName: "FLAC",
      sampleEntry: "fLaC",
      config: { type: "dfLa", body: new Uint8Array([0, 0, 0, 0, LAST_BLOCK, 0, 0, INFO_BYTES, ...info]) },
      sampleRate,
      numberOfChannels: (info[12]! >> 1 & 7) + 1,
      bitsPerSample: ((info[12]! & 1) << 4 | info[13]! >> 4) + 1,
      bitrate: config.bitrate,
    };
  },
  missing: "FLAC needs its STREAMINFO as description",
};
