/** Streams that are given frames: how encoders are fed, drained, and let go of. */

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { type EncoderFactory, MuxError, SinkWriter, type SinkWriterOptions } from "../../mod.ts";
import {
  assertReleasedOnce,
  AUDIO,
  audioSample,
  guarded,
  LATE_VIDEO,
  readAsf,
  stateOf,
  testAsf,
  turns,
  VIDEO,
} from "../support/sessions.ts";
import { TestEncoder, type TestEncoderOptions, TestFrame, TestMediaSink } from "../support/media_sinks.ts";
import { TestSink } from "../support/sinks.ts";

interface Encoding {
  writer: SinkWriter;
  sink: TestSink;
  encoders: TestEncoder[];
  errors: string[];
  ends: unknown[];
  events: string[];
}

/** Video by an encoder (stream 0), audio as samples (stream 1). */
function configure(
  options: TestEncoderOptions = {},
  more: Partial<SinkWriterOptions> = {},
  sink = new TestSink(),
  stream = LATE_VIDEO,
): Encoding {
  const encoders: TestEncoder[] = [];
  const errors: string[] = [];
  const ends: unknown[] = [];
  const events: string[] = [];
  const writer = new SinkWriter({
    container: testAsf(),
    sinks: [sink],
    onStreamError: (stream, error) => void errors.push(`${stream} ${error.code} ${error.message}`),
    onFinalize: (error) => void ends.push(error),
    onMarker: (stream, context) => void events.push(`marker ${stream} ${context}`),
    ...more,
  });
  writer.addStream(stream, {
    encoder: (output, error) => {
      const encoder = new TestEncoder(output, error, options);
      encoders.push(encoder);
      return encoder;
    },
  });
  writer.addStream(AUDIO);
  return { writer, sink, encoders, errors, ends, events };
}

async function begin(...args: Parameters<typeof configure>): Promise<Encoding> {
  const encoding = configure(...args);
  await encoding.writer.beginWriting();
  return encoding;
}

async function feed(writer: SinkWriter, count: number, from = 0): Promise<void> {
  for (let i = from; i < from + count; i++) {
    await writer.writeSample(0, new TestFrame(i));
    if (i % 5 === 0) await writer.writeSample(1, audioSample(i * 2 / 5));
  }
}

function assertClosedOnce(...encoders: TestEncoder[]): void {
  for (const encoder of encoders) {
    assertEquals(encoder.closeCount, 1, "close calls");
    assertEquals(encoder.violations, []);
  }
}

for (const output of ["sync", "microtask", "macrotask", "flush"] as const) {
  Deno.test(`What an encoder gives, ${output}, is in the file, also what only the finish flushes out`, () =>
    guarded(async () => {
      const { writer, sink, encoders, errors, ends } = await begin({ output });
      await feed(writer, 25);
      const report = await writer.finalize();
      assertClosedOnce(...encoders);
      assertEquals(encoders.length, 1);
      assertEquals([errors, ends], [[], [undefined]]);
      const [video, audio] = report.streams;
      assertEquals([video!.samplesReceived, video!.samplesEncoded, video!.samplesProcessed], [25, 25, 25]);
      assertEquals([video!.bytesReceived, video!.bytesProcessed], [12_500, 12_500]);
      assertEquals([audio!.samplesReceived, audio!.samplesEncoded], [5, 0]);
      assertEquals(video!.lastTimestampEncoded, 960_000);
      const file = await readAsf(sink.bytes);
      const pictures = file.samples.filter(({ streamNumber }) => streamNumber === 1);
      assertEquals(pictures.map(({ ms, data }) => [ms, data[0]]), Array.from({ length: 25 }, (_, i) => [i * 40, i]));
      assertEquals(pictures.map(({ isKey }) => isKey), Array.from({ length: 25 }, (_, i) => i % 10 === 0));
    }));
}

Deno.test("An encoder gets its options, and the frame itself", () =>
  guarded(async () => {
    const { writer, encoders } = await begin();
    writer.writeSample(0, new TestFrame(0), { keyFrame: true });
    writer.writeSample(0, new TestFrame(1));
    await writer.finalize();
    assertEquals(encoders[0]!.log, ['encode 0 {"keyFrame":true}', "encode 1", "flush", "close"]);
  }));

Deno.test("A marker of a stream with an encoder passes behind what the encoder still had, in order", () =>
  guarded(async () => {
    for (const output of ["flush", "macrotask"] as const) {
      const { writer, events } = await begin({ output });
      await feed(writer, 3);
      const marker = writer.placeMarker(0, "a").then(() => events.push(`a ${statistics()}`));
      const statistics = () => writer.getStatistics().streams[0]!.samplesProcessed;
      void writer.placeMarker(0, "b");
      await marker;
      await feed(writer, 3, 3);
      void writer.placeMarker(0, "c");
      const finished = writer.finalize().then(() => events.push("finalized"));
      await finished;
      assertEquals(
        events,
        ["marker 0 a", "a 3", "marker 0 b", "marker 0 c", "finalized"].toSorted((x, y) =>
          events.indexOf(x) - events.indexOf(y)
        ),
      );
      assert(events.indexOf("marker 0 a") < events.indexOf("marker 0 b"));
      assert(events.indexOf("marker 0 b") < events.indexOf("marker 0 c"));
      assertEquals(events.at(-1), "finalized");
    }
  }));

Deno.test("Over a media sink, markers and ends of segments come behind what the encoder gives", () =>
  guarded(async () => {
    const sink = new TestMediaSink();
    const writer = new SinkWriter({ mediaSink: sink });
    writer.addStream(VIDEO, { encoder: (output, error) => new TestEncoder(output, error, { output: "flush" }) });
    await writer.beginWriting();
    writer.writeSample(0, new TestFrame(0));
    const marker = writer.placeMarker(0, "first");
    await marker;
    writer.writeSample(0, new TestFrame(1));
    void writer.placeMarker(0, "second");
    await writer.finalize();
    assertEquals(sink.log, [
      "open",
      "write 0 0",
      "default 0 first",
      "write 0 40000",
      "default 0 second",
      "end-of-segment 0",
      "finish",
      "close",
    ]);
    assertEquals(sink.samples[0]!.metadata?.decoderConfig?.codec, "WMV2");
  }));

/** Ways for an encoder to fail, and what is told. */
const FAILURES: { name: string; options: TestEncoderOptions; message: string }[] = [
  { name: "its error callback", options: { failAt: 4 }, message: "Cannot encode stream 1: the device was lost" },
  {
    name: "its error callback, later",
    options: { failAt: 4, output: "macrotask" },
    message: "Cannot encode stream 1: the device was lost",
  },
  {
    name: "its error callback while it is flushed",
    options: { failAt: 4, output: "flush" },
    message: "Cannot encode stream 1: the device was lost",
  },
  {
    name: "a flush that rejects",
    options: { flush: "reject", output: "flush" },
    message: "Cannot encode stream 1: flush fails",
  },
];

for (const { name, options, message } of FAILURES) {
  Deno.test(`An encoder that fails by ${name} ends its stream; the file is completed, and the finish tells`, () =>
    guarded(async () => {
      const { writer, sink, encoders, errors, ends } = await begin(options);
      for (let i = 0; i < 10; i++) {
        try {
          await writer.writeSample(0, new TestFrame(i));
        } catch (error) {
          assertEquals((error as Error).message, message); // the stream's error, again and again
        }
        await writer.writeSample(1, audioSample(i)); // the other goes on
        await turns(1);
      }
      const error = await assertRejects(() => writer.finalize(), MuxError);
      assertEquals([error.message, error.code, error.stage], [message, "bad-media", "encode"]);
      assertEquals(errors, [`0 bad-media ${message}`]);
      assertEquals(ends, [error]);
      assertEquals(error.report!.sinks[0]!.outcome, "finished");
      assertClosedOnce(...encoders);
      assertReleasedOnce(sink);
      const file = await readAsf(sink.bytes);
      assertEquals(file.isBroadcast, false);
      assertEquals(file.samples.filter(({ streamNumber }) => streamNumber === 2).length, 10);
    }));
}

Deno.test("An encoder that refuses one frame refuses that one: nothing was taken, the stream goes on", () =>
  guarded(async () => {
    const { writer, encoders, errors } = await begin({ throwAt: 2 });
    await writer.writeSample(0, new TestFrame(0));
    const error = assertThrows(() => writer.writeSample(0, new TestFrame(1)), MuxError);
    assertEquals([error.code, error.stage, error.streamNumber, error.timestamp], ["bad-media", "encode", 1, 40_000]);
    assert(error.cause instanceof TypeError);
    await writer.writeSample(0, new TestFrame(2));
    const { streams } = await writer.finalize();
    assertEquals([streams[0]!.samplesReceived, streams[0]!.samplesRefused, streams[0]!.samplesProcessed], [2, 1, 2]);
    assertEquals(errors, []);
    assertClosedOnce(...encoders);
  }));

Deno.test("An encoder that cannot be made ends the session before a sink is opened; those made are closed", () =>
  guarded(async () => {
    const { writer, sink, encoders } = configure();
    const broken: EncoderFactory = () => {
      throw new Error("no such codec");
    };
    writer.addStream(LATE_VIDEO, { encoder: broken });
    const error = await assertRejects(() => writer.beginWriting(), MuxError);
    assertEquals([error.code, error.hresult, error.streamNumber], ["unsupported", 0xC00D5212, 3]);
    assertEquals([writer.state, sink.calls.length], ["failed", 0]);
    assertClosedOnce(...encoders);
  }));

Deno.test("An encoder is closed once on every way out", async (t) => {
  const enough = new Error("enough");
  await t.step("never begun: never made", () =>
    guarded(async () => {
      const { writer, encoders } = configure();
      await writer.abort(enough);
      assertEquals(encoders, []);
    }));
  await t.step("a sink that cannot be opened", () =>
    guarded(async () => {
      const sink = new TestSink({ faults: [{ operation: "open", nth: 1, kind: "reject" }] });
      const { writer, encoders } = configure({}, {}, sink);
      await assertRejects(() => writer.beginWriting(), MuxError);
      assertClosedOnce(...encoders);
    }));
  await t.step("abort() while open; what comes out later is not taken", () =>
    guarded(async () => {
      const { writer, encoders, ends } = await begin({ output: "macrotask" });
      await feed(writer, 5);
      await writer.abort(enough);
      const before = writer.getStatistics().streams[0]!.samplesEncoded;
      await turns(3);
      assertEquals(writer.getStatistics().streams[0]!.samplesEncoded, before);
      assertEquals(ends, [enough]);
      assertClosedOnce(...encoders);
    }));
  await t.step("a sink that fails", () =>
    guarded(async () => {
      const sink = new TestSink({ faults: [{ operation: "data", nth: 1, kind: "reject" }] });
      const { writer, encoders } = await begin({}, {}, sink);
      await feed(writer, 3);
      await assertRejects(() => writer.placeMarker(0), MuxError);
      assertEquals(writer.state, "failed");
      assertClosedOnce(...encoders);
      await assertRejects(() => writer.finalize(), MuxError);
      assertClosedOnce(...encoders);
    }));
  await t.step("dispose", () =>
    guarded(async () => {
      const { writer, encoders } = await begin();
      await feed(writer, 3);
      await writer[Symbol.asyncDispose]();
      assertClosedOnce(...encoders);
    }));
});

Deno.test("An encoder that never flushes: a signal ends the wait, abort() too", () =>
  guarded(async () => {
    for (const how of ["finalize", "session", "abort"] as const) {
      const enough = new Error("enough");
      const controller = new AbortController();
      const { writer, sink, encoders, ends } = await begin({ flush: "never" }, {
        signal: how === "session" ? controller.signal : undefined,
      });
      await feed(writer, 5);
      const marker = writer.placeMarker(0);
      const finished = writer.finalize(how === "finalize" ? { signal: controller.signal } : {});
      assertEquals(await stateOf(finished), "pending");
      if (how === "abort") await writer.abort(enough);
      else controller.abort(enough);
      for (const promise of [finished, writer.closed, marker]) {
        assertStrictEquals(await promise.then(() => {}, (error) => error), enough);
      }
      assertEquals([writer.state, ends], ["aborted", [enough]]);
      assertClosedOnce(...encoders);
      assertReleasedOnce(sink);
    }
  }));

Deno.test("The first error is the one that is told, though others follow", () =>
  guarded(async () => {
    const sink = new TestSink({ faults: [{ operation: "patch", nth: 1, kind: "reject" }] });
    const { writer, errors } = await begin({ failAt: 2 }, {}, sink);
    writer.writeSample(0, new TestFrame(0));
    writer.writeSample(1, audioSample(0));
    writer.writeSample(0, new TestFrame(1)); // fails inside
    const error = await assertRejects(() => writer.finalize(), MuxError);
    assertEquals(error.message, "Cannot encode stream 1: the device was lost");
    assertEquals(error.report!.sinks[0]!.outcome, "failed");
    assertEquals(errors.length, 1);
  }));

Deno.test("A chunk that the container cannot carry is its stream's error", () =>
  guarded(async () => {
    const { writer, errors, encoders } = await begin();
    writer.writeSample(0, new TestFrame(5));
    writer.writeSample(1, audioSample(2));
    writer.writeSample(0, new TestFrame(1)); // back in time
    assertEquals(errors.length, 1);
    assert(errors[0]!.startsWith("0 time-order"), errors[0]);
    await assertRejects(() => writer.finalize(), MuxError, "must not precede");
    assertClosedOnce(...encoders);
  }));

Deno.test("discardQueued() lets go of the frames inside an encoder, and begins with another", () =>
  guarded(async () => {
    const { writer, sink, encoders, events } = await begin({ output: "flush" }, {}, new TestSink(), VIDEO);
    await feed(writer, 5);
    const marker = writer.placeMarker(0, "before");
    const discarded = writer.discardQueued(0);
    assertEquals(discarded, { samplesDiscarded: 5, bytesDiscarded: 0 });
    encoders[0]!.emit(); // too late
    await marker;
    assertEquals(events, ["marker 0 before"]);
    await feed(writer, 5, 10);
    const { streams } = await writer.finalize();
    assertEquals(encoders.length, 2);
    assertClosedOnce(...encoders);
    const { samplesReceived, samplesEncoded, samplesProcessed, samplesDropped } = streams[0]!;
    assertEquals([samplesReceived, samplesEncoded, samplesProcessed, samplesDropped], [10, 5, 5, 5]);
    const file = await readAsf(sink.bytes);
    assertEquals(file.samples.filter(({ streamNumber }) => streamNumber === 1).map(({ ms }) => ms), [
      400,
      440,
      480,
      520,
      560,
    ]);
  }));

Deno.test("An encoder that tells how much it has waiting is not overfed", () =>
  guarded(async () => {
    const { writer, encoders } = await begin({ output: "flush", tells: true });
    let wait: Promise<void> | undefined;
    let count = 0;
    while (!wait) wait = writer.writeSample(0, new TestFrame(count++));
    assertEquals(count, 9);
    assertEquals(await stateOf(wait), "pending");
    encoders[0]!.emit();
    await wait;
    const fill = () => {
      for (; count < 1000; count++) writer.writeSample(0, new TestFrame(count));
    };
    const error = assertThrows(fill, MuxError);
    assertEquals([error.code, error.hresult, encoders[0]!.encodeQueueSize], ["queue-full", 0xC00D36B5, 64]);
    const { streams } = await writer.finalize();
    assertEquals(streams[0]!.samplesProcessed, count);
  }));

Deno.test("Frames are refused while sinks have too much waiting: what an encoder gives is never lost for want of room", () =>
  guarded(async () => {
    const sink = new TestSink();
    const { writer } = await begin({ byteLength: 50_000 }, { maxQueuedBytes: 1 << 20, disableThrottling: true }, sink);
    sink.isPaused = true;
    let count = 0;
    const fill = () => {
      for (; count < 1000; count++) {
        writer.writeSample(0, new TestFrame(count));
        writer.sendStreamTick(1, count * 40_000);
      }
    };
    assertEquals(assertThrows(fill, MuxError).code, "queue-full");
    sink.isPaused = false;
    sink.go();
    assertEquals((await writer.finalize()).streams[0]!.samplesProcessed, count);
  }));

Deno.test("A frame for a stream without an encoder, and no frames at all, are told", () =>
  guarded(async () => {
    const { writer } = await begin();
    assertThrows(() => writer.writeSample(1, new TestFrame(0)), TypeError, "expected data");
    const error = await assertRejects(() => writer.finalize(), MuxError);
    assertEquals(error.code, "no-samples");
    const quiet = await begin({ failAt: 1 });
    quiet.writer.writeSample(0, new TestFrame(0));
    const first = await assertRejects(() => quiet.writer.finalize(), MuxError);
    assertEquals(first.message, "Cannot encode stream 1: the device was lost"); // not that nothing came
  }));
