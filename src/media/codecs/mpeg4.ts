/**
 * MPEG-4 part 2: frames as they are, and the headers in front of the first VOP ([ISO 14496-2] 6.2.2).
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import { findCode } from "../nal/start_codes.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { cannotDescribe, knownSize, nonEmptyFraming, privateData } from "./common.ts";
import { parseVol, type Vol } from "./mpeg4_vol.ts";

const CODEC_STRING = /^mp4v(\.20(\.\d+)?)?$/i;
/** FourCCs of encoders that write the standard's bit stream. */
export const MPEG4_FOURCCS: readonly string[] = ["M4S2", "MP4S", "XVID", "DIVX", "DX50", "FMP4"];

/** Start codes ([ISO 14496-2] Table 6-3). */
const VOL_FIRST = 0x20;
const VOL_LAST = 0x2F;
const GROUP_OF_VOP = 0xB3;
const VOP = 0xB6;
/** B-VOPs are never referred to. */
const REORDER_DEPTH = 1;

function findVol(data: Uint8Array): Vol | undefined {
  return parseVol(data.subarray(findCode(data, 0, (code) => code >= VOL_FIRST && code <= VOL_LAST) + 4));
}

function parse(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoFacts | undefined {
  let headers = privateData(config, metadata);
  let vol = findVol(headers);
  if (vol === undefined) {
    if (data === undefined) return undefined;
    headers = data.subarray(0, findCode(data, 0, (code) => code === VOP || code === GROUP_OF_VOP));
    vol = findVol(headers);
    if (vol === undefined) {
      throw cannotDescribe(config, "bad-media", "neither its MPEG-4 description nor its first sample has a VOL header");
    }
  }
  const size = vol.width > 0 && vol.height > 0 ? vol : knownSize(config, metadata);
  if (size === undefined) return undefined;
  return {
    codecName: "MPEG-4 part 2",
    size,
    pixelAspect: [vol.pixelWidth, vol.pixelHeight],
    reorderDepth: vol.isLowDelay ? 0 : REORDER_DEPTH,
    assumedReorderDepth: REORDER_DEPTH,
    framerate: vol.framerate,
    privateData: headers,
    framing: nonEmptyFraming(config.streamNumber, "an MPEG-4 frame"),
  };
}

/** MPEG-4 part 2. */
export const mpeg4: VideoCodec = {
  matches: (codec) => CODEC_STRING.test(codec) || MPEG4_FOURCCS.includes(codec.toUpperCase()),
  parse,
  missing: () => "MPEG-4 needs its VOL header: as description, or in a key frame that carries it",
};
