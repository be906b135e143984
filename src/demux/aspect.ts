/**
 * Shapes of pixels and pictures.
 *
 * @module
 */

/** What a stream description can say. */
const MAX_PART = 65_535;

/** The display aspect of a picture whose pixels are not square; nothing where they are, or nothing is known. */
export function displayAspect(
  width: number,
  height: number,
  pixelWidth: number,
  pixelHeight: number,
): { displayAspectWidth?: number; displayAspectHeight?: number } {
  let x = width * pixelWidth;
  let y = height * pixelHeight;
  if (!(x > 0 && y > 0) || pixelWidth === pixelHeight) return {};
  const divisor = greatestCommonDivisor(x, y);
  x /= divisor;
  y /= divisor;
  const excess = Math.max(x, y) / MAX_PART;
  if (excess > 1) [x, y] = [Math.max(1, Math.round(x / excess)), Math.max(1, Math.round(y / excess))];
  return { displayAspectWidth: x, displayAspectHeight: y };
}

function greatestCommonDivisor(a: number, b: number): number {
  while (b > 0) [a, b] = [b, a % b];
  return a;
}
