import { assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { LongColumn } from "../../src/bytes/long_column.ts";

/** Numbers of a range, as the column hands them over. */
function rangeOf(column: LongColumn, from: number, to: number): number[] {
  const numbers: number[] = [];
  column.forEachBlock(from, to, (block, start, end) => void numbers.push(...block.subarray(start, end)));
  return numbers;
}

Deno.test("LongColumn keeps every number, however wide, over the borders of its blocks", () => {
  const border = 1 << 14;
  const numbers = Array.from({ length: 2 * border + 700 }, (_, i) => i % 5000 === 0 ? 0xFFFF_FFFF - i : i % 0x1_0000);
  const column = new LongColumn("u32");
  for (const number of numbers) column.push(number);
  assertEquals(column.length, numbers.length);
  for (const [from, to] of [[0, 1], [0, numbers.length], [border - 1, border + 1], [300, 2 * border + 5], [7, 7]]) {
    assertEquals(rangeOf(column, from!, to!), numbers.slice(from, to));
  }
  for (const at of [0, 255, 256, 511, 512, border - 1, border, 2 * border, numbers.length - 1]) {
    assertEquals(column.at(at), numbers[at]);
  }
});

Deno.test("LongColumn takes numbers of 32 bits modulo 2^32, and others as they are", () => {
  const [narrow, wide] = [new LongColumn("u32"), new LongColumn("f64")];
  for (const column of [narrow, wide]) for (const number of [3, -1, 2 ** 32 + 5]) column.push(number);
  assertEquals([0, 1, 2].map((at) => narrow.at(at)), [3, 0xFFFF_FFFF, 5]);
  assertEquals([0, 1, 2].map((at) => wide.at(at)), [3, -1, 2 ** 32 + 5]);
});

Deno.test("LongColumn.findFirst() finds the first that is not below", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.nat(60), (numbers, least) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      const column = new LongColumn("u32");
      for (const number of sorted) column.push(number);
      const found = sorted.findIndex((number) => number >= least);
      assertEquals(column.findFirst(least), found < 0 ? sorted.length : found);
    }),
  );
});
