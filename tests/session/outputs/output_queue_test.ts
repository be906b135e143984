/** What one sink has still to take, and chunks that several sinks take. */

import { assertEquals } from "@std/assert";
import type { Chunk } from "../../../src/container/container.ts";
import { OutputQueue } from "../../../src/session/outputs/output_queue.ts";
import { SharedChunk } from "../../../src/session/outputs/shared_chunk.ts";
import { guarded, stateOf } from "../../support/sessions.ts";

const MEMORY = new Uint8Array(4 << 20);

/** A chunk of one unit at an offset of one memory, and how often it was released. */
function chunkAt(
  offset: number,
  byteLength: number,
  firstUnit: number,
): { shared: SharedChunk; released: () => number } {
  let count = 0;
  const bytes = MEMORY.subarray(offset, offset + byteLength);
  const info = { unitBytes: byteLength, unitCount: 1, firstUnit, timestamp: firstUnit, cleanPoints: [0] };
  const chunk: Chunk = { bytes, info, sampleCount: 1, release: () => count++ };
  return { shared: new SharedChunk(chunk, () => {}), released: () => count };
}

function pushAll(queue: OutputQueue, places: [number, number][]): (() => number)[] {
  return places.map(([offset, byteLength], unit) => {
    const { shared, released } = chunkAt(offset, byteLength, unit);
    shared.pin();
    queue.push({ bytes: shared.chunk.bytes, info: shared.chunk.info, shared });
    shared.unpin();
    return released;
  });
}

Deno.test("OutputQueue hands over chunks that lie side by side together, and says where readers may start", () => {
  const queue = new OutputQueue();
  queue.push({ bytes: new Uint8Array(50) });
  const released = pushAll(queue, [[0, 100], [100, 100], [300, 100], [400, 100], [200, 100]]);
  assertEquals(queue.byteLength, 550);
  assertEquals(queue.take()!.info, undefined, "the header is alone");
  assertEquals(queue.isBusy, true);
  queue.confirm();
  const sizes: unknown[] = [];
  for (let item; (item = queue.take()); queue.confirm()) {
    sizes.push([item.bytes.byteOffset, item.bytes.byteLength, item.info!.firstUnit, item.info!.unitCount]);
    assertEquals(item.info!.cleanPoints, Array.from({ length: item.info!.unitCount }, (_, i) => i));
    assertEquals(item.info!.timestamp, item.info!.firstUnit);
  }
  assertEquals(sizes, [[0, 200, 0, 2], [300, 200, 2, 2], [200, 100, 4, 1]]);
  assertEquals(released.map((count) => count()), [1, 1, 1, 1, 1]);
  assertEquals([queue.byteLength, queue.isBusy], [0, false]);
});

Deno.test("OutputQueue hands over no more than a megabyte together, unless one chunk is larger", () => {
  const queue = new OutputQueue();
  pushAll(queue, [[0, 600_000], [600_000, 400_000], [1_000_000, 100_000], [1_100_000, 2_000_000]]);
  const sizes: number[] = [];
  for (let item; (item = queue.take()); queue.confirm()) sizes.push(item.bytes.byteLength);
  assertEquals(sizes, [1_000_000, 100_000, 2_000_000]);
});

Deno.test("OutputQueue.idle() waits for what was there when it was called, not for what comes behind", () =>
  guarded(async () => {
    const queue = new OutputQueue();
    await queue.idle();
    pushAll(queue, [[0, 10]]);
    const idle = queue.idle();
    queue.take();
    pushAll(queue, [[1000, 10]]);
    const later = queue.idle();
    assertEquals(await stateOf(idle), "pending");
    queue.confirm();
    await idle;
    assertEquals(await stateOf(later), "pending");
    queue.clear();
    await later;
    await queue.idle();
  }));

Deno.test("OutputQueue.clear() unpins what is queued and what is on its way, once", () => {
  const queue = new OutputQueue();
  const released = pushAll(queue, [[0, 10], [100, 10], [200, 10]]);
  queue.take();
  queue.clear();
  assertEquals(released.map((count) => count()), [1, 1, 1]);
  assertEquals([queue.byteLength, queue.take()], [0, undefined]);
});

Deno.test("SharedChunk goes back when the last of several sinks is through", () => {
  const { shared, released } = chunkAt(0, 10, 0);
  shared.pin();
  shared.pin();
  shared.unpin();
  shared.unpin();
  assertEquals(released(), 0);
  shared.unpin();
  assertEquals(released(), 1);
});
