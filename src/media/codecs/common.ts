/**
 * What codec entries share: private data, sizes, rates and the errors that name their stream.
 *
 * @module
 */

import { MuxError, type MuxErrorCode, sampleError } from "../../errors.ts";
import type { Framing } from "../framing.ts";
import { type ChunkMetadata, toUint8Array } from "../sample.ts";
import type { StreamConfig, VideoStream } from "../stream_config.ts";

export const NO_BYTES = new Uint8Array(0);

/** The codec private data: the configuration's, else the decoder's; empty when neither has any. */
export function privateData(config: StreamConfig, metadata?: ChunkMetadata): Uint8Array {
  const description = config.description ?? metadata?.decoderConfig?.description;
  return description === undefined ? NO_BYTES : toUint8Array(description);
}

/** A failure to describe a stream. */
export function cannotDescribe(config: StreamConfig, code: MuxErrorCode, reason: string): MuxError {
  const { streamNumber } = config;
  const stream = streamNumber === undefined ? `${config.kind} stream` : `stream ${streamNumber}`;
  return new MuxError(code, { action: `describe ${stream}`, reason }, { streamNumber });
}

/** A sample that is not what its codec says. */
export function badSample(streamNumber: number | undefined, reason: string): MuxError {
  return sampleError("bad-media", streamNumber, reason);
}

/** Carries samples as they are; `what` is never empty. */
export function nonEmptyFraming(streamNumber: number | undefined, what: string): Framing {
  return (data, _isKey, out) => {
    if (data.byteLength === 0) throw badSample(streamNumber, `${what} is never empty`);
    out.add(data);
  };
}

/** Width and height of a picture, pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What the configuration says, else the decoder, whose word has not been checked yet. */
export function knownSize(config: VideoStream, metadata?: ChunkMetadata): PictureSize | undefined {
  const width = config.codedWidth ?? metadata?.decoderConfig?.codedWidth;
  const height = config.codedHeight ?? metadata?.decoderConfig?.codedHeight;
  return isSide(width) && isSide(height) ? { width, height } : undefined;
}

/**
 * That size, else the one that `read` finds in the first sample; `undefined` while there is neither.
 *
 * @param wanted What the sample has to be.
 * @throws {MuxError} `bad-media` for a sample in which there is none.
 */
export function findSize(
  config: VideoStream,
  metadata: ChunkMetadata | undefined,
  data: Uint8Array | undefined,
  read: (data: Uint8Array) => PictureSize | undefined,
  wanted: string,
): PictureSize | undefined {
  const known = knownSize(config, metadata);
  if (known !== undefined || data === undefined) return known;
  const size = read(data);
  if (size === undefined) throw cannotDescribe(config, "bad-media", `its first ${wanted}`);
  return size;
}

function isSide(pixels: number | undefined): pixels is number {
  return Number.isInteger(pixels) && pixels! >= 1 && pixels! <= 0xFFFF;
}
