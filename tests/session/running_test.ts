/** A session while it runs: what it refuses, in which order it goes on, how long it holds back, what it counts. */

import {
  assert,
  assertEquals,
  assertFalse,
  assertGreater,
  assertLessOrEqual,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { asf } from "../../src/asf/mod.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer, type WriterOptions } from "../../src/facades/writer.ts";
import type { SampleLike } from "../../src/media/sample.ts";
import {
  assertSameBytes,
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
  VIDEO,
  videoSample,
  writeAll,
} from "../support/sessions.ts";
import { TestSink, type TestSinkOptions } from "../support/sinks.ts";

async function open(
  more: Partial<WriterOptions> = {},
  sinkOptions: TestSinkOptions = {},
): Promise<{ writer: Writer; sink: TestSink }> {
  const sink = new TestSink(sinkOptions);
  const writer = new Writer(avOptions([sink], more));
  await writer.beginWriting();
  return { writer, sink };
}

function put(writer: Writer, ...samples: NumberedSample[]): void {
  for (const sample of samples) writer.writeSample(sample.streamNumber, sample);
}

// ── Bad samples ──

const GOOD = { data: new Uint8Array(800), timestamp: 500_000 };
// deno-lint-ignore no-explicit-any
const BAD: { name: string; sample: any; error: "TypeError" | "RangeError" | string }[] = [
  { name: "no sample", sample: undefined, error: "TypeError" },
  { name: "a time that is NaN", sample: { ...GOOD, timestamp: NaN }, error: "RangeError" },
  { name: "an infinite time", sample: { ...GOOD, timestamp: Infinity }, error: "RangeError" },
  { name: "a time without a number", sample: { data: GOOD.data }, error: "TypeError" },
  { name: "a negative duration", sample: { ...GOOD, duration: -1 }, error: "RangeError" },
  { name: "a huge time", sample: { ...GOOD, timestamp: 4.3e12 }, error: "too-large" },
  { name: "a time beyond exact numbers", sample: { ...GOOD, timestamp: 1e300 }, error: "RangeError" },
  { name: "a time before zero", sample: { ...GOOD, timestamp: -500_000 }, error: "time-order" },
  { name: "a time that goes back", sample: { ...GOOD, timestamp: 299_999 }, error: "time-order" },
  { name: "a decode time after the presentation", sample: { ...GOOD, decodeTimestamp: 600_000 }, error: "time-order" },
  { name: "no bytes", sample: { ...GOOD, data: new Uint8Array(0) }, error: "bad-media" },
  { name: "too many bytes", sample: { ...GOOD, data: new Uint8Array(1 << 24) }, error: "too-large" },
  {
    name: "a packet that counts seconds",
    sample: { ...GOOD, timestamp: 0.5, microsecondTimestamp: 500_000 },
    error: "TypeError",
  },
];

for (const { name, sample, error } of BAD) {
  Deno.test(`writeSample() refuses ${name}, and the session goes on as if it had not been`, () =>
    guarded(async () => {
      const { writer, sink } = await open();
      const before = [...Array.from({ length: 4 }, (_, i) => audioSample(i)), videoSample(0)];
      put(writer, ...before);
      const statistics = writer.getStatistics();
      const thrown = assertThrows(() => writer.writeSample(2, sample as SampleLike), Error, "stream 2");
      assertEquals(thrown instanceof MuxError ? thrown.code : thrown.name, error);
      if (thrown instanceof MuxError) assertEquals(thrown.streamNumber, 2);
      const { samplesRefused } = writer.getStatistics().streams[1]!;
      assertEquals(samplesRefused, 1); // and nothing else has changed
      const { streams: [video, audio], total } = statistics;
      const expected = {
        ...statistics,
        streams: [video!, { ...audio!, samplesRefused }],
        total: { ...total, samplesRefused },
      };
      assertEquals(writer.getStatistics(), expected);
      assertEquals(writer.state, "open");
      const after = [audioSample(4), audioSample(5), videoSample(1)];
      put(writer, ...after);
      await writer.endWriting();
      assertSamples(await readAsf(sink.bytes), [...before, ...after]);
    }));
}

Deno.test("Equal times are no error, and each sample is kept", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    const samples = [0, 0, 0, 100_000, 100_000].map((timestamp, i) => ({ ...audioSample(i), timestamp }));
    put(writer, ...samples, videoSample(0), { ...videoSample(1), timestamp: 0 });
    await writer.endWriting();
    assertSamples(await readAsf(sink.bytes), [...samples, videoSample(0), { ...videoSample(1), timestamp: 0 }]);
  }));

Deno.test("A video time that goes back names the way out for B-frames", async () => {
  const { writer } = await open();
  put(writer, videoSample(0), { ...videoSample(1), timestamp: 80_000 });
  const error = assertThrows(() => put(writer, videoSample(1)), MuxError, "reorders: true");
  assertEquals([error.code, error.streamNumber, error.timestamp], ["time-order", 1, 40_000]);
  await writer.abort();
});

Deno.test("A picture that too many have overtaken is refused, and the stream goes on", () =>
  guarded(async () => {
    const sink = new TestSink();
    const streams = [{ kind: "video", codec: "TEST", codedWidth: 64, codedHeight: 48, reorders: true } as const];
    const writer = new Writer({ container: asf(), sinks: [sink], streams });
    await writer.beginWriting();
    const sample = (ms: number, type: "key" | "delta" = "delta") => ({
      data: new Uint8Array(9),
      timestamp: ms * 1000,
      type,
    });
    for (const [i, ms] of [0, 160, 120, 80].entries()) await writer.writeSample(1, sample(ms, i ? "delta" : "key"));
    const error = await assertRejects(
      async () => await writer.writeSample(1, sample(40)),
      MuxError,
      "no more than 2 samples",
    );
    assertEquals([error.code, error.streamNumber, error.timestamp], ["time-order", 1, 40_000]);
    for (const ms of [100, 200]) await writer.writeSample(1, sample(ms));
    await writer.endWriting();
    const { samples } = await readAsf(sink.bytes);
    const zero = samples[0]!.ms;
    assertEquals(samples.map(({ ms }) => ms - zero), [0, 160, 120, 80, 100, 200]);
  }));

Deno.test("The caller may reuse one buffer for every sample, whatever waits inside", () =>
  guarded(async () => {
    const samples = avSamples(4, 20_000);
    for (const pace of ["sync", "macrotask"] as const) {
      const { writer, sink } = await open({}, { pace });
      const buffer = new Uint8Array(20_000);
      for (const sample of samples) {
        const data = buffer.subarray(0, sample.data.byteLength);
        data.set(sample.data);
        writer.writeSample(sample.streamNumber, { ...sample, data }); // never awaited
        buffer.fill(0xee);
      }
      await writer.endWriting();
      assertSamples(await readAsf(sink.bytes), samples);
    }
  }));

Deno.test("Encoded chunks are samples: their bytes are copied out before writeSample returns", () =>
  guarded(async () => {
    const samples = avSamples(2);
    const plain = new TestSink();
    await mux(avOptions([plain]), samples);
    const { writer, sink } = await open();
    for (const { streamNumber, data, timestamp, duration, type } of samples) {
      let isOpen = true;
      writer.writeSample(streamNumber, {
        type: type!,
        timestamp,
        duration: duration!,
        byteLength: data.byteLength,
        copyTo: (destination) => {
          assert(isOpen, "copied later than writeSample");
          destination.set(data);
        },
      });
      isOpen = false;
    }
    await writer.endWriting();
    assertSameBytes(sink.bytes, plain.bytes);
  }));

// ── Order across streams ──

Deno.test("A stream that falls behind does not stop the others: it is counted, and nothing is lost", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    const video = Array.from({ length: 400 }, (_, i) => videoSample(i, 500));
    const audio = Array.from({ length: 160 }, (_, i) => audioSample(i));
    put(writer, video[0]!, audio[0]!, ...video.slice(1, 300));
    const { samplesProcessed, bytesQueued } = writer.getStatistics().streams[0]!;
    assertGreater(samplesProcessed, 240); // 12 s ahead with a window of 0.5 s
    assertLessOrEqual(bytesQueued, 500 * 252);
    put(writer, ...audio.slice(1, 20));
    put(writer, ...audio.slice(20), ...video.slice(300));
    const report = await writer.endWriting();
    const late = report.warnings.find((warning) => warning.code === "late-sample")!;
    assertEquals(late.streamNumber, 2);
    assert(/: \d+ samples came late/.test(late.message), late.message);
    assertGreater(Number(late.message.match(/(\d+) samples/)![1]), 90);
    assertSamples(await readAsf(sink.bytes), [...video, ...audio]);
  }));

Deno.test('onLag "error" refuses late samples by name until the stream has caught up', () =>
  guarded(async () => {
    const { writer, sink } = await open({ onLag: "error" });
    const video = Array.from({ length: 400 }, (_, i) => videoSample(i, 500));
    put(writer, video[0]!, audioSample(0), ...video.slice(1, 300)); // up to 11.96 s
    for (const late of [1, 50, 114]) {
      const error = assertThrows(() => put(writer, audioSample(late)), MuxError, "later than the other streams");
      assertEquals([error.code, error.streamNumber, error.timestamp], ["late-sample", 2, late * 100_000]);
    }
    const caughtUp = [115, 116, 117, 118, 119].map((i) => audioSample(i));
    put(writer, ...caughtUp, ...video.slice(300));
    const report = await writer.endWriting();
    assertEquals(report.warnings, []);
    assertEquals(report.streams[1]!.samplesReceived, 6);
    assertSamples(await readAsf(sink.bytes), [...video, audioSample(0), ...caughtUp]);
  }));

Deno.test("Streams written one after the other come out interleaved, as far as the window and the queue reach", () =>
  guarded(async () => {
    const video = Array.from({ length: 100 }, (_, i) => videoSample(i, 500));
    const audio = Array.from({ length: 40 }, (_, i) => audioSample(i));
    const { writer, sink } = await open();
    put(writer, audio[0]!, ...video, ...audio.slice(1));
    await writer.endWriting();
    const file = await readAsf(sink.bytes);
    assertSamples(file, [...video, ...audio]);
    let audioMs = 0;
    for (const { streamNumber, ms } of file.samples) {
      if (streamNumber === 2) audioMs = ms;
      else assertLessOrEqual(ms, audioMs + 600, "no more than the window and a sample ahead");
    }
  }));

Deno.test("The same samples at other moments give the same bytes: only times count", () =>
  guarded(async () => {
    const video = Array.from({ length: 100 }, (_, i) => videoSample(i, 5000));
    const audio = Array.from({ length: 40 }, (_, i) => audioSample(i));
    const order = [...video.slice(0, 60), ...audio, ...video.slice(60)];
    const results: Uint8Array[] = [];
    for (const pace of ["sync", "microtask", "macrotask"] as const) {
      const sink = new TestSink({ pace });
      await mux(avOptions([sink]), order);
      results.push(sink.bytes);
    }
    assertSameBytes(results[1]!, results[0]!);
    assertSameBytes(results[2]!, results[0]!);
  }));

Deno.test("Three streams, one of which ends early and one of which begins late", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = new Writer(avOptions([sink], { streams: [VIDEO, AUDIO, { ...AUDIO, streamNumber: 7 }] }));
    await writer.beginWriting();
    const video = Array.from({ length: 100 }, (_, i) => videoSample(i, 500));
    const early = Array.from({ length: 10 }, (_, i) => audioSample(i));
    const late = Array.from({ length: 10 }, (_, i) => ({ ...audioSample(30 + i, 7) }));
    const all = [...video, ...early, ...late].sort((a, b) => a.timestamp - b.timestamp);
    for (const sample of all) {
      put(writer, sample);
      if (sample === early[9]) await writer.writableFor(2).close();
    }
    const report = await writer.endWriting();
    assertEquals(report.warnings, []);
    assertSamples(await readAsf(sink.bytes), all);
  }));

// ── Latency ──

/** Latest time, ms, of which the live sink has everything. */
async function arrivedMs(sink: TestSink): Promise<number> {
  const file = await readAsf(sink.bytes, ["D14"]);
  return Math.min(
    ...file.streamNumbers.map((number) =>
      Math.max(-1, ...file.samples.filter((sample) => sample.streamNumber === number).map((sample) => sample.ms))
    ),
  );
}

for (const maxLatencyMs of [100, 300, 1000]) {
  Deno.test(`maxLatencyMs ${maxLatencyMs} bounds what is held back, by the time of the media`, () =>
    guarded(async () => {
      const { writer, sink } = await open({ maxLatencyMs }, { isFile: false });
      for (const [i, sample] of avSamples(3, 300).entries()) {
        await writer.writeSample(sample.streamNumber, sample);
        const ms = sample.timestamp / 1000;
        if (i % 7 !== 0 || ms < 500 + maxLatencyMs) continue;
        // Audio comes every 100 ms: what is missing beyond the bound has not been written yet.
        assertLessOrEqual(ms - maxLatencyMs - 100, await arrivedMs(sink), `at ${ms} ms`);
      }
      await writer.endWriting();
      assertSamples(await readAsf(sink.bytes), avSamples(3, 300));
    }));
}

Deno.test("maxLatencyMs is kept by the clock when no sample comes", () =>
  guarded(async () => {
    using time = new FakeTime();
    using _now = stub(performance, "now", () => time.now);
    const sink = new TestSink({ isFile: false });
    const writer = new Writer(audioOptions([sink], { maxLatencyMs: 200 }));
    await writer.beginWriting();
    put(writer, audioSample(0, 1));
    await writer.flush();
    const flushed = sink.count("data");
    put(writer, { ...audioSample(1, 1), data: new Uint8Array(10) });
    time.tick(199);
    assertEquals(sink.count("data"), flushed);
    time.tick(1);
    assertEquals(sink.count("data"), flushed + 1);
    time.tick(10_000);
    assertEquals(sink.count("data"), flushed + 1, "nothing is held: nothing is sent");
    put(writer, { ...audioSample(2, 1), data: new Uint8Array(10) });
    const finished = writer.endWriting();
    time.tick(10_000);
    await finished;
    assertEquals((await readAsf(sink.bytes)).samples.length, 3);
  }));

Deno.test("A sink that drops makes the session live: 100 ms, unless it is said otherwise", () =>
  guarded(async () => {
    using time = new FakeTime();
    using _now = stub(performance, "now", () => time.now);
    for (const { maxLatencyMs, ms } of [{ ms: 100 }, { maxLatencyMs: 400, ms: 400 }]) {
      const sink = new TestSink({ isFile: false, whenSlow: "drop" });
      const writer = new Writer(audioOptions([sink], { maxLatencyMs }));
      await writer.beginWriting();
      put(writer, audioSample(0, 1));
      await writer.flush();
      const flushed = sink.count("data");
      put(writer, { ...audioSample(1, 1), data: new Uint8Array(10) });
      time.tick(ms - 1);
      assertEquals(sink.count("data"), flushed);
      time.tick(1);
      assertEquals(sink.count("data"), flushed + 1);
      await writer.abort();
    }
  }));

Deno.test("No timer is left after finish, abort and failure", () =>
  guarded(async () => {
    for (const end of ["endWriting", "abort", "fail"]) { // the test's own sanitizer looks for timers
      const faults = end === "fail" ? [{ operation: "data" as const, nth: 1, kind: "reject" as const }] : [];
      const sink = new TestSink({ isFile: false, faults });
      const writer = new Writer(audioOptions([sink], { maxLatencyMs: 60_000 }));
      await writer.beginWriting();
      put(writer, audioSample(0, 1));
      if (end === "endWriting") await writer.endWriting();
      else if (end === "abort") await writer.abort();
      else await assertRejects(() => writer.flush(), MuxError);
    }
  }));

// ── Counters ──

Deno.test("Statistics are exact at every moment, and the report agrees with the header", () =>
  guarded(async () => {
    const samples = avSamples(3, 4000);
    const { writer, sink } = await open();
    const received = [{ count: 0, bytes: 0 }, { count: 0, bytes: 0 }];
    const empty = writer.getStatistics();
    assertEquals(empty.packetCount, 0);
    assertEquals(empty.streams[0], {
      streamNumber: 1,
      streamTicksReceived: 0,
      samplesReceived: 0,
      samplesRefused: 0,
      samplesEncoded: 0,
      samplesProcessed: 0,
      samplesDropped: 0,
      bytesReceived: 0,
      bytesQueued: 0,
      bytesProcessed: 0,
      firstTimestamp: undefined,
      lastTimestampReceived: undefined,
      lastTimestampEncoded: undefined,
      lastTimestampProcessed: undefined,
      lastStreamTickReceived: undefined,
    });
    for (const sample of samples) {
      put(writer, sample);
      const own = received[sample.streamNumber - 1]!;
      own.count++;
      own.bytes += sample.data.byteLength;
      for (const [i, stream] of writer.getStatistics().streams.entries()) {
        assertEquals([stream.samplesReceived, stream.bytesReceived], [received[i]!.count, received[i]!.bytes]);
        assertEquals(stream.bytesQueued + stream.bytesProcessed, stream.bytesReceived);
        assertLessOrEqual(stream.samplesProcessed, stream.samplesReceived);
      }
      assertEquals(writer.getStatistics().streams[sample.streamNumber - 1]!.lastTimestampReceived, sample.timestamp);
    }
    const before = writer.getStatistics();
    assertEquals(before.sinks.map(({ outcome, trailerBytes }) => [outcome, trailerBytes > 0]), [["open", false]]);
    const report = await writer.endWriting();
    assertEquals(before.sinks[0]!.outcome, "open", "a snapshot stays what it was");
    assertEquals(report.streams.map((stream) => stream.samplesProcessed), [75, 30]);
    assertEquals(report.streams.map((stream) => stream.bytesQueued + stream.samplesDropped), [0, 0]);
    assertEquals(report.duration, 3_000_000);
    assertEquals(report.warnings, []);
    const file = await readAsf(sink.bytes);
    assertEquals(file.packetCount, report.packetCount);
    assertEquals(file.playMs, report.duration / 1000);
    assertEquals(report.sinks[0]!.bytes, sink.bytes.byteLength);
    assertEquals(file.reader.header.fileProperties!.fileBytes, report.sinks[0]!.bytes);
    assertEquals([report.sinks[0]!.outcome, report.sinks[0]!.trailerBytes > 0, report.sinks[0]!.sink === sink], [
      "finished",
      true,
      true,
    ]);
    assertTreatedWell(sink);
  }));

Deno.test("What an abort gives up is counted as dropped", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    sink.isPaused = true;
    put(writer, ...avSamples(10, 40_000));
    await writer.abort();
    for (const stream of writer.getStatistics().streams) {
      assertEquals(stream.samplesReceived, stream.samplesProcessed + stream.samplesDropped);
      assertEquals(stream.bytesQueued, 0);
    }
    assertGreater(writer.getStatistics().streams[0]!.samplesDropped, 0);
    assertEquals(writer.getStatistics().sinks.map((sink) => sink.outcome), ["aborted"]);
  }));

Deno.test("setMetadata() stands in the file until the finish, and is refused when it does not fit", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    writer.setMetadata({ title: "first" });
    await writeAll(writer, avSamples(2));
    writer.setMetadata({ title: "second", author: "somebody" });
    const error = assertThrows(() => writer.setMetadata({ title: "x".repeat(5000) }), MuxError, "Cannot set metadata");
    assertEquals(error.code, "too-large");
    await writer.endWriting();
    const { contentDescription } = (await readAsf(sink.bytes)).reader.header;
    assertEquals([contentDescription!.title, contentDescription!.author], ["second", "somebody"]);
    assertFalse(writer.state !== "finalized");
  }));
