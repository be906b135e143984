/** How a session drives a media sink of the caller's own. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MuxError, SinkWriter, type SinkWriterOptions } from "../../mod.ts";
import { TestMediaSink, type TestMediaSinkOptions } from "../support/media_sinks.ts";
import { AUDIO, audioSample, guarded, patternBytes, turns, VIDEO, videoSample } from "../support/sessions.ts";

async function openOver(
  sink: TestMediaSink,
  options: Partial<SinkWriterOptions> = {},
): Promise<SinkWriter> {
  const writer = new SinkWriter({ mediaSink: sink, ...options });
  writer.addStream(VIDEO);
  writer.addStream(AUDIO);
  await writer.beginWriting();
  return writer;
}

for (const pace of ["sync", "microtask", "macrotask"] as const) {
  Deno.test(`A media sink is called in the order of the session's calls, one at a time (${pace})`, () =>
    guarded(async () => {
      const sink = new TestMediaSink({ pace });
      const writer = await openOver(sink);
      writer.writeSample(0, videoSample(0));
      writer.writeSample(1, audioSample(0));
      writer.sendStreamTick(0, 40_000);
      const marker = writer.placeMarker(0, "half way");
      writer.writeSample(0, videoSample(2));
      writer.notifyEndOfSegment(1);
      writer.notifyEndOfSegment();
      assertEquals(await marker, "half way");
      const report = await writer.finalize();
      assertEquals(sink.log, [
        "open",
        "write 0 0",
        "write 1 0",
        "tick 0 40000",
        "default 0 half way",
        "write 0 80000",
        "end-of-segment 1",
        "end-of-segment 0",
        "end-of-segment 1",
        "end-of-segment 0", // the finish's own, behind everything
        "end-of-segment 1",
        "finish",
        "close",
      ]);
      assertEquals(sink.violations, []);
      assertEquals(sink.streams.map(({ kind, streamNumber }) => `${streamNumber} ${kind}`), ["1 video", "2 audio"]);
      assertEquals(report.sinks.map(({ outcome, bytes }) => `${outcome} ${bytes}`), ["finished 6800"]);
      assertEquals(report.sinks[0]!.sink === sink, true);
      assertEquals(report.total.samplesProcessed, 3);
      assertEquals(report.duration, 120_000);
      assertEquals(report.warnings, []);
    }));
}

Deno.test("A media sink's samples are copies with the caller's times, whatever the caller does with its own", () =>
  guarded(async () => {
    const sink = new TestMediaSink({ pace: "macrotask" });
    const writer = await openOver(sink);
    const buffer = patternBytes(100, 1);
    writer.writeSample(0, { data: buffer, timestamp: -5, decodeTimestamp: -40_005, duration: 7 });
    buffer.fill(0);
    writer.sendStreamTick(0, 40_000);
    const decoderConfig = { description: new Uint8Array([9]) };
    writer.writeSample(0, { data: buffer, timestamp: 90_000, type: "delta", duration: null }, { decoderConfig });
    writer.writeSample(1, { data: buffer, timestamp: 3, discontinuity: true });
    await writer.finalize();
    const [first, second, third] = sink.samples;
    assertEquals(first, {
      stream: 0,
      sample: {
        data: patternBytes(100, 1),
        timestamp: -5,
        decodeTimestamp: -40_005,
        duration: 7,
        type: "key",
      },
      metadata: undefined,
    });
    assertEquals(second!.sample, { data: buffer, timestamp: 90_000, type: "delta", discontinuity: true });
    assertEquals(second!.metadata, { decoderConfig });
    assertEquals(third!.sample.discontinuity, true);
  }));

const FATAL: { name: string; options: TestMediaSinkOptions; message: string; stage: string }[] =
  (["throw", "reject"] as const)
    .flatMap((kind) => [
      {
        name: `open() (${kind})`,
        options: { faults: [{ operation: "open", nth: 1, kind }] },
        message: "Cannot begin writing: Cannot open the media sink: open 1 fails",
        stage: "open",
      },
      {
        name: `write() (${kind})`,
        options: { faults: [{ operation: "write", nth: 2, kind }] },
        message: "Cannot write to the media sink: write 2 fails",
        stage: "data",
      },
      {
        name: `finish() (${kind})`,
        options: { faults: [{ operation: "finish", nth: 1, kind }] },
        message: "Cannot finish the media sink: finish 1 fails",
        stage: "seal",
      },
      {
        name: `close() (${kind})`,
        options: { faults: [{ operation: "close", nth: 1, kind }] },
        message: "Cannot close the media sink: close 1 fails",
        stage: "release",
      },
    ]);

for (const { name, options, message, stage } of FATAL) {
  for (const pace of ["sync", "macrotask"] as const) {
    Deno.test(`A media sink's ${name}, ${pace}, ends the session with its error, for everybody, and one last call`, () =>
      guarded(async () => {
        const ends: unknown[] = [];
        const sink = new TestMediaSink({ ...options, pace });
        const writer = new SinkWriter({ mediaSink: sink, onFinalize: (error) => void ends.push(error) });
        writer.addStream(VIDEO);
        const run = async () => {
          await writer.beginWriting();
          for (let i = 0; i < 5; i++) await writer.writeSample(0, videoSample(i));
          await writer.finalize();
        };
        const error = await assertRejects(run, MuxError);
        assertEquals([error.code, error.message, error.stage], ["sink-failed", message, stage]);
        assertEquals(await writer.closed.catch((error) => error), error);
        assertEquals(await writer.finalize().catch((error) => error), error);
        assertEquals(ends, [error]);
        assertEquals(writer.state, "failed");
        assertEquals(error.report!.sinks[0]!.outcome, "failed");
        const { samplesReceived, samplesProcessed, samplesDropped } = writer.getStatistics().total;
        assertEquals(samplesReceived, samplesProcessed + samplesDropped);
        assertEquals(sink.violations, []);
        const lastCalls = stage === "open" ? 0 : 1; // one that was never opened has nothing to let go of
        assertEquals(sink.count("close") + sink.count("abort"), lastCalls);
      }));
  }
}

Deno.test("A write() that fails during the finish is its error, and nothing hangs", () =>
  guarded(async () => {
    for (const kind of ["throw", "reject"] as const) {
      const sink = new TestMediaSink({ pace: "macrotask", faults: [{ operation: "write", nth: 3, kind }] });
      const writer = await openOver(sink);
      for (let i = 0; i < 10; i++) writer.writeSample(0, videoSample(i));
      const marker = writer.placeMarker(0, 1);
      const error = await assertRejects(() => writer.finalize(), MuxError, "write 3 fails");
      await assertRejects(() => marker, MuxError);
      assertEquals(error.report!.total.samplesDropped, 8);
      assertEquals(sink.log.at(-1), "abort Cannot write to the media sink: write 3 fails");
      assertEquals(sink.violations, []);
    }
  }));

Deno.test("A marker that is refused is its caller's to know; the session goes on, and the report tells", () =>
  guarded(async () => {
    const told: string[] = [];
    const sink = new TestMediaSink({
      faults: [
        { operation: "default", nth: 1, kind: "reject" },
        { operation: "end-of-segment", nth: 1, kind: "throw" },
        { operation: "tick", nth: 1, kind: "reject" },
      ],
    });
    const writer = await openOver(sink, { onStreamError: (stream, error) => told.push(`${stream} ${error.message}`) });
    await writer.writeSample(0, videoSample(0));
    const error = await assertRejects(() => writer.placeMarker(0), MuxError);
    assertEquals([error.code, error.stage, error.streamNumber], ["sink-failed", "marker", 1]);
    writer.notifyEndOfSegment(1);
    writer.sendStreamTick(1, 5);
    assertEquals(await writer.placeMarker(0, "second"), "second");
    const report = await writer.finalize();
    assertEquals(told, [
      "1 Cannot place a marker in the media sink: end-of-segment 1 fails",
      "1 Cannot send a tick to the media sink: tick 1 fails",
    ]);
    assertEquals(report.warnings.map(({ code }) => code), [
      "sink-failed",
      "sink-failed",
      "sink-failed",
      "no-samples", // of the audio
    ]);
    assertEquals(report.sinks[0]!.outcome, "finished");
  }));

Deno.test("A media sink that is slow is fed no faster than it takes: wait, then queue-full", () =>
  guarded(async () => {
    const sink = new TestMediaSink();
    const writer = await openOver(sink, { maxQueuedBytes: 1 << 20 });
    sink.isPaused = true;
    const big = new Uint8Array(300_000);
    const waits = [0, 1, 2].map((i) => writer.writeSample(0, { data: big, timestamp: i }));
    assertEquals(waits.map((wait) => wait === undefined), [true, false, false]);
    assertEquals(writer.getStatistics().streams[0]!.bytesQueued, 900_000);
    const refused = () => writer.writeSample(1, { data: big, timestamp: 0 });
    const error = assertThrows(refused, MuxError);
    assertEquals([error.code, error.streamNumber, error.hresult], ["queue-full", 2, 0xC00D36B5]);
    writer.writeSample(1, { data: big.subarray(0, 1000), timestamp: 0 }); // what has room is taken, of any stream
    sink.isPaused = false;
    sink.go();
    await waits[2];
    await writer.ready;
    assertEquals(writer.writeSample(0, { data: big, timestamp: 4 }), undefined);
    assertEquals((await writer.finalize()).total.samplesProcessed, 5);
    assertEquals(sink.violations, []);
  }));

Deno.test("discardQueued() takes what a slow media sink has not got yet, and ends the segment", () =>
  guarded(async () => {
    const sink = new TestMediaSink();
    const writer = await openOver(sink);
    sink.isPaused = true;
    for (let i = 0; i < 4; i++) writer.writeSample(0, videoSample(i));
    writer.writeSample(1, audioSample(0));
    const marker = writer.placeMarker(0, "stays");
    assertEquals(writer.discardQueued(0), { samplesDiscarded: 3, bytesDiscarded: 9000 });
    const delta = assertThrows(() => writer.writeSample(0, videoSample(4)), MuxError, "behind discarded ones");
    assertEquals(delta.code, "bad-media");
    writer.writeSample(0, videoSample(10));
    sink.isPaused = false;
    sink.go();
    assertEquals(await marker, "stays");
    const { streams } = await writer.finalize();
    assertEquals(sink.log.slice(1, 6), [
      "write 0 0",
      "write 1 0",
      "default 0 stays",
      "end-of-segment 0",
      "write 0 400000",
    ]);
    assertEquals([streams[0]!.samplesReceived, streams[0]!.samplesProcessed, streams[0]!.samplesDropped], [5, 2, 3]);
    assertEquals(streams[0]!.bytesQueued, 0);
    assertEquals(sink.violations, []);
  }));

for (const hangs of ["open", "write", "default", "finish", "close"] as const) {
  Deno.test(`A media sink whose ${hangs}() hangs until it is aborted can be given up`, () =>
    guarded(async () => {
      const sink = new TestMediaSink({ faults: [{ operation: hangs, nth: 1, kind: "hang" }] });
      const controller = new AbortController();
      const writer = new SinkWriter({ mediaSink: sink, signal: hangs === "open" ? controller.signal : undefined });
      writer.addStream(VIDEO);
      const begun = writer.beginWriting();
      if (hangs === "open") {
        controller.abort(new Error("enough"));
        await assertRejects(() => begun, Error, "enough");
      } else {
        await begun;
        writer.writeSample(0, videoSample(0));
        const marker = writer.placeMarker(0);
        const finished = writer.finalize({ signal: controller.signal });
        await turns();
        assertEquals(writer.state, "finalizing");
        controller.abort(new Error("enough"));
        await assertRejects(() => finished, Error, "enough");
        if (hangs === "finish" || hangs === "close") await marker;
        else await assertRejects(() => marker, Error, "enough");
      }
      assertEquals(writer.state, "aborted");
      await assertRejects(() => writer.closed, Error, "enough");
      // Begun once, finish() and close() are waited for no longer, but not cut short: both are the sink's own to end.
      assertEquals(sink.count("abort"), hangs === "finish" || hangs === "close" ? 0 : 1);
      assertEquals(sink.violations, []);
    }));
}

Deno.test("A media sink without a sample is aborted: there is nothing to finish", () =>
  guarded(async () => {
    const sink = new TestMediaSink();
    const writer = await openOver(sink);
    const error = await assertRejects(() => writer.finalize(), MuxError);
    assertEquals([error.code, error.hresult], ["no-samples", 0xC00D4A44]);
    assertEquals(sink.log, ["open", "abort Cannot finish: no stream got a sample"]);
  }));

Deno.test("A media sink needs no more than open, write, close and abort", () =>
  guarded(async () => {
    const log: string[] = [];
    const writer = new SinkWriter({
      mediaSink: {
        open: () => {},
        write: (stream, { timestamp }) => void log.push(`${stream} ${timestamp}`),
        close: () => void log.push("close"),
        abort: () => void log.push("abort"),
      },
    });
    writer.addStream(AUDIO);
    await writer.beginWriting();
    writer.writeSample(0, audioSample(0));
    writer.sendStreamTick(0, 100_000);
    writer.notifyEndOfSegment();
    assertEquals(await writer.placeMarker(0, 1), 1);
    await writer.finalize();
    assertEquals(log, ["0 0", "close"]);
  }));

Deno.test("What is no media sink, or one beside a container or byte sinks, is a TypeError", () => {
  const mediaSink = new TestMediaSink();
  // deno-lint-ignore no-explicit-any
  for (const options of [{}, { mediaSink: 5 }, { mediaSink: {} }, { mediaSink, sinks: [] }] as any[]) {
    assertThrows(() => new SinkWriter(options), TypeError);
  }
  assert(mediaSink.log.length === 0);
});

Deno.test("Calls into the session from inside a media sink's write() keep their order", () =>
  guarded(async () => {
    let next = 1;
    const sink = new TestMediaSink({
      onCall: (operation) => {
        if (operation === "write" && next < 6) writer.writeSample(0, videoSample(next++));
        if (operation === "finish") void writer.finalize();
      },
    });
    const writer = await openOver(sink);
    writer.writeSample(0, videoSample(0));
    await writer.finalize();
    assertEquals(sink.samples.map(({ sample }) => sample.timestamp / 40_000), [0, 1, 2, 3, 4, 5]);
    assertEquals(sink.violations, []);
  }));
