/**
 * Which indexes a file has beside its Simple Indexes.
 *
 * @module
 */

import { MAX_DWORD } from "../../bytes/limits.ts";
import { checkInteger } from "../../container/checks.ts";
import { CREATE_ASF } from "../checks.ts";
import {
  type IndexSpecifier,
  NEAREST_CLEAN_POINT,
  NEAREST_DATA_PACKET,
  NEAREST_MEDIA_OBJECT,
} from "../objects/index_parameters.ts";

/**
 * What an index leads to: the packet with the last data up to there, with the beginning of the last sample, or with that
 * of the last key frame; of audio every sample is one.
 */
export type IndexPoint = "packet" | "sample" | "key";

/** Indexes that Windows reads; FFmpeg, GStreamer and VLC pass over them. */
export interface IndexOptions {
  /**
   * Writes an Index Object, with an entry for every stream each so many milliseconds, audio included: 1 to 2^32 - 1;
   * default none. More than 131 072 entries come so much farther apart, twice or four times ([ASF] 6.2).
   */
  timeIndexMs?: number;
  /**
   * Writes a Media Object Index Object, with an entry for every stream each so many samples: 1 to 2^32 - 1; default none.
   * More than 131 072 entries come farther apart ([ASF] 6.3).
   */
  sampleIndexInterval?: number;
  /**
   * Whether a Timecode Index Object is written, with an entry for every time code; default false. At least one stream must
   * declare the payload extension `"timecode"`. Of more than 262 144 time codes every second or fourth is in it ([ASF] 6.4).
   */
  timecodeIndex?: boolean;
  /**
   * What these indexes lead to, one column of each stream for each; default `["key"]`. A Timecode Index never leads to
   * `"packet"` ([ASF] 4.9–4.11).
   */
  indexPoints?: readonly IndexPoint[];
}

/** As stored. */
export const POINT_TYPES: Readonly<Record<IndexPoint, number>> = {
  packet: NEAREST_DATA_PACKET,
  sample: NEAREST_MEDIA_OBJECT,
  key: NEAREST_CLEAN_POINT,
};

/** {@linkcode IndexOptions} with every value settled. */
export interface IndexSettings {
  readonly timeIndexMs: number | undefined;
  readonly sampleIndexInterval: number | undefined;
  readonly timecodeIndex: boolean;
  /** Types of entries. */
  readonly points: readonly number[];
}

/** Settles the options. @param action What they are for. @throws {TypeError} @throws {RangeError} */
export function indexSettings(options: IndexOptions, action: string = CREATE_ASF): IndexSettings {
  const { timeIndexMs, sampleIndexInterval, timecodeIndex = false, indexPoints = ["key"] } = options;
  for (const [name, value] of Object.entries({ timeIndexMs, sampleIndexInterval })) {
    if (value !== undefined) checkInteger(action, name, value, 1, MAX_DWORD);
  }
  if (typeof timecodeIndex !== "boolean") {
    throw new TypeError(`${action}: timecodeIndex must be a boolean`);
  }
  if (!Array.isArray(indexPoints)) throw new TypeError(`${action}: indexPoints must be a list`);
  const points = indexPoints.map((point) => {
    if (Object.hasOwn(POINT_TYPES, point)) return POINT_TYPES[point as IndexPoint];
    throw new RangeError(
      `${action}: indexPoints must be of ${Object.keys(POINT_TYPES).join(", ")}, got ${point}`,
    );
  });
  if (points.length === 0 || new Set(points).size < points.length) {
    throw new RangeError(`${action}: indexPoints must be one or more, each once`);
  }
  if (timecodeIndex && points.every((point) => point === NEAREST_DATA_PACKET)) {
    throw new RangeError(`${action}: a timecodeIndex must lead to "sample" or "key"`);
  }
  return { timeIndexMs, sampleIndexInterval, timecodeIndex, points };
}

/** The columns of an index: for each stream each type of point. */
export function specifiersOf(streamNumbers: readonly number[], points: readonly number[]): IndexSpecifier[] {
  return streamNumbers.flatMap((streamNumber) => points.map((type) => ({ streamNumber, type })));
}
