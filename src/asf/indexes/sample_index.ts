/**
 * The Media Object Index Object ([ASF] 6.3): where to begin to read for every n-th object of each stream.
 *
 * @module
 */

import { mediaObjectIndex } from "../objects/index.ts";
import { NEAREST_DATA_PACKET, NEAREST_MEDIA_OBJECT } from "../objects/index_parameters.ts";
import type { BlockIndex, IndexRow } from "./block_index.ts";
import type { IndexSource } from "./index_source.ts";
import { objectPacket, objectRowCount, type ObjectTable } from "./object_rows.ts";
import { specifiersOf } from "./options.ts";
import type { Slice } from "./slice.ts";

/** One column: whose objects, and which of their packets. */
interface Column {
  readonly table: ObjectTable;
  readonly from: "firsts" | "lasts" | "keys";
  readonly rowCount: number;
}

/**
 * The index of one output; absent where none was asked for, and for an output that joined later: its objects have other
 * numbers.
 */
export function sampleIndex(source: IndexSource, { firstPacket, packetCount }: Slice): BlockIndex | undefined {
  const { sampleIndexInterval, points, packetBytes, streams, facts } = source;
  if (sampleIndexInterval === undefined || firstPacket > 0) return undefined;
  const tables = facts.tables.map(({ objects }) => objects!.table);
  const interval = Math.max(sampleIndexInterval, ...tables.map((table) => table.interval));
  const columns = streams.flatMap(({ slot, hasKeys }) =>
    points.map((type): Column => {
      const table = tables[slot]!;
      // Of audio every object is one to begin at.
      const isKey = hasKeys && type !== NEAREST_MEDIA_OBJECT;
      const from = type === NEAREST_DATA_PACKET ? "lasts" : isKey ? "keys" : "firsts";
      return { table, from, rowCount: objectRowCount(table, interval, packetCount) };
    })
  );
  return {
    object: mediaObjectIndex,
    interval,
    specifiers: specifiersOf(streams.map(({ number }) => number), points),
    packetBytes,
    packetCount,
    rows: () => rowsOf(columns, interval),
  };
}

function* rowsOf(columns: readonly Column[], interval: number): Generator<IndexRow> {
  const packets = columns.map(() => -1);
  const rowCount = Math.max(0, ...columns.map((column) => column.rowCount));
  for (let row = 0; row < rowCount; row++) {
    columns.forEach(({ table, from, rowCount }, i) => {
      packets[i] = row < rowCount ? objectPacket(table, row, interval, from) : -1;
    });
    yield { packets };
  }
}
