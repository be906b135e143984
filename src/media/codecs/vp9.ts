/**
 * VP9: frames as they are, described by the uncompressed header of a key frame ([VP9] 6.2).
 *
 * @module
 */

import { BitReader } from "../../bytes/bit_reader.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { findSize, nonEmptyFraming, type PictureSize } from "./common.ts";

const CODEC_STRING = /^(vp9|vp09\..*|vp90)$/i;
/** [VP9] 7.2, `frame_sync_code`. */
const SYNC_CODE = 0x498342;
const COLOR_SRGB = 7;

/** What a key frame says. */
export interface Vp9KeyFrame extends PictureSize {
  readonly profile: number;
  readonly bitDepth: number;
  /** 1 for 4:2:0, 2 for 4:2:2, 3 for 4:4:4 ([VP9 in ISO BMFF] "chromaSubsampling"); 4:4:0 is not sayable. */
  readonly chroma: number;
  readonly isFullRange: boolean;
}

/** What a VP9 stream says. */
export interface Vp9Facts extends VideoFacts {
  /** Its first frame, once that is there, if it is a key frame. */
  readonly key?: Vp9KeyFrame;
}

function parseKeyFrame(data: Uint8Array): Vp9KeyFrame | undefined {
  const r = new BitReader(data.subarray(0, 32));
  if (r.bits(2) !== 2) return undefined;
  const profile = r.bit() | r.bit() << 1;
  if (profile === 3) r.skip(1);
  if (r.bit() === 1 || r.bit() === 1) return undefined; // an existing frame, or no key frame
  r.skip(2);
  if (r.bits(24) !== SYNC_CODE) return undefined;
  const bitDepth = profile < 2 ? 8 : r.bit() === 1 ? 12 : 10;
  const isOdd = profile % 2 === 1;
  let chroma = 1;
  let isFullRange = true;
  if (r.bits(3) === COLOR_SRGB) {
    chroma = 3;
    if (isOdd) r.skip(1);
  } else {
    isFullRange = r.bit() === 1;
    if (isOdd) {
      chroma = r.bit() === 1 ? 2 : 3;
      r.skip(2);
    }
  }
  const [width, height] = [r.bits(16) + 1, r.bits(16) + 1];
  return r.exhausted ? undefined : { profile, bitDepth, chroma, isFullRange, width, height };
}

/** VP9. */
export const vp9: VideoCodec<Vp9Facts> = {
  matches: (codec) => CODEC_STRING.test(codec),
  parse(config, metadata, data) {
    const key = data && parseKeyFrame(data);
    const size = findSize(config, metadata, data, () => key, "VP9 sample is no key frame");
    return size && { codecName: "VP9", size, framing: nonEmptyFraming(config.streamNumber, "a VP9 frame"), key };
  },
  missing: () => "VP9 needs codedWidth and codedHeight, or a key frame",
};
