/**
 * The Index Object ([ASF] 6.2): one column a stream, one row every so many milliseconds. Made row by row out of what the
 * core knows of each stream, so that memory does not grow with the file.
 *
 * @module
 */

import type { IndexEntries } from "../core/types.ts";
import { encodeObject } from "./object_writer.ts";
import { blockHead, blockHeadBytes, indexObject } from "./objects/index.ts";
import { INDEX_ENTRY_BYTES } from "./objects/simple_index.ts";

/** Says that there is nothing to go to. */
const NOWHERE = 0xffff_ffff;
const PIECE_ROWS = 4096;

/** What an Index Object is made of. */
export interface TimeIndex {
  readonly intervalMs: number;
  readonly streamNumbers: readonly number[];
  readonly packetBytes: number;
  /** One a stream, each for the same times. */
  readonly columns: readonly IndexEntries[];
  /** Packets of the whole output. */
  readonly packetCount: number;
}

/** Rows that count from the same positions: offsets have 32 bits. */
interface Block {
  rowCount: number;
  /** One a column. */
  readonly positions: readonly number[];
}

/** The object, in pieces that are dead when the next one is asked for. */
export function* timeIndexPieces(index: TimeIndex): Generator<Uint8Array<ArrayBuffer>> {
  const { intervalMs, streamNumbers, packetBytes } = index;
  const blocks = blocksOf(index);
  const blockBytes = bytesOf(blocks, streamNumbers.length);
  yield encodeObject(indexObject, { intervalMs, streamNumbers, blockCount: blocks.length, blockBytes });
  const rows = rowsOf(index);
  const piece = new DataView(new ArrayBuffer(PIECE_ROWS * 4 * streamNumbers.length));
  for (const { rowCount, positions } of blocks) {
    yield blockHead(rowCount, positions);
    let at = 0;
    for (let left = rowCount; left > 0; left--) {
      const row: readonly number[] = rows.next().value!;
      row.forEach((packet, column) => {
        piece.setUint32(at + 4 * column, packet < 0 ? NOWHERE : packet * packetBytes - positions[column]!, true);
      });
      at += 4 * row.length;
      if (at < piece.byteLength && left > 1) continue;
      yield new Uint8Array(piece.buffer, 0, at);
      at = 0;
    }
  }
}

/** How large the object is. */
export function timeIndexBytes(index: TimeIndex): number {
  const columnCount = index.streamNumbers.length;
  return 34 + 4 * columnCount + bytesOf(blocksOf(index), columnCount);
}

function bytesOf(blocks: readonly Block[], columnCount: number): number {
  return blocks.reduce((sum, { rowCount }) => sum + blockHeadBytes(columnCount) + 4 * columnCount * rowCount, 0);
}

function blocksOf(index: TimeIndex): Block[] {
  const { packetBytes, packetCount, columns } = index;
  const none = columns.map(() => 0);
  if (packetCount * packetBytes < NOWHERE) return [{ rowCount: rowCountOf(index), positions: none }];
  const blocks: Block[] = [];
  for (const row of rowsOf(index)) {
    const last = blocks.at(-1);
    if (last && row.every((packet, i) => packet * packetBytes - last.positions[i]! < NOWHERE)) last.rowCount++;
    else blocks.push({ rowCount: 1, positions: row.map((packet) => Math.max(0, packet) * packetBytes) });
  }
  return blocks;
}

function rowCountOf({ columns }: TimeIndex): number {
  return Math.max(1, ...columns.map(({ entryCount }) => entryCount));
}

/** The packets of each row; -1: none. */
function* rowsOf(index: TimeIndex): Generator<number[]> {
  const columns = index.columns.map(packetsOf);
  for (let left = rowCountOf(index); left > 0; left--) yield columns.map((column) => column.next().value ?? -1);
}

function* packetsOf(entries: IndexEntries): Generator<number, undefined> {
  for (const piece of entries.pieces()) {
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
    for (let at = 0; at < piece.byteLength; at += INDEX_ENTRY_BYTES) yield view.getUint32(at, true);
  }
}
