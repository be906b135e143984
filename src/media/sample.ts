/**
 * Samples as callers hand them over: WebCodecs words, microseconds.
 *
 * @module
 */

import type { SampleExtensions } from "./payload_extension.ts";

/** Any view of bytes, or the buffer itself. */
export type Bytes = ArrayBufferLike | ArrayBufferView;

/** One access unit with its times. All times are microseconds. */
export interface Sample {
  /** The access unit. Copied before `writeSample` returns: the caller may reuse it at once. */
  data: Uint8Array;
  /** Presentation time. Samples come in decode order: with B-frames this may step back … */
  timestamp: number;
  /** … this never may. Default: derived within the stream's reorder depth. */
  decodeTimestamp?: number;
  /** How long the sample is shown; `null` and absent both mean unknown. */
  duration?: number | null;
  /** `"key"`: decodable alone. Default `"key"`. */
  type?: "key" | "delta";
  /**
   * How much of the beginning of what it decodes to is not shown, such as the priming of an audio encoder: of a stream's
   * first sample, where it may reach over the ones that follow. Times stay those of what is decoded: what is heard begins at
   * `timestamp + trimStart`. Default 0.
   */
  trimStart?: number;
  /**
   * How much of the end of what it decodes to is not shown, such as the padding of the last frame: at most `duration`, which
   * stays that of what is decoded. What is heard ends at `timestamp + duration - trimEnd`. Default 0.
   */
  trimEnd?: number;
  /** True for the first sample after a gap. */
  discontinuity?: boolean;
  /** Values of the payload extensions that the stream declares. */
  extensions?: SampleExtensions;
  /** A Mediabunny packet counts seconds: refused by type, and at run time. */
  microsecondTimestamp?: never;
}

/** What `EncodedVideoChunk` and `EncodedAudioChunk` share; structural, since not every runtime has those types. */
export interface EncodedChunk {
  /** `"key"`: decodable alone. */
  readonly type: "key" | "delta";
  /** Presentation time, microseconds. */
  readonly timestamp: number;
  /** Duration in microseconds, if known. */
  readonly duration: number | null;
  /** Size of the access unit in bytes. */
  readonly byteLength: number;
  /** Copies the access unit into `destination`, which has at least `byteLength` bytes. */
  copyTo(destination: Uint8Array<ArrayBuffer>): void;
}

/** What the numbers in pictures mean, in WebCodecs' words; what is absent, null or another word is left open. */
export interface ColorSpace {
  /** `"bt709"`, `"bt470bg"`, `"smpte170m"`, `"bt2020"`, `"smpte432"`. */
  primaries?: string | null;
  /** `"bt709"`, `"smpte170m"`, `"iec61966-2-1"`, `"linear"`, `"pq"`, `"hlg"`. */
  transfer?: string | null;
  /** `"rgb"`, `"bt709"`, `"bt470bg"`, `"smpte170m"`, `"bt2020-ncl"`. */
  matrix?: string | null;
  /** Whether the whole range of numbers is used. */
  fullRange?: boolean | null;
}

/** Second argument of a WebCodecs output callback: completes a stream whose description was not known before. */
export interface ChunkMetadata {
  /** The decoder configuration that belongs to the chunk. */
  decoderConfig?: {
    /** WebCodecs codec string. */
    codec?: string;
    /** Codec private data (avcC, AudioSpecificConfig, …). */
    description?: Bytes;
    /** Width in pixels. */
    codedWidth?: number;
    /** Height in pixels. */
    codedHeight?: number;
    /** What the numbers in pictures mean. */
    colorSpace?: ColorSpace;
  };
}

/** What `writeSample` takes. */
export type SampleLike = Sample | EncodedChunk;

/** A sample that names its stream: what `Writer.writable` takes. */
export interface StreamSample extends Sample {
  /** 1–127. */
  streamNumber: number;
}

/** The bytes of any view or buffer, without copying. */
export function toUint8Array(bytes: Bytes): Uint8Array {
  if (bytes instanceof Uint8Array) return bytes;
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}
