/**
 * AV1: temporal units as they are, without their delimiter; an AV1CodecConfigurationRecord ([AV1 in ISO BMFF] 2.3).
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import { findSequence, OBU_TEMPORAL_DELIMITER, readObu } from "./av1_sequence.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { badSample, cannotDescribe, knownSize, privateData } from "./common.ts";

const CODEC_STRING = /^av01(\.|$)/i;
/** Marker and version ([AV1 in ISO BMFF] 2.3.3). */
const RECORD_BEGIN = 0x81;
const RECORD_HEAD_BYTES = 4;

function parse(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoFacts | undefined {
  const description = privateData(config, metadata);
  const hasRecord = description.byteLength >= RECORD_HEAD_BYTES && description[0] === RECORD_BEGIN;
  if (description.byteLength > 0 && !hasRecord) {
    throw cannotDescribe(config, "bad-media", "its AV1 description is no av1C record");
  }
  let sequence = hasRecord ? findSequence(description.subarray(RECORD_HEAD_BYTES)) : undefined;
  if (sequence === undefined) {
    if (data === undefined && !hasRecord) return undefined;
    if (data !== undefined) sequence = findSequence(data);
    if (sequence === undefined && !hasRecord) {
      throw cannotDescribe(config, "bad-media", "its first AV1 sample has no sequence header");
    }
  }
  const size = sequence ?? knownSize(config, metadata);
  if (size === undefined) return undefined;
  return {
    codecName: "AV1",
    size,
    privateData: hasRecord ? description : new Uint8Array([RECORD_BEGIN, ...sequence!.record, ...sequence!.obu]),
    framing: makeFraming(config.streamNumber),
  };
}

/** Leaves out the temporal delimiter in front: a sample is a temporal unit already. */
function makeFraming(streamNumber: number | undefined): Framing {
  return (data, _isKey, out) => {
    const first = readObu(data, 0);
    if (first === undefined) throw badSample(streamNumber, "it begins with no whole AV1 OBU");
    out.add(data, first.type === OBU_TEMPORAL_DELIMITER ? first.end : 0);
    if (out.count === 0) throw badSample(streamNumber, "it holds no AV1 OBU but a temporal delimiter");
  };
}

/** AV1. */
export const av1: VideoCodec = {
  matches: (codec) => CODEC_STRING.test(codec),
  parse,
  missing: () => "AV1 needs an av1C description with codedWidth and codedHeight, or a key frame",
};
