/** What a Writer says goes wrong: the first error, one for all, with everything that is known. */

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import {
  assertReleasedOnce,
  assertTreatedWell,
  AUDIO,
  audioOptions,
  audioSample,
  avOptions,
  avSamples,
  guarded,
  mux,
  reasonOf,
  testAsf,
  videoSample,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";
import { openWriter } from "./writer_states.ts";

Deno.test("The first error is the one that everybody gets, with the report", () =>
  guarded(async () => {
    const sink = new TestSink({ pace: "microtask", faults: [{ operation: "data", nth: 2, kind: "reject" }] });
    const writer = new Writer(audioOptions([sink]));
    await writer.beginWriting();
    const errors = new Set<unknown>();
    for (let i = 0; i < 200 && errors.size === 0; i++) {
      try {
        await writer.writeSample(1, { data: new Uint8Array(80_000), timestamp: i * 1e7 });
      } catch (error) {
        errors.add(error);
      }
    }
    errors.add(assertThrows(() => writer.writeSample(1, audioSample(0))));
    const calls = [
      () => writer.flush(),
      () => writer.endWriting(),
      () => writer.endWriting(),
      () => writer.addSink(bufferSink()),
      () => writer.removeSink(sink),
      () => writer.ready,
    ];
    for (const call of calls) errors.add(await reasonOf(call()));
    errors.add(await reasonOf(writer.closed));
    assertEquals(errors.size, 1);
    const [error] = errors as Set<MuxError>;
    assertEquals(error!.code, "sink-failed");
    assertEquals(error!.stage, "data");
    assertEquals((error!.cause as Error).message, "data 2 fails");
    assertEquals(error!.report!.sinks[0]!.outcome, "failed");
    assertEquals((error!.report!.sinks[0]!.error as MuxError).cause, error!.cause);
    assertReleasedOnce(sink);
  }));

Deno.test("The first of several sinks to fail names the error, whatever their order", () =>
  guarded(async () => {
    const late = new TestSink({ faults: [{ operation: "patch", nth: 1, kind: "reject" }] });
    const early = new TestSink({ faults: [{ operation: "data", nth: 1, kind: "reject" }] });
    const good = new TestSink();
    const error = await reasonOf(mux(avOptions([late, early, good]), avSamples(2))) as MuxError;
    assertEquals((error.cause as Error).message, "data 1 fails");
    assertEquals(error.report!.sinks.map((sink) => sink.outcome), ["failed", "failed", "finished"]);
    assertTreatedWell(late, early, good);
  }));

Deno.test("Wrong options reject beginWriting() and closed with the same RangeError", () =>
  guarded(async () => {
    for (
      const options of [{ maxQueuedBytes: 0 }, { openWindowMs: NaN }, { interleaveWindowMs: -1 }, { maxLatencyMs: 0 }]
    ) {
      const sink = new TestSink();
      const writer = new Writer(audioOptions([sink], options));
      const error = await assertRejects(() => writer.beginWriting(), RangeError, Object.keys(options)[0]!);
      assertStrictEquals(await reasonOf(writer.closed), error);
      assertStrictEquals(await reasonOf(writer.ready), error);
      assertEquals(writer.state, "failed");
      assertEquals(sink.calls, []);
    }
  }));

Deno.test("beginWriting() tells every problem in one error, which carries the report", () =>
  guarded(async () => {
    const streams = [{ ...AUDIO, sampleRate: 0 }, { ...AUDIO, streamNumber: 200 }];
    const writer = new Writer({ container: testAsf(), sinks: [bufferSink()], streams });
    const error = await assertRejects(() => writer.beginWriting(), MuxError, "sampleRate");
    assertEquals(error.code, "unsupported");
    assert(error.message.includes("streamNumber"), error.message);
    assertEquals(error.report!.sinks.length, 1);
    assertStrictEquals(await reasonOf(writer.closed), error);
  }));

Deno.test("A sink is no sink: TypeError from the constructor and from addSink()", async () => {
  for (const sink of [null, undefined, 1, {}, { data: 1 }]) {
    // deno-lint-ignore no-explicit-any
    assertThrows(() => new Writer(audioOptions([sink as any])), TypeError, "expected a Sink");
    const writer = new Writer(audioOptions([]));
    // deno-lint-ignore no-explicit-any
    await assertRejects(() => writer.addSink(sink as any), TypeError, "expected a Sink");
  }
});

Deno.test("Sinks that take part twice are refused", () =>
  guarded(async () => {
    const { writer, sink } = await openWriter();
    assertEquals((await assertRejects(() => writer.addSink(sink), MuxError)).code, "invalid-state");
    await writer.abort();
  }));

Deno.test("writableFor() of an unknown stream, and samples for one, name the streams there are", async () => {
  const { writer } = await openWriter();
  for (const call of [() => writer.writableFor(9), () => writer.writeSample(9, videoSample(0))]) {
    const error = assertThrows(call, MuxError, "the streams are 1");
    assertEquals([error.code, error.streamNumber], ["invalid-stream", 9]);
  }
  await writer.abort();
});

Deno.test("beginWriting() says what a container would be", async () => {
  const cases: [container: unknown, got: string][] = [[undefined, "undefined"], [testAsf, "function"], [
    "asf",
    "string",
  ]];
  for (const [container, got] of cases) {
    const writer = new Writer({ ...audioOptions([bufferSink()]), container: container as ReturnType<typeof testAsf> });
    const message = `Cannot begin writing: container must be one as asf() makes it, got ${got}`;
    await assertRejects(() => writer.beginWriting(), TypeError, message);
    await writer.abort();
  }
});
