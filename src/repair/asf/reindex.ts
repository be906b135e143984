/**
 * Gives a sound file its indexes.
 *
 * @module
 */

import { type IndexOptions as BlockIndexOptions, indexSettings, specifiersOf } from "../../asf/indexes/options.ts";
import { NEAREST_DATA_PACKET } from "../../asf/objects/index_parameters.ts";
import { MuxError } from "../../errors.ts";
import { GUID } from "../../inspect/asf/guid.ts";
import type { AsfHeader } from "../../inspect/asf/header.ts";
import { announcedIndexes, type WantedIndexes } from "../../inspect/asf/scan/announced_indexes.ts";
import { withIndexParameters } from "./index_parameters.ts";
import { refuseNextFile } from "./next_file.ts";
import { planRepair } from "./plan.ts";
import { writeRepaired } from "./repair.ts";
import { checkInterval } from "../report.ts";
import { scanPackets } from "./scan.ts";
import { requireSoundHeader, withTarget } from "./target.ts";
import type { FileTarget, ForceOption } from "../target.ts";

/** How a file is indexed: its Simple Indexes are made anew, and of the other kinds those that are asked for. */
export interface IndexOptions extends BlockIndexOptions, ForceOption {
  /** Distance of index entries in whole milliseconds, at least 1; default 200. Larger where the index would be. */
  indexIntervalMs?: number;
}

/** What became of a file. */
export interface IndexReport {
  /** Size of the file now. */
  readonly size: number;
  /** Data packets in it. */
  readonly packetCount: number;
  /** Simple Indexes in it: one for each video stream that is to be seen. */
  readonly indexCount: number;
  /** Distance of their entries. */
  readonly indexIntervalMs: number;
  /** Index, Media Object Index and Timecode Index Objects that were made. */
  readonly otherIndexCount: number;
  /** Whether all of it was written anew, since its header had no room to announce them. */
  readonly wasRewritten: boolean;
}

const ACTION = "index file";

/**
 * Adds indexes ([ASF] 6.1–6.4) to a sound file, or replaces those it has, and marks it as seekable; other kinds than those
 * asked for stay. The file is changed where it lies: the old indexes are cut off, the new ones appended, and one write
 * brings the header up to date. A file on which this was cut short is repaired by `repair`. A header without room to
 * announce a new kind of index grows: then the file is copied beside itself, and the copy takes its place, as `tag` does
 * it. A file that something still writes to is refused, as by {@linkcode repair}.
 *
 * @param target A path, a `file:` URL, or an {@linkcode Editable}.
 * @throws {TypeError} If the target is none of these, or an option not of its type.
 * @throws {RangeError} If an option is out of its range.
 * @throws {MuxError} `bad-media` when it is not a sound ASF file, `missing-description` when no stream has the time codes
 * for a Timecode Index, `unsupported` when a copy is needed which the target cannot make, `in-use` when something writes to
 * it; nothing is changed then.
 *
 * @example
 * ```ts
 * import { index } from "@muxwell/muxwell/repair";
 *
 * async function makeSeekable(path: string): Promise<void> {
 *   const { indexCount } = await index(path, { indexIntervalMs: 100, timeIndexMs: 1000 });
 *   console.log(`${indexCount} video streams indexed`);
 * }
 * console.log(typeof makeSeekable);
 * ```
 */
export async function index(target: FileTarget, options: IndexOptions = {}): Promise<IndexReport> {
  const intervalMs = checkInterval(options.indexIntervalMs);
  indexSettings(options, `Cannot ${ACTION}`);
  return await withTarget(target, { mode: "repair", force: options.force }, async (open) => {
    const announced = announcedIndexes(open.head.header);
    const asked = askedIndexes(open.head.header, options);
    const indexes = { ...announced, ...asked };
    const isNew = Object.keys(asked).length > 0;
    if (isNew) requireSoundHeader(open, ACTION);
    const head = isNew ? await withIndexParameters(open.head, open.dataHead, indexes) : undefined;
    const scan = await scanPackets(open.input, open.head, open.packetBytes, indexes);
    const plan = await planRepair(open, scan, { intervalMs, indexes, head });
    if (scan.lostBytes > 0 || scan.lostObjectCount > 0 || !plan.isUnchanged) {
      const found = scan.lostBytes + scan.lostObjectCount > 0
        ? `${scan.lostBytes} bytes hold no packet, incomplete samples: ${scan.lostObjectCount}`
        : "fields of its packets are wrong";
      throw new MuxError("bad-media", { action: ACTION, reason: `it must be repaired first, ${found}` });
    }
    await refuseNextFile(open, scan, ACTION);
    const wasRewritten = await writeRepaired(open, scan, plan);
    const { size, packetCount, simpleIndexes, blockIndexes } = plan;
    return {
      size,
      packetCount,
      indexCount: simpleIndexes.indexes.length,
      indexIntervalMs: simpleIndexes.intervalMs,
      otherIndexCount: blockIndexes.length,
      wasRewritten,
    };
  });
}

/** What the header is to announce of the kinds that are asked for. */
function askedIndexes({ streams }: AsfHeader, options: IndexOptions): WantedIndexes {
  const { timeIndexMs, sampleIndexInterval, timecodeIndex, points } = indexSettings(options, `Cannot ${ACTION}`);
  const specifiers = specifiersOf(streams.map(({ streamNumber }) => streamNumber), points);
  const coded = streams.filter(({ extended }) =>
    extended?.payloadExtensions.some(({ system }) => system === GUID.timecodeExtension)
  );
  if (timecodeIndex && coded.length === 0) {
    throw new MuxError("missing-description", { action: ACTION, reason: "no stream has time codes" });
  }
  const codePoints = points.filter((type) => type !== NEAREST_DATA_PACKET);
  const codeSpecifiers = specifiersOf(coded.map(({ streamNumber }) => streamNumber), codePoints);
  return {
    ...timeIndexMs === undefined ? {} : { time: { interval: timeIndexMs, specifiers } },
    ...sampleIndexInterval === undefined ? {} : { mediaObject: { interval: sampleIndexInterval, specifiers } },
    ...timecodeIndex ? { timecode: { interval: 1, specifiers: codeSpecifiers } } : {},
  };
}
