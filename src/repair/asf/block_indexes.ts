/**
 * Index, Media Object Index and Timecode Index Objects ([ASF] 6.2–6.4) from what the packets say.
 *
 * @module
 */

import { type BlockIndex, blockIndexBytes, type IndexRow } from "../../asf/indexes/block_index.ts";
import { affordableInterval } from "../../asf/indexes/interval.ts";
import { indexObject, mediaObjectIndex, timecodeIndex } from "../../asf/objects/index.ts";
import { CLEAN_POINT, DATA_PACKET, type IndexParameters, MEDIA_OBJECT } from "../../inspect/asf/objects/indexes.ts";
import type { WantedIndexes } from "../../inspect/asf/scan/announced_indexes.ts";
import {
  compareCodes,
  objectTarget,
  type Timecode,
  TimecodeColumn,
  timeColumn,
} from "../../inspect/asf/scan/index_targets.ts";
import type { PacketStatistics } from "../../inspect/asf/scan/packet_statistics.ts";

const POINTS: readonly number[] = [DATA_PACKET, MEDIA_OBJECT, CLEAN_POINT];

/** Plans what was wanted, as far as it can be made. Intervals may have become larger. */
export function planBlockIndexes(statistics: PacketStatistics, wanted: WantedIndexes): BlockIndex[] {
  const { time, mediaObject, timecode } = wanted;
  return [
    time && isPossible(time, statistics) ? timeIndex(time, statistics) : undefined,
    mediaObject && isPossible(mediaObject, statistics) ? objectIndex(mediaObject, statistics) : undefined,
    timecode && isPossible(timecode, statistics) ? codeIndex(timecode, statistics) : undefined,
  ].filter((index) => index !== undefined);
}

/** Size of all of them. */
export function blockIndexesBytes(indexes: readonly BlockIndex[]): number {
  return indexes.reduce((sum, index) => sum + blockIndexBytes(index), 0);
}

function isPossible({ interval, specifiers }: IndexParameters, statistics: PacketStatistics): boolean {
  return interval > 0 && specifiers.length > 0 && specifiers.every(({ streamNumber, type }) => {
    const stats = statistics.byNumber[streamNumber];
    const table = type === CLEAN_POINT && stats?.objects === undefined ? stats?.keys : stats?.objects;
    return POINTS.includes(type) && table !== undefined && !table.isCut;
  });
}

function roomyInterval({ interval, specifiers }: IndexParameters, span: number, statistics: PacketStatistics): number {
  return affordableInterval(interval, 4 * specifiers.length, span, statistics.packetCount * statistics.packetBytes);
}

function timeIndex(wanted: IndexParameters, statistics: PacketStatistics): BlockIndex {
  const interval = roomyInterval(wanted, statistics.lastMs, statistics);
  const rowCount = Math.ceil(statistics.lastMs / interval) + 1;
  return {
    ...common(statistics, wanted),
    object: indexObject,
    interval,
    *rows(): Generator<IndexRow> {
      const columns = wanted.specifiers.map((one) => timeColumn(one, statistics)!);
      for (let row = 0; row < rowCount; row++) yield { packets: columns.map((column) => column.at(row * interval)) };
    },
  };
}

function objectIndex(wanted: IndexParameters, statistics: PacketStatistics): BlockIndex {
  const columns = wanted.specifiers.map(({ streamNumber, type }) => ({
    stats: statistics.byNumber[streamNumber]!,
    type,
  }));
  const objectCount = Math.max(...columns.map(({ stats }) => stats.objects!.count));
  const interval = roomyInterval(wanted, objectCount, statistics);
  return {
    ...common(statistics, wanted),
    object: mediaObjectIndex,
    interval,
    *rows(): Generator<IndexRow> {
      for (let object = 0; object < objectCount; object += interval) {
        yield { packets: columns.map(({ stats, type }) => objectTarget(stats, type, object)) };
      }
    },
  };
}

function codeIndex(wanted: IndexParameters, statistics: PacketStatistics): BlockIndex | undefined {
  const columns = wanted.specifiers.map(({ streamNumber, type }) => ({
    stats: statistics.byNumber[streamNumber]!,
    type,
  }));
  if (columns.some(({ stats, type }) => type === DATA_PACKET || stats.timecodes === undefined)) return undefined;
  return {
    ...common(statistics, wanted),
    object: timecodeIndex,
    interval: 1,
    *rows(): Generator<IndexRow> {
      const coded = columns.map(({ stats, type }) => new TimecodeColumn(stats, type));
      for (let code = firstOf(coded); code !== undefined; code = firstOf(coded)) {
        const { timecode, range: timecodeRange } = code;
        yield { packets: coded.map((column) => column.at(code!) ?? -1), timecode, timecodeRange };
      }
    },
  };
}

/** The first time code that is left in any of them. */
function firstOf(columns: readonly TimecodeColumn[]): Timecode | undefined {
  let first: Timecode | undefined;
  for (const { next } of columns) {
    if (next !== undefined && (first === undefined || compareCodes(next, first) < 0)) first = next;
  }
  return first;
}

function common({ packetBytes, packetCount }: PacketStatistics, { specifiers }: IndexParameters) {
  return { specifiers, packetBytes, packetCount };
}
