/** Small objects that share payloads ([ASF] 5.2.3.4). */

import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import type { Core } from "../../src/core/core.ts";
import type { CoreRange } from "../../src/core/types.ts";
import { concat, createCore, drain, pattern, piecesOf } from "./harness.ts";

const PREROLL_MS = 1000;
const PACKED = { streamNumber: 1, bitsPerSecond: 64_000, indexed: false, packed: true };

function write(core: Core, bytes: Uint8Array, us: number): void {
  assert(core.write(0, piecesOf(bytes), Math.round(us / 1000), us * 10, true));
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** What comes out of packets of several payloads: object number, time, data. Written from the layout alone. */
function objectsIn(bytes: Uint8Array, packetBytes: number): { number: number; ms: number; data: number[] }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: { number: number; ms: number; data: number[] }[] = [];
  for (let packet = 0; packet < bytes.byteLength; packet += packetBytes) {
    const paddingWidth = bytes[packet + 3]! >> 3 & 3;
    let at = packet + 5 + paddingWidth + 6;
    assertEquals(bytes[packet + 3]! & 1, 1);
    for (let left = bytes[at++]! & 63; left > 0; left--) {
      const number = bytes[at + 1]!;
      const word = view.getUint32(at + 2, true);
      const replicated = bytes[at + 6]!;
      if (replicated === 1) {
        const delta = bytes[at + 7]!;
        const end = at + 10 + view.getUint16(at + 8, true);
        at += 10;
        for (let k = 0; at < end; k++) {
          const length = bytes[at]!;
          found.push({
            number: number + k & 255,
            ms: word + k * delta,
            data: [...bytes.subarray(at + 1, at + 1 + length)],
          });
          at += 1 + length;
        }
        assertEquals(at, end);
      } else {
        const length = view.getUint16(at + 15, true);
        const data = [...bytes.subarray(at + 17, at + 17 + length)];
        if (word === 0) found.push({ number, ms: view.getUint32(at + 11, true), data });
        else found.at(-1)!.data.push(...data);
        at += 17 + length;
      }
    }
  }
  return found;
}

Deno.test("Core.write() puts objects at equal distances into one payload", () => {
  const core = createCore({ streams: [PACKED] });
  for (let i = 0; i < 3; i++) write(core, new Uint8Array(20).fill(0x81 + i), i * 20_000);
  core.closePacket();
  const twenty = (byte: string) => `14${` ${byte}`.repeat(20)}`;
  assertEquals(
    hex(drain(core)),
    // 8000 bytes a second: the third object leaves at 40 ms and takes 2.5
    `82 00 00 09 5d 2a 00 00 00 00 2b 00 81 01 01 e8 03 00 00 01 14 3f 00 ${twenty("81")} ${twenty("82")} ${
      twenty("83")
    }${" 00".repeat(42)}`,
  );
});

Deno.test("Core.write() begins a new payload where whole milliseconds would lead too far away", () => {
  const core = createCore({ streams: [PACKED], packetBytes: 500 });
  // 46.44 ms: after the fifth no first time is within 1 ms of all. The distance of the first two counts: 46 ms.
  for (let i = 0; i < 7; i++) write(core, pattern(10, i), i * 46_440);
  core.closePacket();
  const bytes = drain(core);
  assertEquals(bytes[13]! & 63, 2); // behind a WORD of padding
  const times = objectsIn(bytes, 500).map(({ ms }) => ms);
  // Begun 1 ms late, the fifth is 0.76 ms early.
  assertEquals(times.slice(0, 5), [1001, 1047, 1093, 1139, 1185]);
  times.forEach((ms, i) => assert(Math.abs(ms - PREROLL_MS - i * 46.44) <= 1, `${ms} for ${i * 46.44}`));
});

for (const bytes of [4, 256]) {
  Deno.test(`Core.write() gives an object of ${bytes} bytes a payload of its own`, () => {
    const core = createCore({ streams: [PACKED], packetBytes: 3200 });
    for (let i = 0; i < 3; i++) write(core, pattern(bytes, i), i * 20_000);
    core.closePacket();
    const packet = drain(core);
    // A WORD of padding, three payloads with 8 bytes of replicated data.
    assertEquals([packet[3], packet[13]! & 63, packet[14 + 6]], [0x11, 3, 8]);
  });
}

Deno.test("Core.write() packs nothing with the timing extension", () => {
  const core = createCore({ streams: [PACKED], packetBytes: 500, timingExtension: true });
  for (let i = 0; i < 3; i++) write(core, pattern(20, i), i * 20_000);
  core.closePacket();
  const packet = drain(core);
  assertEquals([packet[13]! & 63, packet[14 + 6]], [3, 32]);
});

Deno.test("Core counts more objects in a packet than it has payloads", () => {
  const core = createCore({ streams: [PACKED], packetBytes: 3200 });
  for (let i = 0; i < 200; i++) write(core, pattern(10, i), i * 20_000);
  core.closePacket();
  const range = core.nextRange(true)!;
  assertEquals([range.packetCount, range.objectCount, range.cleanPoints.length], [1, 200, 1]);
});

Deno.test("Core.write() says no distance where one object is alone, whatever stood there before", () => {
  const core = createCore({ streams: [PACKED], packetBytes: 100, blockBytes: 100, blockCount: 2 });
  const drained: number[] = [];
  for (const objects of [3, 3, 1, 1]) { // the second two packets stand where the first two did
    for (let i = 0; i < objects; i++) write(core, new Uint8Array(10).fill(0xff), (drained.length * 3 + i) * 20_000);
    core.closePacket();
    const bytes = drain(core);
    drained.push(bytes[5 + (bytes[3]! >> 3 & 3) + 6 + 1 + 7]!);
  }
  assertEquals(drained, [20, 20, 0, 0]);
});

Deno.test("Core.write() does not go back in time behind a packed object that is stored late", () => {
  const core = createCore({ streams: [PACKED], packetBytes: 500 });
  const times = [0, 46.6, 93.2, 93.3];
  times.forEach((ms, i) => write(core, pattern(10, i), ms * 1000));
  core.closePacket();
  // Whole distances of 47 ms bring the third to 94; the fourth, too close for its payload, would be at 93.
  assertEquals(objectsIn(drain(core), 500).map(({ ms }) => ms), [1000, 1047, 1094, 1094]);
});

Deno.test("Core.resume() goes on with a packed object that found no free block, and loses nothing of it", () => {
  const core = createCore({ streams: [PACKED], packetBytes: 100, blockBytes: 100, blockCount: 2 });
  const wanted: number[][] = [];
  const ranges: CoreRange[] = [];
  const parts: Uint8Array[] = [];
  const take = () => {
    for (let range = core.nextRange(false); range; range = core.nextRange(false)) {
      parts.push(range.bytes.slice());
      ranges.push(range);
    }
  };
  let waits = 0;
  for (let i = 0; i < 40; i++) {
    const data = pattern(60, i);
    wanted.push([...data]);
    let isLaidOut = core.write(0, piecesOf(data), i * 400, i * 4_000_000, true);
    for (; !isLaidOut; isLaidOut = core.resume()) {
      waits++;
      take();
      ranges.splice(0).forEach((range) => range.release());
    }
  }
  core.closePacket();
  take();
  assert(waits > 10, `${waits} waits`);
  assertEquals(objectsIn(concat(parts), 100).map(({ data }) => data), wanted);
});

Deno.test("Core.write() keeps every packed object, in order, within 1 ms of its time", () => {
  const objects = fc.array(
    fc.record({
      bytes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constant(185)),
      stepUs: fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(46_440, 20_000, 23_220, 26_122, 63_945) },
        fc.integer({ min: 0, max: 400_000 }),
      ),
    }),
    { minLength: 1, maxLength: 80 },
  );
  fc.assert(
    fc.property(objects, fc.constantFrom(400, 1000, 3200), fc.boolean(), (objects, packetBytes, isSteady) => {
      const core = createCore({ streams: [PACKED], packetBytes });
      let us = 0;
      const wanted = objects.map(({ bytes, stepUs }, i) => {
        const data = pattern(isSteady ? 185 : bytes, i);
        const timeUs = us;
        us += isSteady ? objects[0]!.stepUs : stepUs;
        write(core, data, timeUs);
        return { number: i + 1 & 255, timeUs, data: [...data] };
      });
      core.closePacket();
      const found = objectsIn(drain(core), packetBytes);
      assertEquals(
        found.map(({ number, data }) => ({ number, data })),
        wanted.map(({ number, data }) => ({ number, data })),
      );
      let last = PREROLL_MS;
      found.forEach(({ ms }, i) => {
        assert(Math.abs(ms - PREROLL_MS - wanted[i]!.timeUs / 1000) <= 1, `object ${i}: ${ms} ms`);
        assert(ms >= last, `object ${i}: ${ms} ms behind ${last}`);
        last = ms;
      });
    }),
    { numRuns: 300 },
  );
});
