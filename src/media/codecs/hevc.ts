/**
 * H.265 / HEVC ([H.265] 7.3.1).
 *
 * @module
 */

import { BitReader, unsignedGolomb } from "../../bytes/bit_reader.ts";
import { findParameterSets, type NalFacts } from "../nal/stream.ts";
import type { NalSyntax } from "../nal/syntax.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { readHevcRecord } from "./hevc_record.ts";
import { type HevcSps, parseHevcSps } from "./hevc_sps.ts";

/** As WebCodecs has them. */
export const HEVC_STRING = /^(hvc1|hev1)(\.|$)/i;
const FOURCCS = ["H265", "HEVC", "HEVS", "X265", "HVC1", "HEV1"];

/** `nal_unit_type` ([H.265] Table 7-1): coded slices come first. */
const NAL_LAST_SLICE = 31;
const NAL_VPS = 32;
const NAL_SPS = 33;
const NAL_PPS = 34;
const NAL_DELIMITER = 35;
/** [H.265] 7.4.3.3.1. */
const MAX_PPS_ID = 63;

function typeOf(firstByte: number): number {
  return firstByte >> 1 & 0x3F;
}

function readId(nal: Uint8Array): number | undefined {
  if (nal.byteLength < 3) return undefined;
  const type = typeOf(nal[0]!);
  if (type === NAL_VPS) return nal[2]! >> 4;
  if (type === NAL_SPS) return parseHevcSps(nal)?.id;
  const reader = new BitReader(nal.subarray(2));
  const id = unsignedGolomb(reader);
  return reader.exhausted || id > MAX_PPS_ID ? undefined : id;
}

const SYNTAX: NalSyntax<HevcSps> = {
  name: "HEVC",
  spsType: NAL_SPS,
  setTypes: [NAL_VPS, NAL_SPS, NAL_PPS],
  delimiterType: NAL_DELIMITER,
  typeOf,
  isSlice: (type) => type <= NAL_LAST_SLICE,
  readId,
  parseSps: parseHevcSps,
  recordName: "hvcC",
  readRecord: readHevcRecord,
};

/** What an HEVC stream says. */
export interface HevcFacts extends VideoFacts {
  readonly nal: NalFacts<HevcSps>;
}

/** HEVC in either framing. */
export const hevc: VideoCodec<HevcFacts> = {
  matches: (codec) => HEVC_STRING.test(codec) || FOURCCS.includes(codec.toUpperCase()),
  parse(config, metadata, data) {
    const nal = findParameterSets(SYNTAX, config, metadata, data);
    if (nal === undefined) return undefined;
    const { sps } = nal;
    return { codecName: "H.265 / HEVC", size: sps, reorderDepth: sps.reorderDepth, assumedReorderDepth: 1, nal };
  },
  missing: () => "HEVC needs its parameter sets: an hvcC description, or a key frame that carries them",
};
