/**
 * File Properties ([ASF] 3.2) and Stream Properties ([ASF] 3.3) with the media formats inside.
 *
 * @module
 */

import type { Cursor } from "../cursor.ts";
import { GUID } from "../guid.ts";

/** File Properties Object ([ASF] 3.2). Ticks are 100 ns. QWORDs above 2^53 are rounded. */
export interface FileProperties {
  /** Identifies the file; equals the Data Object's. */
  readonly fileId: string;
  /** Size of the whole file; meaningless when broadcast. */
  readonly fileBytes: number;
  /** Creation: 100 ns since 1601-01-01 UTC. */
  readonly creationTicks: bigint;
  /** Number of data packets; meaningless when broadcast. */
  readonly packetCount: number;
  /** End of the presentation, preroll included; meaningless when broadcast. */
  readonly playDurationTicks: number;
  /** End of sending; meaningless when broadcast. */
  readonly sendDurationTicks: number;
  /** Added to every stored presentation time. */
  readonly prerollMs: number;
  /** The flags as stored. */
  readonly flags: number;
  /** Flag bit 0: live, or never finished. */
  readonly isBroadcast: boolean;
  /** Flag bit 1. */
  readonly isSeekable: boolean;
  /** Smallest packet size; must equal the largest. */
  readonly minPacketBytes: number;
  /** Largest packet size: the distance of packets in the file. */
  readonly maxPacketBytes: number;
  /** Sum over the streams, packet overhead included. */
  readonly maxBitsPerSecond: number;
}

/** Reads the body of a File Properties Object. */
export function readFileProperties(c: Cursor): FileProperties {
  const fileId = c.guid();
  const fileBytes = c.u64();
  const creationTicks = c.bigU64();
  const packetCount = c.u64();
  const playDurationTicks = c.u64();
  const sendDurationTicks = c.u64();
  const prerollMs = c.u64();
  const flags = c.u32();
  return {
    fileId,
    fileBytes,
    creationTicks,
    packetCount,
    playDurationTicks,
    sendDurationTicks,
    prerollMs,
    flags,
    isBroadcast: (flags & 1) !== 0,
    isSeekable: (flags & 2) !== 0,
    minPacketBytes: c.u32(),
    maxPacketBytes: c.u32(),
    maxBitsPerSecond: c.u32(),
  };
}

/** WAVEFORMATEX: what an audio stream is. */
export interface WaveFormat {
  /** Such as 0x0161 (WMA 2) or 0x00FF (AAC). */
  readonly formatTag: number;
  /** Channels. */
  readonly channelCount: number;
  /** Sampling rate, Hz. */
  readonly sampleRate: number;
  /** Average rate. */
  readonly bytesPerSecond: number;
  /** Size of a codec block. */
  readonly blockBytes: number;
  /** Bits of one PCM sample, or whatever the codec puts here. */
  readonly bitsPerSample: number;
  /** Codec data, `cbSize` bytes. */
  readonly codecData: Uint8Array;
}

/** BITMAPINFOHEADER with what stands around it: what a video stream is. */
export interface VideoFormat {
  /** Encoded width in pixels. */
  readonly width: number;
  /** Encoded height in pixels. */
  readonly height: number;
  /** Must be 2. */
  readonly reservedFlags: number;
  /** Size of the structure below and the codec data. */
  readonly formatBytes: number;
  /** `biSize`: 40 plus the codec data. */
  readonly infoBytes: number;
  /** `biWidth`. */
  readonly infoWidth: number;
  /** `biHeight`; negative: top row first. */
  readonly infoHeight: number;
  /** `biPlanes`. */
  readonly planeCount: number;
  /** `biBitCount`. */
  readonly bitsPerPixel: number;
  /** `biCompression` as four characters; those outside printable ASCII as `\xNN`. */
  readonly fourCC: string;
  /** `biSizeImage`. */
  readonly imageBytes: number;
  /** `biXPelsPerMeter`. */
  readonly xPixelsPerMeter: number;
  /** `biYPelsPerMeter`. */
  readonly yPixelsPerMeter: number;
  /** `biClrUsed`. */
  readonly usedColorCount: number;
  /** `biClrImportant`. */
  readonly importantColorCount: number;
  /** Codec data behind the structure. */
  readonly codecData: Uint8Array;
}

/** The generic media type of File Transfer and Binary streams, as in AM_MEDIA_TYPE. */
export interface MediaTypeFormat {
  /** Major type GUID. */
  readonly majorType: string;
  /** Subtype GUID. */
  readonly subtype: string;
  /** Whether all samples have one size. */
  readonly fixedSizeSamples: boolean;
  /** Whether samples depend on others. */
  readonly temporalCompression: boolean;
  /** The one size of all samples, or 0. */
  readonly sampleBytes: number;
  /** GUID of the format structure. */
  readonly formatType: string;
  /** The format structure. */
  readonly formatData: Uint8Array;
}

/** Audio Spread error-correction data ([ASF] 3.3): how audio objects are interleaved. */
export interface AudioSpread {
  /** 1: not interleaved. */
  readonly span: number;
  /** Virtual Packet Length. */
  readonly packetBytes: number;
  /** Virtual Chunk Length. */
  readonly chunkBytes: number;
}

/** What a stream carries. */
export type StreamKind =
  | "audio"
  | "video"
  | "command"
  | "jfif"
  | "degradable-jpeg"
  | "file-transfer"
  | "binary"
  | "unknown";

/** Stream Properties Object ([ASF] 3.3). */
export interface StreamProperties {
  /** 1–127. */
  readonly streamNumber: number;
  /** What the stream carries; audio inside a Binary stream (DVR-MS) counts as audio. */
  readonly kind: StreamKind;
  /** Stream type GUID. */
  readonly streamType: string;
  /** GUID of the error correction. */
  readonly errorCorrectionType: string;
  /** To be added to all times of the stream, 100 ns; 0 in practice. */
  readonly timeOffsetTicks: number;
  /** The flags as stored: stream number and encryption. */
  readonly flags: number;
  /** Whether the content is encrypted. */
  readonly isEncrypted: boolean;
  /** The format, for an audio stream. */
  readonly audio?: WaveFormat;
  /** The format, for a video stream. */
  readonly video?: VideoFormat;
  /** The picture size, for a JFIF or degradable JPEG stream. */
  readonly image?: { readonly width: number; readonly height: number };
  /** The generic format, for a File Transfer or Binary stream. */
  readonly mediaType?: MediaTypeFormat;
  /** Present when the error correction is Audio Spread. */
  readonly spread?: AudioSpread;
  /** The type-specific data as stored. */
  readonly typeData: Uint8Array;
  /** The error-correction data as stored. */
  readonly errorCorrectionData: Uint8Array;
}

const KINDS: Readonly<Record<string, StreamKind>> = {
  [GUID.audioMedia]: "audio",
  [GUID.videoMedia]: "video",
  [GUID.commandMedia]: "command",
  [GUID.jfifMedia]: "jfif",
  [GUID.degradableJpegMedia]: "degradable-jpeg",
  [GUID.fileTransferMedia]: "file-transfer",
  [GUID.binaryMedia]: "binary",
};

/** Reads the body of a Stream Properties Object. */
export function readStreamProperties(c: Cursor): StreamProperties {
  const streamType = c.guid();
  const errorCorrectionType = c.guid();
  const timeOffsetTicks = c.u64();
  const typeBytes = c.u32();
  const errorCorrectionBytes = c.u32();
  const flags = c.u16();
  c.u32(); // reserved; garbage in many files
  const type = c.slice(typeBytes);
  const correction = c.slice(errorCorrectionBytes);
  const typeStart = type.position;
  const correctionStart = correction.position;
  const kind = KINDS[streamType] ?? "unknown";
  const formats = readFormats(kind, type);
  if (type.overrun) c.overrun = true;
  const spread = errorCorrectionType === GUID.audioSpread && correction.remaining >= 5
    ? { span: correction.u8(), packetBytes: correction.u16(), chunkBytes: correction.u16() }
    : undefined;
  type.position = typeStart;
  correction.position = correctionStart;
  return {
    streamNumber: flags & 0x7f,
    kind: formats.audio ? "audio" : kind,
    streamType,
    errorCorrectionType,
    timeOffsetTicks,
    flags,
    isEncrypted: (flags & 0x8000) !== 0,
    ...formats,
    spread,
    typeData: type.rest(),
    errorCorrectionData: correction.rest(),
  };
}

function readFormats(kind: StreamKind, c: Cursor): Pick<StreamProperties, "audio" | "video" | "image" | "mediaType"> {
  switch (kind) {
    case "audio":
      return { audio: readWaveFormat(c) };
    case "video":
      return { video: readVideoFormat(c) };
    case "jfif":
    case "degradable-jpeg":
      return { image: { width: c.u32(), height: c.u32() } };
    case "file-transfer":
    case "binary": {
      const { mediaType, format } = readMediaType(c);
      const isAudio = mediaType.majorType === GUID.dvrMsAudio && mediaType.formatType === GUID.waveFormat;
      return isAudio ? { mediaType, audio: readWaveFormat(format) } : { mediaType };
    }
    default:
      return {};
  }
}

function readWaveFormat(c: Cursor): WaveFormat {
  return {
    formatTag: c.u16(),
    channelCount: c.u16(),
    sampleRate: c.u32(),
    bytesPerSecond: c.u32(),
    blockBytes: c.u16(),
    bitsPerSample: c.u16(),
    // The 16-byte form of old PCM files ends before cbSize.
    codecData: c.bytes(c.remaining >= 2 ? c.u16() : 0),
  };
}

function readVideoFormat(c: Cursor): VideoFormat {
  const width = c.u32();
  const height = c.u32();
  const reservedFlags = c.u8();
  const formatBytes = c.u16();
  const infoBytes = c.u32();
  const infoWidth = c.i32();
  const infoHeight = c.i32();
  const planeCount = c.u16();
  const bitsPerPixel = c.u16();
  const fourCC = fourCCText(c.u32());
  const imageBytes = c.u32();
  const xPixelsPerMeter = c.i32();
  const yPixelsPerMeter = c.i32();
  const usedColorCount = c.u32();
  const importantColorCount = c.u32();
  // Some writers count the codec data in one of the two sizes only.
  const codecData = c.bytes(Math.min(c.remaining, Math.max(0, formatBytes - 40, infoBytes - 40)));
  return {
    width,
    height,
    reservedFlags,
    formatBytes,
    infoBytes,
    infoWidth,
    infoHeight,
    planeCount,
    bitsPerPixel,
    fourCC,
    imageBytes,
    xPixelsPerMeter,
    yPixelsPerMeter,
    usedColorCount,
    importantColorCount,
    codecData,
  };
}

function readMediaType(c: Cursor): { mediaType: MediaTypeFormat; format: Cursor } {
  const majorType = c.guid();
  const subtype = c.guid();
  const fixedSizeSamples = c.u32() !== 0;
  const temporalCompression = c.u32() !== 0;
  const sampleBytes = c.u32();
  const formatType = c.guid();
  const format = c.slice(c.u32());
  const start = format.position;
  const formatData = format.rest();
  format.position = start;
  return {
    mediaType: { majorType, subtype, fixedSizeSamples, temporalCompression, sampleBytes, formatType, formatData },
    format,
  };
}

function fourCCText(value: number): string {
  let text = "";
  for (let shift = 0; shift < 32; shift += 8) {
    const code = value >>> shift & 0xff;
    text += code >= 0x20 && code < 0x7f
      ? String.fromCharCode(code)
      : `\\x${code.toString(16).toUpperCase().padStart(2, "0")}`;
  }
  return text;
}
