/**
 * VC-1 Advanced Profile in the form Windows Media gives it: a binding byte in front of sequence header and entry point, and
 * frames without their start code.
 *
 * @module
 */

import type { Framing } from "../framing.ts";
import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import { BitReader } from "../../bytes/bit_reader.ts";
import { findCode } from "../nal/start_codes.ts";
import type { VideoCodec, VideoFacts } from "./codec.ts";
import { badSample, cannotDescribe, knownSize, type PictureSize, privateData } from "./common.ts";

const CODEC_STRING = /^(vc-?1|wvc1)$/i;

/** Start codes ([SMPTE 421M] Table 255). */
const FRAME = 0x0D;
const SEQUENCE_HEADER = 0x0F;
/** In front of headers that come without one; its lowest bit is always set. */
const BINDING_BYTE = 0x01;
const ADVANCED_PROFILE = 3;
/** B-pictures are never referred to. */
const REORDER_DEPTH = 1;

/** Whether a start code with this suffix stands at `at`. */
function hasStartCode(data: Uint8Array, at: number, suffix: number): boolean {
  return data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1 && data[at + 3] === suffix;
}

/** Largest size of a picture ([SMPTE 421M] 6.1): in units of two pixels, less one. */
function readSize(data: Uint8Array, sequence: number): PictureSize | undefined {
  const r = new BitReader(data.subarray(sequence + 4));
  if (r.bits(2) !== ADVANCED_PROFILE) return undefined;
  r.skip(3 + 2 + 3 + 5 + 1); // level, colour format, quantized rates, postprocessing
  const size = { width: 2 * r.bits(12) + 2, height: 2 * r.bits(12) + 2 };
  return r.exhausted ? undefined : size;
}

/** Takes the start code off a frame; a sample that begins with headers needs all of its start codes. */
function makeFraming(streamNumber: number | undefined): Framing {
  return (data, _isKey, out) => {
    out.add(data, hasStartCode(data, 0, FRAME) ? 4 : 0);
    if (out.count === 0) throw badSample(streamNumber, "a VC-1 frame is never empty");
  };
}

function parse(config: VideoStream, metadata?: ChunkMetadata, data?: Uint8Array): VideoFacts | undefined {
  let headers = privateData(config, metadata);
  if (headers.byteLength === 0) {
    if (data === undefined) return undefined;
    headers = data.subarray(0, findCode(data, 0, (code) => code === FRAME));
  }
  const sequence = findCode(headers, 0, (code) => code === SEQUENCE_HEADER);
  const coded = readSize(headers, sequence);
  if (coded === undefined) {
    throw cannotDescribe(
      config,
      "bad-media",
      "neither its VC-1 description nor its first sample has a sequence header",
    );
  }
  const isBound = sequence === 1;
  const bare = isBound ? headers : headers.subarray(sequence);
  const bound = new Uint8Array(bare.byteLength + (isBound ? 0 : 1));
  bound[0] = BINDING_BYTE;
  bound.set(bare, isBound ? 0 : 1);
  return {
    codecName: "Windows Media Video 9 Advanced Profile",
    size: knownSize(config, metadata) ?? coded,
    assumedReorderDepth: REORDER_DEPTH,
    privateData: bound,
    framing: makeFraming(config.streamNumber),
  };
}

/** VC-1 Advanced Profile. */
export const vc1: VideoCodec = {
  matches: (codec) => CODEC_STRING.test(codec),
  parse,
  missing: () => "VC-1 needs its sequence header: as description, or in a key frame that carries it",
};
