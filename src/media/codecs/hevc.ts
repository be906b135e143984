/**
 * H.265 / HEVC, stored as Annex B with its parameter sets at every key frame.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import { BitReader } from "../../bytes/bit_reader.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { cannotDescribe, privateData } from "./common.ts";
import { AnnexBFramer, detectFormat, takeFromLengths, takeFromStartCodes } from "./h264_framing.ts";
import { beginsWithStartCode, type NalSyntax, readLength } from "./h264_nal.ts";
import { ParameterSets } from "./h264_parameter_sets.ts";
import { parseHevcSps } from "./hevc_sps.ts";

const CODEC_STRING = /^(hvc1|hev1)(\.|$)/i;
/** Those that mean Annex B are kept; the others come with lengths. */
const ANNEX_B_FOURCCS = ["H265", "HEVC", "HEVS", "X265"];
const FOURCCS = [...ANNEX_B_FOURCCS, "HVC1", "HEV1"];
/** What most readers take for HEVC: GStreamer knows no other, FFmpeg (in its later versions) and VLC know this one too. */
const USUAL_FOURCC = "H265";

/** `nal_unit_type` ([H.265] Table 7-1): coded slices come first. */
const NAL_LAST_SLICE = 31;
const NAL_VPS = 32;
const NAL_SPS = 33;
const NAL_PPS = 34;
const NAL_DELIMITER = 35;
/** [H.265] 7.4.3.3.1. */
const MAX_PPS_ID = 63;

/** Where the arrays of a record begin. */
const RECORD_HEAD_BYTES = 23;

function typeOf(firstByte: number): number {
  return firstByte >> 1 & 0x3F;
}

function readId(nal: Uint8Array): number | undefined {
  if (nal.byteLength < 3) return undefined;
  const type = typeOf(nal[0]!);
  if (type === NAL_VPS) return nal[2]! >> 4;
  if (type === NAL_SPS) return parseHevcSps(nal)?.id;
  const reader = new BitReader(nal.subarray(2));
  const id = reader.unsignedGolomb();
  return reader.exhausted || id > MAX_PPS_ID ? undefined : id;
}

const HEVC_SYNTAX: NalSyntax = {
  name: "HEVC",
  spsType: NAL_SPS,
  setTypes: [NAL_VPS, NAL_SPS, NAL_PPS],
  delimiterType: NAL_DELIMITER,
  typeOf,
  isSlice: (type) => type <= NAL_LAST_SLICE,
  readId,
};

/**
 * Reads an HEVCDecoderConfigurationRecord ([ISO 14496-15] 8.3.3.1) into `sets`: version 1, 20 bytes of profile and format,
 * `xxxxxxss` with the size of lengths less one, the number of arrays; each array its type, the number of NAL units, and
 * these with 16-bit lengths in front.
 *
 * @returns The size of NAL unit lengths, 1, 2 or 4; `undefined` if it is not such a record.
 */
function readRecord(record: Uint8Array, sets: ParameterSets): number | undefined {
  if (record.byteLength < RECORD_HEAD_BYTES || record[0] !== 1) return undefined;
  const lengthBytes = (record[21]! & 3) + 1;
  if (lengthBytes === 3) return undefined;
  let at = RECORD_HEAD_BYTES;
  for (let arrays = record[22]!; arrays > 0; arrays--) {
    if (at + 3 > record.byteLength) return undefined;
    const count = readLength(record, at + 1, 2);
    at += 3;
    for (let i = 0; i < count; i++) {
      if (at + 2 > record.byteLength) return undefined;
      const start = at + 2;
      at = start + readLength(record, at, 2);
      if (at > record.byteLength) return undefined;
      if (at > start) sets.take(record, start, at);
    }
  }
  return lengthBytes;
}

function describe(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoFacts | undefined {
  const sets = new ParameterSets(HEVC_SYNTAX);
  let lengthBytes: number | undefined;
  const description = privateData(config, metadata);
  if (beginsWithStartCode(description)) {
    takeFromStartCodes(description, sets);
  } else if (description.byteLength > 0) {
    lengthBytes = readRecord(description, sets);
    if (lengthBytes === undefined) {
      throw cannotDescribe(config, "bad-media", "its HEVC description is neither an hvcC record nor Annex B");
    }
  }
  if (!sets.isComplete && data !== undefined) {
    const format = detectFormat(data, lengthBytes);
    if (format === "lengths") takeFromLengths(data, lengthBytes ?? 4, sets);
    else if (format === "start-codes") takeFromStartCodes(data, sets);
    else throw cannotDescribe(config, "bad-media", "its first HEVC sample holds neither start codes nor NAL lengths");
  }
  if (!sets.isComplete) return undefined;

  const sps = parseHevcSps(sets.sps!);
  if (sps === undefined) throw cannotDescribe(config, "bad-media", "its HEVC sequence parameter set cannot be read");
  const framer = new AnnexBFramer(config.streamNumber, sets, lengthBytes);
  return {
    codecName: "H.265 / HEVC",
    fourcc: ANNEX_B_FOURCCS.includes(config.codec.toUpperCase()) ? config.codec : USUAL_FOURCC,
    size: sps,
    reorderDepth: sps.reorderDepth,
    assumedReorderDepth: 1,
    // No codec data: GStreamer takes any for an hvcC record, and gives up when it is none.
    framing: (unit, isKey, out) => framer.frame(unit, isKey, out),
  };
}

/** HEVC in either framing. */
export const hevc: VideoCodec = {
  names: ["hvc1.…", "hev1.…"],
  matches: (codec) => CODEC_STRING.test(codec) || FOURCCS.includes(codec.toUpperCase()),
  describe,
  missing: () => "HEVC needs its parameter sets: an hvcC description, or a key frame that carries them",
};
