/** Packet layout, byte by byte and edge by edge. */

import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import type { CoreOptions } from "../../src/core/types.ts";
import { AUDIO, concat, createCore, drain, hex, optionsWith, pattern, piecesOf, VIDEO } from "./harness.ts";
import { checkLayout, type Written } from "./layout_rules.ts";
import { type Packet, parsePackets } from "./parse_packets.ts";

/** Lays out objects of these sizes, 1 ms apart, checks all rules, and returns the packets. */
function layOut(options: CoreOptions, sizes: readonly number[], more: Partial<Written> = {}): Packet[] {
  const core = createCore(options);
  const written: Written[] = sizes.map((size, i) => ({
    slot: 0,
    bytes: pattern(size, i),
    storedMs: i,
    presentationTicks: i * 10_000,
    isKey: true,
    closesBefore: false,
    ...more,
  }));
  for (const { slot, bytes, storedMs, presentationTicks, isKey } of written) {
    core.write(slot, piecesOf(bytes), storedMs, presentationTicks, isKey);
  }
  core.closePacket();
  return checkLayout(drain(core), options, written).packets;
}

/** Form, padding field and padding of each packet, and the sizes of its payloads. */
function shapes(packets: readonly Packet[]): unknown[] {
  return packets.map(({ isMultiple, paddingType, paddingBytes, payloads }) => [
    isMultiple ? "several" : "single",
    paddingType,
    paddingBytes,
    payloads.map(({ data }) => data.length),
  ]);
}

function count(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, i) => (from + i).toString(16).padStart(2, "0")).join("");
}

Deno.test("Core.write() lays out the worked packets of one key frame and one audio object", () => {
  // 102 bytes take 2 ms at 408 kbit/s, 20 bytes 21.3 ms at 7.5 kbit/s.
  const streams = [{ ...AUDIO, bitsPerSecond: 7_500 }, { ...VIDEO, bitsPerSecond: 408_000 }];
  const core = createCore({ packetBytes: 128, prerollMs: 1000, streams });
  core.write(1, piecesOf(hex(count(1, 150))), 0, 0, true);
  core.write(0, piecesOf(new Uint8Array(20).fill(0x80)), 0, 0, true);
  core.closePacket();
  const a = hex(`82 00 00 00 5D  00 00 00 00  02 00
    82 01 00 00 00 00 08 96 00 00 00 E8 03 00 00 ${count(1, 102)}`);
  const b = hex(`82 00 00 09 5D 0D  02 00 00 00  14 00  82
    82 01 66 00 00 00 08 96 00 00 00 E8 03 00 00  30 00 ${count(103, 150)}
    01 01 00 00 00 00 08 14 00 00 00 E8 03 00 00  14 00 ${"80".repeat(20)} ${"00".repeat(13)}`);
  assertEquals(drain(core), concat([a, b]));
});

Deno.test("Core.write() puts the presentation time into the timing extension, between 8 zero bytes and 8 more", () => {
  const core = createCore({ packetBytes: 100, prerollMs: 1000, timingExtension: true });
  core.write(1, piecesOf(new Uint8Array(42).fill(0xaa)), 40, 80 * 10_000 + 5, true);
  core.closePacket();
  // 80 ms + 1000 ms + 5 ticks = 10 800 005 = A4 CB 85; 42 bytes take 0.4 ms.
  const packet = hex(`82 00 00 09 5D 04  28 00 00 00  01 00  81
    82 01 00 00 00 00 20 2A 00 00 00 10 04 00 00  00 00 00 00 00 00 00 00  85 CB A4 00 00 00 00 00
    00 00 00 00 00 00 00 00  2A 00 ${"AA".repeat(42)} 00 00 00 00`);
  assertEquals(drain(core), packet);
});

for (const timingExtension of [false, true]) {
  for (const packetBytes of [100, 101, 1450, 3200, 65_535]) {
    const options = optionsWith({ packetBytes, timingExtension, streams: [AUDIO] });
    const several = packetBytes - 30 - (timingExtension ? 24 : 0);
    const single = several + 4;
    const name = `${packetBytes}-byte packets${timingExtension ? " with the timing extension" : ""}`;

    Deno.test(`Core.write() fills ${name} at every size around the capacity`, () => {
      const cases: [number, unknown[]][] = [
        [several - 1, ["several", 1, 1, [several - 1]]],
        [several, ["several", 1, 0, [several]]],
        [several + 1, ["single", 1, 2, [several + 1]]],
        [several + 2, ["single", 1, 1, [several + 2]]],
        [single - 1, ["single", 1, 0, [single - 1]]],
        [single, ["single", 0, 0, [single]]],
      ];
      for (const [size, shape] of cases) assertEquals(shapes(layOut(options, [size])), [shape], `${size} bytes`);
      const [first, second, ...others] = layOut(options, [single + 1]);
      assertEquals([first!.isMultiple, first!.payloads[0]!.data.length], [false, single]);
      assertEquals([second!.isMultiple, second!.payloads[0]!.data.length], [true, 1]);
      assertEquals(others, []);
    });

    Deno.test(`Core.write() splits objects anywhere in ${name}`, () => {
      const step = Math.max(1, Math.floor(packetBytes / 37));
      for (let size = several - 3 * step; size <= 2 * packetBytes; size += step) {
        layOut(options, [size, 5, size, 1, size]);
      }
    });
  }
}

Deno.test("Core.closePacket() chooses the padding field by what is left", () => {
  const options = optionsWith({ packetBytes: 400, streams: [AUDIO] });
  const cases = [
    { left: 254, padding: [1, 254] },
    { left: 255, padding: [1, 255] },
    { left: 256, padding: [2, 255] },
    { left: 257, padding: [2, 256] },
    { left: 258, padding: [2, 257] },
    { left: 369, padding: [2, 368] },
  ];
  for (const { left, padding } of cases) {
    const [packet] = layOut(options, [400 - 30 - left]);
    assertEquals([packet!.paddingType, packet!.paddingBytes], padding, `${left} bytes left`);
  }
});

Deno.test("Core.closePacket() moves several payloads up when the padding field is widened", () => {
  const [packet, ...others] = layOut(optionsWith({ packetBytes: 65_535 }), [10, 2000, 1, 400]);
  assertEquals(shapes([packet!]), [["several", 2, 65_535 - 13 - 4 * 17 - 2411 - 1, [10, 2000, 1, 400]]]);
  assertEquals(others, []);
});

Deno.test("Core.write() ends a packet at 63 payloads", () => {
  const packets = layOut(optionsWith({ packetBytes: 3200 }), new Array(130).fill(2));
  assertEquals(packets.map(({ payloads }) => payloads.length), [63, 63, 4]);
  assertEquals(packets.map(({ paddingType }) => paddingType), [2, 2, 2]);
});

Deno.test("Core.write() sets the 63rd payload's bytes where they stay, though the padding field is widened", () => {
  layOut(optionsWith({ packetBytes: 65_535 }), [...new Array(62).fill(2), 3000, 70_000, 9]);
});

Deno.test("Core.write() numbers each stream's objects from 1, and after 255 with 0", () => {
  const options = optionsWith({ packetBytes: 3200 });
  const core = createCore(options);
  for (let i = 0; i < 600; i++) core.write(i % 3 === 0 ? 0 : 1, piecesOf(pattern(3, i)), i, i * 10_000, false);
  core.closePacket();
  const payloads = parsePackets(drain(core), 3200).flatMap((packet) => packet.payloads);
  for (const [streamNumber, total] of [[1, 200], [2, 400]] as const) {
    const numbers = payloads.filter((payload) => payload.streamNumber === streamNumber).map((p) => p.objectNumber);
    assertEquals(numbers, Array.from({ length: total }, (_, i) => (i + 1) % 256));
  }
});

Deno.test("Core.write() starts a packet rather than let its duration pass 65 535 ms", () => {
  const streams = [{ ...AUDIO, bitsPerSecond: 8_000 }];
  for (const [gapMs, packetCount] of [[65_525, 1], [65_526, 2]] as const) {
    const core = createCore({ packetBytes: 3200, streams });
    // 10 bytes take 10 ms.
    core.write(0, piecesOf(pattern(10)), 0, 0, false);
    core.write(0, piecesOf(pattern(10)), gapMs, gapMs * 10_000, false);
    core.closePacket();
    const packets = parsePackets(drain(core), 3200);
    assertEquals(packets.map((p) => p.durationMs), packetCount === 1 ? [65_535] : [10, 10]);
    assertEquals(packets.map((p) => p.sendTimeMs), packetCount === 1 ? [0] : [0, 65_526]);
  }
});

Deno.test("Core.write() never writes a duration of 0 or one past a WORD", () => {
  const streams = [{ ...AUDIO, bitsPerSecond: 1e12 }, { ...VIDEO, bitsPerSecond: 1 }];
  const core = createCore({ packetBytes: 128, prerollMs: 70_000, streams });
  core.write(0, piecesOf(pattern(102)), 0, 0, false);
  core.write(1, piecesOf(pattern(102)), 0, 0, false);
  assertEquals(parsePackets(drain(core), 128).map((packet) => packet.durationMs), [1, 65_535]);
});

Deno.test("Core.write() keeps packets filled when a stream outruns its bit rate by far", () => {
  // Ten minutes at 80 kbit/s, declared as 8 kbit/s: 50 minutes of backlog by the causal rule.
  const options = optionsWith({ packetBytes: 3200, prerollMs: 3000, streams: [{ ...AUDIO, bitsPerSecond: 8_000 }] });
  const core = createCore(options);
  const written: Written[] = [];
  const parts: Uint8Array[] = [];
  for (let i = 0; i < 6000; i++) {
    const bytes = pattern(1000, i);
    const storedMs = i * 100;
    written.push({ slot: 0, bytes, storedMs, presentationTicks: 0, isKey: false, closesBefore: false });
    if (!core.write(0, piecesOf(bytes), storedMs, 0, false)) throw new Error("no block was free");
    parts.push(drain(core, false));
  }
  core.closePacket();
  parts.push(drain(core));
  const { packets } = checkLayout(concat(parts), options, written);
  assertGreater(6_000_000 / packets.length, 3100);
});

Deno.test("Core.write() lays out an object past 2^24 bytes", () => {
  const options = optionsWith({ packetBytes: 65_535, blockBytes: 1 << 24, blockCount: 2 });
  const core = createCore(options);
  const bytes = pattern(20_000_000);
  core.write(1, piecesOf(bytes), 0, 0, true);
  core.closePacket();
  assertEquals(core.largestObjectBytes(1), 20_000_000);
  assertEquals(core.largestObjectBytes(0), 0);
  const written = { slot: 1, bytes, storedMs: 0, presentationTicks: 0, isKey: true, closesBefore: false };
  checkLayout(drain(core), options, [written]);
});

Deno.test("Core.write() keeps times up to the end of the DWORD", () => {
  const options = optionsWith({ packetBytes: 3200, prerollMs: 3000, timingExtension: true });
  const storedMs = 2 ** 32 - 1 - 3000;
  const [packet] = layOut(options, [10, 4000], { storedMs, presentationTicks: storedMs * 10_000 });
  assertEquals(packet!.payloads[0]!.presentationMs, 2 ** 32 - 1);
});

Deno.test("Core.write() refuses an object without bytes", () => {
  assertThrows(() => createCore().write(0, piecesOf(), 0, 0, false), RangeError, "at least one byte");
});

Deno.test("Core.write() refuses a slot that is not there", () => {
  assertThrows(() => createCore().write(2, piecesOf(pattern(1)), 0, 0, false), RangeError, "no slot 2");
});

Deno.test("new Core() refuses options out of range", () => {
  const cases: [string, Partial<CoreOptions>][] = [
    ["packet size", { packetBytes: 99 }],
    ["packet size", { packetBytes: 65_536 }],
    ["packet size", { packetBytes: 128.5 }],
    ["preroll", { prerollMs: -1 }],
    ["preroll", { prerollMs: NaN }],
    ["number of streams", { streams: [] }],
    ["number of streams", { streams: new Array(128).fill(AUDIO) }],
    ["stream number", { streams: [{ ...AUDIO, streamNumber: 0 }] }],
    ["stream number", { streams: [{ ...AUDIO, streamNumber: 128 }] }],
    ["bit rate", { streams: [{ ...AUDIO, bitsPerSecond: 0 }] }],
    ["bit rate", { streams: [{ ...AUDIO, bitsPerSecond: Infinity }] }],
    ["number of blocks", { blockCount: 1 }],
    ["size of all blocks", { blockBytes: 1 << 29, blockCount: 4 }],
  ];
  for (const [name, options] of cases) assertThrows(() => createCore(options), RangeError, name);
});
