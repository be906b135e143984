import { assertEquals } from "@std/assert";
import { Columns } from "../../src/bytes/columns.ts";
import fc from "../support/fast_check.ts";

Deno.test("Columns.add() keeps every n-th row, n being the smallest power of two for which there is room", () => {
  fc.assert(fc.property(fc.nat(500), fc.integer({ min: 1, max: 32 }), (rowCount, capacity) => {
    const columns = new Columns(2, capacity);
    for (let row = 0; row < rowCount; row++) columns.add(row, 2 * row);
    let step = 1;
    while (Math.ceil(rowCount / step) > capacity) step *= 2;
    const kept = Array.from({ length: Math.ceil(rowCount / step) }, (_, row) => row * step);
    assertEquals([columns.step, columns.count], [step, kept.length]);
    assertEquals(columns.arrays.map((array) => [...array.subarray(0, columns.count)]), [
      kept,
      kept.map((row) => 2 * row),
    ]);
  }));
});

Deno.test("arrays of Columns that were given out stay as they are", () => {
  const columns = new Columns(1, 4);
  for (let row = 0; row < 4; row++) columns.add(row);
  const [given] = columns.arrays;
  for (let row = 4; row < 40; row++) columns.add(row);
  assertEquals([...given!.subarray(0, 4)], [0, 1, 2, 3]);
});
