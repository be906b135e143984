/**
 * Tracks of Matroska and WebM as {@linkcode StreamConfig}.
 *
 * @module
 */

import { type MatroskaTrack, type MatroskaVideo, TRACK_TYPE } from "../inspect/matroska/description.ts";
import type { AudioStream, StreamConfig, VideoStream } from "../media/stream_config.ts";
import { displayAspect } from "./aspect.ts";
import { colorSpaceOf } from "./color_space.ts";
import { languageTag } from "./language.ts";
import { mpegAudioFormat } from "./mpeg_audio.ts";
import type { PcmForm } from "./pcm_form.ts";

/** What a writer takes of a name, in UTF-16 code units. */
const MAX_NAME_LENGTH = 32_766;

const BITMAP_INFO_BYTES = 40;
const WAVE_FORMAT_BYTES = 16;
const WAVE_FORMAT_EX_BYTES = 18;
/** WAVE format tags. */
const TAG = { mpegAudio: 0x0050, dts: 0x2001 } as const;

/** A track as it comes out. */
export interface TrackConfig {
  readonly config: StreamConfig;
  /** How values of PCM lie in its frames; absent: it has none, or as WAVE has them. */
  readonly pcmForm?: PcmForm;
  /** Its times are those of decoding, as AVI has them. */
  readonly hasDecodeTimes: boolean;
}

/** Describes a track; a string says why it cannot be carried. `data` is its first key frame. */
export function matroskaTrackConfig(track: MatroskaTrack, data?: Uint8Array): TrackConfig | string {
  if (track.hasOperation) return "it is made of other tracks";
  switch (track.type) {
    case TRACK_TYPE.video:
      return videoConfig(track, data);
    case TRACK_TYPE.audio:
      return audioConfig(track, data);
    case TRACK_TYPE.subtitle:
      return `it is subtitles (${SUBTITLES[track.codecId] ?? track.codecId})`;
    default:
      return `it is ${OTHER_TYPES[track.type] ?? `of type ${track.type}`} (${track.codecId})`;
  }
}

const SUBTITLES: Readonly<Record<string, string>> = {
  "S_TEXT/UTF8": "SubRip",
  "S_TEXT/ASCII": "SubRip",
  "S_TEXT/SSA": "SSA",
  "S_TEXT/ASS": "ASS",
  "S_SSA": "SSA",
  "S_ASS": "ASS",
  "S_TEXT/WEBVTT": "WebVTT",
  "D_WEBVTT/SUBTITLES": "WebVTT",
  "D_WEBVTT/CAPTIONS": "WebVTT",
  "S_TEXT/USF": "USF",
  "S_VOBSUB": "VobSub",
  "S_HDMV/PGS": "PGS",
  "S_HDMV/TEXTST": "TextST",
  "S_DVBSUB": "DVB subtitles",
  "S_KATE": "Kate",
};

const OTHER_TYPES: Readonly<Record<number, string>> = {
  [TRACK_TYPE.complex]: "sound and pictures in one",
  [TRACK_TYPE.logo]: "a logo",
  [TRACK_TYPE.buttons]: "buttons",
  [TRACK_TYPE.control]: "control data",
  33: "metadata",
};

function videoConfig(track: MatroskaTrack, data: Uint8Array | undefined): TrackConfig | string {
  const { codecId, codecPrivate, video } = track;
  if (video === undefined) return "it does not say the size of its pictures";
  const vfw = codecId === "V_MS/VFW/FOURCC";
  const found = vfw ? bitmapCodec(codecPrivate) : videoCodec(codecId, codecPrivate, data);
  if (found === undefined) return `its codec is not known (${codecId})`;
  const { codec, description } = found;
  const config: VideoStream = { kind: "video", codec, codedWidth: video.pixelWidth, codedHeight: video.pixelHeight };
  Object.assign(config, aspectOf(video));
  const rotation = rotationOf(video);
  if (rotation !== 0) config.rotation = rotation;
  const { colour } = video;
  const fullRange = colour?.range === 1 || colour?.range === 2 ? colour.range === 2 : undefined;
  const colorSpace = colorSpaceOf(colour?.primaries, colour?.transfer, colour?.matrix, fullRange);
  if (colorSpace !== undefined) config.colorSpace = colorSpace;
  return { config: complete(config, track, description), hasDecodeTimes: vfw };
}

interface Found<Codec> {
  readonly codec: Codec;
  readonly description?: Uint8Array;
}

function videoCodec(id: string, description: Uint8Array | undefined, data?: Uint8Array): Found<string> | undefined {
  switch (id) {
    case "V_MPEG4/ISO/AVC":
      return { codec: `avc1.${hex(description?.subarray(1, 4) ?? profileIn(data))}`, description };
    case "V_MPEGH/ISO/HEVC":
      return { codec: hevcString(description), description };
    case "V_VP8":
      return { codec: "vp8" };
    case "V_VP9":
      return { codec: vp9String(description, data) };
    case "V_AV1":
      return { codec: av1String(description), description: description?.[0] === AV1_RECORD ? description : undefined };
    case "V_MPEG4/ISO/SP":
    case "V_MPEG4/ISO/ASP":
    case "V_MPEG4/ISO/AP":
      return { codec: mpeg4String(description), description };
    case "V_MPEG1":
      return { codec: "mp4v.6A" };
    case "V_MPEG2":
      return { codec: "mp4v.61" };
    case "V_MJPEG":
      return { codec: "mjpeg" };
    case "V_MPEG4/MS/V3":
      return { codec: "MP43", description };
    default:
      return undefined;
  }
}

/** Baseline, where nothing says more. */
const UNKNOWN_PROFILE = new Uint8Array([0x42, 0x00, 0x1E]);

/** Profile, constraints and level of the first sequence parameter set: browsers record without a description. */
function profileIn(data: Uint8Array | undefined): Uint8Array {
  for (let at = 0; data !== undefined && at + 7 < data.byteLength; at++) {
    const isStart = data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1;
    if (isStart && (data[at + 3]! & 0x1F) === 7) return data.subarray(at + 4, at + 7);
  }
  return UNKNOWN_PROFILE;
}

/** BITMAPINFOHEADER, and what the codec has behind it. */
function bitmapCodec(data: Uint8Array | undefined): Found<string> | undefined {
  if (data === undefined || data.byteLength < BITMAP_INFO_BYTES) return undefined;
  const codec = String.fromCharCode(...data.subarray(16, 20));
  const description = data.subarray(BITMAP_INFO_BYTES);
  const known = /^mjpg$/i.test(codec) ? "mjpeg" : codec;
  return { codec: known, description: description.byteLength > 0 && known === codec ? description : undefined };
}

function hevcString(record: Uint8Array | undefined): string {
  if (record === undefined || record.byteLength < 13) return "hev1";
  const space = ["", "A", "B", "C"][record[1]! >> 6]!;
  let flags = 0;
  for (let bit = 0; bit < 32; bit++) flags |= (record[2 + (bit >> 3)]! >> 7 - bit % 8 & 1) << bit;
  let last = 11;
  while (last > 5 && record[last] === 0) last--;
  const constraints = Array.from(record.subarray(6, last + 1), (byte) => byte.toString(16).toUpperCase());
  const tier = (record[1]! & 0x20) === 0 ? "L" : "H";
  const profile = `${space}${record[1]! & 0x1F}.${(flags >>> 0).toString(16).toUpperCase()}.${tier}${record[12]}`;
  return ["hev1", profile, ...constraints].join(".");
}

/** CodecPrivate has features by number: 1 profile, 2 level, 3 bit depth. Colours are not said here. */
function vp9String(features: Uint8Array | undefined, data: Uint8Array | undefined): string {
  let profile = data === undefined ? 0 : (data[0]! >> 5 & 1) | (data[0]! >> 3 & 2);
  let level = 10;
  let depth = profile < 2 ? 8 : 10;
  for (let at = 0; features !== undefined && at + 2 < features.byteLength; at += 2 + features[at + 1]!) {
    const value = features[at + 2]!;
    if (features[at] === 1) profile = value;
    else if (features[at] === 2) level = value;
    else if (features[at] === 3) depth = value;
  }
  return `vp09.${two(profile)}.${two(level)}.${two(depth)}.01.02.02.02.00`;
}

const AV1_RECORD = 0x81;

function av1String(record: Uint8Array | undefined): string {
  if (record === undefined || record.byteLength < 4 || record[0] !== AV1_RECORD) return "av01.0.00M.08";
  const [, profileAndLevel, flags] = record;
  const depth = (flags! & 0x40) === 0 ? 8 : (flags! & 0x20) === 0 ? 10 : 12;
  const tier = (flags! & 0x80) === 0 ? "M" : "H";
  return `av01.${profileAndLevel! >> 5}.${two(profileAndLevel! & 0x1F)}${tier}.${two(depth)}`;
}

/** With the profile and level of the Visual Object Sequence, if there is one. */
function mpeg4String(headers: Uint8Array | undefined): string {
  for (let at = 0; headers !== undefined && at + 4 < headers.byteLength; at++) {
    if (headers[at] === 0 && headers[at + 1] === 0 && headers[at + 2] === 1 && headers[at + 3] === 0xB0) {
      return `mp4v.20.${headers[at + 4]}`;
    }
  }
  return "mp4v.20";
}

/** What is shown, less what is cut off, is what a display size counts. */
function aspectOf({ pixelWidth, pixelHeight, displayWidth, displayHeight, displayUnit, crop }: MatroskaVideo) {
  const [left, top, right, bottom] = crop;
  const [width, height] = [pixelWidth - left - right, pixelHeight - top - bottom];
  const isSaid = displayWidth !== undefined || displayHeight !== undefined;
  if (!isSaid || displayUnit > 3 || width <= 0 || height <= 0) return {};
  const x = (displayWidth || width) * height;
  const y = (displayHeight || height) * width;
  return displayAspect(pixelWidth, pixelHeight, x, y);
}

/** A turn of the projection is against the clock. */
function rotationOf({ pose: [yaw, pitch, roll], projectionType }: MatroskaVideo): number {
  if (projectionType !== 0 || yaw !== 0 || pitch !== 0 || roll % 90 !== 0) return 0;
  return ((-roll % 360) + 360) % 360;
}

function audioConfig(track: MatroskaTrack, data: Uint8Array | undefined): TrackConfig | string {
  const { audio, codecId, codecPrivate } = track;
  if (audio === undefined) return "it does not say its rate and channels";
  const sampleRate = Math.round(audio.samplingFrequency);
  const numberOfChannels = audio.channels;
  if (codecId === "A_MS/ACM") {
    const config = waveConfig(codecPrivate, sampleRate, numberOfChannels);
    if (config === undefined) return `its codec is not known (${codecId})`;
    return {
      config: complete(config, track, config.description as Uint8Array),

      hasDecodeTimes: false,
    };
  }
  const pcm = /^A_PCM\/(INT\/LIT|INT\/BIG|FLOAT\/IEEE)$/.exec(codecId)?.[1];
  if (pcm !== undefined) return pcmConfig(track, pcm, sampleRate, numberOfChannels);
  const found = audioCodec(track, sampleRate, data);
  if (found === undefined) return `its codec is not known (${codecId})`;
  const config: AudioStream = { kind: "audio", codec: found.codec, sampleRate, numberOfChannels };
  return { config: complete(config, track, found.description), hasDecodeTimes: false };
}

function audioCodec(track: MatroskaTrack, rate: number, data?: Uint8Array): Found<string | number> | undefined {
  const { codecId, codecPrivate: description, audio } = track;
  if (/^A_AAC(\/|$)/.test(codecId)) return aacCodec(codecId, description, rate, audio!.channels);
  switch (codecId) {
    case "A_MPEG/L3":
      return { codec: "mp3" };
    case "A_MPEG/L2":
    case "A_MPEG/L1":
      return { codec: TAG.mpegAudio, description: mpegAudioFormat(data, codecId.endsWith("L1") ? 1 : 2) };
    case "A_AC3":
    case "A_AC3/BSID9":
    case "A_AC3/BSID10":
      return { codec: "ac-3" };
    case "A_EAC3":
      return { codec: "ec-3" };
    case "A_DTS":
      return { codec: TAG.dts };
    case "A_FLAC":
      return { codec: "flac", description };
    case "A_OPUS":
      return { codec: "opus", description };
    case "A_VORBIS":
      return { codec: "vorbis", description };
    default:
      return undefined;
  }
}

/** Sampling rates of AAC ([ISO 14496-3] Table 1.18). */
const AAC_RATES = [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];
/** Object types by what old CodecIDs end with. */
const AAC_TYPES: Readonly<Record<string, number>> = { MAIN: 1, LC: 2, SSR: 3, LTP: 4 };

function aacCodec(
  id: string,
  description: Uint8Array | undefined,
  rate: number,
  channels: number,
): Found<string> | undefined {
  if (description !== undefined && description.byteLength >= 2) {
    const type = description[0]! >> 3;
    return { codec: `mp4a.40.${type === 31 ? 2 : type}`, description };
  }
  const type = AAC_TYPES[id.split("/")[2] ?? "LC"] ?? 2;
  const index = AAC_RATES.indexOf(rate);
  if (index < 0 || channels > 7) return undefined;
  return {
    codec: `mp4a.40.${type}`,
    description: new Uint8Array([type << 3 | index >> 1, (index & 1) << 7 | channels << 3]),
  };
}

function pcmConfig(track: MatroskaTrack, form: string, sampleRate: number, channels: number): TrackConfig | string {
  const bits = track.audio!.bitDepth ?? 0;
  const isFloat = form === "FLOAT/IEEE";
  const choices = isFloat ? [32, 64] : [8, 16, 24, 32];
  if (!choices.includes(bits)) return `PCM of ${bits} bits (${track.codecId}) is not carried`;
  const codec = isFloat ? `pcm-f${bits}` : bits === 8 ? "pcm-u8" : `pcm-s${bits}`;
  const config: AudioStream = { kind: "audio", codec, sampleRate, numberOfChannels: channels };
  config.bitsPerSample = bits;
  config.blockBytes = channels * bits / 8;
  const pcmForm: PcmForm | undefined = form === "INT/BIG" && bits > 8
    ? { valueBytes: bits / 8, change: "turn" }
    : undefined;
  return { config: complete(config, track, undefined), pcmForm, hasDecodeTimes: false };
}

/** WAVEFORMATEX, and what the codec has behind it. */
function waveConfig(format: Uint8Array | undefined, rate: number, channels: number): AudioStream | undefined {
  if (format === undefined || format.byteLength < WAVE_FORMAT_BYTES) return undefined;
  const fields = new DataView(format.buffer, format.byteOffset, format.byteLength);
  const config: AudioStream = {
    kind: "audio",
    codec: fields.getUint16(0, true),
    sampleRate: fields.getUint32(4, true) || rate,
    numberOfChannels: fields.getUint16(2, true) || channels,
  };
  const bytesPerSecond = fields.getUint32(8, true);
  const blockBytes = fields.getUint16(12, true);
  const bits = fields.getUint16(14, true);
  if (bytesPerSecond > 0) config.bitrate = 8 * bytesPerSecond;
  if (blockBytes > 0) config.blockBytes = blockBytes;
  if (bits > 0) config.bitsPerSample = bits;
  const extra = format.subarray(WAVE_FORMAT_EX_BYTES);
  if (extra.byteLength > 0) config.description = extra;
  return config;
}

function complete<T extends StreamConfig>(config: T, track: MatroskaTrack, description: Uint8Array | undefined): T {
  if (description !== undefined && description.byteLength > 0) config.description = description;
  const language = languageTag(track.language);
  if (language !== undefined) config.language = language;
  if (track.name !== undefined) config.names = [{ name: track.name.slice(0, MAX_NAME_LENGTH) }];
  return config;
}

/** What a track says that a stream cannot, in words that go on behind "Stream 1 ". */
export function trackNotes(track: MatroskaTrack): string[] {
  const notes: string[] = [];
  const { video } = track;
  const flags = [
    track.isForced && "forced",
    track.isCommentary && "a commentary",
    track.isOriginal && "in the original language",
    track.isHearingImpaired && "for the hearing impaired",
    track.isVisualImpaired && "for the visually impaired",
    track.hasTextDescriptions && "descriptions of the pictures",
    !track.isEnabled && "disabled",
  ].filter((flag) => flag !== false);
  if (flags.length > 0) notes.push(`is marked as ${flags.join(", ")}`);
  if (video === undefined) return notes;
  if (video.stereoMode !== 0) notes.push(`is stereoscopic (mode ${video.stereoMode})`);
  if (video.crop.some((side) => side > 0)) {
    notes.push(`is to be cropped (left, top, right, bottom: ${video.crop.join(", ")})`);
  }
  if ((video.projectionType ?? 0) > 0) notes.push(`has a projection of type ${video.projectionType}`);
  else if (video.pose.some((angle) => angle !== 0) && rotationOf(video) === 0) notes.push("is turned by an odd angle");
  const { maxCll, maxFall, mastering } = video.colour ?? {};
  if (mastering !== undefined || maxCll !== undefined || maxFall !== undefined) {
    notes.push("has HDR metadata of its container");
  }
  return notes;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
