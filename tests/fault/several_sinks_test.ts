/** Sinks that are slow, join late, leave early, or cannot carry what they are given. */

import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertLess,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import {
  assertPrefix,
  assertReleasedOnce,
  assertSameBytes,
  assertSamples,
  assertTreatedWell,
  avOptions,
  avSamples,
  guarded,
  mux,
  type NumberedSample,
  readAsf,
  type ReadFile,
  stateOf,
  turns,
  VIDEO,
  videoSample,
  writeAll,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

const SAMPLES = avSamples(6, 8_000);

/** A few samples of a running session at a time, so that something happens in between. */
async function begin(sinks: TestSink[], more = {}): Promise<Writer> {
  const writer = new Writer(avOptions(sinks, more));
  await writer.beginWriting();
  return writer;
}

Deno.test("A sink that drops skips to the next key frame, counted, while a file beside it gets everything", () =>
  guarded(async () => {
    const samples = avSamples(8, 60_000);
    const file = new TestSink();
    const live = new TestSink({ isFile: false, whenSlow: "drop", pace: "microtask" });
    const writer = await begin([live, file]);
    live.isPaused = true;
    for (const [i, sample] of samples.entries()) {
      if (i === 200) {
        live.isPaused = false;
        live.go();
        await turns();
      }
      await writer.writeSample(sample.streamNumber, sample);
    }
    const report = await writer.endWriting();
    assertTreatedWell(file, live);
    assertSamples(await readAsf(file.bytes), samples);
    const found = await readAsf(live.bytes, ["D14", "D16"]);
    const dropped = report.sinks[0]!.samplesDropped;
    assertGreater(dropped, 20);
    assertEquals(samples.length - found.samples.length, dropped, "what is cut off where the gap begins counts too");
    const originals = new Map(samples.map((sample) => [`${sample.streamNumber} ${sample.timestamp / 1000}`, sample]));
    for (const { streamNumber, ms, data } of found.samples) {
      assertSameBytes(data, originals.get(`${streamNumber} ${ms}`)!.data);
    }
    const video = found.samples.filter((sample) => sample.streamNumber === 1);
    const gap = video.findIndex((sample, i) => i > 0 && sample.ms - video[i - 1]!.ms > 40);
    assertGreater(gap, 0);
    assert(video[gap]!.isKey, "goes on at a key frame");
    assertEquals(report.sinks.map((sink) => [sink.outcome, sink.samplesDropped === 0]), [
      ["finished", false],
      ["finished", true],
    ]);
  }));

Deno.test("A sink that drops counts a picture too large for its queue, whose beginning it has got", () =>
  guarded(async () => {
    const samples = [0, 1, 2, 3, 4].map((i) => videoSample(i, i === 1 ? 9 << 20 : 3000, 4));
    const live = new TestSink({ isFile: false, whenSlow: "drop", pace: "microtask" });
    const writer = await begin([live], { streams: [VIDEO] });
    for (const sample of samples) {
      live.isPaused = sample === samples[1];
      await writer.writeSample(1, sample);
      live.go();
      await turns();
    }
    const report = await writer.endWriting();
    const found = await readAsf(live.bytes, ["D14", "D16"]);
    // The rest of the group of pictures goes with it.
    assertEquals(found.samples.map(({ ms }) => ms), [0, 160]);
    assertEquals(report.sinks[0]!.samplesDropped, 3);
  }));

Deno.test("A sink that is called before a key frame, and writes a sample itself then, spoils nothing of that", () =>
  guarded(async () => {
    const samples = Array.from({ length: 27 }, (_, i) => videoSample(i, 500, 25)); // key frames are 0 and 25
    let isArmed = false;
    const live = new TestSink({
      isFile: false,
      whenSlow: "drop",
      onCall(operation) {
        if (operation !== "data" || !isArmed) return;
        isArmed = false;
        void writer.writeSample(1, samples[26]!);
      },
    });
    const file = new TestSink();
    const writer = await begin([live, file], { streams: [VIDEO] });
    for (const sample of samples.slice(0, 26)) {
      isArmed = sample === samples[25];
      await writer.writeSample(1, sample);
    }
    assertFalse(isArmed, "it was called");
    await writer.endWriting();
    assertSamples(await readAsf(file.bytes), samples);
  }));

Deno.test("A sink that gives up when it is slow fails alone, and its error names the delay", () =>
  guarded(async () => {
    const samples = avSamples(8, 60_000);
    const file = new TestSink();
    const impatient = new TestSink({ isFile: false, whenSlow: "fail", pace: "microtask" });
    const writer = await begin([impatient, file]);
    impatient.isPaused = true;
    await writeAll(writer, samples);
    const error = await assertRejects(() => writer.endWriting(), MuxError, "bytes behind");
    assertEquals([error.code, error.stage], ["sink-failed", "data"]);
    assertEquals(error.report!.sinks.map((sink) => sink.outcome), ["failed", "finished"]);
    assertSamples(await readAsf(file.bytes), samples);
    assertTreatedWell(file, impatient);
    assertReleasedOnce(impatient);
  }));

/** Seeking in a file by its index leads to the last key frame at or before each time. */
function assertIndexRight(file: ReadFile): void {
  assert(file.isSeekable);
  const keys = file.samples.filter((sample) => sample.streamNumber === 1 && sample.isKey);
  assertGreater(file.indexPackets.length, 0);
  for (const [i, packet] of file.indexPackets.entries()) {
    const ms = i * 200 - 3000; // entries lie on the axis with preroll
    const expected = keys.findLast((key) => key.ms <= ms) ?? keys[0]!;
    assertEquals(packet, expected.packetNumber, `entry ${i}, ${ms} ms`);
    assertLess(packet, file.packetCount);
  }
}

for (const pace of ["sync", "macrotask"] as const) {
  Deno.test(`A sink that joins late gets a file of its own from the next key frame on (${pace})`, () =>
    guarded(async () => {
      const first = new TestSink({ pace });
      const late = new TestSink({ pace });
      const live = new TestSink({ pace, isFile: false });
      const writer = await begin([first]);
      await writeAll(writer, SAMPLES.slice(0, 100));
      await writer.addSink(late);
      await writer.addSink(live);
      assertEquals([late.count("header"), late.count("data")], [1, 0], "the header comes first");
      await writeAll(writer, SAMPLES.slice(100));
      const report = await writer.endWriting();
      assertTreatedWell(first, late, live);
      const whole = await readAsf(first.bytes);
      assertSamples(whole, SAMPLES);

      const file = await readAsf(late.bytes);
      const joinedAt = SAMPLES.slice(100).find((sample) => sample.streamNumber === 1 && sample.type === "key")!;
      const expected = SAMPLES.slice(SAMPLES.indexOf(joinedAt));
      const base = Math.round(joinedAt.timestamp / 1000) - file.samples.find((sample) => sample.streamNumber === 1)!.ms;
      assertGreater(base, 2000);
      assert(file.samples[0]!.ms <= 100, `begins near zero, at ${file.samples[0]!.ms} ms`);
      assertSamples(file, expected, base);
      assertIndexRight(file);
      assertFalse(file.isBroadcast);
      assertEquals(file.playMs, whole.playMs - base);
      assertEquals(late.calls.find((call) => call.operation === "data")!.info!.firstUnit, 0);
      assertEquals(report.sinks.map((sink) => sink.outcome), ["finished", "finished", "finished"]);

      const streamed = await readAsf(live.bytes);
      assert(streamed.isBroadcast);
      assertSamples(streamed, expected);
      assertEquals(live.calls.find((call) => call.operation === "data")!.info!.firstUnit, 0);
    }));
}

Deno.test("A sink added before the header has left gets everything, times as they are", () =>
  guarded(async () => {
    const first = new TestSink();
    const second = new TestSink();
    const writer = new Writer(avOptions([first]));
    const begun = writer.beginWriting();
    const added = writer.addSink(second); // meets the opening
    await begun;
    await added;
    await writeAll(writer, SAMPLES);
    await writer.endWriting();
    assertSameBytes(second.bytes, first.bytes);
    assertTreatedWell(first, second);
  }));

Deno.test("addSink() that meets an abort rejects, and the sink is let go of", () =>
  guarded(async () => {
    for (const isOpen of [false, true]) {
      const slow = new TestSink();
      slow.isPaused = true;
      const writer = new Writer(avOptions([new TestSink()]));
      const begun = writer.beginWriting().catch(() => {});
      if (isOpen) await begun;
      const added = writer.addSink(slow);
      added.catch(() => {});
      await writer.abort(new Error("stop"));
      assertEquals((await assertRejects(() => added, MuxError)).state, "aborted");
      assertEquals([slow.count("open"), slow.count("abort"), slow.count("close")], [1, 1, 0]);
    }
  }));

Deno.test("addSink() that meets the finish rejects, and the finish goes on without the sink", () =>
  guarded(async () => {
    const good = new TestSink();
    const slow = new TestSink();
    slow.isPaused = true;
    const writer = await begin([good]);
    await writeAll(writer, SAMPLES);
    const added = writer.addSink(slow);
    added.catch(() => {});
    const report = await writer.endWriting();
    assertEquals(report.sinks[0]!.outcome, "finished");
    assertEquals((await assertRejects(() => added, MuxError)).code, "invalid-state");
    assertEquals([slow.count("abort"), slow.count("close")], [1, 0]);
    assertTreatedWell(good, slow);
  }));

Deno.test("A late sink that cannot be opened, or takes no such header, is told by addSink() alone", () =>
  guarded(async () => {
    const good = new TestSink();
    const writer = await begin([good]);
    await writeAll(writer, SAMPLES.slice(0, 50));
    const cannotOpen = new TestSink({ faults: [{ operation: "open", nth: 1, kind: "reject" }] });
    const error = await assertRejects(() => writer.addSink(cannotOpen), MuxError, "Cannot open the sink: open 1 fails");
    assertEquals([error.code, error.stage], ["sink-failed", "open"]);
    const wrongKind = new TestSink({ containers: ["mp4", "mov"] });
    assertEquals(
      (await assertRejects(() => writer.addSink(wrongKind), MuxError, "mp4, mov, not asf")).code,
      "unsupported",
    );
    assertEquals(wrongKind.calls, []);
    const small = new TestSink({ maxHeaderBytes: 200 });
    assertEquals((await assertRejects(() => writer.addSink(small), MuxError, "200 bytes")).code, "too-large");
    assertReleasedOnce(small);
    await writeAll(writer, SAMPLES.slice(50));
    const report = await writer.endWriting();
    assertEquals(report.sinks.length, 1);
    assertSamples(await readAsf(good.bytes), SAMPLES);
  }));

Deno.test("A sink that failed while it waited for its key frame is not woken by it", () =>
  guarded(async () => {
    const good = new TestSink();
    const late = new TestSink({ pace: "macrotask", faults: [{ operation: "header", nth: 1, kind: "reject" }] });
    const writer = await begin([good]);
    await writeAll(writer, SAMPLES.slice(0, 50));
    await writer.addSink(late, { optional: true });
    await turns();
    await writeAll(writer, SAMPLES.slice(50));
    await writer.endWriting();
    assertEquals(late.count("data"), 0);
    assertReleasedOnce(late);
    assertTreatedWell(good, late);
  }));

for (const pace of ["sync", "macrotask"] as const) {
  for (const meanwhile of [false, true]) {
    const name = meanwhile ? "samples come all the while" : "nothing comes meanwhile";
    Deno.test(`removeSink() finishes one file, and the others go on (${pace}, ${name})`, () =>
      guarded(async () => {
        const leaving = new TestSink({ pace });
        const staying = new TestSink();
        const writer = await begin([leaving, staying]);
        await writeAll(writer, SAMPLES.slice(0, 120));
        const removal = writer.removeSink(leaving);
        const again = writer.removeSink(leaving);
        if (!meanwhile) await removal;
        for (const sample of SAMPLES.slice(120)) {
          writer.writeSample(sample.streamNumber, sample);
          await undefined;
        }
        const report = await removal;
        assertStrictEquals(await again, report);
        assertEquals([report.outcome, report.trailerBytes > 0, report.sink === leaving], ["finished", true, true]);
        assertEquals(report.bytes, leaving.bytes.byteLength);
        const early = await readAsf(leaving.bytes);
        assertFalse(early.isBroadcast);
        assertSamples(early, SAMPLES.slice(0, 120));
        if (!meanwhile) assertIndexRight(early);
        const whole = await writer.endWriting();
        assertEquals(whole.sinks.map((sink) => sink.outcome), ["finished", "finished"]);
        assertSamples(await readAsf(staying.bytes), SAMPLES);
        assertIndexRight(await readAsf(staying.bytes));
        assertTreatedWell(leaving, staying);
        assertReleasedOnce(leaving);
      }));
  }
}

Deno.test("A finish that meets a removal waits for it, and each sink is finished once", () =>
  guarded(async () => {
    const leaving = new TestSink({ pace: "macrotask" });
    const staying = new TestSink();
    const writer = await begin([leaving, staying]);
    await writeAll(writer, SAMPLES);
    const removal = writer.removeSink(leaving);
    const report = await writer.endWriting();
    assertEquals(report.sinks.map((sink) => sink.outcome), ["finished", "finished"]);
    assertEquals((await removal).outcome, "finished");
    assertSamples(await readAsf(leaving.bytes), SAMPLES);
    assertTreatedWell(leaving, staying);
    assertEquals([leaving.count("patch"), leaving.count("close")], [1, 1]);
  }));

Deno.test("An error of a removed sink is told by its removal, not again by the finish", () =>
  guarded(async () => {
    const leaving = new TestSink({ faults: [{ operation: "patch", nth: 1, kind: "reject" }] });
    const staying = new TestSink();
    const writer = await begin([leaving, staying]);
    await writeAll(writer, SAMPLES);
    assertEquals((await assertRejects(() => writer.removeSink(leaving), MuxError)).stage, "seal");
    const report = await writer.endWriting();
    assertEquals(report.sinks.map((sink) => sink.outcome), ["failed", "finished"]);
    assertReleasedOnce(leaving);
  }));

Deno.test("removeSink() of a sink that waits for its key frame leaves it alone for good", () =>
  guarded(async () => {
    const staying = new TestSink();
    const late = new TestSink();
    const writer = await begin([staying]);
    await writeAll(writer, SAMPLES.slice(0, 50));
    await writer.addSink(late);
    await writer.removeSink(late);
    await writeAll(writer, SAMPLES.slice(50));
    await writer.endWriting();
    assertEquals([late.count("data"), late.count("close")], [0, 1]);
    assertTreatedWell(late, staying);
  }));

Deno.test("removeSink() of the last sink leaves the session open for another", () =>
  guarded(async () => {
    const first = new TestSink();
    const second = new TestSink();
    const writer = await begin([first]);
    await writeAll(writer, SAMPLES.slice(0, 100));
    await writer.removeSink(first);
    assertEquals(writer.state, "open");
    await writer.addSink(second);
    await writeAll(writer, SAMPLES.slice(100));
    await writer.endWriting();
    assertIndexRight(await readAsf(second.bytes));
    const { code } = await assertRejects(() => writer.removeSink(second), MuxError);
    assertEquals(code, "invalid-state");
  }));

Deno.test("removeSink() of a stranger is refused", () =>
  guarded(async () => {
    const writer = await begin([new TestSink()]);
    const error = await assertRejects(() => writer.removeSink(new TestSink()), MuxError, "takes no part");
    assertEquals(error.code, "invalid-state");
    await writer.abort();
  }));

Deno.test("flush() resolves although others go on writing, once every sink has what came before", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = await begin([sink]);
    sink.isPaused = true;
    await writeAll(writer, SAMPLES.slice(0, 40));
    const flushed = writer.flush();
    assertEquals(await stateOf(flushed), "pending");
    sink.go();
    for (const sample of SAMPLES.slice(40)) {
      writer.writeSample(sample.streamNumber, sample);
      sink.go();
      await undefined;
    }
    await flushed;
    sink.isPaused = false;
    sink.go();
    await writer.endWriting();
    assertSamples(await readAsf(sink.bytes), SAMPLES);
    assertTreatedWell(sink);
  }));

Deno.test("flush() hands over everything accepted: a file cut there reads to its last sample", () =>
  guarded(async () => {
    const sink = new TestSink({ isFile: false });
    const writer = await begin([sink]);
    await writeAll(writer, SAMPLES.slice(0, 77));
    await writer.flush();
    assertSamples(await readAsf(sink.bytes), SAMPLES.slice(0, 77));
    await writer.flush();
    await writeAll(writer, SAMPLES.slice(77));
    await writer.endWriting();
    assertSamples(await readAsf(sink.bytes), SAMPLES);
  }));

Deno.test("flush() rejects when no sink is left to take what it was about", () =>
  guarded(async () => {
    const sink = new TestSink({ pace: "macrotask", faults: [{ operation: "data", nth: 1, kind: "reject" }] });
    const writer = await begin([sink]);
    await writeAll(writer, SAMPLES.slice(0, 40));
    assertEquals((await assertRejects(() => writer.flush(), MuxError)).code, "sink-failed");
  }));

Deno.test("Sinks that cannot carry the container, or the header, reject the beginning or the finish", () =>
  guarded(async () => {
    const wrongKind = new TestSink({ containers: ["mp4"] });
    const beside = new TestSink();
    const error = await assertRejects(
      () => mux(avOptions([wrongKind, beside]), SAMPLES),
      MuxError,
      "carries mp4, not asf",
    );
    assertEquals([error.code, error.stage], ["unsupported", "open"]);
    assertEquals([wrongKind.calls.length, beside.count("header"), beside.count("abort")], [0, 0, 1]);

    const small = new TestSink({ maxHeaderBytes: 300 });
    const good = new TestSink();
    const tooLarge = await assertRejects(() => mux(avOptions([small, good]), SAMPLES), MuxError, "at most 300 bytes");
    assertEquals(tooLarge.code, "too-large");
    assertEquals(tooLarge.report!.sinks.map((sink) => sink.outcome), ["failed", "finished"]);
    assertEquals(small.count("header"), 0);
    assertReleasedOnce(small);
    assertSamples(await readAsf(good.bytes), SAMPLES);
  }));

Deno.test("maxHeaderBytes and maxPacketBytes are kept", () =>
  guarded(async () => {
    const sinks = [
      new TestSink({ maxPacketBytes: 1400 }),
      new TestSink({ maxPacketBytes: 2000, maxHeaderBytes: 1000 }),
    ];
    await mux(avOptions(sinks), SAMPLES);
    for (const sink of sinks) {
      for (const { operation, info, byteLength } of sink.calls) {
        if (operation === "header") assert(byteLength <= (sink.maxHeaderBytes ?? Infinity), `${byteLength}`);
        if (operation !== "data") continue;
        assertEquals(info!.unitBytes, 1400);
        assertEquals(byteLength, info!.unitCount * 1400);
      }
      assertSamples(await readAsf(sink.bytes), SAMPLES);
    }
    const tiny = new TestSink({ maxPacketBytes: 99 });
    const writer = await begin([tiny]);
    const error = await assertRejects(
      async () => {
        await writeAll(writer, SAMPLES);
        await writer.endWriting();
      },
      MuxError,
      "at least 100 bytes",
    );
    assertEquals([error.code, writer.state], ["too-large", "failed"]);
    assertReleasedOnce(tiny);
  }));

Deno.test("What a sink is told of its data is true: whole units, in order, clean points at key frames", () =>
  guarded(async () => {
    const sink = new TestSink({ isFile: false, pace: "macrotask" });
    await mux(avOptions([sink]), SAMPLES);
    const file = await readAsf(sink.bytes);
    const keyPackets = file.samples.filter((sample) => sample.streamNumber === 1 && sample.isKey)
      .map((sample) => sample.packetNumber);
    const sendTimes: number[] = [];
    for await (const packet of file.reader.packets()) sendTimes.push(packet.sendTimeMs);
    const cleanPoints: number[] = [];
    let unit = 0;
    for (const { operation, info, byteLength } of sink.calls) {
      if (operation !== "data") continue;
      assertEquals([info!.firstUnit, info!.unitCount * info!.unitBytes!], [unit, byteLength]);
      assertEquals(info!.timestamp, sendTimes[unit]! * 1000);
      cleanPoints.push(...info!.cleanPoints.map((point) => point + info!.firstUnit));
      unit += info!.unitCount;
    }
    assertEquals(cleanPoints, [...new Set(keyPackets)]);
    assertEquals(unit, sendTimes.length);
  }));

Deno.test("One of two slow sinks holds the caller back, and both get the same", () =>
  guarded(async () => {
    const samples: NumberedSample[] = avSamples(4, 30_000);
    const sinks = [new TestSink({ pace: "macrotask" }), new TestSink({ pace: "microtask", keepsBytes: true })];
    await mux(avOptions(sinks), samples);
    assertSameBytes(sinks[0]!.bytes, sinks[1]!.bytes);
    assertSamples(await readAsf(sinks[0]!.bytes), samples);
    assertTreatedWell(...sinks);
    assertPrefix(sinks[0]!.bytes, sinks[1]!.bytes);
  }));
