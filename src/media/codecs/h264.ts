/**
 * H.264 / AVC, stored as Annex B under the FourCC `H264`: what that FourCC means to Windows, and every reader takes.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { cannotDescribe, privateData } from "./common.ts";
import { AnnexBFramer, detectFormat, takeFromLengths, takeFromStartCodes } from "./h264_framing.ts";
import { beginsWithStartCode } from "./h264_nal.ts";
import { ParameterSets, readConfigRecord } from "./h264_parameter_sets.ts";
import { parseSps } from "./h264_sps.ts";

const CODEC_STRING = /^avc[13]\.[0-9a-f]{6}$/i;
const FOURCCS = ["H264", "X264", "AVC1", "DAVC"];

function describe(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoFacts | undefined {
  const sets = new ParameterSets();
  let lengthBytes: number | undefined;
  const description = privateData(config, metadata);
  if (beginsWithStartCode(description)) {
    takeFromStartCodes(description, sets);
  } else if (description.byteLength > 0) {
    lengthBytes = readConfigRecord(description, sets);
    if (lengthBytes === undefined) {
      throw cannotDescribe(config, "bad-media", "its H.264 description is neither an avcC record nor Annex B");
    }
  }
  if (!sets.isComplete && data !== undefined) {
    const format = detectFormat(data, lengthBytes);
    if (format === "lengths") takeFromLengths(data, lengthBytes ?? 4, sets);
    else if (format === "start-codes") takeFromStartCodes(data, sets);
    else throw cannotDescribe(config, "bad-media", "its first H.264 sample holds neither start codes nor NAL lengths");
  }
  if (!sets.isComplete) return undefined;

  const sps = parseSps(sets.sps!);
  if (sps === undefined) throw cannotDescribe(config, "bad-media", "its H.264 sequence parameter set cannot be read");
  const framer = new AnnexBFramer(config.streamNumber, sets, lengthBytes);
  return {
    codecName: "H.264 / AVC",
    fourcc: "H264",
    size: sps,
    pixelAspect: [sps.sampleAspectWidth, sps.sampleAspectHeight],
    reorderDepth: sps.reorderDepth,
    assumedReorderDepth: 1,
    framerate: sps.framerate,
    extraData: sets.toAnnexB(),
    framing: (unit, isKey, out) => framer.frame(unit, isKey, out),
  };
}

/** H.264 in either framing. */
export const h264: VideoCodec = {
  names: ["avc1.PPCCLL", "avc3.PPCCLL"],
  matches: (codec) => CODEC_STRING.test(codec) || FOURCCS.includes(codec.toUpperCase()),
  describe,
  missing: () => "H.264 needs its parameter sets: an avcC description, or a key frame that carries them",
};
