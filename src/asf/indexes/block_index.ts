/**
 * Index, Media Object Index and Timecode Index Objects ([ASF] 6.2–6.4): rows of one packet a column, in blocks. Written
 * row by row, so that memory does not grow with the index.
 *
 * @module
 */

import { encodeObject, type ObjectSpec } from "../object.ts";
import { blockHead, type IndexHead } from "../objects/index.ts";
import type { IndexParameters } from "../objects/index_parameters.ts";

/** Says that there is nothing to go to; offsets must be smaller. */
const NOWHERE = 0xffff_ffff;
const PIECE_ROWS = 4096;

/** One row; the next one may overwrite it. */
export interface IndexRow {
  /** A packet of the output for each column; -1: none. */
  readonly packets: readonly number[];
  /** In a Timecode Index: BCD 0xHHMMSSFF, and the range that it is of. */
  readonly timecode?: number;
  readonly timecodeRange?: number;
}

/** An index that is to be written. */
export interface BlockIndex extends IndexParameters {
  /** Which of the three. */
  readonly object: ObjectSpec<IndexHead>;
  readonly packetBytes: number;
  /** Packets of the whole output. */
  readonly packetCount: number;
  /** The rows, the same each time. */
  rows(): Iterable<IndexRow>;
}

/** Rows that count from the same positions, and in a Timecode Index are of one range. */
interface Block {
  rowCount: number;
  /** One a column. */
  readonly positions: readonly number[];
  readonly timecodeRange: number | undefined;
}

/** The object, in pieces that are dead when the next one is asked for. */
export function* blockIndexPieces(index: BlockIndex): Generator<Uint8Array<ArrayBuffer>> {
  const { packetBytes, specifiers, interval, object } = index;
  const blocks = blocksOf(index);
  const blockBytes = bytesOf(blocks, specifiers.length);
  yield encodeObject(object, { interval, specifiers, blockCount: blocks.length, blockBytes });
  const rows = index.rows()[Symbol.iterator]();
  const piece = new DataView(new ArrayBuffer(PIECE_ROWS * rowBytes(blocks[0], specifiers.length)));
  for (const { rowCount, positions, timecodeRange } of blocks) {
    yield blockHead(rowCount, positions, timecodeRange);
    let at = 0;
    for (let left = rowCount; left > 0; left--) {
      const { packets, timecode }: IndexRow = rows.next().value!;
      if (timecodeRange !== undefined) {
        piece.setUint32(at, timecode!, true);
        at += 4;
      }
      packets.forEach((packet, column) => {
        piece.setUint32(at, packet < 0 ? NOWHERE : packet * packetBytes - positions[column]!, true);
        at += 4;
      });
      if (at < piece.byteLength && left > 1) continue;
      yield new Uint8Array(piece.buffer, 0, at);
      at = 0;
    }
  }
}

/** How large the object is. */
export function blockIndexBytes(index: BlockIndex): number {
  const columnCount = index.specifiers.length;
  return encodeObject(index.object, { ...index, blockCount: 0, blockBytes: 0 }).byteLength +
    bytesOf(blocksOf(index), columnCount);
}

function bytesOf(blocks: readonly Block[], columnCount: number): number {
  return blocks.reduce((sum, block) => {
    const headBytes = 4 + (block.timecodeRange === undefined ? 0 : 2) + 8 * columnCount;
    return sum + headBytes + block.rowCount * rowBytes(block, columnCount);
  }, 0);
}

function rowBytes(block: Block | undefined, columnCount: number): number {
  return 4 * columnCount + (block?.timecodeRange === undefined ? 0 : 4);
}

function blocksOf({ packetBytes, packetCount, rows }: BlockIndex): Block[] {
  const isFlat = packetCount * packetBytes < NOWHERE;
  const fits = (packet: number, position: number) => {
    const offset = packet * packetBytes - position;
    return packet < 0 || offset >= 0 && offset < NOWHERE;
  };
  const blocks: Block[] = [];
  for (const { packets, timecodeRange } of rows()) {
    const last = blocks.at(-1);
    const goesOn = last !== undefined && last.timecodeRange === timecodeRange &&
      packets.every((packet, i) => fits(packet, last.positions[i]!));
    if (goesOn) {
      last.rowCount++;
      continue;
    }
    const positions = packets.map((packet) => isFlat ? 0 : Math.max(0, packet) * packetBytes);
    blocks.push({ rowCount: 1, positions, timecodeRange });
  }
  return blocks;
}
