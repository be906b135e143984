/**
 * FLAC in sample entries of type fLaC ([FLAC in ISO BMFF] 3.3.2), made of its STREAMINFO block ([RFC 9639] 8.2).
 *
 * @module
 */

import { cannotDescribe, privateData } from "../codecs/common.ts";
import type { IsoAudioCodec } from "./description.ts";

const INFO_BYTES = 34;
const LAST_BLOCK = 0x80;
const MARKER = [0x66, 0x4C, 0x61, 0x43];

/** The STREAMINFO in a description: behind "fLaC", behind its block header alone, or bare. */
function findInfo(description: Uint8Array): Uint8Array | undefined {
  const hasMarker = MARKER.every((byte, i) => description[i] === byte);
  const rest = description.subarray(hasMarker ? 4 : 0);
  if (!hasMarker && rest.byteLength === INFO_BYTES) return rest;
  const [type, high, middle, low] = rest;
  const isInfo = type !== undefined && (type & 0x7F) === 0 && high === 0 && middle === 0 && low === INFO_BYTES;
  return isInfo && rest.byteLength >= 4 + INFO_BYTES ? rest.subarray(4, 4 + INFO_BYTES) : undefined;
}

/** FLAC. */
export const flac: IsoAudioCodec = {
  name: "FLAC (flac)",
  matches: (codec) => codec === "flac",
  describe(config, metadata) {
    const description = privateData(config, metadata);
    if (description.byteLength === 0) return undefined;
    const info = findInfo(description);
    if (info === undefined) throw cannotDescribe(config, "bad-media", "its FLAC description has no STREAMINFO block");
    // 20 bits sample rate, 3 bits channels less one
    const sampleRate = info[10]! << 12 | info[11]! << 4 | info[12]! >> 4;
    if (sampleRate === 0) throw cannotDescribe(config, "bad-media", "its FLAC description says no sample rate");
    return {
      kind: "audio",
      codecName: "FLAC",
      sampleEntry: "fLaC",
      config: { type: "dfLa", body: new Uint8Array([0, 0, 0, 0, LAST_BLOCK, 0, 0, INFO_BYTES, ...info]) },
      sampleRate,
      numberOfChannels: (info[12]! >> 1 & 7) + 1,
      bitrate: config.bitrate,
    };
  },
  missing: "FLAC needs its STREAMINFO as description",
};
