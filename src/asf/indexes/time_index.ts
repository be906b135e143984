/**
 * The Index Object ([ASF] 6.2): where to begin to read for each interval of presentation time.
 *
 * @module
 */

import { INDEX_ENTRY_BYTES } from "../../core/abi.ts";
import type { IndexEntries } from "../../core/types.ts";
import { indexObject } from "../objects/index.ts";
import { NEAREST_CLEAN_POINT, NEAREST_DATA_PACKET } from "../objects/index_parameters.ts";
import type { BlockIndex, IndexRow } from "./block_index.ts";
import type { IndexSource } from "./index_source.ts";
import { specifiersOf } from "./options.ts";
import type { Slice } from "./slice.ts";
import { cellPackets } from "./time_cells.ts";

/** The index of one output; absent where none was asked for. @param endMs Entries reach to or past it. */
export function timeIndex(source: IndexSource, slice: Slice, endMs: number): BlockIndex | undefined {
  const { timeIndexMs, points, packetBytes, streams, facts, core } = source;
  if (timeIndexMs === undefined) return undefined;
  const tables = facts.tables.map(({ cells, keyCells }) => ({ all: cells?.table, keys: (keyCells ?? cells)?.table }));
  const interval = Math.max(
    timeIndexMs,
    ...tables.flatMap(({ all, keys }) => [all?.intervalMs ?? 0, keys?.intervalMs ?? 0]),
  );
  const rowCount = Math.ceil(endMs / interval) + 1;
  const columns = streams.flatMap(({ slot, isVideo }) =>
    points.map((type) => {
      if (isVideo && type === NEAREST_CLEAN_POINT) {
        const entries = core.index({ ...slice, slot, intervalMs: interval, endMs });
        return () => packetsOf(entries);
      }
      const table = type === NEAREST_CLEAN_POINT ? tables[slot]!.keys! : tables[slot]!.all!;
      return () => cellPackets(table, slice, interval, type === NEAREST_DATA_PACKET);
    })
  );
  return {
    object: indexObject,
    interval,
    specifiers: specifiersOf(streams.map(({ number }) => number), points),
    packetBytes,
    packetCount: slice.packetCount,
    rows: () => rowsOf(columns.map((column) => column()), rowCount),
  };
}

function* rowsOf(columns: Iterator<number, undefined>[], rowCount: number): Generator<IndexRow> {
  const packets = columns.map(() => -1);
  for (let row = 0; row < rowCount; row++) {
    columns.forEach((column, i) => packets[i] = column.next().value ?? -1);
    yield { packets };
  }
}

function* packetsOf(entries: IndexEntries): Generator<number, undefined> {
  for (const piece of entries.pieces()) {
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let at = 0; at < piece.byteLength; at += INDEX_ENTRY_BYTES) yield view.getUint32(at, true);
  }
}
