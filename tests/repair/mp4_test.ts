/** MP4 files in fragments that were never finished, or were cut, and ordinary ones that were cut. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { bufferSink, MuxError } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { inspectTree, validate } from "../../src/inspect/mod.ts";
import { repair, type RepairReport } from "../../src/repair/mod.ts";
import fc from "../support/fast_check.ts";
import { fixture } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";
import { Killed, MemoryFile } from "./support/editable.ts";
import { samplesOf, streamed, whatOf } from "./support/mp4.ts";

const NAMES = ["clip.mp4", "late_audio.mp4", "two_videos.mp4", "vfr.mp4", "ac3.mp4"];
const STREAMED = await streamed("vfr.mp4");
const FAST_START = await Deno.readFile(fixture("clip.mp4"));

interface Repaired {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly report: RepairReport;
  readonly operations: number;
}

async function inPlace(bytes: Uint8Array): Promise<Repaired> {
  const file = new MemoryFile(bytes);
  const report = await repair(file);
  return { bytes: file.bytes, report, operations: file.operations };
}

async function toSink(source: Blob | Uint8Array): Promise<Repaired> {
  const sink = bufferSink();
  const report = await repair(source, { output: sink });
  return { bytes: sink.bytes, report, operations: 0 };
}

/** The samples of which all bytes are left when a file is cut. */
async function wholeOf(bytes: Uint8Array, length: number): Promise<string[]> {
  return (await samplesOf(bytes)).filter(({ end }) => end <= length).map(({ what }) => what);
}

/** By tracks: the order between them may change where they begin at one place. */
function byTrack(samples: readonly string[]): string[] {
  return samples.toSorted((a, b) => parseInt(a) - parseInt(b));
}

async function requireWhole({ bytes, report }: Repaired, wanted: readonly string[]): Promise<void> {
  assertEquals([report.format, report.size, report.wasSound], ["mp4", bytes.byteLength, false]);
  assertEquals(byTrack(await whatOf(bytes)), byTrack(wanted));
  assertEquals(report.packetCount, wanted.length);
  assertEquals(await flawsIn(bytes), []);
  const top = (await inspectTree(bytes)).children.map(({ name }) => name);
  assert(!top.some((name) => /Fragment/.test(name)), `no fragments are left: ${top}`);
  const again = await inPlace(bytes);
  assert(again.report.wasSound, "nothing is left to repair");
  assertEquals(again.bytes, bytes);
}

/** What a player shows, and when, with all edits. */
async function shownOf(bytes: Uint8Array): Promise<string[]> {
  await using media = await openMedia(bytes);
  const shown: string[] = [];
  for await (const batch of media.batches) {
    for (const { streamNumber, timestamp, type, data } of batch) {
      shown.push(`${streamNumber} ${timestamp} ${type} ${data.byteLength}`);
    }
  }
  return shown.sort();
}

for (const name of NAMES) {
  Deno.test(`repair() makes an ordinary file of ${name} in fragments, and what is shown stays the same`, async () => {
    const source = await streamed(name);
    const wanted = await whatOf(source);
    const shown = await shownOf(source);
    for (const made of [await inPlace(source), await toSink(new Blob([source]))]) {
      await requireWhole(made, wanted);
      assertEquals(await shownOf(made.bytes), shown);
    }
    assertEquals((await inPlace(source)).report.wasRewritten, false);
    const { issues } = await validate((await toSink(source)).bytes);
    assert(!issues.some(({ rule }) => rule === "M08"), "the Movie Box stands in front");
  });

  Deno.test(`repair() keeps what is whole of ${name} in fragments, wherever it is cut`, async () => {
    const whole = await streamed(name);
    const first = (await samplesOf(whole))[0]!.end;
    await fc.assert(
      fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (share) => {
        const source = whole.subarray(0, first + Math.floor(share * (whole.byteLength - first)));
        const wanted = await wholeOf(whole, source.byteLength);
        const made = await inPlace(source);
        await requireWhole(made, wanted);
        assertEquals(made.report.wasRewritten, false);
        await requireWhole(await toSink(source), wanted);
      }),
      { numRuns: 15 },
    );
  });
}

Deno.test("repair() keeps what is whole of an ordinary MP4 file that was cut behind its Movie Box", async () => {
  const first = (await samplesOf(FAST_START))[0]!.end;
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 0.99, noNaN: true }), async (share) => {
      const source = FAST_START.subarray(0, first + Math.floor(share * (FAST_START.byteLength - first)));
      const wanted = await wholeOf(FAST_START, source.byteLength);
      await requireWhole(await inPlace(source), wanted);
      await requireWhole(await toSink(source), wanted);
    }),
    { numRuns: 20 },
  );
});

Deno.test("repair() of MP4 keeps what is whole around the end of every box", async () => {
  const ends = (await inspectTree(STREAMED)).children.map(({ offset, size }) => offset + size);
  for (const end of ends) {
    for (const length of [end - 1, end, end + 1, end + 8, end + 20]) {
      const wanted = await wholeOf(STREAMED, length);
      if (wanted.length === 0 || length > STREAMED.byteLength) continue;
      await requireWhole(await inPlace(STREAMED.subarray(0, length)), wanted);
    }
  }
});

Deno.test("repair() of MP4 tells what it lost once", async () => {
  const zeros = new Uint8Array([...STREAMED, ...new Uint8Array(5000)]);
  const { report } = await toSink(zeros);
  assertEquals([report.lostBytes, report.losses], [5000, [{ offset: STREAMED.byteLength, byteLength: 5000 }]]);
  await requireWhole(await inPlace(zeros), await whatOf(STREAMED));
});

Deno.test("repair() leaves MP4 files alone that lack nothing", async () => {
  for (const name of NAMES) {
    const source = await Deno.readFile(fixture(name));
    const { report, operations } = await inPlace(source);
    assertEquals([report.wasSound, operations], [true, 0]);
    assertEquals((await toSink(source)).bytes, source);
  }
});

Deno.test("repair() of MP4 that is killed at any step leaves the file as it was, or repaired", async () => {
  const places = await samplesOf(STREAMED);
  const sources = [
    STREAMED,
    STREAMED.subarray(0, STREAMED.byteLength - 1000),
    STREAMED.subarray(0, places.at(-5)!.end),
    FAST_START.subarray(0, FAST_START.byteLength - 5000),
  ];
  for (const source of sources) {
    const wanted = await inPlace(source);
    for (let killAt = 1; killAt <= wanted.operations; killAt++) {
      const file = new MemoryFile(source, killAt);
      await assertRejects(() => repair(file), Killed);
      // Nothing that was not whole before has become it.
      const next = await toSink(file.bytes);
      assertEquals(byTrack(await whatOf(next.bytes)), byTrack(await whatOf(wanted.bytes)), `killed at ${killAt}`);
      assertEquals(await flawsIn((await inPlace(file.bytes)).bytes), []);
    }
  }
});

/** Takes no more bytes than so many. */
class FullDisk extends MemoryFile {
  readonly #capacity: number;

  constructor(bytes: Uint8Array, capacity: number) {
    super(bytes);
    this.#capacity = capacity;
  }

  override write(offset: number, bytes: Uint8Array): void {
    const taken = bytes.subarray(0, Math.max(0, this.#capacity - offset));
    if (taken.byteLength > 0) super.write(offset, taken);
    if (taken.byteLength < bytes.byteLength) throw new Error("No space left on device");
  }
}

Deno.test("repair() of MP4 on a full disk leaves the file as it was", async () => {
  for (const source of [STREAMED, STREAMED.subarray(0, STREAMED.byteLength - 1000)]) {
    const { bytes } = await inPlace(source);
    for (let capacity = source.byteLength; capacity < bytes.byteLength; capacity += 37) {
      const file = new FullDisk(source, capacity);
      await assertRejects(() => repair(file), Error, "No space left");
      assertEquals(file.bytes, source);
    }
  }
});

Deno.test("repair() says what an MP4 file lacks without which it cannot be mended", async () => {
  const movieEnd = (await inspectTree(STREAMED)).children.find(({ name }) => /moov/.test(name))!;
  for (
    const [source, missing] of [
      [STREAMED.subarray(0, movieEnd.offset + movieEnd.size - 1), "its Movie Box (moov) is cut off"],
      [STREAMED.subarray(0, movieEnd.offset + movieEnd.size + 10), "it holds no whole sample"],
      [(await Deno.readFile(fixture("vfr.mp4"))).subarray(0, 20_000), "it has no Movie Box (moov)"],
    ] as const
  ) {
    const file = new MemoryFile(source);
    const error = await assertRejects(() => repair(file), MuxError, missing);
    assertEquals([error.code, file.operations], ["bad-media", 0]);
  }
});

Deno.test("repair() of MP4 with any bytes changed answers or throws a MuxError, and what it makes is read", async () => {
  const head = (await samplesOf(STREAMED))[0]!.offset + 400;
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(head), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      async (isOrdinary, changes) => {
        const source = isOrdinary ? FAST_START.slice(0, 60_000) : STREAMED.slice();
        for (const [at, value] of changes) source[at] = value;
        try {
          const { bytes, report } = await inPlace(source);
          assertEquals(report.size, bytes.byteLength);
          assertEquals((await validate(bytes)).packetCount, report.packetCount);
        } catch (error) {
          if (!(error instanceof MuxError)) throw error;
        }
      },
    ),
    { numRuns: 150 },
  );
});
