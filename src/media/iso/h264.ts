/**
 * H.264 in sample entries of type avc1 ([ISO 14496-15] 5.3.3.1: AVCDecoderConfigurationRecord).
 *
 * @module
 */

import { configuredPixelAspect, toPixelAspect } from "../codecs/aspect.ts";
import { BitReader } from "../../bytes/bit_reader.ts";
import { cannotDescribe, privateData } from "../codecs/common.ts";
import { detectFormat, takeFromLengths, takeFromStartCodes } from "../codecs/h264_framing.ts";
import { beginsWithStartCode, NAL_SPS, nalType, toRbsp } from "../codecs/h264_nal.ts";
import { ParameterSets, readConfigRecord } from "../codecs/h264_parameter_sets.ts";
import { parseSps } from "../codecs/h264_sps.ts";
import { h264 as table } from "../codecs/h264.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import type { IsoVideoCodec, VideoTrackDescription } from "./description.ts";
import { LengthFramer, walkStartCodes } from "./nal.ts";

/** Profiles whose record says chroma format and bit depths. */
const HIGH_PROFILES = [100, 110, 122, 144, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];

function describe(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoTrackDescription | undefined {
  const sets = new ParameterSets();
  const description = privateData(config, metadata);
  let recordLengthBytes: number | undefined;
  if (beginsWithStartCode(description)) {
    takeFromStartCodes(description, sets);
  } else if (description.byteLength > 0) {
    recordLengthBytes = readConfigRecord(description, sets);
    if (recordLengthBytes === undefined) {
      throw cannotDescribe(config, "bad-media", "its H.264 description is neither an avcC record nor Annex B");
    }
  }
  if (!sets.isComplete && data !== undefined) {
    const format = detectFormat(data, recordLengthBytes);
    if (format === "lengths") takeFromLengths(data, recordLengthBytes ?? 4, sets);
    else if (format === "start-codes") takeFromStartCodes(data, sets);
    else throw cannotDescribe(config, "bad-media", "its first H.264 sample holds neither start codes nor NAL lengths");
  }
  if (!sets.isComplete) return undefined;
  const sps = parseSps(sets.sps!);
  if (sps === undefined) throw cannotDescribe(config, "bad-media", "its H.264 sequence parameter set cannot be read");
  const { width, height } = sps;
  const knownSets: Uint8Array[] = [];
  const annexB = sets.toAnnexB();
  walkStartCodes(annexB, (start, end) => knownSets.push(annexB.slice(start, end)));
  const framer = new LengthFramer({
    streamNumber: config.streamNumber,
    codecName: "H.264",
    recordLengthBytes,
    knownSets,
  });
  return {
    kind: "video",
    codecName: "H.264 / AVC",
    sampleEntry: "avc1",
    config: { type: "avcC", body: recordLengthBytes === 4 ? description.slice() : makeRecord(knownSets) },
    codedWidth: width,
    codedHeight: height,
    ...(configuredPixelAspect(config, width, height) ?? toPixelAspect(sps.sampleAspectWidth, sps.sampleAspectHeight)),
    reorderDepth: config.reorders === false ? 0 : Math.max(sps.reorderDepth, config.reorders === true ? 1 : 0),
    framerate: config.framerate ?? sps.framerate,
    bitrate: config.bitrate,
    framing: (unit, _isKey, out) => framer.frame(unit, out),
  };
}

/** Version, profile, constraints, level, size of lengths, sets of either kind, and for high profiles the formats. */
function makeRecord(sets: readonly Uint8Array[]): Uint8Array {
  const sps = sets.filter((set) => nalType(set[0]!) === NAL_SPS);
  const pps = sets.filter((set) => nalType(set[0]!) !== NAL_SPS);
  const [, profile, constraints, level] = sps[0]!;
  const bytes = [1, profile!, constraints!, level!, 0xFC | 3, 0xE0 | sps.length];
  const add = (set: Uint8Array) => bytes.push(set.byteLength >> 8, set.byteLength & 0xFF, ...set);
  sps.forEach(add);
  bytes.push(pps.length);
  pps.forEach(add);
  if (HIGH_PROFILES.includes(profile!)) {
    const reader = new BitReader(toRbsp(sps[0]!).subarray(4));
    reader.unsignedGolomb(); // id
    const chromaFormat = reader.unsignedGolomb();
    if (chromaFormat === 3) reader.skip(1);
    const [luma, chroma] = [reader.unsignedGolomb(), reader.unsignedGolomb()];
    bytes.push(0xFC | chromaFormat, 0xF8 | luma, 0xF8 | chroma, 0);
  }
  return Uint8Array.from(bytes);
}

/** H.264 in either framing. */
export const h264: IsoVideoCodec = {
  name: "H.264 (avc1.PPCCLL, avc3.PPCCLL)",
  matches: (codec) => typeof codec === "string" && table.matches(codec),
  describe,
  missing: "H.264 needs its parameter sets: an avcC description, or a key frame that carries them",
};
