import { assertEquals } from "@std/assert";
import { Gather } from "../../src/media/gather.ts";

Deno.test("Gather.add() counts pieces and bytes, and leaves out empty ones", () => {
  const gather = new Gather();
  const source = new Uint8Array([1, 2, 3, 4]);
  gather.add(source, 1, 3);
  gather.add(source, 2, 2);
  gather.add(source, 3);
  gather.add(new Uint8Array(0));
  assertEquals([gather.count, gather.byteLength], [2, 3]);
  assertEquals(gather.toUint8Array(), new Uint8Array([2, 3, 4]));
});

Deno.test("Gather.add() keeps a reference and copies nothing", () => {
  const gather = new Gather();
  const source = new Uint8Array([1, 2]);
  gather.add(source);
  assertEquals(gather.sources[0] === source, true);
});

Deno.test("Gather.clear() empties the list for the next unit", () => {
  const gather = new Gather();
  gather.add(new Uint8Array(5));
  gather.clear();
  assertEquals([gather.count, gather.byteLength, gather.toUint8Array()], [0, 0, new Uint8Array(0)]);
});
