import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { AsfReader, type ByteSource, inspectLines } from "../../src/inspect/mod.ts";
import {
  audioStream,
  counting,
  data,
  extendedStream,
  fileProperties,
  header,
  headerExtension,
  join,
  object,
  packet,
  simpleIndex,
  u16,
  u64,
  utf16,
  videoStream,
} from "./support/bytes.ts";
import { GOLDEN_FILE } from "./support/golden.ts";

const TIMING = { system: "FD3CC02A-06DB-4CFA-801C-7212D38745E4", dataBytes: 16 };
const extension = join(u64(0), u64(10_400_000));

/** A file in which most kinds of structure occur. */
const RICH_FILE = join(
  header(
    fileProperties({ packetBytes: 200, packetCount: 4 }),
    headerExtension(
      extendedStream(2, [TIMING]),
      extendedStream(3, [], audioStream(3)),
      object("44231C94-9498-49D1-A141-1D134E457054", u16(1), "0000 0000 0400 0000 04000000", utf16("a"), utf16("b")),
    ),
    audioStream(1, { type: "BFC3CD50-618F-11CF-8BB2-00AA00B4E220", data: "03 0400 0200 0100 00" }),
    videoStream(2),
  ),
  data([
    packet([{ stream: 2, key: true, object: 0, offset: 0, size: 300, extension, data: counting(150) }], {
      packetBytes: 200,
    }),
    packet([{ stream: 2, key: true, object: 0, offset: 150, size: 300, extension, data: counting(150) }], {
      packetBytes: 200,
    }),
    packet([{ stream: 1, object: 0, data: counting(12) }, { stream: 3, object: 0, data: counting(5) }], {
      packetBytes: 200,
    }),
    join("82 00 00 08 5D A6 16000000 1200 01 02 FC030000 01 14 0A", counting(10), "02 aabb", new Uint8Array(166)),
  ]),
  object("D6E229D3-35DA-11D1-9034-00A0C90349BE", "e8030000 0100 01000000 0100 0300 01000000", u64(0), "00000000"),
  simpleIndex(10_000_000, [[0, 2], [1, 1]]),
);

/** One bad byte, a run of bad bytes, or a lost end. */
const mutation = fc.oneof(
  fc.record({ at: fc.nat(), bytes: fc.uint8Array({ minLength: 1, maxLength: 1 }) }),
  fc.record({ at: fc.nat(), bytes: fc.constantFrom(Uint8Array.of(0xff, 0xff, 0xff, 0xff), new Uint8Array(8)) }),
  fc.record({ at: fc.nat(), bytes: fc.uint8Array({ minLength: 2, maxLength: 16 }) }),
);

const mutated = fc.record({
  base: fc.constantFrom(RICH_FILE, GOLDEN_FILE),
  mutations: fc.array(mutation, { minLength: 1, maxLength: 6 }),
  length: fc.option(fc.nat(), { freq: 3 }),
}).map(({ base, mutations, length }) => {
  const bytes = base.slice();
  for (const one of mutations) {
    // Past the first 24 bytes, without which nothing is read at all.
    const at = 24 + one.at % (bytes.byteLength - 24);
    bytes.set(one.bytes.subarray(0, bytes.byteLength - at), at);
  }
  return length === null ? bytes : bytes.slice(0, length % (bytes.byteLength + 1));
});

async function read(source: ByteSource): Promise<string[]> {
  const told: string[] = [];
  try {
    for await (const line of inspectLines(source, { packets: true })) told.push(line);
  } catch (error) {
    assert(error instanceof MuxError, `not a MuxError: ${error instanceof Error ? error.stack : error}`);
    told.push(error.message);
  }
  return told;
}

async function readSamples(source: ByteSource): Promise<string[]> {
  const told: string[] = [];
  try {
    const reader = await AsfReader.open(source);
    for await (const { data, ...rest } of reader.samples()) told.push(JSON.stringify({ ...rest, data: [...data] }));
    told.push(...(await reader.indexes()).objects.map(({ name, size }) => `${name} ${size}`));
    told.push(...reader.problems.map(({ rule, offset, message }) => `${rule} ${offset} ${message}`));
  } catch (error) {
    assert(error instanceof MuxError, `not a MuxError: ${error instanceof Error ? error.stack : error}`);
    told.push(error.message);
  }
  return told;
}

/** The stream of these bytes in chunks of `size`. */
function streamOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < bytes.byteLength) controller.enqueue(bytes.slice(at, at + size));
      at += size;
      if (at >= bytes.byteLength) controller.close();
    },
  });
}

Deno.test("the file that is mutated is read without a problem", async () => {
  const reader = await AsfReader.open(RICH_FILE);
  const samples = await Array.fromAsync(reader.samples(), ({ streamNumber, data }) => [streamNumber, data.byteLength]);
  assertEquals(samples, [[2, 300], [1, 12], [3, 5], [1, 10], [1, 2]]);
  await reader.indexes();
  assertEquals(reader.problems.filter(({ rule }) => rule !== "D16"), []);
});

Deno.test("a mutated file is read or refused with a MuxError, the same from memory and from streams", async () => {
  await fc.assert(
    fc.asyncProperty(mutated, fc.integer({ min: 1, max: 700 }), async (bytes, size) => {
      await read(bytes);
      await readSamples(bytes);
      const whole = bytes.byteLength + 1;
      assertEquals(await read(streamOf(bytes, size)), await read(streamOf(bytes, whole)));
      assertEquals(await readSamples(streamOf(bytes, size)), await readSamples(streamOf(bytes, whole)));
    }),
    { numRuns: 400 },
  );
});

Deno.test("a file cut off at any byte is read or refused with a MuxError", async () => {
  for (let length = 0; length < RICH_FILE.byteLength; length++) {
    await read(RICH_FILE.subarray(0, length));
    await readSamples(RICH_FILE.subarray(0, length));
  }
});

Deno.test("a file with a bad byte anywhere is read or refused with a MuxError", async () => {
  for (const value of [0x00, 0x7f, 0xff]) {
    for (let at = 0; at < RICH_FILE.byteLength; at++) {
      const bytes = RICH_FILE.slice();
      bytes[at] = value;
      await readSamples(bytes);
    }
  }
});
