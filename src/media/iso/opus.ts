/**
 * Opus in sample entries of type Opus ([Opus in ISO BMFF] 4.3.2), made of an identification header ([RFC 7845] 5.1).
 *
 * @module
 */

import { cannotDescribe, privateData } from "../codecs/common.ts";
import { isOpusHead, OPUS_HEAD_NAME } from "../codecs/opus.ts";
import type { IsoAudioCodec } from "./description.ts";

/** Opus always counts time at this rate. */
const SAMPLE_RATE = 48_000;

/** The record of a header: version 0, then the same fields, numbers most significant byte first. */
function toRecord(head: Uint8Array): Uint8Array {
  const record = head.slice(OPUS_HEAD_NAME.length);
  const [from, to] = [new DataView(head.buffer, head.byteOffset + OPUS_HEAD_NAME.length), new DataView(record.buffer)];
  record[0] = 0;
  to.setUint16(2, from.getUint16(2, true));
  to.setUint32(4, from.getUint32(4, true));
  to.setInt16(8, from.getInt16(8, true));
  return record;
}

/** What one or two channels need when nothing is said: no pre-skip, no gain. */
function plainRecord(channels: number, sampleRate: number): Uint8Array {
  const record = new Uint8Array(11);
  record[1] = channels;
  new DataView(record.buffer).setUint32(4, sampleRate);
  return record;
}

/** Opus. */
export const opus: IsoAudioCodec = {
  name: "Opus (opus)",
  matches: (codec) => codec === "opus",
  describe(config, metadata) {
    const head = privateData(config, metadata);
    const { numberOfChannels, bitrate } = config;
    if (head.byteLength === 0 && numberOfChannels > 2) return undefined;
    if (head.byteLength > 0 && !isOpusHead(head)) {
      throw cannotDescribe(config, "bad-media", "its Opus description is no identification header");
    }
    return {
      kind: "audio",
      codecName: "Opus",
      sampleEntry: "Opus",
      config: {
        type: "dOps",
        body: head.byteLength > 0 ? toRecord(head) : plainRecord(numberOfChannels, config.sampleRate),
      },
      sampleRate: SAMPLE_RATE,
      numberOfChannels: head.byteLength > 0 ? head[9]! : numberOfChannels,
      bitrate,
    };
  },
  missing: "Opus with more than two channels needs its identification header as description",
};
