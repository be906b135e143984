import { assertEquals, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { asf, type AsfOptions, bufferSink, Writer } from "../../mod.ts";
import { index, type IndexOptions, repair } from "../../src/repair/mod.ts";
import { skipWithout } from "../support/readers.ts";
import { seekMisses } from "../support/conformance.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";
import { MemoryFile } from "./support/editable.ts";
import { firstDifference, PACKET_BYTES, record } from "./support/recording.ts";

const WHOLE = await record("final");

Deno.test("index() replaces an index by the same one", async () => {
  const file = new MemoryFile(WHOLE);
  const report = await index(file);
  assertEquals([report.indexCount, report.indexIntervalMs, report.size], [1, 200, WHOLE.byteLength]);
  assertEquals(
    (await (await AsfReader.open(file.bytes)).indexes()).simple,
    (await (await AsfReader.open(WHOLE)).indexes()).simple,
  );
  assertEquals(await flawsIn(file.bytes), []);
});

Deno.test("index() takes any interval, and the larger of the files is cut back to the smaller", async () => {
  const file = new MemoryFile(WHOLE);
  await index(file, { indexIntervalMs: 7 });
  assertEquals(await flawsIn(file.bytes), []);
  const large = file.size;
  await index(file);
  assertEquals(file.size < large, true);
  const again = new MemoryFile(WHOLE);
  await index(again);
  assertEquals(firstDifference(file.bytes, again.bytes), undefined);
});

Deno.test("index() refuses a file that must be repaired first, and leaves it alone", async () => {
  const cut = WHOLE.slice(0, WHOLE.byteLength - 3 * PACKET_BYTES - 500);
  const holed = WHOLE.slice();
  holed.fill(0, 20_000, 20_400);
  for (const bytes of [cut, holed]) {
    const file = new MemoryFile(bytes);
    const error = await assertRejects(() => index(file), MuxError);
    assertEquals((error as MuxError).code, "bad-media");
    assertEquals(file.operations, 0);
  }
});

Deno.test({
  name: "index() makes FFmpeg's file with two video streams seek right in both",
  ignore: skipWithout("ffmpeg"),
  fn: () =>
    withTempDir(async (folder) => {
      const path = `${folder}/two.asf`;
      const source = fixture("wmv2_wma2.wmv");
      await runOk("ffmpeg", [
        "-v",
        "error",
        "-nostdin",
        "-i",
        source,
        "-map",
        "0:v",
        "-map",
        "0:v",
        "-c",
        "copy",
        path,
      ]);
      assertEquals((await index(path)).indexCount, 2);
      const flaws = await flawsIn(await Deno.readFile(path));
      assertEquals(flaws.filter((flaw) => /[EW] I/.test(flaw) || flaw.includes("F13")), []);
      assertEquals(await seekMisses(path, 200), []);
    }),
});

/** A recording with every index, and time codes on its video. */
async function recordAll(options: AsfOptions): Promise<Uint8Array<ArrayBuffer>> {
  const sink = bufferSink();
  const writer = new Writer({
    container: asf({ packetBytes: 400, headerReserveBytes: 400, ...options }),
    sinks: [sink],
    streams: [
      {
        kind: "video",
        codec: "WMV3",
        codedWidth: 16,
        codedHeight: 16,
        bitrate: 300_000,
        description: new Uint8Array(4),
        payloadExtensions: ["timecode"],
      },
      { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 },
    ],
  });
  await writer.beginWriting();
  for (let i = 0; i < 90; i++) {
    await writer.writeSample(1, {
      data: new Uint8Array(i % 7 === 0 ? 900 : 90),
      timestamp: i * 40_000,
      duration: 40_000,
      type: i % 7 === 0 ? "key" : "delta",
      extensions: { timecode: { hours: 0, minutes: 0, seconds: i / 25 | 0, frames: i % 25, range: i > 60 ? 2 : 1 } },
    });
    await writer.writeSample(2, { data: new Uint8Array(640), timestamp: i * 40_000, duration: 40_000 });
  }
  await writer.endWriting();
  return sink.bytes;
}

const FIXED: AsfOptions = { fileId: "12345678-9ABC-4DEF-8123-456789ABCDEF", creationTime: new Date(0) };
const EVERY: AsfOptions = {
  timeIndexMs: 130,
  sampleIndexInterval: 4,
  timecodeIndex: true,
  indexPoints: ["key", "packet", "sample"],
};

Deno.test("index() makes of the packets the same indexes as the muxer did while it wrote them", async () => {
  const muxed = await recordAll({ ...FIXED, ...EVERY });
  for (const start of [muxed, await recordAll(FIXED)]) {
    const file = new MemoryFile(start);
    const report = await index(file, EVERY as IndexOptions);
    assertEquals([report.indexCount, report.otherIndexCount, report.wasRewritten], [1, 3, false]);
    const ofMuxer = await (await AsfReader.open(muxed)).indexes();
    const ofIndex = await (await AsfReader.open(file.bytes)).indexes();
    assertEquals(ofIndex.objects.map(({ fields }) => fields), ofMuxer.objects.map(({ fields }) => fields));
    assertEquals(await flawsIn(file.bytes), []);
  }
});

Deno.test("index() replaces one kind of index and leaves the others", async () => {
  const file = new MemoryFile(await recordAll(EVERY));
  await index(file, { timeIndexMs: 500, indexPoints: ["sample"] });
  const { time, mediaObject, timecode } = await (await AsfReader.open(file.bytes)).indexes();
  assertEquals(time[0]!.interval, 500);
  assertEquals(time[0]!.specifiers, [{ streamNumber: 1, type: 2 }, { streamNumber: 2, type: 2 }]);
  assertEquals([mediaObject[0]!.interval, mediaObject[0]!.specifiers.length], [4, 6]);
  assertEquals(timecode[0]!.specifiers.length, 2);
  assertEquals(await flawsIn(file.bytes), []);
});

Deno.test("index() copies a file whose header has no room to announce an index, or leaves it alone", async () => {
  const bytes = await recordAll({ headerReserveBytes: 0 });
  const file = new MemoryFile(bytes);
  const { read, write, truncate, flush } = file;
  const inPlace = {
    size: file.size,
    read: read.bind(file),
    write: write.bind(file),
    truncate: truncate.bind(file),
    flush,
  };
  const error = await assertRejects(() => index(inPlace, { timeIndexMs: 100 }), MuxError);
  assertEquals((error as MuxError).code, "unsupported");
  assertEquals(firstDifference(file.bytes, bytes), undefined);
  await withTempDir(async (folder) => {
    const path = `${folder}/full.wmv`;
    await Deno.writeFile(path, bytes);
    const report = await index(path, { timeIndexMs: 100, sampleIndexInterval: 10 });
    assertEquals([report.wasRewritten, report.otherIndexCount], [true, 2]);
    const written = await Deno.readFile(path);
    assertEquals(written.byteLength, report.size);
    assertEquals(await flawsIn(written), []);
    assertEquals((await index(path, { timeIndexMs: 50 })).wasRewritten, false);
    assertEquals(await flawsIn(await Deno.readFile(path)), []);
  });
});

Deno.test("index() refuses a Timecode Index where no stream has time codes", async () => {
  const error = await assertRejects(() => index(new MemoryFile(WHOLE), { timecodeIndex: true }), MuxError);
  assertEquals((error as MuxError).code, "missing-description");
  await assertRejects(() => index(new MemoryFile(WHOLE), { timeIndexMs: 0 }), RangeError, "Cannot index file");
});

Deno.test("repair() makes every index anew that the header of a cut file announces", async () => {
  const whole = await recordAll(EVERY);
  const { data } = await AsfReader.open(whole);
  const end = data!.offset + data!.size;
  for (const cut of [end, end - 1000, end + 700]) {
    const file = new MemoryFile(whole.slice(0, cut));
    await repair(file);
    const { objects } = await (await AsfReader.open(file.bytes)).indexes();
    assertEquals(objects.map(({ name }) => name), [
      "Index Object",
      "Media Object Index Object",
      "Timecode Index Object",
      "Simple Index Object",
    ]);
    assertEquals(await flawsIn(file.bytes), []);
  }
});

Deno.test("repair() makes an index anew that leads astray", async () => {
  const whole = await recordAll(EVERY);
  const { objects } = await (await AsfReader.open(whole)).indexes();
  const wrong = whole.slice();
  for (const { offset, size } of objects.slice(0, 2)) wrong.fill(0xfe, offset + size - 6, offset + size);
  const file = new MemoryFile(wrong);
  await repair(file);
  assertEquals(firstDifference(file.bytes, whole), undefined);
});
