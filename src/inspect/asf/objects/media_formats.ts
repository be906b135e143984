/**
 * The media formats inside Stream Properties ([ASF] 9).
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";

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

/** Reads a WAVEFORMATEX, or the PCM form of it that ends earlier. */
export function readWaveFormat(c: Cursor): WaveFormat {
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

/** Reads the type-specific data of a video stream. */
export function readVideoFormat(c: Cursor): VideoFormat {
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

/** Reads a generic media type; `format` stands at the start of its format structure. */
export function readMediaType(c: Cursor): { mediaType: MediaTypeFormat; format: Cursor } {
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
