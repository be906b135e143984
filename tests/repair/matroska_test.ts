/** Matroska and WebM files that were never finished, were cut, or are damaged. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { bufferSink, MuxError } from "../../mod.ts";
import { validate } from "../../src/inspect/mod.ts";
import { index, repair, type RepairReport } from "../../src/repair/mod.ts";
import { el, find, inside, write } from "../inspect/matroska/ebml.ts";
import { sampleFile } from "../inspect/matroska/sample_file.ts";
import fc from "../support/fast_check.ts";
import { fixture } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";
import { Killed, MemoryFile } from "./support/editable.ts";
import { asRecorded, blocksOf, whatOf } from "./support/matroska.ts";

const FIXTURES = ["vp8.webm", "vorbis.webm", "hevc.mkv", "h264_nob_mp3.mkv", "mpeg4.mkv"];
const SAMPLE = write(sampleFile());
const RECORDED = await asRecorded(SAMPLE);

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

/** Rules that a file already breaks: writers have their own flaws, which stay. */
async function newFlaws(before: Uint8Array, after: Uint8Array): Promise<string[]> {
  const known = new Set((await flawsIn(before)).map((flaw) => flaw.slice(0, 3)));
  return (await flawsIn(after)).filter((flaw) => !known.has(flaw.slice(0, 3)));
}

async function seekFacts(bytes: Uint8Array): Promise<string[]> {
  const { issues } = await validate(bytes);
  return issues.filter(({ rule }) => rule === "K15" || rule === "K30").map(({ message }) => message);
}

async function requireWhole(
  { bytes, report }: Repaired,
  source: Uint8Array,
  whole: Uint8Array,
): Promise<void> {
  assertEquals(report.size, bytes.byteLength);
  assertEquals(report.format, "matroska");
  assertEquals(await newFlaws(whole, bytes), []);
  assertEquals(await seekFacts(bytes), []);
  const wanted = (await blocksOf(whole)).filter(({ end }) => end <= source.byteLength).map(({ what }) => what);
  assertEquals(await whatOf(bytes), wanted);
  assertEquals(report.packetCount, wanted.length);
  const again = await inPlace(bytes);
  assert(again.report.wasSound, "nothing is left to repair");
  assertEquals(again.operations, 0);
  assertEquals(again.bytes, bytes);
}

for (const name of [...FIXTURES, "the sample"]) {
  const load = async () => name === "the sample" ? SAMPLE : await Deno.readFile(fixture(name));

  Deno.test(`repair() makes ${name} seekable as a MediaRecorder would have left it`, async () => {
    const recorded = await asRecorded(await load());
    const { bytes } = await inPlace(recorded);
    await requireWhole(await inPlace(recorded), recorded, recorded);
    const copy = await toSink(new Blob([recorded]));
    await requireWhole(copy, recorded, recorded);
    assertEquals(copy.bytes, bytes, "in place it takes a copy, too");
  });

  Deno.test(`repair() keeps what is whole of ${name}, wherever it is cut`, async () => {
    const finished = await load();
    const recorded = await asRecorded(finished);
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true }), async (isRecorded, share) => {
        const whole = isRecorded ? recorded : finished;
        const first = (await blocksOf(whole))[0]!.end;
        const source = whole.subarray(0, first + Math.floor(share * (whole.byteLength - first)));
        if (source.byteLength === whole.byteLength) return;
        await requireWhole(await inPlace(source), source, whole);
        await requireWhole(await toSink(source), source, whole);
      }),
      { numRuns: 15 },
    );
  });

  Deno.test(`repair() leaves ${name} alone once it is right`, async () => {
    const { bytes } = await inPlace(await load());
    const again = await inPlace(bytes);
    assert(again.report.wasSound);
    assertEquals(again.operations, 0);
    const copy = await toSink(bytes);
    assert(copy.report.wasSound);
    assertEquals(copy.bytes, bytes);
  });
}

Deno.test("repair() of Matroska keeps what is whole at every single cut", async () => {
  for (const whole of [SAMPLE, RECORDED]) {
    const first = (await blocksOf(whole))[0]!.end;
    for (let length = first; length < whole.byteLength; length++) {
      const source = whole.subarray(0, length);
      await requireWhole(await inPlace(source), source, whole);
    }
  }
});

Deno.test("repair() of Matroska in place needs no copy where a Void has room", async () => {
  const nodes = sampleFile();
  const segment = inside(find(nodes, "Segment"));
  segment.splice(segment.findIndex(({ name }) => name === "Cluster"), 0, el("Void", new Uint8Array(200)));
  const whole = write(nodes);
  const blocks = await blocksOf(whole);
  const source = whole.subarray(0, blocks.at(-3)!.end - 1);
  const made = await inPlace(source);
  assertEquals(made.report.wasRewritten, false);
  await requireWhole(made, source, whole);
  assertEquals(made.report.lostObjectCount, 1);
});

Deno.test("repair() of Matroska that is killed at any step leaves the file as it was, or repaired", async () => {
  const nodes = sampleFile();
  const segment = inside(find(nodes, "Segment"));
  segment.splice(segment.findIndex(({ name }) => name === "Cluster"), 0, el("Void", new Uint8Array(200)));
  const roomy = write(nodes);
  const holed = roomy.slice();
  const places = await blocksOf(roomy);
  holed.fill(0, places[8]!.end, places[9]!.end);
  const sources = [
    roomy.subarray(0, places.at(-3)!.end - 1),
    roomy.subarray(0, places.at(-4)!.end),
    holed,
    RECORDED,
    RECORDED.subarray(0, RECORDED.byteLength - 4),
  ];
  for (const source of sources) {
    const before = await whatOf(source);
    const wanted = await inPlace(source);
    assertEquals(await flawsIn(wanted.bytes), []);
    for (let killAt = 1; killAt <= wanted.operations; killAt++) {
      const file = new MemoryFile(source, killAt);
      await assertRejects(() => repair(file), Killed);
      assertEquals(await whatOf(file.bytes), before, `killed at operation ${killAt}`);
      const next = await inPlace(file.bytes);
      assertEquals(await flawsIn(next.bytes), []);
      assertEquals(await whatOf(next.bytes), await whatOf(wanted.bytes));
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

Deno.test("repair() of Matroska on a full disk leaves the file as it was", async () => {
  const nodes = sampleFile();
  const segment = inside(find(nodes, "Segment"));
  segment.splice(segment.findIndex(({ name }) => name === "Cluster"), 0, el("Void", new Uint8Array(200)));
  const whole = write(nodes);
  const source = whole.subarray(0, (await blocksOf(whole)).at(-3)!.end - 1);
  const wanted = await inPlace(source);
  assertEquals(wanted.report.wasRewritten, false);
  for (let capacity = source.byteLength; capacity < wanted.bytes.byteLength; capacity += 7) {
    const file = new FullDisk(source, capacity);
    await assertRejects(() => repair(file), Error, "No space left");
    assertEquals(file.bytes, source);
  }
});

Deno.test("repair() of Matroska keeps what stands around damage, and says what it lost", async () => {
  const places = await blocksOf(SAMPLE);
  const source = SAMPLE.slice();
  const [start, end] = [places[8]!.end, places[9]!.end];
  source.fill(0, start, end);
  for (const made of [await inPlace(source), await toSink(source)]) {
    assertEquals(await flawsIn(made.bytes), []);
    const kept = (await whatOf(source)).length;
    assertEquals(made.report.packetCount, kept);
    assert(made.report.losses[0]!.offset === start && made.report.lostBytes > 0);
    assertEquals((await whatOf(made.bytes)).length, kept);
  }
});

Deno.test("repair() of Matroska finds what lies across the end of a Segment that says too little", async () => {
  const nodes = sampleFile();
  find(nodes, "Segment").claim = 40 - SAMPLE.byteLength / 2 | 0;
  const source = write(nodes);
  for (const made of [await inPlace(source), await toSink(source)]) {
    assertEquals(await flawsIn(made.bytes), []);
    assertEquals([await whatOf(made.bytes), made.report.lostBytes], [await whatOf(SAMPLE), 0]);
  }
});

Deno.test("repair() of Matroska stops where another recording begins, and refuses to cut it off", async () => {
  const source = new Uint8Array([...RECORDED, ...RECORDED]);
  const file = new MemoryFile(source);
  const error = await assertRejects(
    () => repair(file),
    MuxError,
    `another recording begins at byte ${RECORDED.byteLength}`,
  );
  assertEquals(error.code, "bad-media");
  assertEquals(file.operations, 0);
  const { report, bytes } = await toSink(source);
  assertEquals(report.nextFileOffset, RECORDED.byteLength);
  assertEquals(await whatOf(bytes), await whatOf(RECORDED));
});

Deno.test("repair() refuses Matroska of which too little is left, with what is missing", async () => {
  const first = (await blocksOf(RECORDED))[0]!.end;
  for (
    const [source, missing] of [
      [RECORDED.subarray(0, 60), "its Tracks did not survive"],
      [RECORDED.subarray(0, first - 1), "it holds no whole block"],
      [RECORDED.subarray(0, 8), "its Segment did not survive"],
    ] as const
  ) {
    const file = new MemoryFile(source);
    const error = await assertRejects(() => repair(file), MuxError, missing);
    assertEquals([error.code, file.operations], ["bad-media", 0]);
  }
});

Deno.test("repair() of what can only be read needs an output", async () => {
  await assertRejects(() => repair(new Blob([RECORDED])), TypeError, "the result an output of its own");
  await assertRejects(() => repair(RECORDED), TypeError);
  await requireWhole(await toSink(RECORDED), RECORDED, RECORDED);
});

Deno.test("repair() of Matroska with any bytes changed answers or throws a MuxError, and what it makes is no worse", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(fc.tuple(fc.nat(SAMPLE.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
      async (isRecorded, changes) => {
        const source = (isRecorded ? RECORDED : SAMPLE).slice();
        for (const [at, value] of changes) if (at < source.byteLength) source[at] = value;
        try {
          const { bytes, report } = await inPlace(source);
          assertEquals(report.size, bytes.byteLength);
          const { bytes: next } = await inPlace(bytes);
          assertEquals(await whatOf(next), await whatOf(bytes));
        } catch (error) {
          if (!(error instanceof MuxError)) throw error;
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("index() gives Matroska Cues as close as they are asked for, and does not let it grow", async () => {
  for (const source of [...await Promise.all(FIXTURES.map((name) => Deno.readFile(fixture(name)))), SAMPLE, RECORDED]) {
    const file = new MemoryFile(source);
    const first = await index(file);
    assertEquals([first.format, first.indexCount, first.size], ["matroska", 1, file.size]);
    const wide = await index(file, { indexIntervalMs: 600_000 });
    assertEquals(wide.wasRewritten, false);
    assertEquals(await newFlaws(source, file.bytes), []);
    assertEquals(await whatOf(file.bytes), await whatOf(source));
    const again = await index(file);
    assert(again.size >= wide.size);
    assertEquals((await index(file)).size, again.size, "the place of the old ones is used again");
    assertEquals(await seekFacts(file.bytes), []);
    assert((await inPlace(file.bytes)).report.wasSound);
  }
});

Deno.test("index() refuses Matroska that must be repaired first, indexes it has not, and MP4", async () => {
  for (
    const [run, reason] of [
      [() => index(new MemoryFile(RECORDED.subarray(0, RECORDED.byteLength - 3))), "it must be repaired first"],
      [() => index(new MemoryFile(RECORDED), { timeIndexMs: 100 }), "Matroska has Cues, and no other kind of index"],
      [async () => index(new MemoryFile(await Deno.readFile(fixture("clip.mp4")))), "the tables of MP4 are its index"],
    ] as const
  ) await assertRejects(run, MuxError, reason);
});
