/**
 * Motion JPEG: each sample a whole JPEG picture.
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { findSize, type PictureSize } from "./common.ts";

const CODEC_STRING = /^(mjpeg|jpeg|mjpg|mp4v\.6c)$/i;

/** Markers ([T.81] Table B.1). */
const SOI = 0xD8;
const SOF_FIRST = 0xC0;
const SOF_LAST = 0xCF;
/** Huffman tables, JPEG extensions, arithmetic conditioning: among the frame headers, and none. */
const NO_SOF = [0xC4, 0xC8, 0xCC];
const SOS = 0xDA;

/** Size in the frame header ([T.81] B.2.2): length u16, precision u8, height u16, width u16. */
function jpegSize(data: Uint8Array): PictureSize | undefined {
  if (data[0] !== 0xFF || data[1] !== SOI) return undefined;
  for (let at = 2; at + 9 <= data.byteLength && data[at] === 0xFF;) {
    const marker = data[at + 1]!;
    if (marker === 0xFF) {
      at++;
      continue;
    }
    if (marker === SOS) return undefined;
    if (marker >= SOF_FIRST && marker <= SOF_LAST && !NO_SOF.includes(marker)) {
      const [height, width] = [data[at + 5]! << 8 | data[at + 6]!, data[at + 7]! << 8 | data[at + 8]!];
      return width > 0 && height > 0 ? { width, height } : undefined;
    }
    at += 2 + (data[at + 2]! << 8 | data[at + 3]!);
  }
  return undefined;
}

function parse(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoFacts | undefined {
  const size = findSize(config, metadata, data, jpegSize, "sample is no JPEG picture");
  return size && { codecName: "Motion JPEG", size };
}

/** Motion JPEG. */
export const mjpeg: VideoCodec = {
  matches: (codec) => CODEC_STRING.test(codec),
  parse,
  missing: () => "Motion JPEG needs codedWidth and codedHeight, or its first picture",
};
