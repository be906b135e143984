import { assertEquals, assertNotStrictEquals } from "@std/assert";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import type { DataInfo } from "../../src/sinks/sink.ts";
import { assertSameBytes, avOptions, avSamples, mux } from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

const INFO: DataInfo = { unitCount: 1, firstUnit: 0, timestamp: 0, cleanPoints: [] };

function bytes(...values: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(values);
}

Deno.test("bufferSink() holds what it got, in order, whatever becomes of the views", () => {
  const sink = bufferSink();
  assertEquals(sink.bytes, bytes());
  const view = bytes(1, 2);
  sink.header(view);
  view.fill(9);
  sink.data(bytes(3, 4, 5), INFO);
  assertEquals(sink.bytes, bytes(1, 2, 3, 4, 5));
  sink.trailer!(bytes(6));
  assertEquals(sink.bytes, bytes(1, 2, 3, 4, 5, 6));
});

Deno.test("bufferSink().patch() replaces bytes across pieces, at every position", () => {
  for (let offset = 0; offset <= 5; offset++) {
    for (let length = 0; offset + length <= 5; length++) {
      const sink = bufferSink();
      for (const piece of [[0], [1, 2], [3, 4]]) sink.data(bytes(...piece), INFO);
      sink.patch!(offset, new Uint8Array(length).fill(77));
      const expected = bytes(0, 1, 2, 3, 4).fill(77, offset, offset + length);
      assertEquals(sink.bytes, expected, `${length} at ${offset}`);
    }
  }
});

Deno.test("bufferSink().truncate() cuts, and what comes next follows the cut", () => {
  for (let length = 0; length <= 5; length++) {
    const sink = bufferSink();
    for (const piece of [[0], [1, 2], [3, 4]]) sink.data(bytes(...piece), INFO);
    sink.truncate!(length);
    sink.trailer!(bytes(9));
    assertEquals(sink.bytes, bytes(...[0, 1, 2, 3, 4].slice(0, length), 9));
  }
});

Deno.test("bufferSink().bytes is the caller's to keep: what is written later does not change it", () => {
  const sink = bufferSink();
  sink.header(bytes(1, 2, 3));
  sink.data(bytes(4), INFO);
  for (
    const change of [() => sink.patch!(0, bytes(9)), () => sink.data(bytes(5), INFO), () => sink.patch!(0, bytes(8))]
  ) {
    const before = sink.bytes;
    const copy = before.slice();
    change();
    assertEquals(before, copy);
    assertNotStrictEquals(before.buffer, sink.bytes.buffer);
  }
});

Deno.test("bufferSink() holds the same file as any other sink", async () => {
  const sink = bufferSink();
  const other = new TestSink({ pace: "microtask" });
  await mux(avOptions([sink, other]), avSamples(2));
  assertSameBytes(sink.bytes, other.bytes);
});

Deno.test("bufferSink() keeps a hole of zeros until it is patched", () => {
  const sink = bufferSink();
  sink.header(Uint8Array.of(1));
  sink.reserve!(2);
  sink.header(Uint8Array.of(2));
  assertEquals([...sink.bytes], [1, 0, 0, 2]);
  sink.patch!(1, Uint8Array.of(8, 9));
  assertEquals([...sink.bytes], [1, 8, 9, 2]);
});
