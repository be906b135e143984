/** The small parts of a session: order, room, queues, the latency timer, and what comes in. */

import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import type { Chunk } from "../../src/container/container.ts";
import { MuxError } from "../../src/errors.ts";
import { IncomingSample } from "../../src/session/input/incoming_sample.ts";
import { LatencyTimer } from "../../src/session/order/latency.ts";
import { StreamOrder } from "../../src/session/input/stream_order.ts";
import { OutputQueue } from "../../src/session/outputs/output_queue.ts";
import { Backpressure } from "../../src/session/backpressure.ts";
import { SharedChunk } from "../../src/session/outputs/shared_chunk.ts";
import { guarded, reasonOf, stateOf } from "../support/sessions.ts";
import { Fifo } from "../../src/session/fifo.ts";

// ── StreamOrder ──

function take(order: StreamOrder, timestamp: number, decodeTimestamp: number | undefined, type: "key" | "delta"): void {
  const incoming = new IncomingSample();
  incoming.read({ data: new Uint8Array(1), timestamp, decodeTimestamp, type }, 3);
  order.check(incoming);
  order.commit(timestamp, decodeTimestamp ?? NaN, type === "key");
}

const ORDERS: { name: string; samples: [number, number | undefined, "key" | "delta"][]; refused?: [string, string] }[] =
  [
    { name: "equal times", samples: [[0, , "key"], [0, , "delta"], [0, , "key"]] },
    {
      name: "B-frames without decode times",
      samples: [[0, , "key"], [80, , "delta"], [40, , "delta"], [120, , "key"]],
    },
    { name: "B-frames before their key frame with decode times", samples: [[80, 0, "key"], [40, 10, "delta"]] },
    { name: "mixed decode times", samples: [[0, 0, "key"], [40, , "delta"], [80, 40, "delta"]] },
    { name: "negative times", samples: [[-100, -200, "key"], [-60, -100, "delta"]] },
    {
      name: "a delta frame first",
      samples: [[0, , "delta"]],
      refused: ["bad-media", "must be a key frame"],
    },
    {
      name: "a time below the last key frame's",
      samples: [[0, , "key"], [100, , "key"], [99, , "delta"]],
      refused: ["time-order", "last key frame's 100 µs, got 99 µs"],
    },
    {
      name: "a decode time that goes back",
      samples: [[0, 0, "key"], [90, 50, "delta"], [95, 49, "delta"]],
      refused: ["time-order", "go back from 50 µs, got 49 µs"],
    },
    {
      name: "a decode time after the presentation time",
      samples: [[10, 11, "key"]],
      refused: ["time-order", "11 µs must not be after presentation time 10 µs"],
    },
  ];

for (const { name, samples, refused } of ORDERS) {
  Deno.test(`StreamOrder ${refused ? "refuses" : "takes"} ${name}`, () => {
    const order = new StreamOrder(3, true);
    for (const sample of refused ? samples.slice(0, -1) : samples) take(order, ...sample);
    if (!refused) return;
    const last = samples.at(-1)!;
    for (let i = 0; i < 2; i++) { // a refusal leaves no trace
      const error = assertThrows(() => take(order, ...last), MuxError, refused[1]);
      assertEquals([error.code, error.streamNumber, error.timestamp], [refused[0], 3, last[0]]);
    }
  });
}

Deno.test("StreamOrder lets audio begin with anything", () => {
  take(new StreamOrder(1, false), 0, undefined, "delta");
});

// ── IncomingSample ──

const read = (sample: unknown) => {
  const incoming = new IncomingSample();
  // deno-lint-ignore no-explicit-any
  incoming.read(sample as any, 5);
  return incoming;
};
const DATA = new Uint8Array([1, 2, 3]);

Deno.test("IncomingSample refuses what is no sample: TypeError for types, RangeError for values, naming the stream", () => {
  const types: unknown[] = [
    undefined,
    null,
    7,
    "sample",
    {},
    { timestamp: 0 },
    { data: DATA },
    { data: DATA, timestamp: "0" },
    { data: DATA, timestamp: 0n },
    { data: [1, 2], timestamp: 0 },
    { data: DATA.buffer, timestamp: 0 },
    { data: DATA, timestamp: 0, type: "keyframe" },
    { data: DATA, timestamp: 0, duration: "1" },
    { data: DATA, timestamp: 0, decodeTimestamp: "1" },
    { byteLength: 3, timestamp: 0 },
    { byteLength: -1, timestamp: 0, copyTo() {} },
    { data: DATA, timestamp: 0.5, duration: 0.04, type: "key", microsecondTimestamp: 500_000 }, // counts seconds
  ];
  for (const sample of types) {
    assertThrows(() => read(sample), TypeError, "stream 5");
  }
  const values: unknown[] = [
    { data: DATA, timestamp: NaN },
    { data: DATA, timestamp: Infinity },
    { data: DATA, timestamp: -Infinity },
    { data: DATA, timestamp: Number.MAX_SAFE_INTEGER },
    { data: DATA, timestamp: 0, duration: NaN },
    { data: DATA, timestamp: 0, duration: -1 },
    { data: DATA, timestamp: 0, duration: Infinity },
    { data: DATA, timestamp: 0, decodeTimestamp: NaN },
    { data: DATA, timestamp: 0, decodeTimestamp: -Infinity },
  ];
  for (const sample of values) assertThrows(() => read(sample), RangeError, "stream 5");
});

Deno.test("IncomingSample refuses an object whose seconds are behind a getter, as Mediabunny's packets have it", () => {
  class EncodedPacket {
    data = DATA;
    type = "key";
    timestamp = 1.5;
    duration = 0.02;
    get microsecondTimestamp(): number {
      return Math.trunc(this.timestamp * 1e6);
    }
  }
  assertThrows(() => read(new EncodedPacket()), TypeError, "timestamp: packet.microsecondTimestamp");
});

Deno.test("IncomingSample reads samples and encoded chunks into one shape", () => {
  const plain = read({ data: DATA, timestamp: -5, decodeTimestamp: -7, duration: null, type: "delta" });
  assertEquals(
    [plain.timestamp, plain.decodeTimestamp, plain.duration, plain.isKey, plain.data === DATA],
    [-5, -7, -1, false, true],
  );
  const bare = read({ data: DATA, timestamp: 1, duration: 0 });
  assertEquals([bare.decodeTimestamp, bare.duration, bare.isKey], [NaN, 0, true]);
  const chunk = read({
    type: "delta",
    timestamp: 9,
    duration: 3,
    byteLength: 3,
    copyTo: (destination: Uint8Array) => destination.set(DATA),
  });
  assertEquals([chunk.data, chunk.timestamp, chunk.duration, chunk.isKey], [DATA, 9, 3, false]);
});

Deno.test("IncomingSample copies chunks of growing and shrinking sizes exactly", () => {
  const incoming = new IncomingSample();
  for (const byteLength of [10, 1000, 1, 0, 1500, 1501]) {
    incoming.read(
      { type: "key", timestamp: 0, duration: null, byteLength, copyTo: (to) => void to.fill(byteLength & 255) },
      1,
    );
    assertEquals(incoming.data, new Uint8Array(byteLength).fill(byteLength & 255));
  }
});

// ── Backpressure ──

Deno.test("Backpressure answers nothing while there is room, and one promise for all who wait", () =>
  guarded(async () => {
    let hasRoom = true;
    const room = new Backpressure(() => hasRoom);
    assertEquals(room.wait(), undefined);
    await room.ready;
    hasRoom = false;
    const wait = room.wait()!;
    assertStrictEquals(room.wait(), wait);
    assertStrictEquals(room.ready, wait);
    room.update();
    assertEquals(await stateOf(wait), "pending");
    hasRoom = true;
    room.update();
    await wait;
    assertEquals(room.wait(), undefined);
  }));

Deno.test("Backpressure rejects everybody with the first reason, now and later, and nobody is unhandled", () =>
  guarded(async () => {
    const room = new Backpressure(() => false);
    const reason = new Error("over");
    const wait = room.wait()!;
    let done = () => {};
    const raced = room.race((resolve) => done = resolve);
    const won = room.race((resolve) => resolve());
    room.fail(reason);
    room.fail(new Error("later"));
    done();
    await won;
    for (const promise of [wait, raced]) assertStrictEquals(await reasonOf(promise), reason);
    assertStrictEquals(await reasonOf(room.wait()), reason);
    assertStrictEquals(await reasonOf(room.ready), reason);
    assertStrictEquals(await reasonOf(room.race(() => {})), reason);
  }));

// ── Fifo ──

Deno.test("Fifo gives back what was put in, in order, through many turns", () => {
  const fifo = new Fifo<number>();
  let put = 0;
  let got = 0;
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 37; i++) fifo.push(put++);
    for (let i = 0; i < 30; i++) {
      assertEquals(fifo.peek(), got);
      assertEquals(fifo.shift(), got++);
    }
    assertEquals(fifo.length, put - got);
  }
  while (fifo.length > 0) assertEquals(fifo.shift(), got++);
  assertEquals([got, fifo.shift(), fifo.peek()], [put, undefined, undefined]);
});

// ── OutputQueue and SharedChunk ──

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

// ── LatencyTimer ──

Deno.test("LatencyTimer fires once the delay is over, counted from the first start", () => {
  using time = new FakeTime();
  using _now = stub(performance, "now", () => time.now);
  let count = 0;
  const timer = new LatencyTimer(100, () => count++);
  timer.start();
  time.tick(60);
  timer.start();
  time.tick(39);
  assertEquals(count, 0);
  time.tick(1);
  assertEquals(count, 1);
  time.tick(1000);
  assertEquals(count, 1, "once");
  timer.start();
  time.tick(100);
  assertEquals(count, 2);
});

Deno.test("LatencyTimer counts anew after a rest", () => {
  using time = new FakeTime();
  using _now = stub(performance, "now", () => time.now);
  let count = 0;
  const timer = new LatencyTimer(100, () => count++);
  timer.start();
  time.tick(60);
  timer.rest();
  time.tick(10);
  timer.start();
  time.tick(99);
  assertEquals(count, 0);
  time.tick(1);
  assertEquals(count, 1);
  timer.start();
  timer.rest();
  time.tick(1000);
  assertEquals(count, 1);
});

Deno.test("LatencyTimer does not fire once it was cleared", () => {
  using time = new FakeTime();
  using _now = stub(performance, "now", () => time.now);
  const timer = new LatencyTimer(100, () => assert(false));
  timer.clear();
  timer.start();
  time.tick(99);
  timer.clear();
  time.tick(1000);
});
