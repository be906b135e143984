/**
 * Video object layer headers of MPEG-4 part 2 ([ISO 14496-2] 6.2.3).
 *
 * @module
 */

import { BitReader } from "../../bytes/bit_reader.ts";

/** What a VOL header says. */
export interface Vol {
  /** Width and height; 0 for shapes that are no rectangles. */
  readonly width: number;
  readonly height: number;
  /** Pixel aspect ratio; 0:0 when not said. */
  readonly pixelWidth: number;
  readonly pixelHeight: number;
  /** Pictures per second, where the rate is fixed. */
  readonly framerate?: number;
  /** There are no B-VOPs. */
  readonly isLowDelay: boolean;
}

/** `video_object_type_indication` of objects without B-VOPs ([ISO 14496-2] Table 6-10). */
const SIMPLE_OBJECT = 1;
/** `aspect_ratio_info` ([ISO 14496-2] Table 6-12). */
const PIXEL_ASPECTS: readonly (readonly [number, number])[] = [[0, 0], [1, 1], [12, 11], [10, 11], [16, 11], [40, 33]];
const EXTENDED_PAR = 15;
const SHAPE_RECTANGULAR = 0;
const SHAPE_GRAYSCALE = 3;
/** Above this the resolution is that of a clock, not of pictures. */
const MAX_FRAMERATE = 300;

/** Reads what follows the start code; `undefined` when it is cut off. */
export function parseVol(data: Uint8Array): Vol | undefined {
  const r = new BitReader(data);
  r.skip(1); // random_accessible_vol
  const objectType = r.bits(8);
  let version = 1;
  if (r.bit() === 1) {
    version = r.bits(4);
    r.skip(3);
  }
  const aspect = r.bits(4);
  const pixel = aspect === EXTENDED_PAR ? [r.bits(8), r.bits(8)] as const : PIXEL_ASPECTS[aspect] ?? [0, 0] as const;
  let isLowDelay = objectType === SIMPLE_OBJECT;
  if (r.bit() === 1) { // vol_control_parameters
    r.skip(2);
    isLowDelay = r.bit() === 1;
    if (r.bit() === 1) r.skip(79); // vbv_parameters
  }
  const shape = r.bits(2);
  if (shape === SHAPE_GRAYSCALE && version !== 1) r.skip(4);
  r.skip(1); // marker
  const resolution = r.bits(16);
  r.skip(1);
  const increment = r.bit() === 1 ? r.bits(Math.max(1, 32 - Math.clz32(resolution - 1))) : 0;
  let [width, height] = [0, 0];
  if (shape === SHAPE_RECTANGULAR) {
    r.skip(1);
    width = r.bits(13);
    r.skip(1);
    height = r.bits(13);
  }
  if (r.exhausted || resolution === 0) return undefined;
  const framerate = resolution / increment;
  return {
    width,
    height,
    pixelWidth: pixel[0],
    pixelHeight: pixel[1],
    framerate: framerate <= MAX_FRAMERATE ? framerate : undefined,
    isLowDelay,
  };
}
