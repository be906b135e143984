import { assertEquals } from "@std/assert";
import { type AsfIndexes, AsfReader } from "../../src/inspect/mod.ts";
import {
  data,
  extendedStream,
  file,
  fileProperties,
  guid,
  header,
  headerExtension,
  hex,
  join,
  object,
  simpleIndex,
  u32,
  u64,
  videoStream,
} from "./support/bytes.ts";

async function readIndexes(...objects: Uint8Array[]): Promise<{ indexes: AsfIndexes; rules: string[] }> {
  const reader = await AsfReader.open(file([], {}, ...objects));
  return { indexes: await reader.indexes(), rules: reader.problems.map(({ rule }) => rule) };
}

Deno.test("AsfReader.indexes() reads the Index Object that Windows wrote for lossless audio", async () => {
  // Packets of 13 406 bytes, preroll 3000 ms, an object every 557 ms: one offset a second.
  const offsets = [0, 0, 0, 0, 13_406, 40_218, 67_030, 80_436];
  const bytes = object(
    "D6E229D3-35DA-11D1-9034-00A0C90349BE",
    hex("e8030000 0100 01000000 0100 0300"),
    u32(offsets.length),
    u64(0),
    ...offsets.map(u32),
  );
  const { indexes, rules } = await readIndexes(bytes);
  assertEquals(indexes.time, [{
    interval: 1000,
    specifiers: [{ streamNumber: 1, type: 3 }],
    blocks: [{ timecodeRange: undefined, timecodes: undefined, positions: [0], offsets: Uint32Array.from(offsets) }],
  }]);
  assertEquals(rules, []);
});

Deno.test("AsfReader.indexes() reads a Media Object Index of two streams in two blocks", async () => {
  const bytes = object(
    "FEB103F8-12AD-4C64-840F-2A1D2F7AD48C",
    "01000000 0200 02000000 0100 0200 0200 ff00",
    u32(2),
    u64(0),
    u64(5_000_000_000),
    ...[1, 2, 3, 4].map(u32),
    u32(1),
    u64(7),
    u64(8),
    ...[5, 0xffffffff].map(u32),
  );
  const { indexes, rules } = await readIndexes(bytes);
  assertEquals(indexes.mediaObject[0]!.blocks.map(({ positions, offsets }) => [positions, [...offsets]]), [
    [[0, 5_000_000_000], [1, 2, 3, 4]],
    [[7, 8], [5, 0xffffffff]],
  ]);
  assertEquals(rules, []);
});

Deno.test("AsfReader.indexes() reads a Timecode Index", async () => {
  const bytes = object(
    "3CB73FD0-0C4A-4803-953D-EDF7B6228F0C",
    "01000000 0100 01000000 0200 0300",
    "02000000 0700",
    u64(100),
    ...[0x01020304, 10, 0x01020305, 20].map(u32),
  );
  const { indexes, rules } = await readIndexes(bytes);
  assertEquals(indexes.timecode[0]!.blocks, [{
    timecodeRange: 7,
    timecodes: Uint32Array.of(0x01020304, 0x01020305),
    positions: [100],
    offsets: Uint32Array.of(10, 20),
  }]);
  assertEquals(rules, []);
});

Deno.test("AsfReader.indexes() gives Simple Indexes to the video streams that are not hidden", async () => {
  const head = header(
    fileProperties(),
    headerExtension(extendedStream(3, [], videoStream(3))),
    videoStream(9),
    videoStream(4),
  );
  const indexes = [1, 2, 3].map((packet) => simpleIndex(10_000_000, [[packet, 1]]));
  const reader = await AsfReader.open(join(head, data([]), ...indexes));
  const { simple } = await reader.indexes();
  assertEquals(simple.map(({ streamNumber, packetNumbers }) => [streamNumber, packetNumbers[0]]), [
    [4, 1],
    [9, 2],
    [undefined, 3],
  ]);
});

Deno.test("AsfReader.indexes() does not believe counts", async () => {
  const simple = object(
    "33000890-E5B1-11CF-89F4-00A0C90349CB",
    guid("00000000-0000-0000-0000-000000000000"),
    u64(10_000_000),
    u32(1),
    u32(0xffffffff),
    "07000000 0100",
  );
  const blocks = object(
    "D6E229D3-35DA-11D1-9034-00A0C90349BE",
    "e8030000 0100 ffffffff 0100 0300 ffffffff 0000000000000000 05000000",
  );
  const { indexes, rules } = await readIndexes(simple, blocks);
  assertEquals([...indexes.simple[0]!.packetNumbers], [7]);
  assertEquals([...indexes.time[0]!.blocks[0]!.offsets], [5]);
  assertEquals(rules, ["X02", "X02"]);
});

Deno.test("AsfReader.indexes() lists an object that is too large without looking into it", async () => {
  const huge = object("33000890-E5B1-11CF-89F4-00A0C90349CB", new Uint8Array(40));
  huge.set(u64(2n ** 40n), 16);
  const { indexes, rules } = await readIndexes(huge);
  assertEquals(indexes.objects.map(({ name, size }) => [name, size]), [["Simple Index Object", 2 ** 40]]);
  assertEquals(indexes.simple, []);
  assertEquals(rules, ["T04"]);
});

Deno.test("AsfReader.indexes() reports a second header and goes on", async () => {
  const { indexes, rules } = await readIndexes(header(fileProperties()), simpleIndex(10_000_000, []));
  assertEquals(indexes.objects.map(({ name }) => name), ["Header Object", "Simple Index Object"]);
  assertEquals(rules, ["T03"]);
});
