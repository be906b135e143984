/**
 * Index, Media Object Index and Timecode Index Objects ([ASF] 6.2–6.4) from what the packets say.
 *
 * @module
 */

import { type BlockIndex, blockIndexBytes, type IndexRow } from "../asf/indexes/block_index.ts";
import { indexObject, mediaObjectIndex, timecodeIndex } from "../asf/objects/index.ts";
import type { IndexParameters } from "../inspect/objects/indexes.ts";
import {
  CLEAN_POINT,
  type CodedObject,
  codedObjects,
  compareCodes,
  DATA_PACKET,
  FRAME_NUMBER,
  objectTarget,
  timeColumn,
} from "../inspect/rules/index_targets.ts";
import type { PacketFacts, StreamTrack, WantedIndexes } from "../inspect/rules/packet_facts.ts";

/** An index must not be larger than a tenth of what it is about, where that would make it large. */
const FREE_BYTES = 1 << 20;
const LARGEST_SHARE = 0.1;

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
    return type !== FRAME_NUMBER && table !== undefined && !table.isCut;
  });
}

/** The interval, doubled until there is room for the rows. */
function roomyInterval({ interval, specifiers }: IndexParameters, span: number, facts: PacketFacts): number {
  const room = FREE_BYTES + LARGEST_SHARE * facts.packetCount * facts.packetBytes;
  let roomy = interval;
  while (4 * specifiers.length * (span / roomy) > room) roomy *= 2;
  return roomy;
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

/** One stream of a Timecode Index. */
interface CodedTrack {
  readonly track: StreamTrack;
  readonly coded: readonly CodedObject[];
  readonly types: readonly number[];
}

function codeIndex(wanted: IndexParameters, facts: PacketFacts): BlockIndex | undefined {
  const { specifiers } = wanted;
  if (specifiers.some(({ type }) => type === DATA_PACKET)) return undefined;
  const tracks = specifiers.map(({ streamNumber, type }): CodedTrack => {
    const track = facts.byNumber[streamNumber]!;
    return { track, coded: track.timecodes === undefined ? [] : codedObjects(track), types: [type] };
  });
  const all = tracks.flatMap(({ coded }) => coded).sort(compareCodes);
  const codes = all.filter((one, i) => i === 0 || compareCodes(all[i - 1]!, one) !== 0);
  return {
    ...common(facts, wanted),
    object: timecodeIndex,
    interval: 1,
    *rows(): Generator<IndexRow> {
      const next = tracks.map(() => 0);
      for (const code of codes) {
        const packets = tracks.flatMap(({ track, coded, types }, i) => {
          while (next[i]! < coded.length && compareCodes(coded[next[i]!]!, code) <= 0) next[i]!++;
          const last = coded[next[i]! - 1];
          const isThere = last !== undefined && last.range === code.range;
          return types.map((type) => isThere ? objectTarget(track, type, last.object) : -1);
        });
        yield { packets, timecode: code.timecode, timecodeRange: code.range };
      }
    },
  };
}

function common({ packetBytes, packetCount }: PacketFacts, { specifiers }: IndexParameters) {
  return { specifiers, packetBytes, packetCount };
}
