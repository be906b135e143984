/** Blocks: filled, handed out, released; and what happens when none is free. */

import { assert, assertEquals, assertGreater, assertStrictEquals, assertThrows } from "@std/assert";
import type { Core } from "../../src/core/core.ts";
import type { CoreRange } from "../../src/core/types.ts";
import { AUDIO, concat, createCore, drain, optionsWith, pattern, piecesCutAt, piecesOf } from "./harness.ts";
import { checkLayout } from "./layout_rules.ts";

/** Two packets of 128 bytes a block, three blocks; an object of 102 bytes fills one packet. */
const SMALL = { packetBytes: 128, blockBytes: 256, blockCount: 3, streams: [AUDIO] };

let objects = 0;
function fillPackets(core: Core, count: number, ms = 0): boolean {
  let isLaidOut = true;
  for (let i = 0; i < count; i++) isLaidOut = core.write(0, piecesOf(pattern(102, objects++)), ms, ms * 10_000, false);
  return isLaidOut;
}

function take(core: Core, partial: boolean): CoreRange {
  const range = core.nextRange(partial);
  assert(range);
  return range;
}

Deno.test("Core.nextRange() hands out full blocks only, unless asked for partial ones", () => {
  const core = createCore(SMALL);
  assertEquals(core.nextRange(true), undefined);
  fillPackets(core, 1);
  assertEquals(core.hasFullBlock, false);
  assertEquals(core.nextRange(false), undefined);
  const first = take(core, true);
  assertEquals([first.firstPacket, first.packetCount, first.bytes.byteLength], [0, 1, 128]);
  assertEquals(core.nextRange(true), undefined);
  fillPackets(core, 2);
  assertEquals(core.hasFullBlock, true);
  const second = take(core, false);
  assertEquals([second.firstPacket, second.packetCount], [1, 1]);
  assertEquals(core.nextRange(false), undefined);
  const third = take(core, true);
  assertEquals([third.firstPacket, third.packetCount], [2, 1]);
  assertEquals(core.packetCount, 3);
});

Deno.test("Core.nextRange() hands out adjacent blocks that lie back to back", () => {
  const core = createCore(SMALL);
  fillPackets(core, 6);
  const ranges = [take(core, false), take(core, false), take(core, false)];
  for (let i = 1; i < ranges.length; i++) {
    assertEquals(ranges[i]!.bytes.byteOffset, ranges[i - 1]!.bytes.byteOffset + 256);
  }
});

Deno.test("Core.nextRange() hands out the same two blocks over and over if each is released at once", () => {
  const core = createCore(SMALL);
  const addresses = new Set<number>();
  for (let i = 0; i < 6; i++) {
    fillPackets(core, 2);
    const range = take(core, false);
    addresses.add(range.bytes.byteOffset);
    range.release();
  }
  assertEquals(addresses.size, 2);
});

Deno.test("Core.write() goes round a block that is never given back", () => {
  const core = createCore(SMALL);
  fillPackets(core, 2);
  take(core, false).release();
  fillPackets(core, 2);
  const pinned = take(core, false);
  const kept = pinned.bytes.slice();
  for (let i = 0; i < 8; i++) {
    assertEquals(core.hasFreeBlock, true);
    assertEquals(fillPackets(core, 2), true);
    const range = take(core, false);
    assertEquals(range.firstPacket, 4 + 2 * i);
    range.release();
  }
  assertEquals(pinned.bytes, kept);
});

Deno.test("Core.nextRange() does not hand out the open packet until it is closed", () => {
  const core = createCore(SMALL);
  core.write(0, piecesOf(pattern(10)), 0, 0, false);
  assertEquals(core.nextRange(true), undefined);
  core.closePacket();
  assertEquals(take(core, true).packetCount, 1);
  core.closePacket();
  assertEquals(core.nextRange(true), undefined);
});

Deno.test("CoreRange.release() makes a block free only when all its ranges are released and it was full", () => {
  const core = createCore({ ...SMALL, blockCount: 2 });
  fillPackets(core, 1);
  const a = take(core, true);
  fillPackets(core, 1);
  const b = take(core, true);
  fillPackets(core, 1);
  assertEquals(core.hasFreeBlock, false);
  b.release();
  assertEquals(core.hasFreeBlock, false);
  a.release();
  assertEquals(core.hasFreeBlock, true);
});

Deno.test("CoreRange.release() frees blocks in any order; the first that is free is filled next", () => {
  const core = createCore(SMALL);
  fillPackets(core, 6);
  const [a, b, c] = [take(core, false), take(core, false), take(core, false)];
  assertEquals(core.hasFreeBlock, false);
  assertEquals(fillPackets(core, 1), false);
  const kept = [a, c].map(({ bytes }) => bytes.slice());
  assertEquals(core.resume(), false);
  b.release();
  assertEquals(core.resume(), true);
  assertEquals(core.hasFreeBlock, false);
  const next = take(core, true);
  assertEquals([next.firstPacket, next.bytes.byteOffset], [6, b.bytes.byteOffset]);
  assertEquals([a.bytes, c.bytes], kept);
  c.release();
  a.release();
  assertEquals(core.hasFreeBlock, true);
});

Deno.test("Core fills every block but the one that is kept for long, whichever that is", () => {
  for (let kept = 0; kept < 6; kept++) {
    const core = createCore(SMALL);
    let slow: CoreRange | undefined;
    let packetCount = 0;
    for (let i = 0; i < 12; i++) {
      assert(fillPackets(core, 2), `round ${i}, with block ${kept} kept`);
      const range = take(core, false);
      assertEquals(range.firstPacket, packetCount);
      packetCount += range.packetCount;
      if (i === kept) slow = range;
      else range.release();
    }
    slow!.release();
    assert(core.hasFreeBlock);
  }
});

Deno.test("CoreRange.release() twice is an error", () => {
  const core = createCore(SMALL);
  fillPackets(core, 2);
  const range = take(core, false);
  range.release();
  assertThrows(() => range.release(), Error, "released before");
});

Deno.test("Core.hasFreeBlock tells whether a block beside the one being filled is free", () => {
  const core = createCore({ ...SMALL, blockCount: 2 });
  assertEquals(core.hasFreeBlock, true);
  fillPackets(core, 1);
  assertEquals(core.hasFreeBlock, true);
  fillPackets(core, 1);
  // The second block is untouched: it is the free one, until a packet is opened in it.
  assertEquals(core.hasFreeBlock, true);
  core.write(0, piecesOf(pattern(10)), 0, 0, false);
  assertEquals(core.hasFreeBlock, false);
  take(core, false).release();
  assertEquals(core.hasFreeBlock, true);
});

Deno.test("Core.heldMs is the earliest stored time in packets not handed out", () => {
  const core = createCore({ ...SMALL, prerollMs: 500 });
  assertEquals(core.heldMs, -1);
  core.write(0, piecesOf(pattern(10)), 30, 0, false);
  assertEquals(core.heldMs, 30);
  core.write(0, piecesOf(pattern(10)), 20, 0, false);
  assertEquals(core.heldMs, 20);
  core.closePacket();
  fillPackets(core, 1, 40);
  fillPackets(core, 1, 60);
  core.write(0, piecesOf(pattern(10)), 80, 0, false);
  assertEquals(core.heldMs, 20);
  take(core, false);
  assertEquals(core.heldMs, 60);
  take(core, true);
  assertEquals(core.heldMs, 80);
  core.closePacket();
  take(core, true);
  assertEquals(core.heldMs, -1);
  fillPackets(core, 1, 0);
});

Deno.test("CoreRange.cleanPoints are the packets with the first fragment of an object, without an indexed stream", () => {
  const core = createCore({ ...SMALL, blockBytes: 1280 });
  core.write(0, piecesOf(pattern(250)), 0, 0, false);
  core.write(0, piecesOf(pattern(102)), 1, 0, false);
  core.write(0, piecesOf(pattern(10)), 2, 0, false);
  core.write(0, piecesOf(pattern(10)), 3, 0, false);
  core.closePacket();
  const { cleanPoints, objectCount, packetCount } = take(core, true);
  assertEquals({ cleanPoints, objectCount, packetCount }, {
    cleanPoints: [0, 2, 3, 4],
    objectCount: 4,
    packetCount: 5,
  });
});

Deno.test("CoreRange.cleanPoints are those of the first indexed stream alone", () => {
  const video = (streamNumber: number) => ({ streamNumber, bitsPerSecond: 1e6, indexed: true });
  const core = createCore({ packetBytes: 128, streams: [AUDIO, video(2), video(3)] });
  for (const [slot, isKey] of [[0, true], [2, true], [1, false], [1, true]] as const) {
    core.write(slot, piecesOf(pattern(102)), 0, 0, isKey);
  }
  assertEquals(take(core, true).cleanPoints, [3]);
});

Deno.test("Core.resume() goes on with an object larger than all blocks, though the caller reuses his bytes", () => {
  for (const packetBytes of [100, 2048, 2049, 3200, 65_535]) {
    const options = optionsWith({ packetBytes, blockBytes: 3 * packetBytes, blockCount: 2, streams: [AUDIO] });
    const core = createCore(options);
    const bytes = pattern(20 * packetBytes + 77);
    const source = piecesCutAt(bytes, [1, 5, 4 * packetBytes, 7 * packetBytes + 3]);
    assertEquals(core.write(0, source, 0, 0, false), false);
    source.sources[0]!.fill(0xee);
    assertThrows(() => core.write(0, piecesOf(bytes), 0, 0, false), Error, "wait for resume()");
    assertEquals(core.resume(), false);
    const parts: Uint8Array[] = [];
    do parts.push(drain(core, false)); while (!core.resume());
    assertEquals(core.resume(), true);
    assertGreater(parts.length, 2);
    core.write(0, piecesOf(pattern(9)), 1, 0, false);
    core.closePacket();
    parts.push(drain(core));
    const object = { slot: 0, presentationTicks: 0, isKey: false, closesBefore: false };
    checkLayout(concat(parts), options, [
      { ...object, bytes, storedMs: 0 },
      { ...object, bytes: pattern(9), storedMs: 1 },
    ]);
  }
});

Deno.test("Core.write() keeps a whole object when the last block ended with the one before", () => {
  const core = createCore(SMALL);
  fillPackets(core, 6);
  assertEquals(core.write(0, piecesOf(pattern(10)), 5, 0, false), false);
  assertEquals(core.resume(), false);
  core.closePacket();
  drain(core);
  assertEquals(core.resume(), true);
  assertEquals(core.heldMs, 5);
});

Deno.test("The core's memory is one buffer from the constructor on", () => {
  const core = createCore({ ...SMALL, packetBytes: 3200, blockBytes: 32_000 });
  core.write(0, piecesOf(pattern(3174)), 0, 0, false);
  const first = take(core, true);
  const { buffer, byteLength } = first.bytes;
  first.release();
  for (let i = 0; i < 50; i++) {
    let isLaidOut = core.write(0, piecesOf(pattern(70_000, i)), i, 0, false);
    for (; !isLaidOut; isLaidOut = core.resume()) drain(core, false);
    const range = core.nextRange(true);
    if (range) assertStrictEquals(range.bytes.buffer, buffer);
    range?.release();
  }
  assertEquals(byteLength, 3200);
  assert(buffer.byteLength > 0);
});
