/**
 * Colours by their numbers, as containers have them, in WebCodecs' words.
 *
 * @module
 */

import type { ColorSpace } from "../media/sample.ts";

type Words = Readonly<Record<number, string>>;
const PRIMARIES: Words = { 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020", 12: "smpte432" };
const TRANSFERS: Words = {
  1: "bt709",
  6: "smpte170m",
  8: "linear",
  13: "iec61966-2-1",
  16: "pq",
  18: "hlg",
};
const MATRICES: Words = { 0: "rgb", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 9: "bt2020-ncl" };

/** What there are words for; `undefined` where there are none. */
export function colorSpaceOf(
  primaries: number | undefined,
  transfer: number | undefined,
  matrix: number | undefined,
  fullRange: boolean | undefined,
): ColorSpace | undefined {
  const word = (words: Words, code: number | undefined) => code === undefined ? undefined : words[code];
  const space = {
    primaries: word(PRIMARIES, primaries),
    transfer: word(TRANSFERS, transfer),
    matrix: word(MATRICES, matrix),
  };
  if (Object.values(space).every((value) => value === undefined)) return undefined;
  return fullRange === undefined ? space : { ...space, fullRange };
}
