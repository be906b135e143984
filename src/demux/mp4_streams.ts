/**
 * Tracks of an MP4 file as {@linkcode StreamConfig}.
 *
 * @module
 */

import { BitReader } from "../bytes/bit_reader.ts";
import { bytesIn, childOf, type Mp4Box, numberIn, textIn } from "../inspect/mp4/box.ts";
import type { Mp4Track } from "../inspect/mp4/movie.ts";
import { entryBox } from "../inspect/mp4/reader.ts";
import { parseAacConfig } from "../media/codecs/aac_config.ts";
import type { ColorSpace } from "../media/sample.ts";
import type { AudioStream, CodedStream, VideoStream } from "../media/stream_config.ts";
import { displayAspect } from "./aspect.ts";
import { colorSpaceOf } from "./color_space.ts";
import { languageTag } from "./language.ts";
import type { PcmForm } from "./pcm_form.ts";

/** A track that can be described. */
export interface Mp4Stream {
  readonly config: CodedStream;
  /** What its samples are where they are not handed out as they lie there. */
  readonly pcm?: PcmForm;
  /** What cannot be carried over, one line each, behind "Stream N ". */
  readonly warnings: readonly string[];
}

/** Describes a track by one of its sample entries; a string says why it cannot be carried. */
export function mp4Stream(track: Mp4Track, entry: Mp4Box | undefined): Mp4Stream | string {
  const { handlerType } = track;
  if (entry === undefined) return "it has no sample entry";
  const scheme = protectionOf(entry);
  if (scheme !== undefined) return `it is encrypted (${scheme})`;
  const warnings: string[] = [];
  if (entry.fields.width !== undefined && handlerType !== "soun") {
    const config = videoConfig(track, entry, warnings);
    return typeof config === "string" ? config : { config, warnings };
  }
  if (handlerType === "soun") {
    const described = audioConfig(track, entry);
    return typeof described === "string" ? described : { ...described, warnings };
  }
  return reasonOf(handlerType, entry.type);
}

function protectionOf(entry: Mp4Box): string | undefined {
  if (!["encv", "enca", "enct", "encs", "drms", "drmi"].includes(entry.type)) return undefined;
  const info = childOf(entry, "sinf");
  return textIn(childOf(info, "schm"), "scheme") || textIn(childOf(info, "frma"), "format") || entry.type;
}

const HANDLERS: Readonly<Record<string, string>> = {
  text: "text",
  sbtl: "subtitles",
  subt: "subtitles",
  subp: "subtitles as pictures",
  clcp: "closed captions",
  tmcd: "time code",
  hint: "hints for streaming servers",
  meta: "timed metadata",
  mdta: "timed metadata",
  odsm: "object descriptors",
  sdsm: "a scene description",
};

function reasonOf(handlerType: string, format: string): string {
  const what = Object.hasOwn(HANDLERS, handlerType) ? HANDLERS[handlerType] : undefined;
  const name = format.trim();
  return what === undefined ? `it is neither audio nor video (${handlerType}, ${name})` : `it is ${what} (${name})`;
}

const unknown = (entry: Mp4Box): string => `its codec is not known (${entry.type.replaceAll("\0", "\\0")})`;

function videoConfig(track: Mp4Track, entry: Mp4Box, warnings: string[]): VideoStream | string {
  const codec = videoCodec(entry);
  if (codec === undefined) return unknown(entry);
  const { codec: name, description } = codec;
  const codedWidth = numberIn(entry, "width");
  const codedHeight = numberIn(entry, "height");
  const config: VideoStream = { kind: "video", codec: name, codedWidth, codedHeight };
  const aspect = childOf(entry, "pasp");
  if (aspect !== undefined) {
    Object.assign(
      config,
      displayAspect(codedWidth, codedHeight, numberIn(aspect, "horizontal"), numberIn(aspect, "vertical")),
    );
  }
  const turned = rotationOf(track.matrix);
  if (turned.rotation !== 0) config.rotation = turned.rotation;
  if (turned.isMirrored) warnings.push("is to be shown mirrored: that is not carried over");
  const colorSpace = boxedColorSpace(childOf(entry, "colr"));
  if (colorSpace !== undefined) config.colorSpace = colorSpace;
  for (const [type, what] of Object.entries(NOT_CARRIED)) {
    if (childOf(entry, type) !== undefined) warnings.push(`has ${what} (${type}): that is not carried over`);
  }
  return complete(config, track, entry, description);
}

/** What stands beside the pictures and has no place in a stream's description. */
const NOT_CARRIED: Readonly<Record<string, string>> = {
  mdcv: "the colours of the display it was mastered on",
  SmDm: "the colours of the display it was mastered on",
  clli: "light levels",
  CoLL: "light levels",
  clap: "a clean aperture",
  dvcC: "a Dolby Vision layer",
  dvvC: "a Dolby Vision layer",
  sv3d: "a spherical projection",
  st3d: "a stereoscopic layout",
};

interface Codec {
  readonly codec: string;
  readonly description?: Uint8Array;
}

/** FourCCs that AVI and Windows know as QuickTime does. */
const FOURCCS: ReadonlySet<string> = new Set(
  "H263 DIVX XVID DX50 FMP4 MP42 MP43 MPG4 WMV1 WMV2 WMV3 WVC1".split(" "),
);

function videoCodec(entry: Mp4Box): Codec | undefined {
  const data = (type: string) => bytesIn(childOf(entry, type), "data");
  switch (entry.type) {
    case "avc1":
    case "avc2":
    case "avc3":
    case "avc4": {
      const record = data("avcC");
      if (record === undefined || record.byteLength < 7) return undefined;
      const prefix = entry.type === "avc3" || entry.type === "avc4" ? "avc3" : "avc1";
      return { codec: `${prefix}.${hex(record.subarray(1, 4))}`, description: record };
    }
    case "hvc1":
    case "hev1":
    case "dvh1":
    case "dvhe": {
      const record = data("hvcC");
      if (record === undefined || record.byteLength < 23) return undefined;
      return {
        codec: hevcString(entry.type === "hvc1" || entry.type === "dvh1" ? "hvc1" : "hev1", record),
        description: record,
      };
    }
    case "vp08":
      return { codec: "vp8" };
    case "vp09":
      return { codec: vp9String(data("vpcC")) };
    case "av01": {
      const record = data("av1C");
      return record === undefined || record.byteLength < 4 ? undefined : { codec: av1String(record) };
    }
    case "mp4v":
      return mpegVideo(childOf(entry, "esds"));
    case "m2v1":
    case "mpg2":
    case "mp2v":
    case "MPG2":
    case "mx5n":
    case "xdv7":
      return { codec: "mp4v.61" };
    case "m1v1":
    case "mpg1":
    case "MPG1":
    case "mpeg":
      return { codec: "mp4v.6a" };
    case "jpeg":
    case "mjpa":
    case "AVDJ":
    case "dmb1":
      return { codec: "mjpeg" };
    case "s263":
    case "h263":
      return { codec: "H263" };
    case "vc-1": {
      const record = data("dvc1");
      return { codec: "vc1", description: record?.subarray(7) };
    }
    default: {
      const fourCC = entry.type.toUpperCase();
      return FOURCCS.has(fourCC) ? { codec: fourCC, description: data("glbl") } : undefined;
    }
  }
}

/** By what an elementary stream descriptor calls it ([ISO 14496-1] Table 5). */
function mpegVideo(descriptor: Mp4Box | undefined): Codec | undefined {
  if (descriptor === undefined) return { codec: "mp4v.20" };
  const type = numberIn(descriptor, "objectType");
  const description = bytesIn(descriptor, "specificInfo");
  if (type === 0x20) return { codec: "mp4v.20", description };
  if (type >= 0x60 && type <= 0x65) return { codec: `mp4v.${type.toString(16)}`, description };
  if (type === 0x6A) return { codec: "mp4v.6a", description };
  if (type === 0x6C) return { codec: "mjpeg" };
  return undefined;
}

/** As WebCodecs spells it ([ISO 14496-15] E.3). */
function hevcString(prefix: string, record: Uint8Array): string {
  const space = ["", "A", "B", "C"][record[1]! >> 6]!;
  let compatibility = 0;
  for (let bit = 0; bit < 32; bit++) if (record[2 + (bit >> 3)]! & 0x80 >> (bit & 7)) compatibility += 2 ** bit;
  const tier = record[1]! & 0x20 ? "H" : "L";
  const constraints = [...record.subarray(6, 12)];
  while (constraints.at(-1) === 0) constraints.pop();
  const parts = [
    prefix,
    `${space}${record[1]! & 31}`,
    compatibility.toString(16),
    `${tier}${record[12]}`,
    ...constraints.map((byte) => byte.toString(16)),
  ];
  return parts.join(".");
}

/** VPCodecConfigurationRecord behind version and flags ([VP9 in ISO BMFF]). */
function vp9String(record: Uint8Array | undefined): string {
  if (record === undefined || record.byteLength < 10) return "vp9";
  const [profile, level, depths, primaries, transfer, matrix] = record.subarray(4);
  const numbers = [profile, level, depths! >> 4, depths! >> 1 & 7, primaries, transfer, matrix, depths! & 1];
  return ["vp09", ...numbers.map(twoDigits)].join(".");
}

/** AV1CodecConfigurationRecord ([AV1 in ISO BMFF] 2.3). */
function av1String(record: Uint8Array): string {
  const profile = record[1]! >> 5;
  const isHigh = (record[2]! & 0x40) !== 0;
  const depth = isHigh ? profile === 2 && record[2]! & 0x20 ? 12 : 10 : 8;
  return `av01.${profile}.${twoDigits(record[1]! & 31)}${record[2]! & 0x80 ? "H" : "M"}.${twoDigits(depth)}`;
}

function twoDigits(value: number | undefined): string {
  return String(value ?? 0).padStart(2, "0");
}

/** A matrix a b u c d v x y w turns by quarters, mirrors, or does something else that nobody carries. */
function rotationOf(matrix: readonly number[]): { rotation: number; isMirrored: boolean } {
  const [a = 1, b = 0, , c = 0, d = 1] = matrix;
  if (matrix.length < 5 || (a === 0 && b === 0)) return { rotation: 0, isMirrored: false };
  const isMirrored = a * d - b * c < 0;
  const angle = Math.atan2(b, a) * 180 / Math.PI;
  return { rotation: (Math.round(angle / 90) * 90 + 360) % 360, isMirrored };
}

function boxedColorSpace(box: Mp4Box | undefined): ColorSpace | undefined {
  if (box === undefined || !["nclx", "nclc"].includes(textIn(box, "colourType"))) return undefined;
  const code = (name: string) => numberIn(box, name);
  return colorSpaceOf(code("primaries"), code("transfer"), code("matrix"), box.fields.isFullRange === true);
}

function audioConfig(track: Mp4Track, entry: Mp4Box): { config: AudioStream; pcm?: PcmForm } | string {
  const codec = audioCodec(entry);
  if (codec === undefined) return unknown(entry);
  const { description, pcm } = codec;
  const channels = codec.channels || numberIn(entry, "channelCount");
  const rate = codec.rate || numberIn(childOf(entry, "srat"), "sampleRate") || numberIn(entry, "sampleRate") ||
    track.timescale;
  const config: AudioStream = { kind: "audio", codec: codec.codec, sampleRate: rate, numberOfChannels: channels };
  if (pcm !== undefined) {
    config.bitsPerSample = 8 * pcm.valueBytes;
    config.blockBytes = channels * pcm.valueBytes;
  }
  return { config: complete(config, track, entry, description), pcm };
}

interface Sound {
  readonly codec: string | number;
  readonly description?: Uint8Array;
  readonly rate?: number;
  readonly channels?: number;
  readonly pcm?: PcmForm;
}

function audioCodec(entry: Mp4Box): Sound | undefined {
  const data = (type: string) => bytesIn(entryBox(entry, type), "data");
  switch (entry.type) {
    case "mp4a":
      return mpegAudio(entryBox(entry, "esds"));
    case ".mp3":
    case "ms\0U":
      return { codec: "mp3" };
    case "Opus": {
      const record = data("dOps");
      return record === undefined || record.byteLength < 11 ? undefined : opus(record);
    }
    case "fLaC": {
      const blocks = data("dfLa");
      if (blocks === undefined || blocks.byteLength < 42) return undefined;
      return { codec: "flac", description: Uint8Array.of(0x66, 0x4C, 0x61, 0x43, ...blocks.subarray(4)) };
    }
    case "ac-3":
    case "sac3":
      return { codec: "ac-3", channels: ac3Channels(data("dac3"), 10) };
    case "ec-3":
      return { codec: "ec-3", channels: ac3Channels(data("dec3"), 28) };
    case "alaw":
    case "ulaw":
      return { codec: entry.type === "alaw" ? ALAW_TAG : ULAW_TAG, pcm: { valueBytes: 1, change: "none" } };
    default:
      return pcm(entry);
  }
}

/** Channels of AC-3 by `acmod` ([ETSI TS 102 366] 4.4.2.3). */
const AC3_CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];

/** What the record says behind `skipped` bits; the entry's own number is 2, whatever is true. */
function ac3Channels(record: Uint8Array | undefined, skipped: number): number | undefined {
  if (record === undefined || record.byteLength < (skipped + 11) >> 3) return undefined;
  const bits = new BitReader(record);
  bits.skip(skipped);
  return AC3_CHANNELS[bits.bits(3)]! + bits.bit();
}

const ALAW_TAG = 6;
const ULAW_TAG = 7;
const DTS_TAG = 0x2001;

/** By what an elementary stream descriptor calls it ([ISO 14496-1] Table 5, mp4ra.org). */
function mpegAudio(descriptor: Mp4Box | undefined): Sound | undefined {
  if (descriptor === undefined) return undefined;
  const description = bytesIn(descriptor, "specificInfo");
  switch (numberIn(descriptor, "objectType")) {
    case 0x40:
    case 0x66:
    case 0x67:
    case 0x68: {
      if (description === undefined || description.byteLength < 2) return undefined;
      const config = parseAacConfig(description);
      const type = description[0]! >> 3;
      const name = type === 31 ? 32 + ((description[0]! & 7) << 3 | description[1]! >> 5) : type;
      if (name === 34) return { codec: "mp3" };
      return { codec: `mp4a.40.${name}`, description, rate: config?.coreRate, channels: config?.channels };
    }
    case 0x69:
    case 0x6B:
      return { codec: "mp3" };
    case 0xA5:
      return { codec: "ac-3" };
    case 0xA6:
      return { codec: "ec-3" };
    case 0xA9:
      return { codec: DTS_TAG };
    case 0xDD:
      return { codec: "vorbis", description };
    default:
      return undefined;
  }
}

/** The fields of `dOps`, as an identification header has them ([Opus in ISO BMFF] 4.3.2). */
function opus(record: Uint8Array): Sound {
  const description = new Uint8Array(8 + record.byteLength);
  description.set(new TextEncoder().encode("OpusHead"));
  description.set(record, 8);
  description[8] = 1;
  const from = new DataView(record.buffer, record.byteOffset);
  const to = new DataView(description.buffer, 8);
  to.setUint16(2, from.getUint16(2), true);
  to.setUint32(4, from.getUint32(4), true);
  to.setInt16(8, from.getInt16(8), true);
  return { codec: "opus", description, rate: 48_000, channels: record[1] };
}

/** Bits of a value, by entries that say them. */
const PCM_BITS: Readonly<Record<string, number>> = { in24: 24, in32: 32, fl32: 32, fl64: 64 };
/** Flags of QuickTime's sound description, version 2. */
const LPCM = { IS_FLOAT: 1, IS_BIG_ENDIAN: 2, IS_SIGNED: 4 } as const;

function pcm(entry: Mp4Box): Sound | undefined {
  const { type } = entry;
  const saidBits = numberIn(entry, "sampleBits");
  const configured = childOf(entry, "pcmC");
  const isLittleEndian = entryBox(entry, "enda")?.fields.isLittleEndian === true;
  switch (type) {
    case "raw ":
    case "NONE":
      return sound(saidBits > 8 ? saidBits : 8, false, saidBits > 8, true);
    case "twos":
      return sound(saidBits, false, true, true);
    case "sowt":
      return sound(saidBits, false, true, false);
    case "in24":
    case "in32":
    case "fl32":
    case "fl64":
      return sound(PCM_BITS[type]!, type.startsWith("fl"), true, !isLittleEndian);
    case "ipcm":
    case "fpcm":
      if (configured === undefined) return undefined;
      return sound(
        numberIn(configured, "sampleBits"),
        type === "fpcm",
        true,
        configured.fields.isLittleEndian !== true,
      );
    case "lpcm": {
      const flags = numberIn(entry, "formatFlags");
      const isSigned = (flags & (LPCM.IS_SIGNED | LPCM.IS_FLOAT)) !== 0;
      return sound(saidBits, (flags & LPCM.IS_FLOAT) !== 0, isSigned, (flags & LPCM.IS_BIG_ENDIAN) !== 0);
    }
    default:
      return undefined;
  }
}

/** Values of a number of bits, in whole bytes: 20 bits stand in the upper ones of 24. */
function sound(bits: number, isFloat: boolean, isSigned: boolean, isBigEndian: boolean): Sound | undefined {
  const valueBytes = Math.ceil(bits / 8);
  const name = isFloat ? `pcm-f${bits}` : valueBytes === 1 ? "pcm-u8" : `pcm-s${8 * valueBytes}`;
  if (isFloat ? bits !== 32 && bits !== 64 : valueBytes < 1 || valueBytes > 4) return undefined;
  if (!isFloat && valueBytes > 1 && !isSigned) return undefined;
  const change = valueBytes === 1 ? isSigned ? "sign" : "none" : isBigEndian ? "turn" : "none";
  return { codec: name, pcm: { valueBytes, change } };
}

function complete<T extends CodedStream>(
  config: T,
  track: Mp4Track,
  entry: Mp4Box,
  description: Uint8Array | undefined,
): T {
  if (description !== undefined && description.byteLength > 0) config.description = description;
  const language = languageTag(track.language);
  if (language !== undefined) config.language = language;
  if (isName(track.name)) config.names = [{ name: track.name }];
  const bitrate = numberIn(childOf(entry, "btrt"), "averageBitsPerSecond") ||
    numberIn(entryBox(entry, "esds"), "averageBitsPerSecond");
  if (bitrate > 0) config.bitrate = bitrate;
  return config;
}

/** What writers call their handlers is no name of a track. */
function isName(name: string): boolean {
  const isUsual = /handler|core media|l-smash|gpac|mainconcept|bento4|google|isomedia|^\(c\)|^\W*$|#/i.test(name);
  return !isUsual && !/^((video|audio|sound|mono|stereo|media|track|data)\s*)*\d*$/i.test(name);
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
