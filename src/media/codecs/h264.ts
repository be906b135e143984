/**
 * H.264 / AVC ([H.264] 7.3.1, 7.4.1.2.3).
 *
 * @module
 */

import { BitReader, unsignedGolomb } from "../../bytes/bit_reader.ts";
import { findParameterSets, type NalFacts } from "../nal/stream.ts";
import type { NalSyntax } from "../nal/syntax.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { readAvcRecord } from "./h264_record.ts";
import { parseSps, type Sps } from "./h264_sps.ts";

const CODEC_STRING = /^avc[13]\.[0-9a-f]{6}$/i;
const FOURCCS = ["H264", "X264", "AVC1", "DAVC"];

/** `nal_unit_type` of the last kind of coded slice; 1 is the first. */
const NAL_LAST_SLICE = 5;
const NAL_SPS = 7;
const NAL_PPS = 8;
const NAL_DELIMITER = 9;
/** [H.264] 7.4.2.1.1, 7.4.2.2. */
const MAX_SPS_ID = 31;
const MAX_PPS_ID = 255;

function typeOf(firstByte: number): number {
  return firstByte & 0x1F;
}

/** An SPS has profile, constraints and level in front of its id. No emulation prevention can come that early. */
function readId(nal: Uint8Array): number | undefined {
  const isSps = typeOf(nal[0]!) === NAL_SPS;
  const reader = new BitReader(nal.subarray(isSps ? 4 : 1));
  const id = unsignedGolomb(reader);
  return reader.exhausted || id > (isSps ? MAX_SPS_ID : MAX_PPS_ID) ? undefined : id;
}

const SYNTAX: NalSyntax<Sps> = {
  name: "H.264",
  spsType: NAL_SPS,
  setTypes: [NAL_SPS, NAL_PPS],
  delimiterType: NAL_DELIMITER,
  typeOf,
  isSlice: (type) => type >= 1 && type <= NAL_LAST_SLICE,
  readId,
  parseSps,
  recordName: "avcC",
  readRecord: readAvcRecord,
};

/** What an H.264 stream says. */
export interface H264Facts extends VideoFacts {
  readonly nal: NalFacts;
}

/** H.264 in either framing. */
export const h264: VideoCodec<H264Facts> = {
  matches: (codec) => CODEC_STRING.test(codec) || FOURCCS.includes(codec.toUpperCase()),
  parse(config, metadata, data) {
    const nal = findParameterSets(SYNTAX, config, metadata, data);
    if (nal === undefined) return undefined;
    const { sps } = nal;
    return {
      codecName: "H.264 / AVC",
      size: sps,
      pixelAspect: [sps.sampleAspectWidth, sps.sampleAspectHeight],
      reorderDepth: sps.reorderDepth,
      assumedReorderDepth: 1,
      framerate: sps.framerate,
      nal,
    };
  },
  missing: () => "H.264 needs its parameter sets: an avcC description, or a key frame that carries them",
};
