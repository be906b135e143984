/**
 * What users of the Windows writers complain about, and our answer: one test a complaint, under its number in the list
 * that was gathered from public issue threads. Left out are those that concern a push (C29), pools of sample buffers
 * (C16) and platform start-up (C21), which do not exist here, and repairing (C26), which is not a writer's.
 */

import { assert, assertEquals, assertGreater, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { asf, bufferSink, MuxError, SinkWriter, type SinkWriterOptions, type StreamConfig, Writer } from "../../mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import {
  assertReleasedOnce,
  assertSamples,
  AUDIO,
  audioSample,
  avSamples,
  guarded,
  LATE_VIDEO,
  type NumberedSample,
  readAsf,
  reasonOf,
  testAsf,
  turns,
  VIDEO,
  videoSample,
} from "../support/sessions.ts";
import { TestEncoder, TestFrame, TestMediaSink } from "../support/media_sinks.ts";
import { fullDisk, TestSink } from "../support/sinks.ts";

async function open(
  sink: TestSink,
  options: Partial<SinkWriterOptions> = {},
  streams: StreamConfig[] = [VIDEO, AUDIO],
): Promise<SinkWriter> {
  const writer = new SinkWriter({ container: testAsf(), sinks: [sink], ...options });
  for (const stream of streams) writer.addStream(stream);
  await writer.beginWriting();
  return writer;
}

async function writeAll(writer: SinkWriter, samples: Iterable<NumberedSample>): Promise<void> {
  for (const sample of samples) await writer.writeSample(sample.streamNumber - 1, sample);
}

const pictures = (count: number) => Array.from({ length: count }, (_, i) => videoSample(i));

function complaint(name: string, fn: () => Promise<void>): void {
  Deno.test(name, () => guarded(fn));
}

complaint("C1: a stream without samples does not spoil the file; only a session without any is an error", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  await writeAll(writer, pictures(50));
  const { warnings, sinks } = await writer.finalize();
  assertEquals([sinks[0]!.outcome, sinks[0]!.indexed], ["finished", true]);
  assertEquals(warnings.map(({ code, streamNumber }) => [code, streamNumber]), [["no-samples", 2]]);
  assertSamples(await readAsf(sink.bytes), pictures(50));

  const empty = await open(new TestSink());
  assertEquals((await assertRejects(() => empty.finalize(), MuxError)).hresult, 0xC00D4A44);
});

complaint("C2: whoever asks why nothing arrived gets the counts, and the reason of the last refusal", async () => {
  const writer = await open(new TestSink());
  for (let i = 1; i < 4; i++) assertThrows(() => writer.writeSample(0, videoSample(i)), MuxError);
  const error = await assertRejects(() => writer.finalize(), MuxError);
  assertEquals(
    error.message,
    "Cannot finish: no stream got a sample; stream 1: 3 refused, the last one since: " +
      "Cannot write sample to stream 1: the first sample of a video stream must be a key frame",
  );
  assertEquals(error.report!.streams.map(({ samplesRefused }) => samplesRefused), [3, 0]);
});

complaint("C3: that the file was kept and that it has media are two facts of the report", async () => {
  const sink = fullDisk(3000);
  const writer = await open(sink);
  await writeAll(writer, pictures(2));
  const { report } = await assertRejects(() => writer.finalize(), MuxError);
  const [stream] = report!.streams;
  assertEquals([report!.sinks[0]!.outcome, stream!.samplesReceived], ["failed", 2]);
  assertGreater(3001, report!.sinks[0]!.bytes); // what the sink has confirmed, not what was hoped for
});

complaint("C4: codec data that is missing is told at the start or at the sample, not at the end", async () => {
  const writer = new SinkWriter({ container: testAsf(), sinks: [new TestSink()] });
  writer.addStream({ kind: "audio", codec: "mp4a.40.2", sampleRate: 0, numberOfChannels: 0 });
  assertEquals((await assertRejects(() => writer.beginWriting(), MuxError)).code, "unsupported");

  const late = await open(new TestSink(), {}, [AUDIO, LATE_VIDEO]);
  for (let i = 0; i < 8; i++) await late.writeSample(0, audioSample(i));
  const error = assertThrows(() => late.writeSample(1, videoSample(0)), MuxError);
  assertEquals([error.code, error.hresult, error.streamNumber], ["missing-description", 0xC00D4A45, 2]);
  await late.abort();
});

complaint("C5: a sample that lacks something is refused when it is written", async () => {
  const writer = await open(new TestSink());
  // deno-lint-ignore no-explicit-any
  for (const sample of [{ data: new Uint8Array(4) }, { timestamp: 0 }, { data: [1], timestamp: 0 }] as any[]) {
    assertThrows(() => writer.writeSample(0, sample), TypeError, "stream 1");
  }
  await writer.abort();
});

complaint("C6: an end marker that fails does not lose the recording: the sink is finished and closed", async () => {
  const sink = new TestMediaSink({ faults: [{ operation: "end-of-segment", nth: 1, kind: "reject" }] });
  const writer = new SinkWriter({ mediaSink: sink });
  writer.addStream(VIDEO);
  await writer.beginWriting();
  writer.writeSample(0, videoSample(0));
  const error = await assertRejects(() => writer.finalize(), MuxError, "end-of-segment 1 fails");
  assertEquals(sink.log.slice(-2), ["finish", "close"]);
  assertEquals(error.report!.sinks[0]!.outcome, "finished");
});

complaint("C7: the original error is the one that is reported, not what it led to", async () => {
  const cause = new Error("device removed");
  const sink = new TestSink();
  sink.data = () => Promise.reject(cause);
  const writer = await open(sink);
  const written = await reasonOf(writeAll(writer, avSamples(2, 20_000)));
  const errors = [
    written,
    await reasonOf(writer.finalize()),
    await reasonOf(writer.closed),
    await reasonOf(writer.placeMarker(0).then(() => {})),
  ];
  for (const error of errors) {
    assertStrictEquals(error, errors[0]);
    assertStrictEquals((error as MuxError).cause, cause);
  }
});

complaint("C8: a sink is let go of on every path of an error, once", async () => {
  for (const operation of ["header", "data", "index", "patch", "close"] as const) {
    const sink = new TestSink({ faults: [{ operation, nth: 1, kind: "reject" }] });
    const writer = await open(sink);
    await writeAll(writer, avSamples(1)).catch(() => {});
    await writer.finalize().catch(() => {});
    assertReleasedOnce(sink);
  }
});

complaint("C9: a failing finish tells the stage, the sink's error, and all counts", async () => {
  const writer = await open(new TestSink({ faults: [{ operation: "patch", nth: 1, kind: "reject" }] }));
  await writeAll(writer, avSamples(1));
  const { stage, cause, report } = await assertRejects(() => writer.finalize(), MuxError);
  assertEquals([stage, (cause as Error).message], ["seal", "patch 1 fails"]);
  assertEquals(report!.streams.map(({ samplesProcessed }) => samplesProcessed), [25, 10]);
});

complaint("C10: a part that failed in the background fails the finish; gaps cost the finish nothing", async () => {
  const writer = new SinkWriter({ container: testAsf(), sinks: [new TestSink()] });
  writer.addStream(VIDEO, { encoder: (output, error) => new TestEncoder(output, error, { failAt: 2 }) });
  writer.addStream(AUDIO);
  await writer.beginWriting();
  for (let i = 0; i < 2; i++) writer.writeSample(0, new TestFrame(i));
  writer.writeSample(1, audioSample(0));
  writer.sendStreamTick(1, 86_400_000_000); // a day
  const started = performance.now();
  await assertRejects(() => writer.finalize(), MuxError, "the device was lost");
  assertGreater(1000, performance.now() - started);
});

complaint("C11: one caller who feeds one stream long before the other is never blocked for good", async () => {
  const sink = new TestSink({ pace: "macrotask" });
  const writer = await open(sink);
  await writeAll(writer, pictures(250)); // ten seconds, awaited, and no audio yet
  await writeAll(writer, Array.from({ length: 100 }, (_, i) => audioSample(i)));
  const { total } = await writer.finalize();
  assertEquals([total.samplesProcessed, total.samplesDropped], [350, 0]);
});

complaint("C12: disposing does not hang, not even from inside a callback", async () => {
  const sink = new TestSink({ pace: "macrotask" });
  const disposed: Promise<void>[] = [];
  const writer = await open(sink, {
    onMarker: () => void disposed.push(writer[Symbol.asyncDispose]()),
    onFinalize: () => void disposed.push(writer[Symbol.asyncDispose]()),
  });
  await writeAll(writer, avSamples(1));
  await writer.placeMarker(0).catch(() => {});
  await writer.closed.catch(() => {});
  await Promise.all(disposed);
  assertEquals(disposed.length, 2);
});

complaint("C13: what was written before the process ended is playable, and known to be unfinished", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  await writeAll(writer, avSamples(4, 20_000));
  await turns();
  const cutSample = ["D14"];
  const file = await readAsf(sink.bytes.slice(), cutSample); // as it lies there, without any finish
  assert(file.isBroadcast);
  assertGreater(file.samples.length, 20);
  await writer.abort();
  assert((await readAsf(sink.bytes, cutSample)).isBroadcast);
});

complaint("C14: a very short recording holds what the encoder had not given yet", async () => {
  const sink = new TestSink();
  const writer = new SinkWriter({ container: testAsf(), sinks: [sink] });
  writer.addStream(VIDEO, { encoder: (output, error) => new TestEncoder(output, error, { output: "flush" }) });
  await writer.beginWriting();
  writer.writeSample(0, new TestFrame(0));
  const { streams } = await writer.finalize();
  assertEquals([streams[0]!.samplesReceived, streams[0]!.samplesEncoded, streams[0]!.samplesProcessed], [1, 1, 1]);
  assertEquals((await readAsf(sink.bytes)).samples.length, 1);
});

complaint("C15: what may wait is bounded, with throttling and without", async () => {
  for (const disableThrottling of [true, false]) {
    const sink = new TestSink();
    const writer = await open(sink, { disableThrottling, maxQueuedBytes: 1 << 20 });
    sink.isPaused = true;
    const flood = () => {
      for (let i = 0; i < 10_000; i++) writer.writeSample(0, videoSample(i, 5000));
    };
    assertEquals(assertThrows(flood, MuxError).code, "queue-full");
    assertGreater((1 << 20) + 1, writer.getStatistics().total.bytesQueued);
    sink.isPaused = false;
    sink.go();
    await writer.abort();
  }
});

complaint("C17: an option counts when the writer is made; what is changed afterwards has no effect", async () => {
  const options: SinkWriterOptions = { container: testAsf(), sinks: [new TestSink()], disableThrottling: true };
  const told: unknown[] = [];
  const writer = new SinkWriter(options);
  options.disableThrottling = false;
  options.onFinalize = () => void told.push("late");
  writer.addStream(VIDEO);
  await writer.beginWriting();
  let waits = 0;
  for (const sample of pictures(300)) if (writer.writeSample(0, sample)) waits++;
  await writer.finalize();
  assertEquals([waits, told], [0, []]);
});

complaint("C18: cut off anywhere behind its header, a recording demuxes up to the cut", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  await writeAll(writer, avSamples(2, 20_000));
  await writer.placeMarker(0);
  const whole = sink.bytes.slice();
  await writer.abort();
  for (const share of [0.3, 0.5, 0.77, 1]) {
    const reader = await AsfReader.open(whole.slice(0, Math.floor(whole.byteLength * share)));
    let count = 0;
    for await (const { streamNumber } of reader.samples()) if (streamNumber === 1) count++;
    assertGreater(count, 50 * share - 5);
  }
});

complaint("C19: a failed writer cannot be taken for a success: state, promise, callback and report agree", async () => {
  const ends: unknown[] = [];
  const sink = new TestSink({ faults: [{ operation: "close", nth: 1, kind: "reject" }] });
  const writer = await open(sink, { onFinalize: (error, report) => void ends.push(error, report.sinks[0]!.outcome) });
  await writeAll(writer, avSamples(1));
  const error = await reasonOf(writer.finalize()) as MuxError;
  assertEquals(writer.state, "failed");
  assertEquals(ends, [error, "failed"]);
  assertEquals(error.report!.sinks[0]!.outcome, "failed");
});

complaint("C20: the finish moves no media: what was written stays where it is", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  await writeAll(writer, avSamples(2));
  await writer.placeMarker(0);
  const before = sink.bytes.slice();
  const header = sink.calls.find(({ operation }) => operation === "header")!.byteLength;
  await writer.finalize();
  assertEquals(sink.bytes.slice(header + 50, before.byteLength), before.slice(header + 50));
  for (const { offset = 0, byteLength, operation } of sink.calls) {
    if (operation === "patch") assertGreater(header + 51, offset + byteLength);
  }
});

complaint(
  "C22: times with fractions are rounded once and never drift; a step back is told with both times",
  async () => {
    const sink = new TestSink();
    const container = testAsf({ compressedPayloads: false }); // with them times are exact to 1 ms
    const writer = await open(sink, { container }, [AUDIO]);
    for (let i = 0; i < 1000; i++) {
      // Smaller ones share payloads, and are then within a millisecond only.
      writer.writeSample(0, { data: new Uint8Array(256), timestamp: i * 1e6 / 30, duration: 1e6 / 30 });
    }
    const error = assertThrows(() => writer.writeSample(0, { data: new Uint8Array(8), timestamp: 7 }), MuxError);
    assertEquals([error.code, error.timestamp], ["time-order", 7]);
    assert(error.message.includes("33300000") && error.message.includes("7 µs"), error.message);
    await writer.finalize();
    const { samples } = await readAsf(sink.bytes);
    assertEquals(samples.map(({ ms }) => ms), Array.from({ length: 1000 }, (_, i) => Math.round(i * 1000 / 30)));
  },
);

complaint("C23: streams that begin at different times keep their distance; the first of all becomes zero", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  writer.writeSample(1, { data: new Uint8Array(800), timestamp: 5_000_000 });
  writer.writeSample(0, { data: new Uint8Array(100), timestamp: 5_120_000 });
  await writer.finalize();
  const { samples } = await readAsf(sink.bytes);
  assertEquals(samples.map(({ streamNumber, ms }) => [streamNumber, ms]).sort(), [[1, 120], [2, 0]]);
});

complaint("C24: the report's duration is that of the media; the header's has the preroll besides", async () => {
  const sink = new TestSink();
  const writer = await open(sink, { container: testAsf({ prerollMs: 2500 }) });
  await writeAll(writer, avSamples(3));
  assertEquals((await writer.finalize()).duration, 3_000_000);
  const { playDurationTicks, prerollMs } = (await readAsf(sink.bytes)).reader.header.fileProperties!;
  assertEquals([playDurationTicks / 10_000, prerollMs], [5500, 2500]);
});

complaint("C25: the report tells whether a sink holds an index, and why it does not", async () => {
  const file = new TestSink();
  const pipe = new TestSink({ isFile: false });
  const broken = new TestSink({ faults: [{ operation: "index", nth: 1, kind: "reject" }] });
  const writer = new SinkWriter({ container: testAsf(), sinks: [file, pipe, broken] });
  writer.addStream(VIDEO);
  await writer.beginWriting();
  await writeAll(writer, pictures(50));
  const { sinks, warnings } = await writer.finalize();
  assertEquals(sinks.map(({ indexed }) => indexed), [true, false, false]);
  assertEquals(warnings.map(({ stage }) => stage), ["index"]);
  assertEquals((await readAsf(file.bytes)).isSeekable, true);
  assertEquals((await readAsf(broken.bytes)).indexCount, 0);
});

complaint("C27: a form that cannot be patched says nothing it does not know, and plays", async () => {
  const sink = new TestSink({ isFile: false });
  const writer = await open(sink);
  await writeAll(writer, avSamples(2));
  await writer.finalize();
  const file = await readAsf(sink.bytes);
  assertEquals([file.isBroadcast, file.indexCount, file.samples.length], [true, 0, 70]);
});

complaint("C28: a stream that is silent for long holds the others back only within the window", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  writer.writeSample(1, audioSample(0));
  for (let i = 0; i < 750; i++) { // half a minute
    writer.writeSample(0, videoSample(i, 500));
    const { streams: [video] } = writer.getStatistics();
    assertGreater(10_600_000, videoSample(i).timestamp - (video!.lastTimestampProcessed ?? 0));
  }
  writer.writeSample(1, audioSample(295));
  const { total, warnings } = await writer.finalize();
  assertEquals(total.samplesProcessed, 752);
  assertEquals(warnings.every(({ code }) => code === "late-sample"), true);
});

complaint("C30: a static screen says so by ticks, and the sound goes on", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  writer.writeSample(0, videoSample(0));
  for (let i = 0; i < 100; i++) {
    writer.writeSample(1, audioSample(i));
    writer.sendStreamTick(0, (i + 1) * 100_000);
    assertGreater(2, i + 1 - writer.getStatistics().streams[1]!.samplesProcessed);
  }
  await writer.finalize();
});

complaint("C31: what loses data is called so and tells how much; what hands over loses nothing", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  await writeAll(writer, [audioSample(0), ...pictures(25)]);
  await writer.placeMarker(0); // hands over
  assertEquals(writer.discardQueued(), { samplesDiscarded: 0, bytesDiscarded: 0 });
  assert(!("flush" in writer));
  assertEquals((await writer.finalize()).total.samplesDropped, 0);
  const classic = new Writer({ container: asf(), sinks: [bufferSink()], streams: [AUDIO] });
  await classic.beginWriting();
  classic.writeSample(1, audioSample(0));
  await classic.flush();
  assertEquals((await classic.endWriting()).total.samplesProcessed, 1);
});

complaint("C32: a full disk is told by the next sample and by the finish, on the day", async () => {
  const sink = fullDisk(500_000);
  const writer = await open(sink);
  const write = async () => {
    for (const sample of avSamples(60, 20_000)) await writer.writeSample(sample.streamNumber - 1, sample);
  };
  const error = await assertRejects(write, MuxError, "No space left on device");
  assertStrictEquals(await reasonOf(writer.finalize()), error);
  assertEquals(writer.state, "failed");
});

complaint("C33: finishing twice, and disposing afterwards, is no error", async () => {
  const sink = new TestSink();
  {
    await using writer = await open(sink);
    await writeAll(writer, avSamples(1));
    assertStrictEquals(await writer.finalize(), await writer.finalize());
  }
  assertReleasedOnce(sink);
});

complaint("C34: a writer is used once: nothing of one file stays in the next", async () => {
  const container = testAsf();
  const titles: (string | undefined)[] = [];
  for (const metadata of [{ title: "first" }, undefined]) {
    const sink = new TestSink();
    const writer = await open(sink, { container, metadata });
    await writeAll(writer, avSamples(1));
    await writer.finalize();
    await assertRejects(() => writer.beginWriting(), MuxError, "must be configuring");
    titles.push((await readAsf(sink.bytes)).reader.header.contentDescription?.title);
  }
  assertEquals(titles[0], "first");
  assert(!titles[1], `${titles[1]}`);
});

complaint("C35: a stream that ends later than the others keeps its tail", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  const samples = [...pictures(10), ...Array.from({ length: 80 }, (_, i) => audioSample(i))];
  await writeAll(writer, samples);
  assertEquals((await writer.finalize()).duration, 8_000_000);
  assertSamples(await readAsf(sink.bytes), samples);
});
