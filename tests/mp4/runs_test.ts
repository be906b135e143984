import { assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { PieceWriter } from "../../src/mp4/piece_writer.ts";
import { Runs, type RunSlice } from "../../src/mp4/runs.ts";

/** The numbers that a table of runs stands for. */
function expand(slice: RunSlice): number[] {
  const out = new PieceWriter();
  const bytes = [...slice.write(out)].flatMap((piece) => [...piece]).concat(...out.take());
  assertEquals(bytes.length, slice.byteLength);
  const view = new DataView(Uint8Array.from(bytes).buffer);
  return Array.from({ length: slice.length }).flatMap((_, run) =>
    Array<number>(view.getUint32(8 * run)).fill(view.getInt32(8 * run + 4))
  );
}

Deno.test("Runs give any slice of what came, with one more number or without, and no run twice", () => {
  const value = fc.integer({ min: -3, max: 3 });
  fc.assert(
    fc.property(fc.array(value), fc.nat(), fc.nat(), fc.option(value, { nil: undefined }), (numbers, a, b, last) => {
      const runs = new Runs();
      for (const number of numbers) runs.push(number);
      const [from, to] = [a, b].map((at) => at % (numbers.length + 1)).sort((x, y) => x - y) as [number, number];
      const slice = runs.slice(from, to, last);
      const expected = [...numbers.slice(from, to), ...last === undefined ? [] : [last]];
      assertEquals(expand(slice), expected);
      assertEquals(slice.length, expected.filter((number, i) => i === 0 || number !== expected[i - 1]).length);
      if (expected.length > 0) {
        assertEquals(slice.bounds, { least: Math.min(...expected), most: Math.max(...expected) });
      }
    }),
  );
});

Deno.test("Runs are handed out in pieces of at most 64 KiB", () => {
  const runs = new Runs();
  for (let i = 0; i < 20_000; i++) runs.push(i % 2);
  const out = new PieceWriter();
  out.u32(0); // what stands before
  const sizes = [...runs.slice(0, 20_000).write(out)].map(({ byteLength }) => byteLength);
  assertEquals(sizes, [65_532, 65_536]);
  assertEquals(out.used, 4 + 160_000 - 65_532 - 65_536);
});
