/**
 * Codecs in Matroska: CodecID and CodecPrivate ([Matroska codecs]). What has no CodecID of its own goes by its FourCC or
 * WAVE format tag, as AVI has it. A new one is an entry in one of the lists.
 *
 * @module
 */

import { aac, type AacFacts } from "../codecs/aac.ts";
import { ac3, type Ac3Facts } from "../codecs/ac3.ts";
import { av1 } from "../codecs/av1.ts";
import { type AudioFacts, completeAudio, completeVideo, type VideoFacts } from "../codecs/codec.ts";
import { colorOf } from "../codecs/color.ts";
import { NO_BYTES, privateData } from "../codecs/common.ts";
import type { AudioDescription, ColorCodes, VideoDescription } from "../codecs/description.ts";
import { flac, type FlacFacts } from "../codecs/flac.ts";
import { h264, type H264Facts } from "../codecs/h264.ts";
import { makeAvcRecord } from "../codecs/h264_record.ts";
import { hevc, type HevcFacts } from "../codecs/hevc.ts";
import { makeHevcRecord } from "../codecs/hevc_record.ts";
import { mjpeg } from "../codecs/mjpeg.ts";
import { mp3 } from "../codecs/mp3.ts";
import { mpeg2, type MpegVideoFacts } from "../codecs/mpeg2.ts";
import { mpeg4 } from "../codecs/mpeg4.ts";
import { opus } from "../codecs/opus.ts";
import { passedAudio, passedVideo } from "../codecs/passed.ts";
import { pcm, type PcmFacts, TAG_FLOAT, TAG_INTEGER } from "../codecs/pcm.ts";
import { vc1 } from "../codecs/vc1.ts";
import { vorbis } from "../codecs/vorbis.ts";
import { vp8 } from "../codecs/vp8.ts";
import { vp9 } from "../codecs/vp9.ts";
import { lengthPrefixed } from "../nal/length_prefixed.ts";
import { windowsMediaAudio, type WindowsMediaFacts } from "../codecs/windows_media.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { AudioStream, TextStream, VideoStream } from "../stream_config.ts";
import type { CodecTable, Mapped, Mapping } from "./codec_table.ts";
import { RIFF_PASSED, RIFF_PCM, RIFF_WMA, riffAudio } from "./riff/audio.ts";
import { bitmapInfo } from "./riff/bitmap_info.ts";
import { waveFormat } from "./riff/wave_format.ts";

/** What a codec is there: `id` is the CodecID, the private data are CodecPrivate. */
interface MatroskaMapped extends Mapped<string> {
  /** Blocks state decode times, as AVI does. */
  readonly hasDecodeTimes?: boolean;
}

/** A described video stream. */
export interface MatroskaVideo extends VideoDescription, MatroskaMapped {
  readonly privateData: Uint8Array;
  /** What the caller says of its colours; absent: nothing. */
  readonly color?: ColorCodes;
}

/** A described audio stream. */
export interface MatroskaAudio
  extends AudioDescription, MatroskaMapped, Pick<AudioFacts, "samplesPerFrame" | "codecDelay" | "seekPreRoll"> {
  readonly privateData: Uint8Array;
}

type VideoTable = CodecTable<VideoStream, string, VideoFacts, MatroskaMapped, VideoDescription>;
type AudioTable = CodecTable<AudioStream, string | number, AudioFacts, MatroskaMapped, AudioDescription>;

/** What a file of the family holds. */
export interface MatroskaCodecs {
  readonly video: VideoTable;
  readonly audio: AudioTable;
  /** CodecIDs of text. */
  readonly text: Readonly<Partial<Record<TextStream["codec"], string>>>;
}

const VFW = "V_MS/VFW/FOURCC";
const ACM = "A_MS/ACM";

function byFourcc(facts: VideoFacts, config: VideoStream, id: string): MatroskaMapped {
  const { privateData = NO_BYTES } = facts;
  return {
    id: VFW,
    hasDecodeTimes: true,
    privateData: bitmapInfo({ ...completeVideo(config, facts), id, privateData }),
  };
}

/** Codecs that WebM has too. */
const WEBM_VIDEO: readonly Mapping<VideoStream, string, VideoFacts, MatroskaMapped>[] = [
  { codec: vp8, names: "VP8 (vp8)", map: () => ({ id: "V_VP8" }) },
  { codec: vp9, names: "VP9 (vp09.PP.LL.DD, vp9)", map: () => ({ id: "V_VP9" }) },
  { codec: av1, names: "AV1 (av01.P.LLT.DD)", map: () => ({ id: "V_AV1" }) },
];

const OTHER_VIDEO: readonly Mapping<VideoStream, string, VideoFacts, MatroskaMapped>[] = [
  {
    codec: h264,
    names: "H.264 (avc1.PPCCLL, avc3.PPCCLL)",
    map: ({ nal }: H264Facts, { streamNumber }) => ({
      id: "V_MPEG4/ISO/AVC",
      privateData: nal.record ?? makeAvcRecord(nal.sets),
      framing: lengthPrefixed(streamNumber, nal),
    }),
  },
  {
    codec: hevc,
    names: "HEVC (hvc1.…, hev1.…)",
    map: ({ nal }: HevcFacts, { streamNumber }) => ({
      id: "V_MPEGH/ISO/HEVC",
      privateData: nal.record ?? makeHevcRecord(nal.sps, nal.sets),
      framing: lengthPrefixed(streamNumber, nal),
    }),
  },
  { codec: mpeg4, names: "MPEG-4 part 2 (mp4v.20.N)", map: () => ({ id: "V_MPEG4/ISO/ASP" }) },
  {
    codec: mpeg2,
    names: "MPEG-1 and MPEG-2 (mp4v.6A, mp4v.61)",
    map: ({ isMpeg2 }: MpegVideoFacts) => ({ id: isMpeg2 ? "V_MPEG2" : "V_MPEG1" }),
  },
  { codec: mjpeg, names: "Motion JPEG (mjpeg)", map: () => ({ id: "V_MJPEG" }) },
  { codec: vc1, names: "VC-1 (vc1, WVC1)", map: (facts, config) => byFourcc(facts, config, "WVC1") },
  {
    codec: passedVideo,
    names: "Microsoft MPEG-4 version 3 (MP43)",
    matches: (codec) => codec === "MP43",
    map: () => ({ id: "V_MPEG4/MS/V3" }),
  },
  {
    codec: passedVideo,
    names: "a FourCC such as WMV3",
    map: (facts, config) => byFourcc(facts, config, config.codec),
  },
];

const WEBM_AUDIO: readonly Mapping<AudioStream, string | number, AudioFacts, MatroskaMapped>[] = [
  { codec: opus, names: "Opus (opus)", map: () => ({ id: "A_OPUS" }) },
  { codec: vorbis, names: "Vorbis (vorbis)", map: () => ({ id: "A_VORBIS" }) },
];

/** Format tags that have a CodecID of their own. */
const OWN_TAGS = { mpegAudio: 0x0050, dts: 0x2001 } as const;
/** `fLaC`, and the head of a last metadata block of 34 bytes. */
const FLAC_HEAD = [0x66, 0x4C, 0x61, 0x43, 0x80, 0, 0, 34];

const RIFF = /* @__PURE__ */ riffAudio([RIFF_PCM, RIFF_WMA, RIFF_PASSED]);

function byFormatTag<Facts extends AudioFacts>(
  entry: Mapping<AudioStream, string | number, Facts, Mapped<number>>,
  facts: Facts,
  config: AudioStream,
  metadata?: ChunkMetadata,
): MatroskaMapped {
  const own = entry.map(facts, config, metadata)!;
  const { privateData = NO_BYTES } = facts;
  return { id: ACM, privateData: waveFormat({ privateData, ...own, ...RIFF.complete(config, facts, own, metadata) }) };
}

/** Speakers that are not the usual ones and bits that do not count are said by a WAVE format alone. */
function mapPcm(facts: PcmFacts, config: AudioStream): MatroskaMapped {
  const { formatTag, bitsPerSample, channelMask, validBits = bitsPerSample } = facts;
  const isPlain = channelMask === undefined && validBits === bitsPerSample;
  if (isPlain && formatTag === TAG_INTEGER) return { id: "A_PCM/INT/LIT" };
  if (isPlain && formatTag === TAG_FLOAT) return { id: "A_PCM/FLOAT/IEEE" };
  return byFormatTag(RIFF_PCM, facts, config);
}

/** MPEG1WAVEFORMAT begins with the layer; 2 is usual. */
function mapMpegAudio(_facts: AudioFacts, config: AudioStream, metadata?: ChunkMetadata): MatroskaMapped {
  const isFirst = privateData(config, metadata)[0] === 1;
  return { id: isFirst ? "A_MPEG/L1" : "A_MPEG/L2", privateData: NO_BYTES };
}

const OTHER_AUDIO: readonly Mapping<AudioStream, string | number, AudioFacts, MatroskaMapped>[] = [
  { codec: aac, names: "AAC (mp4a.40.2, mp4a.40.5, mp4a.40.29)", map: (_facts: AacFacts) => ({ id: "A_AAC" }) },
  { codec: mp3, names: "MP3 (mp3)", map: () => ({ id: "A_MPEG/L3" }) },
  {
    codec: ac3,
    names: "AC-3 and E-AC-3 (ac-3, ec-3)",
    map: ({ record }: Ac3Facts) => ({ id: record ? "A_AC3" : "A_EAC3" }),
  },
  {
    codec: flac,
    names: "FLAC (flac)",
    map: ({ privateData }: FlacFacts) => ({ id: "A_FLAC", privateData: Uint8Array.of(...FLAC_HEAD, ...privateData) }),
  },
  { codec: pcm, names: "PCM (pcm-s16, pcm-f32, alaw, …)", map: mapPcm },
  {
    codec: passedAudio,
    names: "MPEG layer II (0x0050)",
    matches: (codec) => codec === OWN_TAGS.mpegAudio,
    map: mapMpegAudio,
  },
  {
    codec: passedAudio,
    names: "DTS (0x2001)",
    matches: (codec) => codec === OWN_TAGS.dts,
    map: () => ({ id: "A_DTS" }),
  },
  {
    codec: windowsMediaAudio,
    names: "Windows Media Audio (0x0160, 0x0161, …)",
    map: (facts, config) => byFormatTag(RIFF_WMA, facts as WindowsMediaFacts, config),
  },
  {
    codec: passedAudio,
    names: "a WAVE format tag such as 0x0002",
    map: (facts, config) => byFormatTag(RIFF_PASSED, facts, config),
  },
];

function completeOfVideo(config: VideoStream, facts: VideoFacts, _own: MatroskaMapped, metadata?: ChunkMetadata) {
  return { ...completeVideo(config, facts), color: colorOf(config, metadata) };
}

function completeOfAudio(config: AudioStream, facts: AudioFacts) {
  const { samplesPerFrame, codecDelay, seekPreRoll } = facts;
  return { ...completeAudio(config, facts), samplesPerFrame, codecDelay, seekPreRoll };
}

/** What Matroska holds. */
export const MATROSKA: MatroskaCodecs = {
  video: { entries: /* @__PURE__ */ WEBM_VIDEO.concat(OTHER_VIDEO), complete: completeOfVideo },
  audio: { entries: /* @__PURE__ */ WEBM_AUDIO.concat(OTHER_AUDIO), complete: completeOfAudio },
  text: { srt: "S_TEXT/UTF8", ass: "S_TEXT/ASS", webvtt: "S_TEXT/WEBVTT" },
};

/** What WebM holds. */
export const WEBM: MatroskaCodecs = {
  video: { entries: WEBM_VIDEO, complete: completeOfVideo },
  audio: { entries: WEBM_AUDIO, complete: completeOfAudio },
  text: { webvtt: "D_WEBVTT/SUBTITLES" },
};
