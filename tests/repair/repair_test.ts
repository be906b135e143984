import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "../support/fast_check.ts";
import { bufferSink } from "../../mod.ts";
import { MuxError } from "../../src/errors.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { repair } from "../../src/repair/mod.ts";
import { errorsIn, flawsIn } from "../support/valid.ts";
import { Killed, MemoryFile } from "./support/editable.ts";
import { firstDifference, PACKET_BYTES, record, samplesOf } from "./support/recording.ts";

const WHOLE = await record("final");
const UNFINISHED = await record("unfinished");
const DATA_START = await dataStart(UNFINISHED);
const ALL = await samplesOf(WHOLE);

async function dataStart(bytes: Uint8Array): Promise<number> {
  return (await AsfReader.open(bytes)).data!.offset + 50;
}

/** The samples of `found` are some of those that were written, each whole, in their order. */
function assertSome(found: readonly string[], all: readonly string[]): void {
  let at = 0;
  for (const sample of found) {
    at = all.indexOf(sample, at) + 1;
    assert(at > 0, `not one of those that were written: ${sample}`);
  }
}

async function repaired(bytes: Uint8Array) {
  const file = new MemoryFile(bytes);
  const report = await repair(file);
  assertEquals(report.size, file.size);
  return { report, file, bytes: file.bytes };
}

Deno.test("repair() makes of an unfinished recording what the Writer would have made of it", async () => {
  const { bytes, report } = await repaired(UNFINISHED);
  assertEquals(await flawsIn(bytes), []);
  assertEquals(await samplesOf(bytes), ALL);
  assertEquals([report.lostBytes, report.lostObjectCount, report.wasRewritten], [0, 0, false]);
  const [made, wanted] = [await AsfReader.open(bytes), await AsfReader.open(WHOLE)];
  const facts = (reader: AsfReader) => {
    const { packetCount, sendDurationTicks, playDurationTicks, flags } = reader.header.fileProperties!;
    return { packetCount, sendDurationTicks, playDurationTicks, flags };
  };
  assertEquals(facts(made), facts(wanted));
  assertEquals((await made.indexes()).simple, (await wanted.indexes()).simple);
});

Deno.test("repair() leaves a finished file as it is", async () => {
  const { bytes } = await repaired(WHOLE);
  const again = await repaired(bytes);
  assertEquals(firstDifference(again.bytes, bytes), undefined);
  assertEquals(await samplesOf(bytes), ALL);
});

Deno.test("repair() takes nothing that stands behind the data for damage, though nobody knows what it is", async () => {
  const own = new Uint8Array(64).fill(0x5a); // an object of a type of its own
  new DataView(own.buffer).setBigUint64(16, 64n, true);
  const { offset, size } = (await AsfReader.open(WHOLE)).data!;
  const bytes = new Uint8Array(
    await new Blob([WHOLE.subarray(0, offset + size), own, WHOLE.subarray(offset + size)]).arrayBuffer(),
  );
  const view = new DataView(bytes.buffer);
  view.setBigUint64(70, BigInt(bytes.byteLength), true); // File Properties come first: file size
  assertEquals(await errorsIn(bytes), []);
  const { report, bytes: made } = await repaired(bytes);
  assertEquals([report.lostBytes, report.lostObjectCount, report.indexCount], [0, 0, 1]);
  assertEquals(await errorsIn(made), []);
  assertEquals(await samplesOf(made), ALL);
});

Deno.test("repair() saves everything in front of where a recording was cut off", async () => {
  for (const source of [UNFINISHED, WHOLE]) {
    const start = await dataStart(source);
    const packetCount = Math.floor((UNFINISHED.byteLength - DATA_START) / PACKET_BYTES);
    for (let length = start + PACKET_BYTES; length < start + packetCount * PACKET_BYTES; length += 137) {
      const { bytes, report } = await repaired(source.subarray(0, length));
      assertEquals(await errorsIn(bytes), [], `cut at ${length}`);
      assert(report.packetCount <= Math.floor((length - start) / PACKET_BYTES));
      const found = await samplesOf(bytes);
      // Everything is there that is whole in the packets that are whole.
      const end = start + Math.floor((length - start) / PACKET_BYTES) * PACKET_BYTES;
      const before = (await samplesOf(source.subarray(0, end))).length;
      assertEquals(found, ALL.slice(0, before), `cut at ${length}`);
      assertEquals(report.lostBytes, (length - start) % PACKET_BYTES);
    }
  }
});

Deno.test("repair() gets over zeros, noise, missing and inserted bytes", async () => {
  const damage = fc.record({
    at: fc.integer({ min: DATA_START, max: UNFINISHED.byteLength - 1 }),
    length: fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 4000 })),
    kind: fc.constantFrom("zeros", "noise", "missing", "inserted", "repeated"),
    seed: fc.nat(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("unfinished", "whole"),
      fc.array(damage, { minLength: 1, maxLength: 4 }),
      async (form, damages) => {
        let bytes: Uint8Array = form === "whole" ? WHOLE : UNFINISHED;
        for (const { at, length, kind, seed } of damages) {
          const end = kind === "inserted" || kind === "repeated" ? at : Math.min(bytes.byteLength, at + length);
          const filled = kind === "missing" ? 0 : kind === "inserted" ? length : end - at;
          const filling = kind === "repeated"
            ? bytes.subarray(Math.max(DATA_START, at - length), at)
            : Uint8Array.from({ length: Math.max(0, filled) }, (_, i) => kind === "zeros" ? 0 : i * seed >> 3);
          bytes = new Uint8Array(
            await new Blob([bytes.slice(0, at), filling.slice(), bytes.slice(end)]).arrayBuffer(),
          );
        }
        const file = new MemoryFile(bytes);
        try {
          await repair(file);
        } catch (error) {
          assert(error instanceof MuxError && error.code === "bad-media", String(error));
          return;
        }
        assertEquals(await errorsIn(file.bytes), []);
        const again = new MemoryFile(file.bytes);
        await repair(again);
        assertEquals(firstDifference(again.bytes, file.bytes), undefined);
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("repair() loses no sample but those that the damage touches", async () => {
  const packetCount = Math.floor((UNFINISHED.byteLength - DATA_START) / PACKET_BYTES);
  for (let lost = 0; lost < packetCount; lost += 7) {
    const bytes = UNFINISHED.slice();
    const at = DATA_START + lost * PACKET_BYTES;
    bytes.fill(0, at, at + PACKET_BYTES);
    const made = await repaired(bytes);
    assertEquals(await errorsIn(made.bytes), []);
    const found = await samplesOf(made.bytes);
    assertSome(found, ALL);
    // A packet of 400 bytes touches at most 6 samples of these.
    assert(found.length >= ALL.length - 6, `${ALL.length - found.length} samples lost with packet ${lost}`);
    assertEquals(made.report.losses, [{ offset: at, byteLength: PACKET_BYTES }]);
  }
});

/** A file in which a range of packets was overwritten. */
function overwritten(source: Uint8Array, first: number, count: number): Uint8Array<ArrayBuffer> {
  const bytes = source.slice();
  bytes.fill(0xee, DATA_START + first * PACKET_BYTES, DATA_START + (first + count) * PACKET_BYTES);
  return bytes;
}

Deno.test("repair() fills places of overwritten packets where they are, with the samples that a copy has", async () => {
  const packetCount = Math.floor((UNFINISHED.byteLength - DATA_START) / PACKET_BYTES);
  let copyCount = 0;
  for (const source of [UNFINISHED, WHOLE]) {
    for (const count of [1, 2, 7, 40]) {
      for (let first = 0; first + count < packetCount - 12; first += 7) {
        const bytes = overwritten(source, first, count);
        const { report, bytes: made } = await repaired(bytes);
        const sink = bufferSink();
        const copied = await repair(new MemoryFile(bytes), { output: sink });
        assertEquals(await errorsIn(made), []);
        assertEquals(await samplesOf(made), await samplesOf(sink.bytes));
        assertEquals([report.lostBytes, report.lostObjectCount], [copied.lostBytes, copied.lostObjectCount]);
        if (report.wasRewritten) copyCount++;
        else assertEquals(report.packetCount, packetCount);
      }
    }
  }
  // Where packets beside the hole hold parts of objects that go on.
  assert(copyCount < 4, `${copyCount} files were copied`);
});

Deno.test("repair() fills several holes, also at the beginning and one packet apart", async () => {
  for (const holes of [[[0, 3]], [[10, 1], [12, 1]], [[10, 2], [13, 4], [60, 9]], [[0, 1], [2, 1], [4, 1], [6, 1]]]) {
    const bytes = holes.reduce((all, [first, count]) => overwritten(all, first!, count!), WHOLE.slice());
    const { bytes: made } = await repaired(bytes);
    const sink = bufferSink();
    await repair(new MemoryFile(bytes), { output: sink });
    assertEquals(await errorsIn(made), []);
    assertEquals(await samplesOf(made), await samplesOf(sink.bytes));
  }
});

Deno.test("repair() that is killed at any step is done by the next one", async () => {
  const cut = UNFINISHED.subarray(0, UNFINISHED.byteLength - 5 * PACKET_BYTES - 77);
  const holed = WHOLE.slice();
  holed.fill(0xee, DATA_START + 20 * PACKET_BYTES, DATA_START + 22 * PACKET_BYTES);
  const holes = [[0, 2], [5, 1], [33, 12], [70, 3]].map(([first, count]) => overwritten(WHOLE, first!, count!));
  for (const source of [UNFINISHED, WHOLE, cut, holed, ...holes]) {
    const wanted = await repaired(source);
    for (let killAt = 1; killAt <= wanted.file.operations; killAt++) {
      const file = new MemoryFile(source, killAt);
      await assertRejects(() => repair(file), Killed);
      const next = await repaired(file.bytes);
      assertEquals(firstDifference(next.bytes, wanted.bytes), undefined, `killed at operation ${killAt}`);
    }
  }
});

Deno.test("repair() writes the same into a sink as in place, and leaves the source alone", async () => {
  for (const length of [UNFINISHED.byteLength, UNFINISHED.byteLength - 1001]) {
    const source = UNFINISHED.slice(0, length);
    const sink = bufferSink();
    await repair(new MemoryFile(source), { output: sink });
    assertEquals(firstDifference(sink.bytes, (await repaired(source)).bytes), undefined);
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    const stream = new WritableStream<Uint8Array<ArrayBuffer>>({ write: (chunk) => void chunks.push(chunk) });
    await repair(new MemoryFile(source), { output: stream });
    assertEquals(new Uint8Array(await new Blob(chunks).arrayBuffer()), sink.bytes);
  }
});

Deno.test("repair() finds the Data Object again when its head is gone", async () => {
  const bytes = UNFINISHED.slice();
  bytes.fill(0, DATA_START - 50, DATA_START);
  const made = await repaired(bytes);
  assertEquals(await errorsIn(made.bytes), []);
  assertEquals(await samplesOf(made.bytes), ALL);
});

Deno.test("repair() refuses what holds no header or no packet", async () => {
  for (const length of [0, 10, 500, DATA_START, DATA_START + PACKET_BYTES - 1]) {
    await assertRejects(() => repair(new MemoryFile(UNFINISHED.subarray(0, length))), MuxError);
  }
  // deno-lint-ignore no-explicit-any -- a wrong type is what is tested
  await assertRejects(() => repair(5 as any), TypeError);
  await assertRejects(() => repair(new MemoryFile(WHOLE), { indexIntervalMs: 0 }), RangeError);
});
