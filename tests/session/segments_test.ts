/** Recordings of many files, and sinks that begin and end at times. */

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { MuxError, type SegmentSink, segmentSink, type Sink, Writer, type WriterOptions } from "../../mod.ts";
import {
  assertReleasedOnce,
  assertSamples,
  assertTreatedWell,
  AUDIO,
  audioOptions,
  audioSample,
  avOptions,
  avSamples,
  guarded,
  mux,
  type NumberedSample,
  readAsf,
  reasonOf,
  turns,
  VIDEO,
  writeAll,
} from "../support/sessions.ts";
import { TestSink, type TestSinkOptions } from "../support/sinks.ts";
import { flawsIn } from "../support/valid.ts";

/** Video whose rate is known, so that send times are right from the first packet on. */
function cameraOptions(sinks: WriterOptions["sinks"], more: Partial<WriterOptions> = {}): WriterOptions {
  return avOptions(sinks, { streams: [{ ...VIDEO, bitrate: 8_000_000 }, AUDIO], ...more });
}

/** A recording into memory, whose files are kept. */
function recording(options: Pick<SegmentSink, "everyMs" | "everyBytes">, sinkOptions: TestSinkOptions = {}) {
  const files: TestSink[] = [];
  const sink = segmentSink((index) => {
    assertEquals(index, files.length);
    files.push(new TestSink(sinkOptions));
    return files[index]!;
  }, options);
  return { sink, files };
}

/** Cuts samples where the key frames of video, or without video the samples, reach these times. */
function cutAt(samples: readonly NumberedSample[], times: readonly number[]): NumberedSample[][] {
  const hasVideo = samples.some(({ streamNumber }) => streamNumber === 1);
  const parts: NumberedSample[][] = [[]];
  const due = [...times];
  for (const sample of samples) {
    const isClean = sample.type === "key" && (!hasVideo || sample.streamNumber === 1);
    if (isClean && sample.timestamp >= (due[0] ?? Infinity)) {
      due.shift();
      parts.push([]);
    }
    parts.at(-1)!.push(sample);
  }
  return parts;
}

/** Each file is valid, and has its part of the samples with times from its start. */
async function assertParts(files: readonly TestSink[], parts: readonly NumberedSample[][]): Promise<void> {
  assertTreatedWell(...files);
  assertEquals(files.length, parts.length);
  for (const [i, part] of parts.entries()) {
    const file = await readAsf(files[i]!.bytes);
    const baseMs = Math.min(...part.map(({ timestamp }) => timestamp)) / 1000;
    assertSamples(file, part, baseMs);
    const endMs = Math.max(...part.map(({ timestamp, duration }) => timestamp + duration!)) / 1000;
    assertEquals([file.isBroadcast, file.isUnfinished, file.isSeekable], [false, false, true]);
    assertEquals(file.playMs, endMs - baseMs);
    assertEquals(await flawsIn(files[i]!.bytes), []);
    assertReleasedOnce(files[i]!);
  }
}

for (const pace of ["sync", "microtask", "macrotask"] as const) {
  Deno.test(`segmentSink() cuts video and audio before key frames, at multiples of its time (${pace})`, () =>
    guarded(async () => {
      const { sink, files } = recording({ everyMs: 1000 }, { pace });
      const samples = avSamples(5, 3000, 20); // a key frame every 800 ms
      const report = await mux(cameraOptions([sink]), samples);
      await assertParts(files, cutAt(samples, [1_600_000, 2_400_000, 3_200_000, 4_000_000]));
      assertEquals(report.sinks.map(({ startTime }) => startTime), [0, 1_600_000, 2_400_000, 3_200_000, 4_000_000]);
      assertEquals(report.sinks.map(({ duration }) => duration), [1_600_000, 800_000, 800_000, 800_000, 1_000_000]);
      assertEquals(
        report.sinks.map(({ outcome, trailerBytes }) => `${outcome} ${trailerBytes > 0}`),
        Array(5).fill("finished true"),
      );
      report.sinks.forEach(({ sink, bytes }, i) => {
        assertStrictEquals(sink, files[i]);
        assertEquals(bytes, files[i]!.bytes.byteLength);
      });
      assertEquals(report.warnings, []);
    }));
}

Deno.test("segmentSink() cuts audio alone before any sample, and by size", () =>
  guarded(async () => {
    const { sink, files } = recording({ everyBytes: 20_000 });
    const samples = Array.from({ length: 100 }, (_, i) => audioSample(i, 1));
    await mux(audioOptions([sink]), samples);
    assertEquals(files.length, 4); // 25 samples of 800 bytes each
    await assertParts(files, [0, 1, 2, 3].map((part) => samples.slice(25 * part, 25 * part + 25)));
  }));

Deno.test("segmentSink(): a file is finished while the next one is being written", () =>
  guarded(async () => {
    const { sink, files } = recording({ everyMs: 1000 }, { pace: "macrotask" });
    const other = new TestSink();
    const writer = new Writer(cameraOptions([sink, other]));
    await writer.beginWriting();
    const samples = avSamples(3, 3000, 25);
    await writeAll(writer, samples.filter(({ timestamp }) => timestamp < 2_000_000));
    await writer.flush();
    await turns(20);
    assertEquals(files.map((file) => file.count("close")), [1, 0]);
    const first = await readAsf(files[0]!.bytes);
    assertEquals([first.isSeekable, first.indexCount, first.playMs], [true, 1, 1000]);
    assertEquals(writer.getStatistics().sinks.map(({ outcome }) => outcome), ["finished", "open", "open"]);
    await writeAll(writer, samples.filter(({ timestamp }) => timestamp >= 2_000_000));
    await writer.endWriting();
    await assertParts(files, cutAt(samples, [1_000_000, 2_000_000]));
    assertSamples(await readAsf(other.bytes), samples);
  }));

Deno.test("segmentSink(): the live form, too, has times from zero in each file", () =>
  guarded(async () => {
    const { sink, files } = recording({ everyMs: 1000 }, { isFile: false });
    const samples = avSamples(3, 3000, 25);
    await mux(cameraOptions([sink]), samples);
    for (const [i, part] of cutAt(samples, [1_000_000, 2_000_000]).entries()) {
      const file = await readAsf(files[i]!.bytes);
      assertEquals(file.isBroadcast, true);
      assertSamples(file, part, i * 1000);
    }
  }));

Deno.test("segmentSink(): what is queued for a file that is still being opened is bounded, and nothing is lost", () =>
  guarded(async () => {
    let go = () => {};
    const opened = new Promise<void>((resolve) => go = resolve);
    const files: TestSink[] = [];
    const sink = segmentSink((index) => {
      const file = files[index] = new TestSink();
      const open = file.open.bind(file);
      if (index === 1) Object.assign(file, { open: () => opened.then(open) });
      return file;
    }, { everyMs: 1000 });
    const writer = new Writer(cameraOptions([sink]));
    await writer.beginWriting();
    const samples = avSamples(10, 30_000);
    let waitedAt = -1;
    for (const sample of samples) {
      const room = writer.writeSample(sample.streamNumber, sample);
      if (room === undefined) continue;
      if (waitedAt < 0) {
        waitedAt = sample.timestamp;
        await turns();
        go();
      }
      await room;
    }
    assert(waitedAt > 1_000_000, `nobody waited: ${waitedAt}`);
    await writer.endWriting();
    const parts = cutAt(samples, Array.from({ length: 9 }, (_, i) => (i + 1) * 1_000_000));
    for (const [i, part] of parts.entries()) {
      assertSamples(await readAsf(files[i]!.bytes), part, part[0]!.timestamp / 1000);
    }
    assertEquals(files.length, parts.length);
    assertTreatedWell(...files);
  }));

for (
  const { name, make, text, code = "sink-failed" } of [
    {
      name: "cannot be opened",
      make: () => Object.assign(new TestSink(), { open: () => Promise.reject(new Error("no such folder")) }),
      text: "Cannot open the sink: no such folder",
    },
    {
      name: "cannot be made",
      make: (): Sink => {
        throw new Error("no more names");
      },
      text: "Cannot write to the sink: no more names",
    },
    {
      name: "does not carry the container",
      make: () => new TestSink({ containers: ["mp4"] }),
      text: "Cannot write to the sink: this sink carries mp4, not asf",
      code: "unsupported",
    },
  ]
) {
  Deno.test(`segmentSink(): a later file that ${name} fails the session, and the first one is finished`, () =>
    guarded(async () => {
      const first = new TestSink();
      const writer = new Writer(
        cameraOptions([segmentSink((index) => index === 0 ? first : make(), { everyMs: 1000 })]),
      );
      await writer.beginWriting();
      const reason = await reasonOf((async () => {
        for (const sample of avSamples(5)) {
          await writer.writeSample(sample.streamNumber, sample);
          await turns(1);
        }
        await writer.endWriting();
      })());
      assert(reason instanceof MuxError);
      assertEquals([reason.code, reason.message], [code, text]);
      await writer.closed.catch(() => {});
      await turns();
      assertEquals(writer.state, "failed");
      assertSamples(await readAsf(first.bytes), cutAt(avSamples(5), [1_000_000])[0]!);
      assertEquals(writer.getStatistics().sinks.map(({ outcome }) => outcome), ["finished", "failed"]);
    }));
}

Deno.test("segmentSink(): a failing seal of an earlier file rejects the finish, which finishes the others", () =>
  guarded(async () => {
    const files: TestSink[] = [];
    const sink = segmentSink((index) => {
      const faults = index === 1 ? [{ operation: "patch", nth: 1, kind: "reject" } as const] : [];
      return files[index] = new TestSink({ faults });
    }, { everyMs: 1000 });
    const reason = await reasonOf(mux(cameraOptions([sink]), avSamples(4)));
    assert(reason instanceof MuxError);
    assertEquals([reason.code, reason.stage], ["sink-failed", "seal"]);
    assertEquals(reason.report?.sinks.map(({ outcome }) => outcome).sort(), [
      "failed",
      "finished",
      "finished",
      "finished",
    ]);
    for (const i of [0, 2, 3]) assertEquals(await flawsIn(files[i]!.bytes), []);
  }));

Deno.test("segmentSink(): with `optional` a failing file is a warning, told once, and no other follows", () =>
  guarded(async () => {
    const files: TestSink[] = [];
    const other = new TestSink();
    const writer = new Writer(cameraOptions([other]));
    await writer.addSink(
      segmentSink((index) => {
        const faults = index === 1 ? [{ operation: "header", nth: 1, kind: "reject" } as const] : [];
        return files[index] = new TestSink({ faults });
      }, { everyMs: 1000 }),
      { optional: true },
    );
    await writer.beginWriting();
    for (const sample of avSamples(4)) {
      await writer.writeSample(sample.streamNumber, sample);
      await turns(1);
    }
    const { warnings, sinks } = await writer.endWriting();
    assertEquals(warnings.map(({ code }) => code), ["sink-failed"]);
    assertEquals(files.length, 2);
    assertEquals(sinks.map(({ outcome }) => outcome), ["finished", "finished", "failed"]);
  }));

Deno.test("segmentSink(): removeSink() finishes the running file; no other follows", () =>
  guarded(async () => {
    const { sink, files } = recording({ everyMs: 1000 });
    const other = new TestSink();
    const writer = new Writer(cameraOptions([sink, other]));
    await writer.beginWriting();
    const samples = avSamples(4);
    await writeAll(writer, samples.slice(0, 60));
    const removing = writer.removeSink(sink);
    assertStrictEquals(writer.removeSink(sink), removing);
    const report = await removing;
    assertStrictEquals(report.sink, files.at(-1));
    assertEquals(report.outcome, "finished");
    const { length } = files;
    await writeAll(writer, samples.slice(60));
    await writer.endWriting();
    assertEquals(files.length, length);
    await assertParts(files, cutAt(samples.slice(0, 60), [1_000_000]));
    assertSamples(await readAsf(other.bytes), samples);
  }));

Deno.test("segmentSink(): an abort leaves the finished files finished, and the running one playable", () =>
  guarded(async () => {
    const { sink, files } = recording({ everyMs: 1000 });
    const writer = new Writer(cameraOptions([sink]));
    await writer.beginWriting();
    await writeAll(writer, avSamples(2));
    await writer.flush();
    await turns();
    await writer.abort();
    assertEquals(files.map((file) => [file.count("close"), file.count("abort")]), [[1, 0], [0, 1]]);
    assertEquals(await flawsIn(files[0]!.bytes), []);
  }));

Deno.test("segmentSink(): files that end while the finish drains are finished, too", () =>
  guarded(async () => {
    const { sink, files } = recording({ everyMs: 1000 }, { pace: "macrotask" });
    const writer = new Writer(cameraOptions([sink], { interleaveWindowMs: 60_000, maxQueuedBytes: 64 << 20 }));
    await writer.beginWriting();
    const samples = avSamples(5);
    for (const sample of samples) void writer.writeSample(sample.streamNumber, sample); // at nobody's pace
    await writer.endWriting();
    await assertParts(files, cutAt(samples, [1_000_000, 2_000_000, 3_000_000, 4_000_000]));
  }));

Deno.test("segmentSink(): many files leave nothing but their reports behind", () =>
  guarded(async () => {
    const { sink, files } = recording({ everyMs: 100 });
    const writer = new Writer(audioOptions([sink]));
    await writer.beginWriting();
    await writeAll(writer, Array.from({ length: 200 }, (_, i) => audioSample(i, 1)));
    const { sinks } = await writer.endWriting();
    assertEquals(files.length, 200);
    assertEquals(sinks.map(({ startTime }) => startTime), files.map((_, i) => i * 100_000));
    assertEquals(sinks.map(({ sink }) => files.indexOf(sink as TestSink)), files.map((_, i) => i));
  }));

Deno.test("addSink() with `from` and `until`: files of parts of the session, cut before key frames", () =>
  guarded(async () => {
    const [first, second, third] = [new TestSink(), new TestSink(), new TestSink()];
    const writer = new Writer(cameraOptions([]));
    await writer.addSink(first, { until: 1_500_000 });
    await writer.addSink(second, { from: 1_500_000, until: 3_000_000 });
    await writer.addSink(third, { from: 2_900_000 });
    await writer.beginWriting();
    const samples = avSamples(4);
    await writeAll(writer, samples);
    const { sinks } = await writer.endWriting();
    const [one, two, three] = cutAt(samples, [1_600_000, 3_200_000]);
    assertEquals(cutAt(samples, [3_200_000]).length, 2);
    await assertParts([first!, second!, third!], [one!, two!, three!].map((part) => part));
    assertEquals(sinks.map(({ startTime }) => startTime), [0, 1_600_000, 3_200_000]);
  }));

Deno.test("addSink(): a sink that is past its `until` can be removed, and its report is what became of it", () =>
  guarded(async () => {
    const [early, other] = [new TestSink(), new TestSink()];
    const writer = new Writer(cameraOptions([other!]));
    await writer.addSink(early!, { until: 1_000_000 });
    await writer.beginWriting();
    await writeAll(writer, avSamples(2));
    const { outcome, trailerBytes } = await writer.removeSink(early!);
    assertEquals([outcome, trailerBytes > 0], ["finished", true]);
    assertReleasedOnce(early!);
    await writer.endWriting();
  }));

Deno.test("addSink() takes no times that are none", async () => {
  const writer = new Writer(cameraOptions([]));
  const sink = new TestSink();
  await assertRejects(
    () => writer.addSink(sink, { from: 2, until: 1 }),
    RangeError,
    "until must be after 2 µs, got 1 µs",
  );
  await assertRejects(() => writer.addSink(sink, { from: NaN }), RangeError);
  await assertRejects(() => writer.addSink(sink, { until: "1" as unknown as number }), TypeError);
});

Deno.test("segmentSink() says what is wrong with its arguments", () => {
  const make = () => new TestSink();
  assertThrows(() => segmentSink(make, {}), RangeError, "everyMs or everyBytes must be given");
  assertThrows(() => segmentSink(make, { everyMs: 0 }), RangeError, "everyMs must be above 0, got 0");
  assertThrows(() => segmentSink(make, { everyBytes: NaN }), RangeError, "got NaN");
  assertThrows(() => segmentSink(make, { everyMs: "1" as unknown as number }), TypeError);
  assertThrows(() => segmentSink("x" as unknown as () => TestSink, { everyMs: 1 }), TypeError);
});

Deno.test("segmentSink(): each file has the markers and commands of its part, from its zero", () =>
  guarded(async () => {
    const { sink, files } = recording({ everyMs: 1000 });
    const writer = new Writer(cameraOptions([sink]));
    await writer.beginWriting();
    const samples = avSamples(3, 3000, 25);
    await writeAll(writer, samples.slice(0, 20));
    writer.setMetadata({ // while it is running
      title: "Court",
      markers: [0.5, 1.2, 2.4].map((seconds) => ({ timestamp: seconds * 1e6, name: `at ${seconds}` })),
      scripts: [0.1, 0.2, 2.5].map((seconds) => ({ timestamp: seconds * 1e6, type: "CAPTION", text: `${seconds}` })),
    });
    await writeAll(writer, samples.slice(20));
    await writer.endWriting();
    const found = await Promise.all(files.map(async ({ bytes }) => {
      assertEquals(await flawsIn(bytes), []);
      const { header: { contentDescription, markers, scriptCommands, fileProperties } } = (await readAsf(bytes)).reader;
      const { prerollMs } = fileProperties!;
      return [
        contentDescription?.title,
        ...markers.map(({ description, timeTicks }) => `${description}: ${timeTicks / 10_000 - prerollMs}`),
        ...scriptCommands.map(({ parameter, timeMs }) => `${parameter}: ${timeMs - prerollMs}`),
      ];
    }));
    assertEquals(found, [
      ["Court", "at 0.5: 500", "0.1: 100", "0.2: 200"],
      ["Court", "at 0.5: 0", "at 1.2: 200", "0.2: 0"],
      ["Court", "at 1.2: 0", "at 2.4: 400", "0.2: 0", "2.5: 500"],
    ]);
  }));

Deno.test("segmentSink(): an abort while a later file is being opened is the last that its sink hears", () =>
  guarded(async () => {
    let go = () => {};
    const opened = new Promise<void>((resolve) => go = resolve);
    const calls: string[] = [];
    const late: Sink = {
      open: () => (calls.push("open"), opened),
      header: () => void calls.push("header"),
      data: () => void calls.push("data"),
      close: () => void calls.push("close"),
      abort: () => void calls.push("abort"),
    };
    const writer = new Writer(
      cameraOptions([segmentSink((index) => index === 0 ? new TestSink() : late, { everyMs: 1000 })]),
    );
    await writer.beginWriting();
    await writeAll(writer, avSamples(2, 3000, 25));
    await turns();
    await writer.abort();
    go();
    await turns();
    assertEquals(calls, ["open", "abort"]);
  }));
