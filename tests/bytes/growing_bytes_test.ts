import { assertEquals } from "@std/assert";
import { GrowingBytes } from "../../src/bytes/growing_bytes.ts";

Deno.test("GrowingBytes copies what is appended, in order, also where the memory is used again", () => {
  const gathered = new GrowingBytes();
  assertEquals([gathered.byteLength, gathered.view().length], [0, 0]);
  const memory = new Uint8Array(3);
  const expected: number[] = [];
  for (let i = 0; i < 100; i++) {
    const piece = memory.subarray(0, i % 4).fill(i);
    gathered.append(piece);
    expected.push(...piece);
  }
  memory.fill(255);
  assertEquals([...gathered.view()], expected);
  assertEquals(gathered.byteLength, expected.length);
});
