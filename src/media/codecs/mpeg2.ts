/**
 * MPEG-1 and MPEG-2 video: pictures as they are, and the sequence header ([ISO 13818-2] 6.2.2.1).
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import { BitReader } from "../../bytes/bit_reader.ts";
import { findCode, findStartCode } from "../nal/start_codes.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { cannotDescribe, nonEmptyFraming, privateData } from "./common.ts";

const MPEG1_STRING = /^(mp4v\.6a|mpg1)$/i;
const MPEG2_STRING = /^(mp4v\.6[0-5]|mpg2|mpeg|dvr )$/i;

/** Start codes ([ISO 13818-2] Table 6-1). */
export const SEQUENCE_HEADER = 0xB3;
const EXTENSION = 0xB5;
const USER_DATA = 0xB2;
const SEQUENCE_EXTENSION_ID = 1;
/** B-pictures are never referred to. */
const REORDER_DEPTH = 1;

/** Display aspect ratios of MPEG-2 by `aspect_ratio_information` ([ISO 13818-2] Table 6-3). */
const DISPLAY_ASPECTS: readonly (readonly [number, number] | undefined)[] = [
  undefined,
  undefined,
  [4, 3],
  [16, 9],
  [221, 100],
];

/** Pictures a second by `frame_rate_code` ([ISO 13818-2] Table 6-4). */
function frameRate(code: number): number | undefined {
  return [0, 24000 / 1001, 24, 25, 30000 / 1001, 30, 50, 60000 / 1001, 60][code];
}

/** What the sequence header and its extension say. */
interface Sequence {
  /** Both, as they stand. */
  readonly bytes: Uint8Array;
  readonly isMpeg2: boolean;
  readonly width: number;
  readonly height: number;
  readonly aspectCode: number;
  readonly framerate?: number;
  readonly isLowDelay: boolean;
}

/** Reads the first sequence header; `undefined` when there is none, or it is cut off. */
function findSequence(data: Uint8Array): Sequence | undefined {
  const start = findCode(data, 0, (code) => code === SEQUENCE_HEADER);
  const r = new BitReader(data.subarray(start + 4));
  let [width, height] = [r.bits(12), r.bits(12)];
  const aspectCode = r.bits(4);
  let framerate = frameRate(r.bits(4));
  if (r.exhausted) return undefined;
  let isMpeg2 = false;
  let isLowDelay = false;
  let end = findStartCode(data, start + 4);
  for (; data[end + 3] === EXTENSION || data[end + 3] === USER_DATA; end = findStartCode(data, end + 4)) {
    const x = new BitReader(data.subarray(end + 4));
    if (data[end + 3] !== EXTENSION || x.bits(4) !== SEQUENCE_EXTENSION_ID) continue;
    isMpeg2 = true;
    x.skip(8 + 1 + 2); // profile and level, progressive_sequence, chroma_format
    width |= x.bits(2) << 12;
    height |= x.bits(2) << 12;
    x.skip(12 + 1 + 8); // bit rate, marker, buffer size
    isLowDelay = x.bit() === 1;
    if (framerate !== undefined) framerate *= (x.bits(2) + 1) / (x.bits(5) + 1);
  }
  if (width === 0 || height === 0) return undefined;
  return { bytes: data.slice(start, end), isMpeg2, width, height, aspectCode, framerate, isLowDelay };
}

function pixelAspect({ isMpeg2, aspectCode, width, height }: Sequence): [number, number] {
  const display = isMpeg2 ? DISPLAY_ASPECTS[aspectCode] : undefined;
  return display === undefined ? [1, 1] : [display[0] * height, display[1] * width];
}

/** What MPEG video says. */
export interface MpegVideoFacts extends VideoFacts {
  readonly isMpeg2: boolean;
}

function parse(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): MpegVideoFacts | undefined {
  let sequence = findSequence(privateData(config, metadata));
  if (sequence === undefined) {
    if (data === undefined) return undefined;
    sequence = findSequence(data);
    if (sequence === undefined) {
      throw cannotDescribe(config, "bad-media", "its first MPEG video sample has no sequence header");
    }
  }
  const { isMpeg2 } = sequence;
  return {
    codecName: isMpeg2 ? "MPEG-2 video" : "MPEG-1 video",
    size: sequence,
    pixelAspect: pixelAspect(sequence),
    reorderDepth: sequence.isLowDelay ? 0 : REORDER_DEPTH,
    assumedReorderDepth: REORDER_DEPTH,
    framerate: sequence.framerate || undefined,
    privateData: sequence.bytes,
    isMpeg2,
    framing: nonEmptyFraming(config.streamNumber, "an MPEG picture"),
  };
}

/** MPEG-1 and MPEG-2 video. */
export const mpeg2: VideoCodec<MpegVideoFacts> = {
  matches: (codec) => MPEG1_STRING.test(codec) || MPEG2_STRING.test(codec),
  parse,
  missing: () => "MPEG video needs its sequence header: as description, or in a key frame that carries it",
};
