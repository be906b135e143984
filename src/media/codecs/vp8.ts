/**
 * VP8: frames as they are.
 *
 * @module
 */

import type { VideoCodec } from "./codec.ts";
import { findSize, nonEmptyFraming, type PictureSize } from "./common.ts";

const CODEC_STRING = /^(vp8|vp08\..*|vp80)$/i;
/** Behind the frame tag of a key frame ([RFC 6386] 9.1). */
const START_CODE = [0x9D, 0x01, 0x2A];

/** Size in a key frame: 3 bytes of tag, the start code, 14 bits of width and 14 of height with scales above them. */
function keyFrameSize(data: Uint8Array): PictureSize | undefined {
  if (data.byteLength < 10 || (data[0]! & 1) !== 0) return undefined;
  if (START_CODE.some((byte, i) => data[3 + i] !== byte)) return undefined;
  return { width: (data[7]! << 8 | data[6]!) & 0x3FFF, height: (data[9]! << 8 | data[8]!) & 0x3FFF };
}

/** VP8. */
export const vp8: VideoCodec = {
  matches: (codec) => CODEC_STRING.test(codec),
  parse(config, metadata, data) {
    const size = findSize(config, metadata, data, keyFrameSize, "VP8 sample is no key frame");
    return size && { codecName: "VP8", size, framing: nonEmptyFraming(config.streamNumber, "a VP8 frame") };
  },
  missing: () => "VP8 needs codedWidth and codedHeight, or a key frame",
};
