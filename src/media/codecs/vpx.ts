/**
 * VP8 and VP9: frames as they are, without codec data.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import { BitReader } from "../../bytes/bit_reader.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { cannotDescribe, knownSize, nonEmptyFraming, type PictureSize } from "./common.ts";

const VP8_STRING = /^(vp8|vp08\..*|vp80)$/i;
const VP9_STRING = /^(vp9|vp09\..*|vp90)$/i;
/** Behind the frame tag of a VP8 key frame ([RFC 6386] 9.1). */
const VP8_START_CODE = [0x9D, 0x01, 0x2A];
/** [VP9] 7.2, `frame_sync_code`. */
const VP9_SYNC_CODE = 0x498342;
const VP9_COLOR_SRGB = 7;

/** Size in a VP8 key frame: 3 bytes of tag, the start code, 14 bits of width and 14 of height with scales above them. */
function vp8Size(data: Uint8Array): PictureSize | undefined {
  if (data.byteLength < 10 || (data[0]! & 1) !== 0) return undefined;
  if (VP8_START_CODE.some((byte, i) => data[3 + i] !== byte)) return undefined;
  return { width: (data[7]! << 8 | data[6]!) & 0x3FFF, height: (data[9]! << 8 | data[8]!) & 0x3FFF };
}

/** Size in the uncompressed header of a VP9 key frame ([VP9] 6.2). */
function vp9Size(data: Uint8Array): PictureSize | undefined {
  const r = new BitReader(data.subarray(0, 32));
  if (r.bits(2) !== 2) return undefined;
  const profile = r.bit() | r.bit() << 1;
  if (profile === 3) r.skip(1);
  if (r.bit() === 1 || r.bit() === 1) return undefined; // an existing frame, or no key frame
  r.skip(2);
  if (r.bits(24) !== VP9_SYNC_CODE) return undefined;
  if (profile >= 2) r.skip(1); // bit depth
  const hasSubsampling = profile % 2 === 1;
  if (r.bits(3) === VP9_COLOR_SRGB) r.skip(hasSubsampling ? 1 : 0);
  else r.skip(hasSubsampling ? 4 : 1);
  const [width, height] = [r.bits(16) + 1, r.bits(16) + 1];
  return r.exhausted ? undefined : { width, height };
}

function makeEntry(
  name: string,
  fourcc: string,
  strings: RegExp,
  codecString: string,
  readSize: (data: Uint8Array) => PictureSize | undefined,
): VideoCodec {
  function describe(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoFacts | undefined {
    let size = knownSize(config, metadata);
    if (size === undefined) {
      if (data === undefined) return undefined;
      size = readSize(data);
      if (size === undefined) throw cannotDescribe(config, "bad-media", `its first ${name} sample is no key frame`);
    }
    return {
      codecName: name,
      fourcc,
      size,
      framing: nonEmptyFraming(config.streamNumber, `a ${name} frame`),
    };
  }
  return {
    names: [codecString],
    matches: (codec) => strings.test(codec),
    describe,
    missing: () => `${name} needs codedWidth and codedHeight, or a key frame`,
  };
}

/** VP8. */
export const vp8: VideoCodec = /* @__PURE__ */ makeEntry("VP8", "VP80", VP8_STRING, "vp8", vp8Size);

/** VP9. */
export const vp9: VideoCodec = /* @__PURE__ */ makeEntry("VP9", "VP90", VP9_STRING, "vp09.PP.LL.DD", vp9Size);
