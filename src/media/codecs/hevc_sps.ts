/**
 * Sequence parameter sets of HEVC ([H.265] 7.3.2.2, 7.3.3): what a container has to know of them.
 *
 * @module
 */

import { BitReader, unsignedGolomb } from "../../bytes/bit_reader.ts";
import { toRbsp } from "../nal/syntax.ts";

/** What a sequence parameter set says. */
export interface HevcSps {
  /** `sps_seq_parameter_set_id`. */
  readonly id: number;
  /** Profile, tier, compatibility, constraints and level: 12 bytes as they stand. */
  readonly profileTierLevel: Uint8Array;
  readonly temporalLayerCount: number;
  readonly isTemporallyNested: boolean;
  readonly chromaFormat: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
  /** Size after cropping. */
  readonly width: number;
  readonly height: number;
  /** How many pictures may overtake one on the way from decode to output order. */
  readonly reorderDepth: number;
}

const MAX_ID = 15;
const MAX_SIDE = 65_535;
const MAX_REORDER_DEPTH = 16;
const PTL_BYTES = 12;
/** In front of it: two bytes of NAL header, one of ids and layers. */
const PTL_OFFSET = 3;

/** Reads a sequence parameter set, NAL header included; `undefined` when it cannot be. */
export function parseHevcSps(nal: Uint8Array): HevcSps | undefined {
  const bytes = toRbsp(nal);
  if (bytes.byteLength < PTL_OFFSET + PTL_BYTES) return undefined;
  const layers = bytes[2]!;
  const maxSubLayer = layers >> 1 & 7;
  const reader = new BitReader(bytes.subarray(PTL_OFFSET + PTL_BYTES));
  skipSubLayers(reader, maxSubLayer);
  const id = unsignedGolomb(reader);
  const chromaFormat = unsignedGolomb(reader);
  if (id > MAX_ID || chromaFormat > 3) return undefined;
  if (chromaFormat === 3) reader.skip(1);
  let width = unsignedGolomb(reader);
  let height = unsignedGolomb(reader);
  if (reader.bit() === 1) { // conformance window, in chroma samples
    const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
    const unitY = chromaFormat === 1 ? 2 : 1;
    width -= unitX * (unsignedGolomb(reader) + unsignedGolomb(reader));
    height -= unitY * (unsignedGolomb(reader) + unsignedGolomb(reader));
  }
  const lumaBits = 8 + unsignedGolomb(reader);
  const chromaBits = 8 + unsignedGolomb(reader);
  unsignedGolomb(reader); // size of picture order counts
  // Those of the highest layer count; without a set for each layer there is the one.
  let reorderDepth = 0;
  for (let i = reader.bit() === 1 ? 0 : maxSubLayer; i <= maxSubLayer; i++) {
    unsignedGolomb(reader);
    reorderDepth = unsignedGolomb(reader);
    unsignedGolomb(reader);
  }
  const isSide = (pixels: number) => pixels >= 1 && pixels <= MAX_SIDE;
  if (reader.exhausted || !isSide(width) || !isSide(height) || lumaBits > 16 || chromaBits > 16) return undefined;
  return {
    id,
    profileTierLevel: bytes.slice(PTL_OFFSET, PTL_OFFSET + PTL_BYTES),
    temporalLayerCount: maxSubLayer + 1,
    isTemporallyNested: (layers & 1) === 1,
    chromaFormat,
    lumaBits,
    chromaBits,
    width,
    height,
    reorderDepth: Math.min(reorderDepth, MAX_REORDER_DEPTH),
  };
}

function skipSubLayers(reader: BitReader, maxSubLayer: number): void {
  if (maxSubLayer === 0) return;
  const bits: number[] = [];
  for (let i = 0; i < 8; i++) {
    const [hasProfile, hasLevel] = [reader.bit(), reader.bit()];
    if (i < maxSubLayer) bits.push(88 * hasProfile + 8 * hasLevel);
  }
  for (const count of bits) reader.skip(count);
}
