/**
 * Codecs in the ISO base media file format: the type of a sample entry, and the configuration record inside. A new one is
 * an entry in one of the two lists.
 *
 * @module
 */

import { aac, type AacFacts } from "../codecs/aac.ts";
import { alac } from "../codecs/alac.ts";
import { amr, type AmrFacts } from "../codecs/amr.ts";
import { ac3, type Ac3Facts } from "../codecs/ac3.ts";
import { av1 } from "../codecs/av1.ts";
import { checkFields } from "../codecs/checks.ts";
import { type AudioFacts, completeAudio, completeVideo, type VideoFacts } from "../codecs/codec.ts";
import { colorOf } from "../codecs/color.ts";
import { cannotDescribe } from "../codecs/common.ts";
import type { AudioDescription, ColorCodes, VideoDescription } from "../codecs/description.ts";
import { flac, type FlacFacts } from "../codecs/flac.ts";
import { h264, type H264Facts } from "../codecs/h264.ts";
import { makeAvcRecord } from "../codecs/h264_record.ts";
import { hevc, HEVC_STRING, type HevcFacts } from "../codecs/hevc.ts";
import { makeHevcRecord } from "../codecs/hevc_record.ts";
import { mjpeg } from "../codecs/mjpeg.ts";
import { mp3, type Mp3Facts } from "../codecs/mp3.ts";
import { MPEG1_MIN_RATE } from "../codecs/mp3_frame.ts";
import { mpeg2, type MpegVideoFacts } from "../codecs/mpeg2.ts";
import { mpeg4 } from "../codecs/mpeg4.ts";
import { opus, type OpusFacts } from "../codecs/opus.ts";
import { isWindowsFourCC, passedVideo } from "../codecs/passed.ts";
import { vp8 } from "../codecs/vp8.ts";
import { vp9, type Vp9Facts } from "../codecs/vp9.ts";
import { lengthPrefixed } from "../nal/length_prefixed.ts";
import type { ChunkMetadata } from "../sample.ts";
import {
  type AudioStream,
  type CodedStream,
  isCodedStream,
  type StreamConfig,
  type VideoStream,
} from "../stream_config.ts";
import {
  type CodecTable,
  describeIn,
  findMapping,
  type Mapped,
  type Mapping,
  missingIn,
  namesIn,
} from "./codec_table.ts";

/** What a codec is there: `id` is the type of the sample entry, the private data are the body of the box inside. */
interface IsoMapped extends Mapped<string> {
  readonly privateData?: Uint8Array;
  /** Type of the box with the configuration. */
  readonly box: string;
}

/** A described video stream. */
export interface IsoVideo extends VideoDescription, IsoMapped {
  readonly privateData: Uint8Array;
  /** What the caller says of its colours; absent: nothing. */
  readonly color?: ColorCodes;
}

/** A described audio stream. */
export interface IsoAudio extends AudioDescription, IsoMapped {
  readonly privateData: Uint8Array;
}

/** A described stream. */
export type IsoDescription = IsoVideo | IsoAudio;

const VIDEO_ENTRIES: readonly Mapping<VideoStream, string, VideoFacts, IsoMapped>[] = [
  {
    codec: h264,
    names: "H.264 (avc1.PPCCLL, avc3.PPCCLL)",
    map: ({ nal }: H264Facts, { streamNumber }) => ({
      id: "avc1",
      box: "avcC",
      privateData: nal.record ?? makeAvcRecord(nal.sets),
      framing: lengthPrefixed(streamNumber, nal),
    }),
  },
  {
    codec: hevc,
    names: "HEVC (hvc1, hev1)",
    matches: (codec) => HEVC_STRING.test(codec as string),
    map: ({ nal }: HevcFacts, { streamNumber }) => ({
      id: "hvc1",
      box: "hvcC",
      privateData: nal.record ?? makeHevcRecord(nal.sps, nal.sets),
      framing: lengthPrefixed(streamNumber, nal),
    }),
  },
  {
    codec: vp9,
    names: "VP9 (vp09.PP.LL.DD, vp9)",
    matches: (codec) => codec === "vp9" || VP9_STRING.test(codec as string),
    map: mapVp9,
    missing: "VP9 needs its full codec string with codedWidth and codedHeight, or a key frame",
  },
  { codec: av1, names: "AV1 (av01.P.LLT.DD)", map: () => ({ id: "av01", box: "av1C" }) },
  {
    codec: vp8,
    names: "VP8 (vp8)",
    map: (_facts, config, metadata) => ({ id: "vp08", box: "vpcC", privateData: vp8Record(config, metadata) }),
  },
  {
    codec: mpeg4,
    names: "MPEG-4 part 2 (mp4v.20.N)",
    map: ({ privateData }: VideoFacts, config) => mpegVideo(OBJECT_MPEG4_VIDEO, config, privateData),
  },
  {
    codec: mpeg2,
    names: "MPEG-2 and MPEG-1 (mp4v.61, mp4v.6A)",
    map: ({ isMpeg2, privateData }: MpegVideoFacts, config) =>
      mpegVideo(isMpeg2 ? OBJECT_MPEG2_VIDEO : OBJECT_MPEG1_VIDEO, config, privateData),
  },
  { codec: mjpeg, names: "Motion JPEG (mjpeg)", map: (_facts, config) => mpegVideo(OBJECT_JPEG, config) },
  {
    codec: passedVideo,
    names: "any FourCC that is none of Windows Media",
    matches: (codec) => passedVideo.matches(codec as string) && !isWindowsFourCC(codec as string),
    map: (_facts, { codec }) => ({ id: codec, box: "glbl" }),
  },
];

const AUDIO_ENTRIES: readonly Mapping<AudioStream, string | number, AudioFacts, IsoMapped>[] = [
  {
    codec: aac,
    names: "AAC (mp4a.40.2, mp4a.40.5, mp4a.40.29)",
    map: ({ privateData }: AacFacts, config) => mpegAudio(OBJECT_AAC, config, privateData),
  },
  {
    codec: mp3,
    names: "MP3 (mp3, mp4a.6b)",
    matches: (codec) => mp3.matches(codec) || MP3_STRINGS.test(String(codec)),
    map: ({ sampleRate }: Mp3Facts, config) =>
      mpegAudio(sampleRate >= MPEG1_MIN_RATE ? OBJECT_MPEG1_AUDIO : OBJECT_MPEG2_AUDIO, config),
  },
  {
    codec: opus,
    names: "Opus (opus)",
    matches: (codec) => codec === "opus",
    map: ({ privateData }: OpusFacts) => ({ id: "Opus", box: "dOps", privateData: opusRecord(privateData) }),
  },
  {
    codec: flac,
    names: "FLAC (flac)",
    matches: (codec) => codec === "flac",
    // STREAMINFO as the last metadata block of all ([FLAC in ISO BMFF] 3.3.2).
    map: ({ privateData: info }: FlacFacts) => ({
      id: "fLaC",
      box: "dfLa",
      privateData: Uint8Array.of(0, 0, 0, 0, FLAC_LAST_BLOCK, 0, 0, info.byteLength, ...info),
    }),
  },
  {
    codec: ac3,
    names: "AC-3 (ac-3), E-AC-3 (ec-3)",
    matches: (codec) => codec === "ac-3" || codec === "ec-3",
    map: mapAc3,
  },
  {
    codec: alac,
    names: "Apple Lossless (alac)",
    // A full box.
    map: ({ privateData }: AudioFacts) => ({
      id: "alac",
      box: "alac",
      privateData: Uint8Array.of(0, 0, 0, 0, ...privateData!),
    }),
  },
  {
    codec: amr,
    names: "AMR (samr, sawb)",
    // AMRSpecificBox ([3GPP TS 26.244] 6.7): vendor, version, any mode, one frame a sample.
    map: ({ isWide }: AmrFacts) => ({
      id: isWide ? "sawb" : "samr",
      box: "damr",
      privateData: Uint8Array.of(0, 0, 0, 0, 0, ...isWide ? AMR_WIDE_MODES : AMR_MODES, 0, 1),
    }),
  },
];

/** A bit a mode, 16 of them. */
const AMR_MODES = [0x81, 0xFF];
const AMR_WIDE_MODES = [0x83, 0xFF];

/** Profile, level, bit depth, and optionally chroma, primaries, transfer, matrix, range. */
const VP9_STRING = /^vp09\.(\d\d)\.(\d\d)\.(\d\d)(?:\.(\d\d)(?:\.(\d\d)(?:\.(\d\d)(?:\.(\d\d)(?:\.(\d\d))?)?)?)?)?$/;
/** Level ×10 by the most pixels of a picture. */
const VP9_LEVELS: readonly [pixels: number, level: number][] = [
  [36_864, 10],
  [73_728, 11],
  [122_880, 20],
  [245_760, 21],
  [552_960, 30],
  [983_040, 31],
  [2_228_224, 40],
  [8_912_896, 50],
  [Infinity, 60],
];

/** VPCodecConfigurationRecord ([VP9 in ISO BMFF]): version 1 and flags, then the record; never initialization data. */
function mapVp9({ key, size }: Vp9Facts, config: VideoStream, metadata?: ChunkMetadata): IsoMapped | undefined {
  const said = config.codec.match(VP9_STRING)?.slice(1).map((part) => part === undefined ? undefined : Number(part));
  const [profile = key?.profile, saidLevel, bitDepth = key?.bitDepth, chroma = key?.chroma ?? 1] = said ?? [];
  if (profile === undefined || bitDepth === undefined) return undefined;
  const pixels = size.width * size.height;
  const level = saidLevel ?? VP9_LEVELS.find(([most]) => pixels <= most)![1];
  // The bit stream knows families of colours alone, and strings made of it guess.
  const color = colorOf(config, metadata);
  const primaries = color?.primaries ?? said?.[4] ?? 1;
  const transfer = color?.transfer ?? said?.[5] ?? 1;
  const matrix = color?.matrix ?? said?.[6] ?? 1;
  const range = Number(color?.isFullRange ?? said?.[7] ?? key?.isFullRange ?? 0);
  const body = [1, 0, 0, 0, profile, level, bitDepth << 4 | chroma << 1 | range, primaries, transfer, matrix, 0, 0];
  return { id: "vp09", box: "vpcC", privateData: Uint8Array.from(body) };
}

/** VPCodecConfigurationRecord of VP8, which has one profile that matters and 8 bits; level 0: not said. */
function vp8Record(config: VideoStream, metadata?: ChunkMetadata): Uint8Array {
  const { primaries = 2, transfer = 2, matrix = 2, isFullRange = false } = colorOf(config, metadata) ?? {};
  return Uint8Array.of(1, 0, 0, 0, 0, 0, 8 << 4 | 1 << 1 | Number(isFullRange), primaries, transfer, matrix, 0, 0);
}

const MP3_STRINGS = /^mp4a\.(40\.34|6b|69)$/i;
const OBJECT_AAC = 0x40;
const OBJECT_MPEG1_AUDIO = 0x6B;
const OBJECT_MPEG2_AUDIO = 0x69;
const OBJECT_MPEG4_VIDEO = 0x20;
const OBJECT_MPEG2_VIDEO = 0x61;
const OBJECT_MPEG1_VIDEO = 0x6A;
const OBJECT_JPEG = 0x6C;
/** Stream types 4 and 5, and a reserved bit. */
const VISUAL_STREAM = 0x11;
const AUDIO_STREAM = 0x15;

/** A descriptor: tag, size in four bytes of seven bits, body. */
function descriptor(tag: number, body: readonly number[]): number[] {
  const size = body.length;
  return [tag, 0x80 | size >> 21 & 0x7F, 0x80 | size >> 14 & 0x7F, 0x80 | size >> 7 & 0x7F, size & 0x7F, ...body];
}

function mpegAudio(objectType: number, { bitrate }: AudioStream, specific?: Uint8Array): IsoMapped {
  return { id: "mp4a", box: "esds", privateData: esDescriptor(objectType, AUDIO_STREAM, bitrate, specific) };
}

function mpegVideo(objectType: number, { bitrate }: VideoStream, specific?: Uint8Array): IsoMapped {
  return { id: "mp4v", box: "esds", privateData: esDescriptor(objectType, VISUAL_STREAM, bitrate, specific) };
}

/** An elementary stream descriptor ([ISO 14496-14] 5.6, [ISO 14496-1] 7.2.6), its bit rate 0 where it is not said. */
function esDescriptor(objectType: number, streamType: number, bitrate = 0, specific?: Uint8Array): Uint8Array {
  const rate = Math.round(bitrate);
  const rateBytes = [rate >>> 24, rate >>> 16 & 0xFF, rate >>> 8 & 0xFF, rate & 0xFF];
  const decoder = descriptor(4, [
    ...[objectType, streamType, 0, 0, 0, ...rateBytes, ...rateBytes],
    ...specific === undefined ? [] : descriptor(5, [...specific]),
  ]);
  return Uint8Array.from([0, 0, 0, 0, ...descriptor(3, [0, 0, 0, ...decoder, ...descriptor(6, [2])])]);
}

/** Where the fields of an identification header begin, behind its name. */
const OPUS_NAME_BYTES = 8;

/** The fields of an identification header, version 0, their most significant byte first ([Opus in ISO BMFF] 4.3.2). */
function opusRecord(head: Uint8Array): Uint8Array {
  const record = head.slice(OPUS_NAME_BYTES);
  const [from, to] = [new DataView(head.buffer, head.byteOffset + OPUS_NAME_BYTES), new DataView(record.buffer)];
  record[0] = 0;
  to.setUint16(2, from.getUint16(2, true));
  to.setUint32(4, from.getUint32(4, true));
  to.setInt16(8, from.getInt16(8, true));
  return record;
}

const FLAC_LAST_BLOCK = 0x80;

function mapAc3({ record, enhancedRecord }: Ac3Facts, config: AudioStream): IsoMapped {
  const found = config.codec === "ac-3" ? record : enhancedRecord;
  if (found === undefined) {
    const name = config.codec === "ac-3" ? "AC-3" : "E-AC-3";
    throw cannotDescribe(config, "bad-media", `its first sample is no ${name} frame`);
  }
  return { id: String(config.codec), box: config.codec === "ac-3" ? "dac3" : "dec3", privateData: found };
}

function complete(config: VideoStream, facts: VideoFacts, _own: IsoMapped, metadata?: ChunkMetadata) {
  return { ...completeVideo(config, facts), color: colorOf(config, metadata) };
}

const VIDEO: CodecTable<VideoStream, string, VideoFacts, IsoMapped, ReturnType<typeof complete>> = {
  entries: VIDEO_ENTRIES,
  complete,
};

const AUDIO: CodecTable<AudioStream, string | number, AudioFacts, IsoMapped, AudioDescription> = {
  entries: AUDIO_ENTRIES,
  complete: completeAudio,
};

function tableOf(kind: CodedStream["kind"]): CodecTable<CodedStream, string | number, object, IsoMapped, object> {
  return kind === "video" ? VIDEO : AUDIO;
}

/** The names of all codecs of a kind, for messages. */
export function isoCodecNames(kind: "video" | "audio"): string {
  return namesIn(tableOf(kind));
}

/** Whether there is an entry for a stream's codec. */
export function isIsoCodec(stream: StreamConfig): boolean {
  return isCodedStream(stream) && findMapping(tableOf(stream.kind), stream) !== undefined;
}

/** What is wrong with the fields of a configuration, one line each. */
export function checkIso(config: StreamConfig): string[] {
  const problems = checkFields(config);
  if (config.kind !== "video") return problems;
  const { colorSpace, rotation = 0 } = config;
  if (colorSpace !== undefined && typeof colorSpace !== "object") {
    problems.push(`colorSpace must be an object, got ${typeof colorSpace}`);
  }
  if (![0, 90, 180, 270].includes(rotation)) problems.push(`rotation must be 0, 90, 180 or 270, got ${rotation}`);
  return problems;
}

/**
 * Describes a stream from its configuration, a decoder's metadata, and its first sample; `undefined` while something is
 * missing. The description keeps no reference to what it was made of.
 *
 * @throws {MuxError} `unsupported` for an unknown codec, `bad-media` for a description or first sample that is not what
 * its codec says.
 */
export function describeIso(
  config: StreamConfig,
  metadata?: ChunkMetadata,
  data?: Uint8Array,
): IsoDescription | undefined {
  if (!isCodedStream(config)) throw cannotDescribe(config, "unsupported", `${config.kind} has no sample entry`);
  return config.kind === "video"
    ? describeIn(VIDEO, config, metadata, data)
    : describeIn(AUDIO, config, metadata, data);
}

/** What {@linkcode describeIso} is waiting for, in one line. */
export function missingIso(config: StreamConfig): string {
  if (!isCodedStream(config)) return "it has no sample entry";
  return missingIn(tableOf(config.kind), config);
}
