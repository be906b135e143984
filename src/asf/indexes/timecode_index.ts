/**
 * The Timecode Index Object ([ASF] 6.4): where to begin to read for each time code.
 *
 * @module
 */

import { timecodeIndex } from "../objects/index.ts";
import { NEAREST_DATA_PACKET, NEAREST_MEDIA_OBJECT } from "../objects/index_parameters.ts";
import type { BlockIndex, IndexRow } from "./block_index.ts";
import type { IndexSource } from "./index_source.ts";
import { specifiersOf } from "./options.ts";
import type { Slice } from "./slice.ts";
import { compare, type TimecodeRow, timecodeRows, type TimecodeTable } from "./timecode_rows.ts";

/** Interval of an index that has none; readers pass over it. */
const NO_INTERVAL = 1;

interface Track {
  readonly table: TimecodeTable;
  readonly hasKeys: boolean;
}

/** The index of one output; absent where none was asked for, and where no stream has time codes. */
export function timecodeIndexOf(source: IndexSource, slice: Slice): BlockIndex | undefined {
  const { packetBytes, streams, facts } = source;
  if (!source.timecodeIndex) return undefined;
  const points = source.points.filter((type) => type !== NEAREST_DATA_PACKET);
  const coded = streams.filter(({ slot }) => facts.tables[slot]!.timecodes !== undefined);
  if (coded.length === 0) return undefined;
  const tracks = coded.map(({ slot, hasKeys }) => ({ table: facts.tables[slot]!.timecodes!.table, hasKeys }));
  return {
    object: timecodeIndex,
    interval: NO_INTERVAL,
    specifiers: specifiersOf(coded.map(({ number }) => number), points),
    packetBytes,
    packetCount: slice.packetCount,
    rows: () => rowsOf(tracks, points, slice),
  };
}

/** All time codes of all streams, ascending; a stream that has none of its own there stays where it was. */
function* rowsOf(tracks: readonly Track[], points: readonly number[], slice: Slice): Generator<IndexRow> {
  const rows = tracks.map(({ table }) => timecodeRows(table, slice));
  const heads = rows.map((one) => one.next().value);
  const packets = tracks.flatMap(() => points.map(() => -1));
  const ranges = tracks.map(() => -1);
  for (;;) {
    const next = heads.reduce<TimecodeRow | undefined>(
      (least, head) => head !== undefined && (least === undefined || compare(head, least) < 0) ? head : least,
      undefined,
    );
    if (next === undefined) return;
    tracks.forEach(({ hasKeys }, track) => {
      const head = heads[track];
      const isHere = head !== undefined && compare(head, next) === 0;
      if (!isHere && ranges[track] === next.range) return;
      ranges[track] = next.range;
      points.forEach((type, point) => {
        const packet = !isHere ? -1 : hasKeys && type !== NEAREST_MEDIA_OBJECT ? head.key : head.first;
        packets[track * points.length + point] = packet;
      });
      if (isHere) heads[track] = rows[track]!.next().value;
    });
    yield { packets, timecode: next.timecode, timecodeRange: next.range };
  }
}
