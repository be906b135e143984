/**
 * Stream descriptions as callers give them: WebCodecs decoder configurations, or FourCC and format tag.
 *
 * @module
 */

import type { PayloadExtension } from "./payload_extension.ts";
import type { Bytes, ColorSpace } from "./sample.ts";

/** What a stream's samples need of a reader. */
export interface StreamDemand {
  /** How much must be buffered, ms at the average bit rate, so that it never runs dry. */
  bufferMs: number;
  /** Bit/s of the second with the most; at least the average. */
  peakBitrate: number;
  /** How much must be buffered, ms at the peak bit rate. */
  peakBufferMs: number;
  /** Size of the largest sample as it is stored, bytes. */
  maxSampleBytes: number;
}

/** What a stream is called. */
export interface StreamName {
  /** At most 32 766 characters. */
  name: string;
  /** BCP 47 tag of the name's language. */
  language?: string;
}

/**
 * What all kinds of streams share. Which of it a container can say, its own documentation tells; what it cannot say is left
 * out.
 */
export interface StreamBase {
  /** 1–127; default: position in the list + 1. */
  streamNumber?: number;
  /** BCP 47 tag, such as `"en-US"`. */
  language?: string;
  /** What it is called, in one language or several. */
  names?: readonly StreamName[];
  /** Codec private data; may follow with the first chunk's metadata. */
  description?: Bytes;
  /** Average bit/s; default: from the codec, else measured. */
  bitrate?: number;
  /**
   * What its samples will need, where that is known before they come: {@linkcode measureStreams} finds it out. A header that
   * is completed at the end says what they have needed.
   */
  demand?: StreamDemand;
  /**
   * What every sample carries beside its bytes and times, at most 7 systems and 223 bytes. A container without room for it
   * refuses the stream.
   */
  payloadExtensions?: readonly PayloadExtension[];
}

/** What streams share that are decoded. */
export interface CodedStreamBase extends StreamBase {
  /** What people are told that its codec is; default: by the codec. At most 65 534 characters. */
  codecName?: string;
  /** How it was encoded, for people, such as `"128 kbps, 44 kHz, stereo"`; as `codecName`, default nothing. */
  codecDescription?: string;
}

/** A video stream. */
export interface VideoStream extends CodedStreamBase {
  /** Discriminates {@linkcode StreamConfig}. */
  kind: "video";
  /**
   * WebCodecs string (`"avc1.64001f"`, `"hvc1.1.6.L93.B0"`, `"vp8"`, `"vp09.00.10.08"`, `"av01.0.00M.08"`, `"mp4v.20.9"`,
   * `"mp4v.61"`, `"mjpeg"`, `"vc1"`) or any FourCC (`"WMV3"`), whose samples and `description` are carried as they come.
   */
  codec: string;
  /** Width in pixels; default: from the parameter sets. */
  codedWidth?: number;
  /** Height in pixels; default: from the parameter sets. */
  codedHeight?: number;
  /** Whether presentation order differs from decode order (B-frames); default: from the parameter sets. */
  reorders?: boolean;
  /** Display aspect ratio, horizontal part. */
  displayAspectWidth?: number;
  /** Display aspect ratio, vertical part. */
  displayAspectHeight?: number;
  /** Frames per second, informative. */
  framerate?: number;
  /** What the numbers in pictures mean; without it players ask the bit stream, if that says it. */
  colorSpace?: ColorSpace;
  /** How far pictures are to be turned clockwise: 0 (default), 90, 180 or 270 degrees. */
  rotation?: number;
}

/** An audio stream. */
export interface AudioStream extends CodedStreamBase {
  /** Discriminates {@linkcode StreamConfig}. */
  kind: "audio";
  /**
   * WebCodecs string (`"mp4a.40.2"`, `"mp3"`, `"ac-3"`, `"ec-3"`, `"flac"`, `"opus"`, `"vorbis"`, `"pcm-s16"`, `"alaw"`,
   * `"ulaw"`) or any WAVE format tag (`0x0161`), whose samples and `description` are carried as they come.
   */
  codec: string | number;
  /** Hz. */
  sampleRate: number;
  /** 1 and up. */
  numberOfChannels: number;
  /** Bits of one sample of one channel, where the codec has it. */
  bitsPerSample?: number;
  /** Bytes of one codec block (`nBlockAlign`), where the codec has it. */
  blockBytes?: number;
}

/** Commands at times, such as captions and addresses, each a sample as `scriptSample` makes it. */
export interface ScriptStream extends StreamBase {
  /** Discriminates {@linkcode StreamConfig}. */
  kind: "script";
  /** There is none. */
  codec?: undefined;
}

/** Still pictures, each sample a file. */
export interface ImageStream extends StreamBase {
  /** Discriminates {@linkcode StreamConfig}. */
  kind: "image";
  /** `"jfif"` (default): whole JPEG files. `"degradable-jpeg"`: FFmpeg opens no file with such a stream. */
  codec?: "jfif" | "degradable-jpeg";
  /** Width in pixels. */
  codedWidth: number;
  /** Height in pixels. */
  codedHeight: number;
}

/** What streams of files and of binary data share: a media type as Windows has it. `description` is its format. */
export interface TypedStream extends StreamBase {
  /** There is none. */
  codec?: undefined;
  /** GUID of the subtype, such as `"776257D4-C627-41CB-8F81-7AC7FF1C40CC"` for a web stream; default: none. */
  subtype?: string;
  /** GUID of what `description` is; default: nothing. */
  formatType?: string;
  /** Size of every sample in bytes, if they have one; default: they differ. */
  sampleBytes?: number;
  /** Whether samples depend on others: those are `type: "delta"`. Default false. */
  temporalCompression?: boolean;
}

/** Files on their way to the player, each sample a file or a part of one. FFmpeg opens no file with such a stream. */
export interface FileStream extends TypedStream {
  /** Discriminates {@linkcode StreamConfig}. */
  kind: "file";
}

/** Data of any kind. */
export interface BinaryStream extends TypedStream {
  /** Discriminates {@linkcode StreamConfig}. */
  kind: "binary";
  /** GUID of the major type; default: that of binary data. */
  majorType?: string;
}

/**
 * Subtitles or captions as text, each sample one cue in UTF-8 with its `duration`; `description` is what stands in front of
 * the first cue. May be silent for long. Matroska holds all of them, WebM WebVTT; `check` of the other
 * containers refuses them.
 */
export interface TextStream extends StreamBase {
  /** Discriminates {@linkcode StreamConfig}. */
  kind: "text";
  /** `"webvtt"`, `"srt"` or `"ass"`. */
  codec: "webvtt" | "srt" | "ass";
}

/** A stream that is decoded into pictures or sound. */
export type CodedStream = VideoStream | AudioStream;

/** A stream that is neither decoded nor read as text, and may be silent for long: others never wait for it. */
export type DataStream = ScriptStream | ImageStream | FileStream | BinaryStream;

/** Any stream. */
export type StreamConfig = CodedStream | DataStream | TextStream;

/** Whether a stream is decoded into pictures or sound. */
export function isCodedStream(stream: StreamConfig): stream is CodedStream {
  return stream.kind === "video" || stream.kind === "audio";
}

/** Kinds of {@linkcode DataStream}. */
export const DATA_KINDS: readonly string[] = ["script", "image", "file", "binary"] satisfies DataStream["kind"][];

/** Whether a stream is of one of these kinds. */
export function isDataStream(stream: StreamConfig): stream is DataStream {
  return DATA_KINDS.includes(stream.kind);
}
