/**
 * Pixel aspect ratios.
 *
 * @module
 */

import type { VideoStream } from "../stream_config.ts";

/** The part of a description that says the shape of a pixel. */
export interface PixelAspect {
  readonly pixelAspectWidth: number;
  readonly pixelAspectHeight: number;
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}

/** A ratio in lowest terms; 1:1 where a part is 0. */
export function toPixelAspect(width: number, height: number): PixelAspect {
  if (width === 0 || height === 0) return { pixelAspectWidth: 1, pixelAspectHeight: 1 };
  const divisor = greatestCommonDivisor(width, height);
  return { pixelAspectWidth: width / divisor, pixelAspectHeight: height / divisor };
}

/** The shape of a pixel that shows a picture of this size in the configured display aspect ratio, if there is one. */
export function configuredPixelAspect(config: VideoStream, width: number, height: number): PixelAspect | undefined {
  const { displayAspectWidth, displayAspectHeight } = config;
  if (displayAspectWidth === undefined || displayAspectHeight === undefined) return undefined;
  return toPixelAspect(displayAspectWidth * height, displayAspectHeight * width);
}
