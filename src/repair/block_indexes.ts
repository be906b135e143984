/**
 * Index, Media Object Index and Timecode Index Objects ([ASF] 6.2–6.4) from what the packets say.
 *
 * @module
 */

import { affordableInterval } from "../asf/indexes/interval.ts";
import { type BlockIndex, blockIndexBytes, type IndexRow } from "../asf/indexes/block_index.ts";
import { indexObject, mediaObjectIndex, timecodeIndex } from "../asf/objects/index.ts";
import type { IndexParameters } from "../inspect/objects/indexes.ts";
import {
  CLEAN_POINT,
  compareCodes,
  DATA_PACKET,
  MEDIA_OBJECT,
  objectTarget,
  type Timecode,
  TimecodeColumn,
  timeColumn,
} from "../inspect/rules/index_targets.ts";
import type { PacketFacts, WantedIndexes } from "../inspect/rules/packet_facts.ts";

const POINTS: readonly number[] = [DATA_PACKET, MEDIA_OBJECT, CLEAN_POINT];

/** Plans what was wanted, as far as it can be made. Intervals may have become larger. */
export function planBlockIndexes(facts: PacketFacts, wanted: WantedIndexes): BlockIndex[] {
  const { time, mediaObject, timecode } = wanted;
  return [
    time && isPossible(time, facts) ? timeIndex(time, facts) : undefined,
    mediaObject && isPossible(mediaObject, facts) ? objectIndex(mediaObject, facts) : undefined,
    timecode && isPossible(timecode, facts) ? codeIndex(timecode, facts) : undefined,
  ].filter((index) => index !== undefined);
}

/** Size of all of them. */
export function blockIndexesBytes(indexes: readonly BlockIndex[]): number {
  return indexes.reduce((sum, index) => sum + blockIndexBytes(index), 0);
}

function isPossible({ interval, specifiers }: IndexParameters, facts: PacketFacts): boolean {
  return interval > 0 && specifiers.length > 0 && specifiers.every(({ streamNumber, type }) => {
    const track = facts.byNumber[streamNumber];
    const table = type === CLEAN_POINT && track?.objects === undefined ? track?.keys : track?.objects;
    return POINTS.includes(type) && table !== undefined && !table.isCut;
  });
}

function roomyInterval({ interval, specifiers }: IndexParameters, span: number, facts: PacketFacts): number {
  return affordableInterval(interval, 4 * specifiers.length, span, facts.packetCount * facts.packetBytes);
}

function timeIndex(wanted: IndexParameters, facts: PacketFacts): BlockIndex {
  const interval = roomyInterval(wanted, facts.lastMs, facts);
  const rowCount = Math.ceil(facts.lastMs / interval) + 1;
  return {
    ...common(facts, wanted),
    object: indexObject,
    interval,
    *rows(): Generator<IndexRow> {
      const columns = wanted.specifiers.map((one) => timeColumn(one, facts)!);
      for (let row = 0; row < rowCount; row++) yield { packets: columns.map((column) => column.at(row * interval)) };
    },
  };
}

function objectIndex(wanted: IndexParameters, facts: PacketFacts): BlockIndex {
  const columns = wanted.specifiers.map(({ streamNumber, type }) => ({ track: facts.byNumber[streamNumber]!, type }));
  const objectCount = Math.max(...columns.map(({ track }) => track.objects!.count));
  const interval = roomyInterval(wanted, objectCount, facts);
  return {
    ...common(facts, wanted),
    object: mediaObjectIndex,
    interval,
    *rows(): Generator<IndexRow> {
      for (let object = 0; object < objectCount; object += interval) {
        yield { packets: columns.map(({ track, type }) => objectTarget(track, type, object)) };
      }
    },
  };
}

function codeIndex(wanted: IndexParameters, facts: PacketFacts): BlockIndex | undefined {
  const columns = wanted.specifiers.map(({ streamNumber, type }) => ({ track: facts.byNumber[streamNumber]!, type }));
  if (columns.some(({ track, type }) => type === DATA_PACKET || track.timecodes === undefined)) return undefined;
  return {
    ...common(facts, wanted),
    object: timecodeIndex,
    interval: 1,
    *rows(): Generator<IndexRow> {
      const coded = columns.map(({ track, type }) => new TimecodeColumn(track, type));
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

function common({ packetBytes, packetCount }: PacketFacts, { specifiers }: IndexParameters) {
  return { specifiers, packetBytes, packetCount };
}
