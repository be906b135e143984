/**
 * How files are repaired, and what became of them.
 *
 * @module
 */

import type { IndexOptions as BlockIndexOptions } from "../asf/indexes/options.ts";
import { DEFAULT_INDEX_INTERVAL_MS } from "../asf/indexes/simple_index.ts";
import { MAX_DWORD } from "../bytes/limits.ts";
import type { SinkLike } from "../sinks/sink.ts";
import type { ForceOption, RepairSource } from "./target.ts";

/** What errors say could not be done. */
export const REPAIR = "repair file";
export const INDEX = "index file";

/** How a file is repaired. */
export interface RepairOptions extends ForceOption {
  /** Where the repaired file goes; the input stays as it is then. Default: in its place. */
  output?: SinkLike;
  /** Distance of index entries in whole milliseconds, at least 1; default 200. */
  indexIntervalMs?: number;
  /**
   * For MP4 whose Movie Box is gone: a whole file of the same recorder, which shows what the samples are. Pictures of H.264
   * and HEVC are found that are not reordered, and sound of a constant size; other sound is left out. Default: none.
   */
  like?: RepairSource;
}

/** Bytes of the input that hold nothing that can be kept. */
export interface Loss {
  /** Offset in the input. */
  readonly offset: number;
  /** How many bytes. */
  readonly byteLength: number;
}

/** What became of a file. */
export interface RepairReport {
  /** What it is. */
  readonly format: "asf" | "matroska" | "mp4";
  /** Whether there was nothing to repair: it stays as it is. */
  readonly wasSound: boolean;
  /** Size of the file now. */
  readonly size: number;
  /** Data packets in it; of Matroska, blocks; of MP4, samples. */
  readonly packetCount: number;
  /** From the first to the last presentation time, the preroll not included, ms; of the others, as they say. */
  readonly durationMs: number;
  /** Simple Indexes in it; of Matroska, 1 if it has Cues; of MP4, 1. */
  readonly indexCount: number;
  /** Distance of their entries: of Matroska, the least; of MP4 it says nothing. */
  readonly indexIntervalMs: number;
  /** Whether all of it was written anew, since there was no room in place. */
  readonly wasRewritten: boolean;
  /** Bytes in which nothing could be found, such as a last packet or block that is cut off. */
  readonly lostBytes: number;
  /** Where they were: the first 1000 places. */
  readonly losses: readonly Loss[];
  /** Media objects, blocks or samples of which something was missing, and which are gone; of MP4 all that are promised. */
  readonly lostObjectCount: number;
  /** What was taken from the `like` file, and what was left out, in words; absent: nothing. */
  readonly remarks?: readonly string[];
  /** Where another file begins behind this one, which the output is without; absent: nowhere. */
  readonly nextFileOffset?: number;
}

/** How a file is indexed: its Simple Indexes or Cues are made anew, and of the other kinds those that are asked for. */
export interface IndexOptions extends BlockIndexOptions, ForceOption {
  /** Distance of index entries in whole milliseconds, at least 1; default 200. Larger where the index would be. */
  indexIntervalMs?: number;
}

/** What became of a file. */
export interface IndexReport {
  /** What it is. */
  readonly format: "asf" | "matroska";
  /** Size of the file now. */
  readonly size: number;
  /** Data packets in it; of Matroska, blocks. */
  readonly packetCount: number;
  /** Simple Indexes in it: one for each video stream that is to be seen; of Matroska, 1 for the Cues. */
  readonly indexCount: number;
  /** Distance of their entries: of Matroska, the least. */
  readonly indexIntervalMs: number;
  /** Index, Media Object Index and Timecode Index Objects that were made. */
  readonly otherIndexCount: number;
  /** Whether all of it was written anew, since its header had no room to announce them. */
  readonly wasRewritten: boolean;
}

/** The interval that was asked for, or the usual one. @throws {RangeError} */
export function checkInterval(intervalMs: number = DEFAULT_INDEX_INTERVAL_MS): number {
  if (Number.isInteger(intervalMs) && intervalMs >= 1 && intervalMs <= MAX_DWORD) return intervalMs;
  throw new RangeError(
    `Cannot write index: indexIntervalMs must be whole and within 1–${MAX_DWORD}, got ${intervalMs}`,
  );
}
