/**
 * Sequence parameter sets ([H.264] 7.3.2.1.1, E.1.1): what a container has to know of them.
 *
 * @module
 */

import { BitReader, signedGolomb, unsignedGolomb } from "../../bytes/bit_reader.ts";
import { toRbsp } from "../nal/syntax.ts";

/** What a sequence parameter set says. */
export interface Sps {
  /** `profile_idc`. */
  readonly profile: number;
  /** `level_idc`: ten times the level. */
  readonly level: number;
  /** Width after cropping. */
  readonly width: number;
  /** Height after cropping. */
  readonly height: number;
  /** Sample aspect ratio; 0:0 when not said. */
  readonly sampleAspectWidth: number;
  readonly sampleAspectHeight: number;
  /** Frames per second from the VUI's timing; undefined when not said. */
  readonly framerate?: number;
  /** How many frames may overtake one on the way from decode to output order. */
  readonly reorderDepth: number;
}

/** Largest picture side this library has words for. */
const MAX_SIDE = 65_535;
/** Above this the tick is that of a clock, not of a picture: streams of 25 pictures a second claim 1000, or 90 000. */
const MAX_FRAMERATE = 300;
/** `aspect_ratio_idc` of a ratio that stands in the VUI itself ([H.264] Table E-1). */
const EXTENDED_SAR = 255;

/** Profiles that say their chroma format ([H.264] 7.3.2.1.1). */
const CHROMA_PROFILES = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
/** Profiles that `constraint_set3_flag` turns into intra-only ones ([H.264] E.2.1). */
const INTRA_PROFILES = [44, 86, 100, 110, 122, 244];
const BASELINE_PROFILE = 66;
/** CAVLC 4:4:4 Intra: no other pictures at all. */
const CAVLC_INTRA_PROFILE = 44;

/** [H.264] Table E-1, from `aspect_ratio_idc` 0. */
const SAMPLE_ASPECTS: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];

/** `MaxDpbMbs` by `level_idc` ([H.264] Table A-1). */
const MAX_DPB_MACROBLOCKS: Readonly<Record<number, number>> = {
  9: 396,
  10: 396,
  11: 900,
  12: 2376,
  13: 2376,
  20: 2376,
  21: 4752,
  22: 8100,
  30: 8100,
  31: 18_000,
  32: 20_480,
  40: 32_768,
  41: 32_768,
  42: 34_816,
  50: 110_400,
  51: 184_320,
  52: 184_320,
  60: 696_320,
  61: 696_320,
  62: 696_320,
};
const MAX_DPB_FRAMES = 16;

/** [H.264] 7.3.2.1.1.1. */
function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  for (let i = 0; i < size && !reader.exhausted; i++) {
    const next = (last + signedGolomb(reader) + 256) & 0xFF;
    if (next === 0) return;
    last = next;
  }
}

/** Chroma format and scaling matrices; answers `ChromaArrayType`, or -1 for a format that is none. */
function readChroma(reader: BitReader): number {
  const chromaFormat = unsignedGolomb(reader);
  if (chromaFormat > 3) return -1;
  const separatePlanes = chromaFormat === 3 && reader.bit() === 1;
  unsignedGolomb(reader); // bit_depth_luma_minus8
  unsignedGolomb(reader); // bit_depth_chroma_minus8
  reader.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (reader.bit() === 1) {
    const lists = chromaFormat === 3 ? 12 : 8;
    for (let i = 0; i < lists; i++) if (reader.bit() === 1) skipScalingList(reader, i < 6 ? 16 : 64);
  }
  return separatePlanes ? 0 : chromaFormat;
}

/** Answers `pic_order_cnt_type`, or -1 for one that is none. */
function readPictureOrder(reader: BitReader): number {
  const type = unsignedGolomb(reader);
  if (type === 0) unsignedGolomb(reader); // log2_max_pic_order_cnt_lsb_minus4
  if (type === 1) {
    reader.skip(1); // delta_pic_order_always_zero_flag
    signedGolomb(reader);
    signedGolomb(reader);
    const cycle = unsignedGolomb(reader);
    if (cycle > 255) return -1;
    for (let i = 0; i < cycle; i++) signedGolomb(reader);
  }
  return type > 2 ? -1 : type;
}

/** [H.264] E.1.2. */
function skipHrd(reader: BitReader): void {
  const count = unsignedGolomb(reader) + 1;
  if (count > 32) {
    reader.exhausted = true;
    return;
  }
  reader.skip(8);
  for (let i = 0; i < count; i++) {
    unsignedGolomb(reader);
    unsignedGolomb(reader);
    reader.skip(1);
  }
  reader.skip(20);
}

/** What the VUI says, each part as far as it could be read. */
interface Vui {
  sampleAspect: readonly [number, number];
  framerate?: number;
  reorderFrames?: number;
}

/** [H.264] E.1.1. Encoders are known to truncate it: what could be read whole counts. */
function readVui(reader: BitReader): Vui {
  const vui: Vui = { sampleAspect: [0, 0] };
  if (reader.bit() === 1) {
    const id = reader.bits(8);
    const aspect = id === EXTENDED_SAR ? [reader.bits(16), reader.bits(16)] as const : SAMPLE_ASPECTS[id];
    if (aspect !== undefined && aspect[0] > 0 && aspect[1] > 0 && !reader.exhausted) vui.sampleAspect = aspect;
  }
  if (reader.bit() === 1) reader.skip(1); // overscan
  if (reader.bit() === 1) {
    reader.skip(4); // video_format, video_full_range_flag
    if (reader.bit() === 1) reader.skip(24); // colour description
  }
  if (reader.bit() === 1) {
    unsignedGolomb(reader); // chroma sample location
    unsignedGolomb(reader);
  }
  if (reader.bit() === 1) {
    const unitsInTick = reader.bits(32);
    const timeScale = reader.bits(32);
    reader.skip(1); // fixed_frame_rate_flag
    // A tick is a field's time ([H.264] E.2.1, num_units_in_tick).
    const framerate = timeScale / (2 * unitsInTick);
    if (framerate > 0 && framerate <= MAX_FRAMERATE && !reader.exhausted) vui.framerate = framerate;
  }
  const nalHrd = reader.bit() === 1;
  if (nalHrd) skipHrd(reader);
  const vclHrd = reader.bit() === 1;
  if (vclHrd) skipHrd(reader);
  if (nalHrd || vclHrd) reader.skip(1); // low_delay_hrd_flag
  reader.skip(1); // pic_struct_present_flag
  if (reader.bit() === 1) {
    reader.skip(1); // motion_vectors_over_pic_boundaries_flag
    for (let i = 0; i < 4; i++) unsignedGolomb(reader);
    const reorderFrames = unsignedGolomb(reader);
    if (!reader.exhausted && reorderFrames <= MAX_DPB_FRAMES) vui.reorderFrames = reorderFrames;
  }
  return vui;
}

/** `MaxDpbFrames` ([H.264] A.3.1); the most there can be for a level unknown. */
function maxDpbFrames(profile: number, level: number, constraint3: boolean, macroblocks: number): number {
  const isLevel1b = level === 11 && constraint3 && (profile === 66 || profile === 77 || profile === 88);
  const room = MAX_DPB_MACROBLOCKS[isLevel1b ? 9 : level];
  return room === undefined ? MAX_DPB_FRAMES : Math.min(MAX_DPB_FRAMES, Math.floor(room / macroblocks));
}

/** Reads a sequence parameter set, NAL header included; `undefined` when it is not one. */
export function parseSps(nal: Uint8Array): Sps | undefined {
  const reader = new BitReader(toRbsp(nal));
  reader.skip(8); // NAL header
  const profile = reader.bits(8);
  reader.skip(3);
  const constraint3 = reader.bit() === 1;
  reader.skip(4);
  const level = reader.bits(8);
  unsignedGolomb(reader); // seq_parameter_set_id
  const chroma = CHROMA_PROFILES.includes(profile) ? readChroma(reader) : 1;
  unsignedGolomb(reader); // log2_max_frame_num_minus4
  const pictureOrder = readPictureOrder(reader);
  unsignedGolomb(reader); // max_num_ref_frames
  reader.skip(1); // gaps_in_frame_num_value_allowed_flag
  const macroblocksWide = unsignedGolomb(reader) + 1;
  const mapUnitsHigh = unsignedGolomb(reader) + 1;
  const framesOnly = reader.bit() === 1;
  if (!framesOnly) reader.skip(1); // mb_adaptive_frame_field_flag
  reader.skip(1); // direct_8x8_inference_flag
  const macroblocksHigh = mapUnitsHigh * (framesOnly ? 1 : 2);

  let width = macroblocksWide * 16;
  let height = macroblocksHigh * 16;
  if (reader.bit() === 1) {
    const unitWide = chroma === 1 || chroma === 2 ? 2 : 1;
    const unitHigh = (chroma === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
    width -= unitWide * (unsignedGolomb(reader) + unsignedGolomb(reader));
    height -= unitHigh * (unsignedGolomb(reader) + unsignedGolomb(reader));
  }
  const hasVui = reader.bit() === 1;
  if (reader.exhausted || chroma < 0 || pictureOrder < 0) return undefined;
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE) return undefined;

  const vui: Vui = hasVui ? readVui(reader) : { sampleAspect: [0, 0] };
  const neverReorders = profile === BASELINE_PROFILE || profile === CAVLC_INTRA_PROFILE || pictureOrder === 2 ||
    (constraint3 && INTRA_PROFILES.includes(profile));
  return {
    profile,
    level,
    width,
    height,
    sampleAspectWidth: vui.sampleAspect[0],
    sampleAspectHeight: vui.sampleAspect[1],
    framerate: vui.framerate,
    reorderDepth: neverReorders
      ? 0
      : vui.reorderFrames ?? maxDpbFrames(profile, level, constraint3, macroblocksWide * macroblocksHigh),
  };
}
