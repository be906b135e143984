/**
 * AV1 in sample entries of type av01 ([AV1 in ISO BMFF] 2.3: AV1CodecConfigurationRecord).
 *
 * @module
 */

import { configuredPixelAspect, toPixelAspect } from "../codecs/aspect.ts";
import { findSequence, OBU_TEMPORAL_DELIMITER, readObu } from "../codecs/av1_sequence.ts";
import { badSample, cannotDescribe, privateData } from "../codecs/common.ts";
import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import type { IsoVideoCodec, VideoTrackDescription } from "./description.ts";

const CODEC_STRING = /^av01(\.|$)/i;
/** Marker and version. */
const RECORD_BEGIN = 0x81;
const RECORD_HEAD_BYTES = 4;

function describe(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoTrackDescription | undefined {
  const description = privateData(config, metadata);
  let sequence;
  let body: Uint8Array;
  if (description.byteLength > 0) {
    if (description.byteLength < RECORD_HEAD_BYTES || description[0] !== RECORD_BEGIN) {
      throw cannotDescribe(config, "bad-media", "its AV1 description is no av1C record");
    }
    sequence = findSequence(description.subarray(RECORD_HEAD_BYTES));
    body = description.slice();
  } else {
    if (data === undefined) return undefined;
    sequence = findSequence(data);
    if (sequence === undefined) {
      throw cannotDescribe(config, "bad-media", "its first AV1 sample has no sequence header");
    }
    body = new Uint8Array([RECORD_BEGIN, ...sequence.record, ...sequence.obu]);
  }
  const width = sequence?.width ?? config.codedWidth ?? metadata?.decoderConfig?.codedWidth;
  const height = sequence?.height ?? config.codedHeight ?? metadata?.decoderConfig?.codedHeight;
  if (!width || !height) return undefined;
  return {
    kind: "video",
    codecName: "AV1",
    sampleEntry: "av01",
    config: { type: "av1C", body },
    codedWidth: width,
    codedHeight: height,
    ...(configuredPixelAspect(config, width, height) ?? toPixelAspect(1, 1)),
    reorderDepth: 0,
    framerate: config.framerate,
    bitrate: config.bitrate,
    framing: makeFraming(config.streamNumber),
  };
}

/** Leaves out the temporal delimiter in front. */
function makeFraming(streamNumber: number | undefined): Framing {
  return (data, _isKey, out) => {
    const first = readObu(data, 0);
    if (first === undefined) throw badSample(streamNumber, "it begins with no whole AV1 OBU");
    out.add(data, first.type === OBU_TEMPORAL_DELIMITER ? first.end : 0);
  };
}

/** AV1. */
export const av1: IsoVideoCodec = {
  name: "AV1 (av01.P.LLT.DD)",
  matches: (codec) => typeof codec === "string" && CODEC_STRING.test(codec),
  describe,
  missing: "AV1 needs an av1C description with codedWidth and codedHeight, or a key frame",
};
