import { assertEquals } from "@std/assert";
import { Pieces } from "../../src/bytes/pieces.ts";

Deno.test("Pieces.add() counts pieces and bytes, and leaves out empty ones", () => {
  const pieces = new Pieces();
  const source = new Uint8Array([1, 2, 3, 4]);
  pieces.add(source, 1, 3);
  pieces.add(source, 2, 2);
  pieces.add(source, 3);
  pieces.add(new Uint8Array(0));
  assertEquals([pieces.count, pieces.byteLength], [2, 3]);
  assertEquals(pieces.toUint8Array(), new Uint8Array([2, 3, 4]));
});

Deno.test("Pieces.add() keeps a reference and copies nothing", () => {
  const pieces = new Pieces();
  const source = new Uint8Array([1, 2]);
  pieces.add(source);
  assertEquals(pieces.sources[0] === source, true);
});

Deno.test("Pieces.clear() empties the list for the next unit", () => {
  const pieces = new Pieces();
  pieces.add(new Uint8Array(5));
  pieces.clear();
  assertEquals([pieces.count, pieces.byteLength, pieces.toUint8Array()], [0, 0, new Uint8Array(0)]);
});
