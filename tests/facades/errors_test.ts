/**
 * What users of the Windows writers complain about, and our answer: one test a complaint, under its number in the list
 * that was gathered from public issue threads. These are about how a session goes, and ends;
 * `file_errors_test.ts` has those about what comes out. None is left out.
 */

import { assert, assertEquals, assertGreater, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { mp4, MuxError, SinkWriter, type SinkWriterOptions } from "../../mod.ts";
import { readSamples } from "../mp4/boxes.ts";
import {
  assertReleasedOnce,
  assertSamples,
  AUDIO,
  audioSample,
  avSamples,
  LATE_VIDEO,
  readAsf,
  reasonOf,
  testAsf,
  turns,
  VIDEO,
  videoSample,
} from "../support/sessions.ts";
import { TestEncoder, TestFrame, TestMediaSink } from "../support/media_sinks.ts";
import { fullDisk, TestSink } from "../support/sinks.ts";
import { complaint, MP4_STREAMS, open, pictures, writeAll } from "./error_harness.ts";

complaint("C1: a stream without samples does not spoil the file; only a session without any is an error", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  await writeAll(writer, pictures(50));
  const { warnings, sinks } = await writer.finalize();
  assertEquals([sinks[0]!.outcome, sinks[0]!.trailerBytes > 0], ["finished", true]);
  assertEquals(warnings.map(({ code, streamNumber }) => [code, streamNumber]), [["no-samples", 2]]);
  assertSamples(await readAsf(sink.bytes), pictures(50));

  const empty = await open(new TestSink());
  assertEquals((await assertRejects(() => empty.finalize(), MuxError)).hresult, 0xC00D4A44);

  const inMp4 = new TestSink();
  const video = await open(inMp4, { container: mp4({ layout: "fragmented" }) }, MP4_STREAMS);
  await writeAll(video, pictures(50));
  assertEquals((await video.finalize()).warnings.map(({ streamNumber }) => streamNumber), [2]);
  assertEquals([...readSamples(inMp4.bytes)].map(([id, { length }]) => [id, length]), [[1, 50], [2, 0]]);
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
  for (const [capacity, hasMedia] of [[3000, false], [500_000, true]] as const) {
    const writer = await open(fullDisk(capacity), {}, [VIDEO]);
    await writeAll(writer, pictures(400)).catch(() => {});
    const { report } = await assertRejects(() => writer.finalize(), MuxError);
    const { outcome, bytes, duration } = report!.sinks[0]!;
    // What the sink has confirmed, not what was hoped for: there is a file, with pictures or with a header alone.
    assertEquals([outcome, bytes > 0, duration > 0], ["failed", true, hasMedia]);
    assertGreater(capacity + 1, bytes);
    assertGreater(report!.streams[0]!.samplesReceived, 1);
  }
});

complaint("C4: codec data that is missing is told at the start or at the sample, not at the end", async () => {
  const writer = new SinkWriter({ container: testAsf(), sinks: [new TestSink()] });
  writer.addStream({ kind: "audio", codec: "mp4a.40.2", sampleRate: 0, numberOfChannels: 0 });
  assertEquals((await assertRejects(() => writer.beginWriting(), MuxError)).code, "unsupported");

  const late = await open(new TestSink(), {}, [AUDIO, LATE_VIDEO]);
  for (let i = 0; i < 8; i++) await late.writeSample(0, audioSample(i));
  const writeAll = () => {
    for (let i = 0; i < 25; i++) late.writeSample(1, videoSample(i));
  };
  const error = assertThrows(writeAll, MuxError);
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
  for (const operation of ["header", "data", "trailer", "patch", "close"] as const) {
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
  const sink = new TestSink();
  const writer = new SinkWriter({ container: testAsf(), sinks: [sink] });
  writer.addStream(VIDEO, { encoder: (output, error) => new TestEncoder(output, error, { failAt: 2 }) });
  writer.addStream(AUDIO);
  await writer.beginWriting();
  for (let i = 0; i < 2; i++) writer.writeSample(0, new TestFrame(i));
  writer.writeSample(1, audioSample(0));
  writer.sendStreamTick(1, 86_400_000_000); // a day
  await assertRejects(() => writer.finalize(), MuxError, "the device was lost");
  assertGreater(10, sink.calls.filter(({ operation }) => operation === "data").length);
  assertGreater(20_000, sink.bytes.byteLength); // nothing fills the day
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

complaint("C16: no pool of samples runs dry: one buffer does for all, whatever the sink still waits for", async () => {
  const sink = new TestSink();
  const writer = await open(sink, {}, [AUDIO]);
  sink.isPaused = true;
  const samples = Array.from({ length: 2000 }, (_, i) => audioSample(i));
  const buffer = new Uint8Array(800);
  for (const { data, ...times } of samples) {
    buffer.set(data);
    writer.writeSample(0, { ...times, data: buffer }); // nothing is asked for, and nothing has to be given back
  }
  buffer.fill(0);
  sink.isPaused = false;
  sink.go();
  await writer.finalize();
  assertSamples(await readAsf(sink.bytes), samples.map((sample) => ({ ...sample, streamNumber: 1 })));
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
