/** The tables that indexes are made of: bounded, and right when they have become coarser. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { objectPacket, objectRowCount, ObjectRows } from "../../../src/asf/indexes/object_rows.ts";
import { SendTimes } from "../../../src/asf/indexes/send_times.ts";
import { cellPacketAt, cellPackets, TimeCells } from "../../../src/asf/indexes/time_cells.ts";
import { TimecodeRows, timecodeRows } from "../../../src/asf/indexes/timecode_rows.ts";
import fc from "../../support/fast_check.ts";

interface Noted {
  timeMs: number;
  packet: number;
  span: number;
}

const objects = fc.array(
  fc.record({ stepMs: fc.integer({ min: -80, max: 300 }), span: fc.integer({ min: 1, max: 4 }) }),
  {
    minLength: 1,
    maxLength: 200,
  },
).map((steps) => {
  let timeMs = 500;
  let packet = 0;
  return steps.map(({ stepMs, span }): Noted => {
    const noted = { timeMs, packet, span };
    timeMs = Math.max(0, timeMs + stepMs);
    packet += span - 1;
    return noted;
  });
});

/** The object with the latest time up to T, the last stored of several. */
function naive(noted: readonly Noted[], timeMs: number): Noted | undefined {
  return noted.filter((one) => one.timeMs <= timeMs).sort((a, b) => a.timeMs - b.timeMs).at(-1);
}

Deno.test("TimeCells lead to the last object up to a time, however coarse they have become", () => {
  fc.assert(fc.property(objects, fc.integer({ min: 1, max: 200 }), fc.boolean(), (noted, intervalMs, isLast) => {
    const cells = new TimeCells(intervalMs, 64);
    for (const { timeMs, packet, span } of noted) cells.note(timeMs, packet, span);
    const { table } = cells;
    assertLessOrEqual(table.count, 64);
    const packetCount = noted.at(-1)!.packet + noted.at(-1)!.span;
    const whole = { firstPacket: 0, packetCount, timeBaseMs: 0 };
    const found = cellPackets(table, whole, table.intervalMs, isLast);
    for (let row = 0; row < table.count; row++) {
      const timeMs = row * table.intervalMs;
      const wanted = naive(noted, timeMs);
      const packet = found.next().value;
      if (wanted === undefined) continue; // before the first: any that comes
      assertEquals(packet, isLast ? wanted.packet + wanted.span - 1 : wanted.packet);
      assertEquals(cellPacketAt(table, whole, timeMs), wanted.packet);
    }
  }));
});

Deno.test("TimeCells of an output that joined later never lead outside of it, nor past the time", () => {
  fc.assert(
    fc.property(objects, fc.nat(50), fc.nat(50), fc.nat(3000), (noted, firstPacket, packetCount, timeBaseMs) => {
      const cells = new TimeCells(50, 32);
      for (const { timeMs, packet, span } of noted) cells.note(timeMs, packet, span);
      const slice = { firstPacket, packetCount, timeBaseMs };
      const found = cellPackets(cells.table, slice, 100, false);
      for (let timeMs = 0; timeMs < 3000; timeMs += 100) {
        const packet = found.next().value;
        assert(packet >= -1 && packet < Math.max(1, packetCount), `packet ${packet} of ${packetCount}`);
        const isEarly = noted.every((one) => one.packet !== packet + firstPacket || one.timeMs > timeMs + timeBaseMs);
        const hasEarlier = noted.some((one) => {
          return one.timeMs <= timeMs + timeBaseMs - 2 * cells.table.intervalMs && one.packet >= firstPacket &&
            one.packet + one.span <= firstPacket + packetCount;
        });
        if (packet >= 0 && isEarly) assertEquals(hasEarlier, false, `row at ${timeMs} ms leads past its time`);
      }
    }),
  );
});

Deno.test("ObjectRows keep every n-th object, and its key frame", () => {
  fc.assert(fc.property(
    fc.array(fc.record({ span: fc.integer({ min: 1, max: 3 }), isKey: fc.boolean() }), { maxLength: 300 }),
    fc.integer({ min: 1, max: 9 }),
    fc.nat(400),
    (list, interval, packetCount) => {
      const rows = new ObjectRows(interval, 16);
      let packet = 0;
      let key = -1;
      const noted = list.map(({ span, isKey }) => {
        if (isKey) key = packet;
        const one = { first: packet, last: packet + span - 1, key };
        rows.note(packet, span, isKey);
        packet += span;
        return one;
      });
      const { table } = rows;
      assertLessOrEqual(table.count, 16);
      const wanted = noted.filter((_, i) => i % table.interval === 0);
      const inside = wanted.filter(({ last }) => last < packetCount);
      assertEquals(objectRowCount(table, table.interval, packetCount), inside.length);
      inside.forEach(({ first, last, key }, row) => {
        const found = (["firsts", "lasts", "keys"] as const).map((from) =>
          objectPacket(table, row, table.interval, from)
        );
        assertEquals(found, [first, last, key]);
      });
    },
  ));
});

Deno.test("a table of ObjectRows that was given out stays as it was", () => {
  const rows = new ObjectRows(1, 4);
  for (let packet = 0; packet < 4; packet++) rows.note(packet, 1, true);
  const { table } = rows;
  for (let packet = 4; packet < 50; packet++) rows.note(packet, 1, true);
  assertEquals([0, 1, 2, 3].map((row) => objectPacket(table, row, 1, "firsts")), [0, 1, 2, 3]);
  assertEquals(rows.table.interval, 16);
});

Deno.test("TimecodeRows come by range and time code, each once, the first object of several", () => {
  const rows = new TimecodeRows();
  const codes: [range: number, code: number, isKey: boolean][] = [
    [0, 5, true],
    [0, 7, false],
    [0, 6, false],
    [0, 6, true],
    [1, 2, false],
  ];
  for (const [range, code] of codes) rows.write(range, code);
  codes.forEach(([, , isKey], i) => rows.note(10 * i, isKey));
  assertEquals([...timecodeRows(rows.table, { firstPacket: 0, packetCount: 41, timeBaseMs: 0 })], [
    { range: 0, timecode: 5, first: 0, key: 0 },
    { range: 0, timecode: 6, first: 20, key: 0 },
    { range: 0, timecode: 7, first: 10, key: 0 },
    { range: 1, timecode: 2, first: 40, key: 30 },
  ]);
  // An output of the packets 20 to 39 has no key frame in front of its first object.
  assertEquals([...timecodeRows(rows.table, { firstPacket: 20, packetCount: 20, timeBaseMs: 0 })], [
    { range: 0, timecode: 6, first: 0, key: -1 },
  ]);
});

Deno.test("TimecodeRows let go of time codes though one always waits", () => {
  const rows = new TimecodeRows();
  rows.write(0, 0);
  for (let i = 1; i < 20_000; i++) {
    rows.write(0, i);
    rows.note(i - 1, true);
  }
  assertLessOrEqual(rows.waitingCount, 3000);
  const last = [...timecodeRows(rows.table, { firstPacket: 0, packetCount: 20_000, timeBaseMs: 0 })].at(-1);
  assertEquals(last, { range: 0, timecode: 19_998, first: 19_998, key: 19_998 });
});

Deno.test("SendTimes know the last packet up to one, within a step that grows", () => {
  const times = new SendTimes(8);
  for (let packet = 0; packet < 100; packet += 2) times.note(packet, packet * 10);
  assertEquals(times.upTo(99, 0), { packet: 96, sendTimeMs: 960 });
  assertEquals(times.upTo(15, 0), { packet: 0, sendTimeMs: 0 });
  assertEquals(times.upTo(15, 1), undefined);
});

Deno.test("24 hours at 60 frames a second take at most 8 MB, time codes included", () => {
  const frames = 24 * 3600 * 60;
  const cells = new TimeCells(200);
  const rows = new ObjectRows(1);
  const timecodes = new TimecodeRows();
  for (let i = 0; i < frames; i++) {
    timecodes.write(0, i);
    cells.note(3000 + i * 1000 / 60 | 0, i, 1);
    rows.note(i, 1, i % 60 === 0);
    timecodes.note(i, i % 60 === 0);
  }
  const bytesOf = (table: object) =>
    Object.values(table).reduce((sum, one) => sum + (ArrayBuffer.isView(one) ? one.byteLength : 0), 0);
  assertEquals([cells.table, rows.table, timecodes.table].map(bytesOf), [1_572_864, 1_572_864, 4_194_304]);
  assertEquals([cells.table.intervalMs, rows.table.interval], [800, 64]);
});
