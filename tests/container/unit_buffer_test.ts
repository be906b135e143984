import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "../support/fast_check.ts";
import { BufferPool } from "../../src/container/buffer_pool.ts";
import { ByteWriter } from "../../src/bytes/byte_writer.ts";
import type { Chunk } from "../../src/container/container.ts";
import { UnitBuffer } from "../../src/container/unit_buffer.ts";
import { Pieces } from "../../src/bytes/pieces.ts";
import { dump } from "../asf/hex.ts";

const steps = fc.array(
  fc.oneof(
    fc.record({ step: fc.constant("append" as const), size: fc.integer({ min: 1, max: 300 }) }),
    fc.record({ step: fc.constantFrom("take" as const, "takePartial" as const, "release" as const) }),
  ),
  { maxLength: 400 },
);

Deno.test("UnitBuffer hands out every unit once and in order, whatever the sinks hold", () => {
  fc.assert(fc.property(steps, (steps) => {
    const buffer = new UnitBuffer({ blockBytes: 128, blockCount: 4 });
    const expected: number[] = [];
    const found: number[] = [];
    const held: { chunk: Chunk; copy: Uint8Array }[] = [];
    let [units, unit, stuck] = [0, 0, false];
    const take = (partial: boolean) => {
      const chunk = buffer.nextChunk(partial);
      if (chunk === undefined) return false;
      assertEquals(chunk.info.firstUnit, unit);
      unit += chunk.info.unitCount;
      assertEquals(chunk.info.cleanPoints.length, chunk.info.unitCount);
      held.push({ chunk, copy: chunk.bytes.slice() });
      found.push(...chunk.bytes);
      return true;
    };
    const release = () => {
      const first = held.shift();
      if (first === undefined) return;
      assertEquals(first.chunk.bytes, first.copy); // nothing wrote into what a sink holds
      first.chunk.release();
      stuck = !buffer.resume();
    };
    for (const step of steps) {
      if (step.step === "append" && !stuck) {
        const data = new Uint8Array(step.size).fill(units);
        const pieces = new Pieces();
        pieces.add(data, 0, step.size >> 1);
        pieces.add(data, step.size >> 1);
        const timestamp = units++;
        stuck = !buffer.write({ stream: 0, pieces, timestamp, decodeTimestamp: timestamp, duration: -1, isKey: true });
        expected.push(...data);
      } else if (step.step === "release") {
        release();
      } else if (step.step !== "append") {
        take(step.step === "takePartial");
      }
      if (held.length === 0 && !buffer.hasChunk) assert(buffer.hasRoom || stuck);
    }
    for (let i = 0; i < 1000 && (take(true) || held.length > 0 || stuck); i++) {
      release();
      stuck = !buffer.resume();
    }
    assertEquals([unit, buffer.unitCount], [units, units]);
    assertEquals(found, expected);
    assertEquals(buffer.heldTimestamp, -1);
  }));
});

Deno.test("BufferPool stays within its budget, but for one buffer that is larger than that", () => {
  const pool = new BufferPool(1000);
  const first = pool.acquire(600)!;
  assertEquals(pool.acquire(600), undefined);
  assertEquals(pool.acquire(900, 600)?.byteLength, 900); // in place of the first
  pool.release(first);
  assert(pool.hasRoom(100));
  assert(!pool.hasRoom(200));
  const large = new BufferPool(1000);
  assertEquals(large.acquire(5000)?.byteLength, 5000);
  assertEquals(large.acquire(1), undefined);
  assert(large.hasRoom(1, 5000));
});

Deno.test("BufferPool gives the smallest free buffer that is large enough, and keeps no more than its budget", () => {
  const pool = new BufferPool(1000);
  const buffers = [100, 300, 200].map((size) => pool.acquire(size)!);
  buffers.forEach((buffer) => pool.release(buffer));
  assertEquals(pool.acquire(150), buffers[2]);
  assertLessOrEqual(pool.acquire(800)!.byteLength, 800);
});

Deno.test("ByteWriter writes numbers in either order, and grows", () => {
  const write = (order: "big" | "little") => {
    const w = new ByteWriter(order, new Uint8Array(2));
    w.u8(1);
    w.u16(0x0203);
    w.u24(0x040506);
    w.u32(0x0708090A);
    w.u64(2 ** 40 + 5);
    w.text("ä");
    w.zeros(1);
    w.setU32(6, 0xFFFFFFFE);
    return dump(w.toUint8Array());
  };
  assertEquals(write("big"), "01 02 03 04 05 06 ff ff ff fe 00 00 01 00 00 00\n00 05 c3 a4 00");
  assertEquals(write("little"), "01 03 02 06 05 04 fe ff ff ff 05 00 00 00 00 01\n00 00 c3 a4 00");
});
