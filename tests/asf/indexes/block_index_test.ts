import { assertEquals } from "@std/assert";
import {
  type BlockIndex,
  blockIndexBytes,
  blockIndexPieces,
  type IndexRow,
} from "../../../src/asf/indexes/block_index.ts";
import { indexObject, mediaObjectIndex, timecodeIndex } from "../../../src/asf/objects/index.ts";
import { dump, hex } from "../hex.ts";

function bytesOf(index: Omit<BlockIndex, "rows">, rows: readonly IndexRow[]): Uint8Array {
  const whole = { ...index, rows: () => rows };
  const pieces = Array.from(blockIndexPieces(whole), (piece) => piece.slice());
  const bytes = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  assertEquals(bytes.byteLength, blockIndexBytes(whole));
  return bytes;
}

/** Rows of an index by time or number. */
function rowsOf(...packets: number[][]): IndexRow[] {
  return packets.map((packets) => ({ packets }));
}

const HEAD = "d3 29 e2 d6 da 35 d1 11 90 34 00 a0 c9 03 49 be";

Deno.test("an Index Object has a column a stream; a stream without entries leads nowhere", () => {
  const specifiers = [{ streamNumber: 1, type: 3 }, { streamNumber: 2, type: 3 }];
  const index = { object: indexObject, interval: 1000, specifiers, packetBytes: 100, packetCount: 4 };
  assertEquals(
    dump(bytesOf(index, rowsOf([0, -1], [1, -1], [3, -1]))),
    dump(hex(
      `${HEAD}  56 00 00 00 00 00 00 00  e8 03 00 00  02 00  01 00 00 00  01 00 03 00  02 00 03 00
       03 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
       00 00 00 00 ff ff ff ff  64 00 00 00 ff ff ff ff  2c 01 00 00 ff ff ff ff`,
    )),
  );
});

// Packets of 65 535 bytes: number 65 537 begins at 2^32 - 1, which says that there is nothing.
const LONG = { interval: 1000, packetBytes: 65_535, packetCount: 70_000 };

Deno.test("an Index Object begins a block where 32 bits no longer reach", () => {
  const index = { ...LONG, object: indexObject, specifiers: [{ streamNumber: 5, type: 3 }] };
  assertEquals(
    dump(bytesOf(index, rowsOf([0], [65_536], [65_537], [65_538]))),
    dump(hex(
      `${HEAD}  4e 00 00 00 00 00 00 00  e8 03 00 00  01 00  02 00 00 00  05 00 03 00
       02 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00  00 00 ff ff
       02 00 00 00  ff ff ff ff 00 00 00 00  00 00 00 00  ff ff 00 00`,
    )),
  );
});

Deno.test("an Index Object begins a block where an entry lies before the block's position", () => {
  const index = { ...LONG, object: indexObject, specifiers: [{ streamNumber: 5, type: 2 }] };
  assertEquals(
    dump(bytesOf(index, rowsOf([65_538], [65_537]))),
    dump(hex(
      `${HEAD}  46 00 00 00 00 00 00 00  e8 03 00 00  01 00  02 00 00 00  05 00 02 00
       01 00 00 00  fe ff 00 00 01 00 00 00  00 00 00 00
       01 00 00 00  ff ff ff ff 00 00 00 00  00 00 00 00`,
    )),
  );
});

Deno.test("a Media Object Index Object has a position for each of a stream's columns", () => {
  const specifiers = [{ streamNumber: 1, type: 1 }, { streamNumber: 1, type: 2 }, { streamNumber: 1, type: 3 }];
  const index = { object: mediaObjectIndex, interval: 25, specifiers, packetBytes: 256, packetCount: 9 };
  assertEquals(
    dump(bytesOf(index, rowsOf([2, 0, 0], [8, 7, 5]))),
    dump(hex(
      `f8 03 b1 fe ad 12 64 4c 84 0f 2a 1d 2f 7a d4 8c  62 00 00 00 00 00 00 00
       19 00 00 00  03 00  01 00 00 00  01 00 01 00  01 00 02 00  01 00 03 00
       02 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
       00 02 00 00  00 00 00 00  00 00 00 00
       00 08 00 00  00 07 00 00  00 05 00 00`,
    )),
  );
});

Deno.test("a Timecode Index Object begins a block where the range changes", () => {
  const specifiers = [{ streamNumber: 2, type: 2 }];
  const index = { object: timecodeIndex, interval: 1, specifiers, packetBytes: 100, packetCount: 9 };
  const rows = [
    { packets: [0], timecode: 0x0959_5924, timecodeRange: 0 },
    { packets: [1], timecode: 0x1000_0000, timecodeRange: 0 },
    { packets: [3], timecode: 0x0100_0001, timecodeRange: 7 },
  ];
  assertEquals(
    dump(bytesOf(index, rows)),
    dump(hex(
      `d0 3f b7 3c 4a 0c 03 48 95 3d ed f7 b6 22 8f 0c  5a 00 00 00 00 00 00 00
       01 00 00 00  01 00  02 00 00 00  02 00 02 00
       02 00 00 00  00 00  00 00 00 00 00 00 00 00  24 59 59 09  00 00 00 00  00 00 00 10  64 00 00 00
       01 00 00 00  07 00  00 00 00 00 00 00 00 00  01 00 00 01  2c 01 00 00`,
    )),
  );
});
