import { assertEquals } from "@std/assert";
import { timeIndexBytes, timeIndexPieces } from "../../src/asf/time_index.ts";
import type { IndexEntries } from "../../src/core/types.ts";
import { dump, hex } from "./hex.ts";

/** A column of the core's entries: packet numbers, in pieces of two. */
function column(...packets: number[]): IndexEntries {
  return {
    entryCount: packets.length,
    maxPacketCount: 1,
    *pieces() {
      for (let from = 0; from < packets.length; from += 2) {
        const part = packets.slice(from, from + 2);
        const view = new DataView(new ArrayBuffer(6 * part.length));
        part.forEach((packet, i) => view.setUint32(6 * i, packet, true));
        yield new Uint8Array(view.buffer);
      }
    },
  };
}

function bytesOf(index: Parameters<typeof timeIndexPieces>[0]): Uint8Array {
  const pieces = Array.from(timeIndexPieces(index), (piece) => piece.slice());
  const whole = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  assertEquals(whole.byteLength, timeIndexBytes(index));
  return whole;
}

const HEAD = "d3 29 e2 d6 da 35 d1 11 90 34 00 a0 c9 03 49 be";

Deno.test("an Index Object has a column a stream; a stream without entries leads nowhere", () => {
  const index = {
    intervalMs: 1000,
    streamNumbers: [1, 2],
    packetBytes: 100,
    columns: [column(0, 1, 3), column()],
    packetCount: 4,
  };
  assertEquals(
    dump(bytesOf(index)),
    dump(hex(
      `${HEAD}  56 00 00 00 00 00 00 00  e8 03 00 00  02 00  01 00 00 00  01 00 03 00  02 00 03 00
       03 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00
       00 00 00 00 ff ff ff ff  64 00 00 00 ff ff ff ff  2c 01 00 00 ff ff ff ff`,
    )),
  );
});

Deno.test("an Index Object begins a block where 32 bits no longer reach", () => {
  // Packets of 65 535 bytes: number 65 537 begins at 2^32 - 1, which says that there is nothing.
  const index = {
    intervalMs: 1000,
    streamNumbers: [5],
    packetBytes: 65_535,
    columns: [column(0, 65_536, 65_537, 65_538)],
    packetCount: 70_000,
  };
  assertEquals(
    dump(bytesOf(index)),
    dump(hex(
      `${HEAD}  4e 00 00 00 00 00 00 00  e8 03 00 00  01 00  02 00 00 00  05 00 03 00
       02 00 00 00  00 00 00 00 00 00 00 00  00 00 00 00  00 00 ff ff
       02 00 00 00  ff ff ff ff 00 00 00 00  00 00 00 00  ff ff 00 00`,
    )),
  );
});
