import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { AsfReader, type ByteSource, formatTree, inspectTree } from "../../src/inspect/mod.ts";
import { counting, file, hex, object, packet, simpleIndex } from "./support/bytes.ts";

const INDEX = simpleIndex(10_000_000, [[0, 1], [0, 1], [3, 2]]);
const FILE = file(
  Array.from({ length: 9 }, (_, at) =>
    packet([
      { stream: 1, object: at, time: 1000 + at, data: counting(10, at) },
      { stream: 2, key: at < 3, object: Math.floor(at / 3), offset: at % 3 * 20, size: 60, data: counting(20, at) },
    ])),
  {},
  INDEX,
);

/** Everything a reader says of a source: header and indexes, samples, problems. */
async function read(source: ByteSource): Promise<unknown> {
  const reader = await AsfReader.open(source);
  const samples = await Array.fromAsync(reader.samples(), (one) => ({ ...one, data: one.data.slice() }));
  const { objects, simple } = await reader.indexes();
  await reader.close();
  return { header: reader.header, samples, objects, simple, problems: reader.problems };
}

/** A stream that hands the bytes out in pieces of these sizes, over and over. */
function streamOf(bytes: Uint8Array, sizes: readonly number[]): ReadableStream<Uint8Array> {
  let at = 0;
  let turn = 0;
  return new ReadableStream({
    pull(controller) {
      const size = sizes[turn++ % sizes.length]!;
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
      if (at >= bytes.byteLength) controller.close();
    },
  });
}

const SOURCES: { name: string; source: () => ByteSource }[] = [
  { name: "a Blob", source: () => new Blob([FILE]) },
  { name: "a stream of one chunk", source: () => streamOf(FILE, [FILE.byteLength]) },
  { name: "a stream of single bytes", source: () => streamOf(FILE, [1]) },
  { name: "a stream with empty chunks", source: () => streamOf(FILE, [0, 100, 0, 0, 7]) },
  { name: "positions", source: () => ({ size: FILE.byteLength, read: (at, length) => FILE.slice(at, at + length) }) },
  {
    name: "positions answered later, in small pieces",
    source: () => ({
      size: FILE.byteLength,
      read: (at, length) => Promise.resolve(FILE.slice(at, at + Math.min(length, 33))),
    }),
  },
  {
    name: "positions that answer with more than asked for",
    source: () => ({ size: FILE.byteLength, read: (at) => FILE.slice(at) }),
  },
  {
    name: "positions with one buffer for all answers",
    source: () => {
      const buffer = new Uint8Array(1 << 20);
      return {
        size: FILE.byteLength,
        read(at, length) {
          const bytes = FILE.subarray(at, at + length);
          buffer.fill(0xee).set(bytes);
          return buffer.subarray(0, bytes.byteLength);
        },
      };
    },
  },
  {
    name: "positions that claim to have more",
    source: () => ({ size: FILE.byteLength + 1000, read: (at, length) => FILE.slice(at, at + length) }),
  },
];

for (const { name, source } of SOURCES) {
  Deno.test(`AsfReader reads ${name} as it reads memory`, async () => {
    assertEquals(await read(source()), await read(FILE));
  });
}

Deno.test("AsfReader reads a stream the same however it is cut into chunks", async () => {
  const expected = await read(FILE);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }), async (sizes) => {
      assertEquals(await read(streamOf(FILE, sizes)), expected);
    }),
    { numRuns: 60 },
  );
});

Deno.test("AsfReader reads a stream that ends anywhere the same however it is cut into chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: FILE.byteLength - INDEX.byteLength - 9 * 128, max: FILE.byteLength - 1 }),
      fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 10 }),
      async (length, sizes) => {
        const bytes = FILE.slice(0, length);
        assertEquals(await read(streamOf(bytes, sizes)), await read(streamOf(bytes, [length])));
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("AsfReader.indexes() passes a stream over that was not read", async () => {
  const reader = await AsfReader.open(streamOf(FILE, [100]));
  const { simple } = await reader.indexes();
  assertEquals([...simple[0]!.packetNumbers], [0, 0, 3]);
});

Deno.test("AsfReader.indexes() refuses a stream that was read halfway", async () => {
  const reader = await AsfReader.open(streamOf(FILE, [100]));
  for await (const _ of reader.samples()) break;
  const error = await assertRejects(() => reader.indexes(), MuxError, "the stream has been read already");
  assertEquals(error.code, "invalid-state");
});

Deno.test("AsfReader.samples() refuses a second pass over a stream", async () => {
  const reader = await AsfReader.open(streamOf(FILE, [100]));
  for await (const _ of reader.samples());
  await assertRejects(() => Array.fromAsync(reader.samples()), MuxError, "the stream has been read already");
});

Deno.test("AsfReader.samples() passes twice through what can be sought", async () => {
  const reader = await AsfReader.open(new Blob([FILE]));
  const first = await Array.fromAsync(reader.samples(), ({ data }) => data.slice());
  assertEquals(await Array.fromAsync(reader.samples(), ({ data }) => data.slice()), first);
});

Deno.test("AsfReader.close() cancels a stream and leaves it unlocked", async () => {
  let reason: unknown = "not cancelled";
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(FILE),
    cancel: (why) => void (reason = why),
  });
  await (await AsfReader.open(stream)).close();
  assertEquals([reason, stream.locked], [undefined, false]);
});

Deno.test("AsfReader.open() cancels a stream that it refuses", async () => {
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(100)),
    cancel: () => void (isCancelled = true),
  });
  await assertRejects(() => AsfReader.open(stream), MuxError);
  assert(isCancelled);
});

Deno.test("AsfReader.open() rejects with the error of the stream or the source", async () => {
  const failing = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error("no network")) });
  await assertRejects(() => AsfReader.open(failing), Error, "no network");
  await assertRejects(
    () => AsfReader.open({ size: 100, read: () => Promise.reject(new Error("no disk")) }),
    Error,
    "no disk",
  );
});

Deno.test("AsfReader.open() refuses what is no source", async () => {
  for (const source of [null, undefined, "file.wmv", 7, {}, new ArrayBuffer(8), { size: 3 }]) {
    await assertRejects(
      () => AsfReader.open(source as unknown as ByteSource),
      TypeError,
      "Cannot read source: must be a Uint8Array",
    );
  }
  for (const size of [NaN, -1]) {
    await assertRejects(
      () => AsfReader.open({ size, read: () => FILE }),
      RangeError,
      `size must be 0 or more, got ${size}`,
    );
  }
  const chunks = new ReadableStream({ start: (controller) => controller.enqueue("text") });
  await assertRejects(() => AsfReader.open(chunks as ReadableStream<Uint8Array>), TypeError, "Uint8Array chunks");
});

Deno.test("inspectTree() gives the same tree for a stream as for memory", async () => {
  const expected = await inspectTree(FILE, { packets: true });
  assertEquals(await inspectTree(streamOf(FILE, [97]), { packets: true }), expected);
  const withoutPackets = formatTree(await inspectTree(FILE));
  assertEquals(formatTree(await inspectTree(streamOf(FILE, [97]))), withoutPackets);
  assertEquals(
    formatTree(expected).split("\n").filter((line) => !/^ +packet \d+ /.test(line)).join("\n"),
    withoutPackets,
  );
});

Deno.test("AsfReader reads objects behind the data, known or not", async () => {
  const stray = object("00112233-4455-6677-8899-AABBCCDDEEFF", "0102");
  const reader = await AsfReader.open(
    file([packet([{ stream: 1, object: 0, data: "aa" }])], {}, stray, INDEX, hex("010203")),
  );
  const { objects, simple } = await reader.indexes();
  assertEquals(objects.map(({ name, size }) => [name, size]), [["Unknown Object", 26], ["Simple Index Object", 74]]);
  assertEquals(
    simple.map(({ streamNumber, intervalTicks, maxPacketCount, packetNumbers, packetCounts }) => (
      {
        streamNumber,
        intervalTicks,
        maxPacketCount,
        packetNumbers: [...packetNumbers],
        packetCounts: [...packetCounts],
      }
    )),
    [
      {
        streamNumber: 2,
        intervalTicks: 10_000_000,
        maxPacketCount: 2,
        packetNumbers: [0, 0, 3],
        packetCounts: [1, 1, 2],
      },
    ],
  );
  assertEquals(reader.problems.map(({ rule }) => rule), ["T06"]);
});
