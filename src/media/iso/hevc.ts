/**
 * HEVC in sample entries of type hvc1 ([ISO 14496-15] 8.3.3.1: HEVCDecoderConfigurationRecord).
 *
 * @module
 */

import { configuredPixelAspect, toPixelAspect } from "../codecs/aspect.ts";
import { equalBytes } from "../../bytes/bytes.ts";
import { cannotDescribe, privateData } from "../codecs/common.ts";
import { detectFormat } from "../codecs/h264_framing.ts";
import { beginsWithStartCode } from "../codecs/h264_nal.ts";
import { type HevcSps, parseHevcSps } from "../codecs/hevc_sps.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import type { IsoVideoCodec, VideoTrackDescription } from "./description.ts";
import { LengthFramer, walkLengths, walkStartCodes } from "./nal.ts";

const NAL_VPS = 32;
const NAL_SPS = 33;
const NAL_PPS = 34;
const SET_TYPES = [NAL_VPS, NAL_SPS, NAL_PPS];
/** Larger ones are no parameter sets; more are not kept. */
const MAX_SET_BYTES = 16_384;
const MAX_SET_COUNT = 64;
/** Where the arrays of a record begin. */
const RECORD_HEAD_BYTES = 23;

const CODEC_STRING = /^(hvc1|hev1)(\.|$)/i;

function typeOf(nal: Uint8Array): number {
  return nal[0]! >> 1 & 0x3F;
}

/** Adds the parameter sets among the NAL units that a walk visits. */
function taker(data: Uint8Array, sets: Uint8Array[]): (start: number, end: number) => void {
  return (start, end) => {
    const type = data[start]! >> 1 & 0x3F;
    if (!SET_TYPES.includes(type) || end - start > MAX_SET_BYTES || sets.length >= MAX_SET_COUNT) return;
    if (!sets.some((set) => equalBytes(set, data, start, end))) sets.push(data.slice(start, end));
  };
}

/** Reads a record into `sets`. @returns The size of lengths; `undefined` if it is no such record. */
function readRecord(record: Uint8Array, sets: Uint8Array[]): number | undefined {
  if (record.byteLength < RECORD_HEAD_BYTES || record[0] !== 1) return undefined;
  const lengthBytes = (record[21]! & 3) + 1;
  if (lengthBytes === 3) return undefined;
  const take = taker(record, sets);
  let at = RECORD_HEAD_BYTES;
  for (let arrays = record[22]!; arrays > 0; arrays--) {
    if (at + 3 > record.byteLength) return undefined;
    let count = record[at + 1]! << 8 | record[at + 2]!;
    at += 3;
    for (; count > 0; count--) {
      if (at + 2 > record.byteLength) return undefined;
      const start = at + 2;
      at = start + (record[at]! << 8 | record[at + 1]!);
      if (at > record.byteLength) return undefined;
      if (at > start) take(start, at);
    }
  }
  return lengthBytes;
}

function describe(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoTrackDescription | undefined {
  const sets: Uint8Array[] = [];
  const description = privateData(config, metadata);
  let recordLengthBytes: number | undefined;
  if (beginsWithStartCode(description)) {
    walkStartCodes(description, taker(description, sets));
  } else if (description.byteLength > 0) {
    recordLengthBytes = readRecord(description, sets);
    if (recordLengthBytes === undefined) {
      throw cannotDescribe(config, "bad-media", "its HEVC description is neither an hvcC record nor Annex B");
    }
  }
  const isComplete = () => SET_TYPES.every((type) => sets.some((set) => typeOf(set) === type));
  const isFromRecord = isComplete();
  if (!isFromRecord && data !== undefined) {
    const format = detectFormat(data, recordLengthBytes);
    if (format === "lengths") walkLengths(data, recordLengthBytes ?? 4, taker(data, sets));
    else if (format === "start-codes") walkStartCodes(data, taker(data, sets));
    else throw cannotDescribe(config, "bad-media", "its first HEVC sample holds neither start codes nor NAL lengths");
  }
  if (!isComplete()) return undefined;
  const sps = parseHevcSps(sets.find((set) => typeOf(set) === NAL_SPS)!);
  if (sps === undefined) throw cannotDescribe(config, "bad-media", "its HEVC sequence parameter set cannot be read");
  const { width, height } = sps;
  const framer = new LengthFramer({
    streamNumber: config.streamNumber,
    codecName: "HEVC",
    recordLengthBytes,
    knownSets: sets,
  });
  return {
    kind: "video",
    codecName: "HEVC",
    sampleEntry: "hvc1",
    config: {
      type: "hvcC",
      body: isFromRecord && recordLengthBytes === 4 ? description.slice() : makeRecord(sps, sets),
    },
    codedWidth: width,
    codedHeight: height,
    ...(configuredPixelAspect(config, width, height) ?? toPixelAspect(1, 1)),
    reorderDepth: config.reorders === false ? 0 : Math.max(sps.reorderDepth, config.reorders === true ? 1 : 0),
    framerate: config.framerate,
    bitrate: config.bitrate,
    framing: (unit, _isKey, out) => framer.frame(unit, out),
  };
}

/**
 * Version, profile to level, then what is not known (spatial segmentation, parallelism, frame rate) as 0, formats, layers,
 * size of lengths, and an array for each kind of set, all of them complete.
 */
function makeRecord(sps: HevcSps, sets: readonly Uint8Array[]): Uint8Array {
  const bytes = [1, ...sps.profileTierLevel, 0xF0, 0, 0xFC, 0xFC | sps.chromaFormat];
  bytes.push(0xF8 | sps.lumaBits - 8, 0xF8 | sps.chromaBits - 8, 0, 0);
  bytes.push(sps.temporalLayerCount << 3 | (sps.isTemporallyNested ? 4 : 0) | 3, SET_TYPES.length);
  for (const type of SET_TYPES) {
    const ofType = sets.filter((set) => typeOf(set) === type);
    bytes.push(0x80 | type, ofType.length >> 8, ofType.length & 0xFF);
    for (const set of ofType) bytes.push(set.byteLength >> 8, set.byteLength & 0xFF, ...set);
  }
  return Uint8Array.from(bytes);
}

/** HEVC in either framing. */
export const hevc: IsoVideoCodec = {
  name: "HEVC (hvc1, hev1)",
  matches: (codec) => typeof codec === "string" && CODEC_STRING.test(codec),
  describe,
  missing: "HEVC needs its parameter sets: an hvcC description, or a key frame that carries them",
};
