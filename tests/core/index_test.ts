/** Simple Index entries against the rule of [ASF] 6.1, applied naively to what a reader finds in the packets. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import type { Core } from "../../src/core/core.ts";
import type { IndexEntries, IndexRequest } from "../../src/core/types.ts";
import { indexEntries } from "../../src/core/index_entries.ts";
import { keyFrameRecord, KeyFrames } from "../../src/core/key_frames.ts";
import { AUDIO, concat, createCore, drain, pattern, piecesOf, VIDEO } from "./harness.ts";
import { parsePackets, rebuildObjects } from "./parse_packets.ts";

interface Key {
  timeMs: number;
  packet: number;
  packetCount: number;
}

type Entry = [packet: number, packetCount: number];

function entriesOf(entries: IndexEntries): Entry[] {
  return decode(concat(Array.from(entries.pieces(), (piece) => piece.slice())));
}

function decode(bytes: Uint8Array<ArrayBuffer>): Entry[] {
  const view = new DataView(bytes.buffer);
  assertEquals(bytes.length % 6, 0);
  return Array.from(
    { length: bytes.length / 6 },
    (_, i) => [view.getUint32(i * 6, true), view.getUint16(i * 6 + 4, true)],
  );
}

/** For key frames whose times rise. */
function naiveIndex(keys: readonly Key[], request: IndexRequest): Entry[] {
  const end = request.firstPacket + request.packetCount;
  const inside = keys.filter(({ packet, packetCount }) => packet >= request.firstPacket && packet + packetCount <= end);
  if (inside.length === 0) return [];
  const entries: Entry[] = [];
  const count = Math.ceil(request.endMs / request.intervalMs) + 1;
  for (let i = 0, j = 0; i < count; i++) {
    while (j + 1 < inside.length && inside[j + 1]!.timeMs - request.timeBaseMs <= i * request.intervalMs) j++;
    const { packet, packetCount } = inside[j]!;
    entries.push([packet - request.firstPacket, Math.min(packetCount, 65_535)]);
  }
  return entries;
}

function check(core: Core, keys: readonly Key[], request: IndexRequest): void {
  const wanted = naiveIndex(keys, request);
  const entries = core.index(request);
  assertEquals(entries.entryCount, wanted.length);
  assertEquals(entries.maxPacketCount, wanted.reduce((max, [, count]) => Math.max(max, count), 0));
  const found = entriesOf(entries);
  assertEquals(found.length, wanted.length);
  // One entry at a time: a difference of two long lists is no help.
  found.forEach((entry, i) => assertEquals([i, ...entry], [i, ...wanted[i]!]));
}

/** Key frames of a stream as the packets show them, with the times that were written. */
function keysOf(bytes: Uint8Array, packetBytes: number, streamNumber: number, timesMs: readonly number[]): Key[] {
  const objects = rebuildObjects(parsePackets(bytes, packetBytes)).filter((o) =>
    o.streamNumber === streamNumber && o.isKey
  );
  assertEquals(objects.length, timesMs.length);
  return objects.map(({ firstPacket, lastPacket }, i) => {
    return { timeMs: timesMs[i]!, packet: firstPacket, packetCount: lastPacket - firstPacket + 1 };
  });
}

const WHOLE = { slot: 1, firstPacket: 0, timeBaseMs: 0 };

Deno.test("Core.index() makes the worked example's entries", () => {
  // Key frames at 3146 ms in packet 0, 4146 in 11, 5146 in 23; 102 bytes fill a packet.
  const core = createCore({ packetBytes: 128, prerollMs: 3100 });
  const calls: [number, number][] = [[46, 11], [1046, 12], [2046, 2]];
  for (const [ms, packets] of calls) core.write(1, piecesOf(pattern(102 * packets)), ms, ms * 10_000, true);
  const entries = core.index({ ...WHOLE, intervalMs: 1000, packetCount: core.packetCount, endMs: 6600 });
  const [a, b, c]: Entry[] = [[0, 11], [11, 12], [23, 2]];
  assertEquals(entriesOf(entries), [a, a, a, a, a, b, c, c]);
  assertEquals([entries.entryCount, entries.maxPacketCount], [8, 12]);
});

Deno.test("Core.index() counts presentation time to the nearest ms, not the payload's own time", () => {
  const core = createCore({ packetBytes: 128, prerollMs: 1000, timingExtension: true });
  const calls: [number, number][] = [[0, 400], [10, 995_000], [20, 1_995_001]];
  for (const [ms, ticks] of calls) core.write(1, piecesOf(pattern(78)), ms, ticks, true);
  const entries = core.index({ ...WHOLE, intervalMs: 100, packetCount: 3, endMs: 1200 });
  const packets = entriesOf(entries).map(([packet]) => packet);
  assertEquals(packets, [...new Array(11).fill(0), 1, 2]);
});

Deno.test("Core.index() is empty without a key frame in the output", () => {
  const core = createCore({ packetBytes: 128 });
  const request = { ...WHOLE, intervalMs: 100, packetCount: 100, endMs: 1000 };
  core.write(1, piecesOf(pattern(102)), 0, 0, false);
  core.write(0, piecesOf(pattern(102)), 0, 0, true);
  for (const slot of [0, 1]) {
    const entries = core.index({ ...request, slot });
    assertEquals([entries.entryCount, entries.maxPacketCount, [...entries.pieces()].length], [0, 0, 0]);
  }
  core.write(1, piecesOf(pattern(102)), 0, 0, true);
  assertEquals(core.index({ ...request, packetCount: 2 }).entryCount, 0);
  assertEquals(core.index({ ...request, packetCount: 3 }).entryCount, 11);
});

Deno.test("Core.index() stays right past 24 hours", () => {
  const core = createCore({ packetBytes: 128, prerollMs: 3100 });
  const times: number[] = [];
  const parts: Uint8Array[] = [];
  for (let ms = 0; ms < 30 * 3600_000; ms += 59_987) {
    times.push(ms + 3100);
    core.write(1, piecesOf(pattern(150)), ms, ms * 10_000, true);
    parts.push(drain(core, false));
  }
  core.closePacket();
  const bytes = concat([...parts, drain(core)]);
  const keys = keysOf(bytes, 128, 2, times);
  const packetCount = core.packetCount;
  check(core, keys, { ...WHOLE, intervalMs: 200, packetCount, endMs: 30 * 3600_000 });
});

Deno.test("Core.index() stays right to the end of the DWORD", () => {
  const core = createCore({ packetBytes: 128, prerollMs: 0 });
  const times = [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1000, 2 ** 32 - 1];
  for (const ms of times) core.write(1, piecesOf(pattern(102)), ms, ms * 10_000, true);
  const keys = times.map((timeMs, packet) => ({ timeMs, packet, packetCount: 1 }));
  for (const intervalMs of [70_000, 2 ** 31, 2 ** 32 - 1]) {
    check(core, keys, { ...WHOLE, intervalMs, packetCount: 5, endMs: 2 ** 32 - 1 });
  }
});

Deno.test("Core.index() knows the key frames that are whole in the output's packets, and counts from its time base", () => {
  fc.assert(fc.property(
    fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 900 }), gapMs: fc.nat(700), kind: fc.nat(2) }), {
      minLength: 1,
    }),
    fc.record({
      from: fc.nat(100),
      length: fc.nat(100),
      base: fc.nat(3000),
      interval: fc.integer({ min: 1, max: 900 }),
    }),
    (objects, { from, length, base, interval }) => {
      const core = createCore({ packetBytes: 128, prerollMs: 100 });
      const times: number[] = [];
      let nowMs = 0;
      objects.forEach(({ bytes, gapMs, kind }, i) => {
        nowMs += gapMs;
        if (kind === 2) times.push(nowMs + 100);
        core.write(kind === 0 ? 0 : 1, piecesOf(pattern(bytes, i)), nowMs, nowMs * 10_000, kind === 2);
      });
      core.closePacket();
      const keys = keysOf(drain(core), 128, 2, times);
      const timeBaseMs = Math.min(base, nowMs);
      const endMs = nowMs + 100 - timeBaseMs;
      check(core, keys, { slot: 1, intervalMs: interval, firstPacket: from, packetCount: length, timeBaseMs, endMs });
    },
  ));
});

Deno.test("Core.index() names no key frame after its time, though key frames come out of order", () => {
  const core = createCore({ packetBytes: 128, prerollMs: 0 });
  const times = [100, 900, 500, 1300, 1200, 2000];
  times.forEach((ms, i) => core.write(1, piecesOf(pattern(102)), i, ms * 10_000, true));
  const entries = entriesOf(core.index({ ...WHOLE, intervalMs: 100, packetCount: 6, endMs: 2500 }));
  entries.forEach(([packet], i) =>
    assert(packet === 0 || times[packet]! <= i * 100, `entry ${i} names packet ${packet}`)
  );
  assertEquals(entries.map(([packet]) => packet).filter((packet, i, all) => packet !== all[i - 1]), [0, 2, 4, 5]);
});

Deno.test("Core.index() remembers any number of key frames, of several streams", () => {
  const streams = [AUDIO, VIDEO, { ...VIDEO, streamNumber: 3 }];
  const core = createCore({ packetBytes: 400, prerollMs: 10, streams });
  const times: [number[], number[]] = [[], []];
  const parts: Uint8Array[] = [];
  for (let i = 0; i < 9000; i++) {
    const slot = i % 3 === 0 ? 1 : 2;
    times[slot - 1]!.push(i + 10);
    core.write(slot, piecesOf(pattern(5, i)), i, i * 10_000, true);
    parts.push(drain(core, false));
  }
  core.closePacket();
  const bytes = concat([...parts, drain(core)]);
  for (const slot of [1, 2]) {
    const keys = keysOf(bytes, 400, slot + 1, times[slot - 1]!);
    const packetCount = core.packetCount;
    check(core, keys, { ...WHOLE, slot, intervalMs: 1, packetCount, endMs: 9010 });
    check(core, keys, { ...WHOLE, slot, intervalMs: 1000, packetCount, endMs: 9010 });
  }
});

Deno.test("Core.index() can be read in turns, while packets go on being written", () => {
  const core = createCore({ packetBytes: 128, prerollMs: 0 });
  for (let i = 0; i < 2000; i++) {
    core.write(1, piecesOf(pattern(102)), i * 10, i * 100_000, true);
    drain(core, false);
  }
  const request = { ...WHOLE, intervalMs: 1, packetCount: 2000, endMs: 20_000 };
  const wanted = entriesOf(core.index(request));
  const [a, b] = [core.index(request), core.index(request)];
  const [readA, readB] = [a.pieces()[Symbol.iterator](), b.pieces()[Symbol.iterator]()];
  const [partsA, partsB]: [Uint8Array[], Uint8Array[]] = [[], []];
  for (let i = 0;; i++) {
    const [pieceA, pieceB] = [readA.next(), readB.next()];
    core.write(1, piecesOf(pattern(3000)), 20_000 + i, 0, true);
    drain(core, false);
    core.index({ ...request, intervalMs: 7 });
    if (pieceA.done || pieceB.done) break;
    partsA.push(pieceA.value.slice());
    partsB.push(pieceB.value.slice());
  }
  assertEquals(partsA.length, 5);
  assertEquals(decode(concat(partsA)), wanted);
  assertEquals(decode(concat(partsB)), wanted);
});

Deno.test("Core.index() limits a packet count to its WORD", () => {
  const core = createCore({ packetBytes: 100, prerollMs: 0 });
  let isLaidOut = core.write(1, piecesOf(pattern(74 * 70_000)), 0, 0, true);
  for (; !isLaidOut; isLaidOut = core.resume()) drain(core, false);
  const entries = core.index({ ...WHOLE, intervalMs: 1000, packetCount: core.packetCount, endMs: 0 });
  assertEquals(core.packetCount, 70_000);
  assertEquals(entriesOf(entries), [[0, 65_535]]);
});

Deno.test("Core.index() refuses an interval out of range", () => {
  const core = createCore();
  for (const intervalMs of [0, -1, 0.5, NaN, 2 ** 32]) {
    assertThrows(() => core.index({ ...WHOLE, intervalMs, packetCount: 1, endMs: 0 }), RangeError, "index interval");
  }
  assertThrows(() => core.index({ ...WHOLE, intervalMs: 1, packetCount: 1, endMs: 2 ** 33 }), RangeError);
});

Deno.test("indexEntries() makes an index of key frames that were found in packets, in an instance of its own", () => {
  const key = fc.record({
    stepMs: fc.integer({ min: 0, max: 900 }),
    gap: fc.nat(5),
    packetCount: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(fc.property(fc.array(key, { maxLength: 3000 }), fc.integer({ min: 50, max: 500 }), (steps, intervalMs) => {
    const keys: Key[] = [];
    const keyFrames = new KeyFrames();
    let [timeMs, packet] = [0, 0];
    for (const { stepMs, gap, packetCount } of steps) {
      timeMs += stepMs;
      packet += gap;
      keys.push({ timeMs, packet, packetCount });
      keyFrames.append(keyFrameRecord(timeMs, packet, packetCount));
    }
    const request = { slot: 0, firstPacket: 0, timeBaseMs: 0, intervalMs, packetCount: packet + 5, endMs: timeMs };
    const entries = indexEntries(keyFrames, request);
    const wanted = naiveIndex(keys, request);
    assertEquals(entries.entryCount, wanted.length);
    assertEquals(entriesOf(entries), wanted);
  }));
});
