/**
 * Stream Properties ([ASF] 3.3).
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";
import { GUID } from "../guid.ts";
import {
  type MediaTypeFormat,
  readMediaType,
  readVideoFormat,
  readWaveFormat,
  type VideoFormat,
  type WaveFormat,
} from "./media_formats.ts";

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
