/**
 * VP9 in sample entries of type vp09 ([VP9 in ISO BMFF]: VPCodecConfigurationRecord).
 *
 * @module
 */

import { configuredPixelAspect, toPixelAspect } from "../codecs/aspect.ts";
import { BitReader } from "../../bytes/bit_reader.ts";
import { cannotDescribe } from "../codecs/common.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import { colorOf } from "./color.ts";
import type { IsoVideoCodec, VideoTrackDescription } from "./description.ts";

/** Profile, level, bit depth, and optionally chroma, primaries, transfer, matrix, range. */
const CODEC_STRING = /^vp09\.(\d\d)\.(\d\d)\.(\d\d)(?:\.(\d\d)(?:\.(\d\d)(?:\.(\d\d)(?:\.(\d\d)(?:\.(\d\d))?)?)?)?)?$/;
const SYNC_CODE = 0x498342;
const COLOR_SRGB = 7;
/** Level ×10 by the most pixels of a picture. */
const LEVELS: readonly [pixels: number, level: number][] = [
  [36_864, 10],
  [73_728, 11],
  [122_880, 20],
  [245_760, 21],
  [552_960, 30],
  [983_040, 31],
  [2_228_224, 40],
  [8_912_896, 50],
  [Infinity, 60],
];

/** What the uncompressed header of a key frame says ([VP9] 6.2). */
interface KeyFrame {
  readonly profile: number;
  readonly bitDepth: number;
  /** As in the record: 1 for 4:2:0, 2 for 4:2:2, 3 for 4:4:4; 4:4:0 is not sayable. */
  readonly chroma: number;
  readonly isFullRange: boolean;
  readonly width: number;
  readonly height: number;
}

function parseKeyFrame(data: Uint8Array): KeyFrame | undefined {
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
  const width = r.bits(16) + 1;
  const height = r.bits(16) + 1;
  return r.exhausted ? undefined : { profile, bitDepth, chroma, isFullRange, width, height };
}

function describe(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoTrackDescription | undefined {
  const said = config.codec.match(CODEC_STRING)?.slice(1).map((part) => part === undefined ? undefined : Number(part));
  let width = config.codedWidth ?? metadata?.decoderConfig?.codedWidth;
  let height = config.codedHeight ?? metadata?.decoderConfig?.codedHeight;
  let key: KeyFrame | undefined;
  if (said === undefined || !width || !height) {
    if (data === undefined) return undefined;
    key = parseKeyFrame(data);
    if (key === undefined) throw cannotDescribe(config, "bad-media", "its first VP9 sample is no key frame");
    width = key.width;
    height = key.height;
  }
  const pixels = width * height;
  const level = said?.[1] ?? LEVELS.find(([most]) => pixels <= most)![1];
  const [profile, bitDepth] = [said?.[0] ?? key!.profile, said?.[2] ?? key!.bitDepth];
  const chroma = said?.[3] ?? key?.chroma ?? 1;
  // The bit stream knows families of colours alone, and strings made of it guess.
  const color = colorOf(config, metadata);
  const primaries = color?.primaries ?? said?.[4] ?? 1;
  const transfer = color?.transfer ?? said?.[5] ?? 1;
  const matrix = color?.matrix ?? said?.[6] ?? 1;
  const range = color?.isFullRange === undefined ? said?.[7] ?? (key?.isFullRange ? 1 : 0) : Number(color.isFullRange);
  return {
    kind: "video",
    codecName: "VP9",
    sampleEntry: "vp09",
    config: {
      type: "vpcC",
      // Version 1 and flags, then the record; it never has initialization data.
      body: Uint8Array.of(
        ...[1, 0, 0, 0, profile, level, bitDepth << 4 | chroma << 1 | range],
        ...[primaries, transfer, matrix, 0, 0],
      ),
    },
    codedWidth: width,
    codedHeight: height,
    ...(configuredPixelAspect(config, width, height) ?? toPixelAspect(1, 1)),
    reorderDepth: 0,
    framerate: config.framerate,
    bitrate: config.bitrate,
  };
}

/** VP9. */
export const vp9: IsoVideoCodec = {
  name: "VP9 (vp09.PP.LL.DD, vp9)",
  matches: (codec) => typeof codec === "string" && (codec === "vp9" || CODEC_STRING.test(codec)),
  describe,
  missing: "VP9 needs its full codec string with codedWidth and codedHeight, or a key frame",
};
