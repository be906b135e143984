/**
 * Colour spaces: WebCodecs' words, as numbers ([H.265] E.3.1).
 *
 * @module
 */

import type { ChunkMetadata } from "../sample.ts";
import type { VideoStream } from "../stream_config.ts";
import type { ColorCodes } from "./description.ts";

type Table = Readonly<Record<string, number>>;

const PRIMARIES: Table = { bt709: 1, bt470bg: 5, smpte170m: 6, bt2020: 9, smpte432: 12 };
const TRANSFERS: Table = { bt709: 1, smpte170m: 6, linear: 8, "iec61966-2-1": 13, pq: 16, hlg: 18 };
const MATRICES: Table = { rgb: 0, bt709: 1, bt470bg: 5, smpte170m: 6, "bt2020-ncl": 9 };

/** What is said of a stream's colours; `undefined` when it is nothing, or the range alone. */
export function colorOf(config: VideoStream, metadata?: ChunkMetadata): ColorCodes | undefined {
  const said = config.colorSpace ?? metadata?.decoderConfig?.colorSpace;
  if (said === undefined || said === null) return undefined;
  const primaries = codeOf(PRIMARIES, said.primaries);
  const transfer = codeOf(TRANSFERS, said.transfer);
  const matrix = codeOf(MATRICES, said.matrix);
  if (primaries === undefined && transfer === undefined && matrix === undefined) return undefined;
  return { primaries, transfer, matrix, isFullRange: said.fullRange ?? undefined };
}

function codeOf(table: Table, word: string | null | undefined): number | undefined {
  return typeof word === "string" && Object.hasOwn(table, word) ? table[word] : undefined;
}
