/** Every public call of a Writer in every state, and what happens when calls meet. */

import { assert, assertEquals, assertFalse, assertRejects, assertStrictEquals } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { segmentSink } from "../../src/sinks/segment_sink.ts";
import { testLifecycle } from "../support/lifecycle.ts";
import {
  assertReleasedOnce,
  assertSameBytes,
  assertSamples,
  assertTreatedWell,
  audioOptions,
  audioSample,
  avOptions,
  avSamples,
  guarded,
  readAsf,
  turns,
  writeAll,
} from "../support/sessions.ts";
import { type SinkOperation, TestSink } from "../support/sinks.ts";
import { SAMPLES, type Stage, STATES } from "./writer_states.ts";

const ADDED = new TestSink();
const CALLS: Record<string, (stage: Stage) => unknown> = {
  "beginWriting": ({ writer }) => writer.beginWriting(),
  "writeSample": ({ writer }) => writer.writeSample(1, audioSample(30, 1)),
  "pause": ({ writer }) => writer.pause(1e9),
  "resume": ({ writer }) => {
    if (writer.state === "open") writer.pause(1e9);
    writer.resume(1e9);
  },
  "flush": ({ writer }) => writer.flush(),
  "addSink": ({ writer }) => writer.addSink(bufferSink()),
  "addSink, in many files": ({ writer }) => writer.addSink(segmentSink(bufferSink, { everyMs: 1000 })),
  "addSink, from a time": ({ writer }) => writer.addSink(bufferSink(), { from: 1e9, until: 2e9 }),
  "removeSink": ({ writer, sink }) => writer.removeSink(sink),
  "setMetadata": ({ writer }) => writer.setMetadata({ title: "t" }),
  "getStatistics": ({ writer }) => void writer.getStatistics(),
  "metadata": ({ writer }) => void writer.metadata,
  "endWriting": ({ writer }) => writer.endWriting(),
  "abort": ({ writer }) => writer.abort(),
  "dispose": ({ writer }) => writer[Symbol.asyncDispose](),
  "writable.write": ({ writer }) => writer.writable.getWriter().write(audioSample(30, 1)),
  "writable.close": ({ writer }) => writer.writable.close(),
  "writable.abort": ({ writer }) => writer.writable.abort(),
  "writableFor.write": ({ writer }) => writer.writableFor(1).getWriter().write(audioSample(30, 1)),
  "writableFor.close": ({ writer }) => writer.writableFor(1).close(),
  "writableFor.abort": ({ writer }) => writer.writableFor(1).abort(),
  "ready": ({ writer }) => writer.ready,
};

/** F: the failure of the session. A: the reason of its abort. */
const OUTCOMES: Record<string, string> = {
  //                    configuring opening open finalizing finalized failed aborted
  "beginWriting": "     ok          x       x    x          x         xF     x",
  "writeSample": "      !           !       -    !          !         !F     !",
  "pause": "            !           !       -    !          !         !F     !",
  "resume": "           !           !       -    !          !         !F     !",
  "flush": "            x           x       ok   x          x         xF     x",
  "addSink": "          ok          …       ok   x          x         xF     x",
  "addSink, in many files": "ok    …       ok   x          x         xF     x",
  "addSink, from a time": " ok     …       ok   x          x         xF     x",
  "removeSink": "       x           x       ok   x          x         xF     x",
  "setMetadata": "      -           -       -    !          !         !F     !",
  "getStatistics": "    -           -       -    -          -         -      -",
  "metadata": "         -           -       -    -          -         -      -",
  "endWriting": "       x           x       ok   …          ok        xF     x",
  "abort": "            ok          ok      ok   ok         ok        ok     ok",
  "dispose": "          ok          ok      ok   …          ok        ok     ok",
  "writable.write": "   x           x       ok   x          x         xF     x",
  "writable.close": "   x           x       ok   …          ok        xF     x",
  "writable.abort": "   ok          ok      ok   ok         ok        ok     ok",
  "writableFor.write": "x           x       ok   x          x         xF     x",
  "writableFor.close": "x           x       ok   x          x         xF     x",
  "writableFor.abort": "ok          ok      ok   ok         ok        ok     ok",
  "ready": "            ok          ok      ok   ok         ok        xF     xA",
};

/** States in which a refused call would have been allowed. */
const ALLOWED: Record<string, string[]> = {
  "beginWriting": ["configuring"],
  "writeSample": ["open"],
  "pause": ["open"],
  "resume": ["open"],
  "flush": ["open"],
  "addSink": ["configuring", "open"],
  "removeSink": ["open"],
  "setMetadata": ["configuring", "open"],
  "endWriting": ["open", "finalizing", "finalized", "failed"],
  "writable.write": ["open"],
  "writable.close": ["open", "finalizing", "finalized", "failed"],
  "writableFor.write": ["open"],
  "writableFor.close": ["open"],
};

testLifecycle<Stage>({
  facade: "Writer",
  prototype: Writer.prototype,
  telling: ["state", "closed"],
  states: STATES,
  calls: CALLS,
  outcomes: OUTCOMES,
  stateOf: ({ writer }) => writer.state,
  aliases: { opening: "configuring" },
  judge(error, call, state) {
    if (error.message === "enough") return "A";
    assert(error instanceof MuxError, `${call} while ${state}: ${error}`);
    if (error.code === "sink-failed") {
      assert(error.report, "the failure carries the report");
      return "F";
    }
    assertEquals([error.code, error.hresult], ["invalid-state", undefined]);
    assertEquals(error.state, state === "opening" ? "configuring" : state);
    assertEquals(error.allowed, ALLOWED[call.split(",")[0]!], call);
    return "";
  },
  proceed({ sink }) {
    sink.isPaused = false;
    sink.go();
  },
  async leave({ writer, sink }) {
    sink.isPaused = false;
    sink.go();
    await writer[Symbol.asyncDispose]();
    await turns(1);
    assertTreatedWell(sink);
    assert(sink.count("close") + sink.count("abort") <= 1);
    if (sink.count("open") > 0) assertReleasedOnce(sink);
  },
});

Deno.test("Writer: a refused call changes nothing", () =>
  guarded(async () => {
    const writer = new Writer(audioOptions([bufferSink()]));
    for (const name of ["writeSample", "flush", "removeSink", "endWriting"]) {
      const call = async () => void await CALLS[name]!({ writer, sink: ADDED });
      assertEquals((await assertRejects(call, MuxError)).code, "invalid-state");
      assertEquals(writer.state, "configuring");
    }
    await writer.beginWriting();
    await writeAll(writer, SAMPLES);
    assertEquals((await writer.endWriting()).streams[0]!.samplesProcessed, SAMPLES.length);
  }));

Deno.test("Writer.endWriting() answers every caller with one promise and one report", () =>
  guarded(async () => {
    const { writer, sink } = await STATES.open!();
    const first = writer.endWriting();
    const second = writer.endWriting({ signal: AbortSignal.abort() });
    assertStrictEquals(first, second);
    assertStrictEquals(await first, await writer.closed);
    assertStrictEquals(writer.endWriting(), first);
    assertReleasedOnce(sink);
    assertEquals(sink.count("patch"), 1);
  }));

Deno.test("Writer: a signal of a second caller does not stop the first caller's finish", () =>
  guarded(async () => {
    const { writer, sink } = await STATES.finalizing!();
    const controller = new AbortController();
    const second = writer.endWriting({ signal: controller.signal });
    controller.abort();
    await turns();
    sink.isPaused = false;
    sink.go();
    assertEquals((await second).sinks[0]!.outcome, "finished");
  }));

/** Calls made from inside a sink's calls, as when a sink is a program of its own. */
const INSIDE: { name: string; at: SinkOperation; call: (writer: Writer) => unknown; state: string }[] = [
  { name: "endWriting", at: "data", call: (writer) => writer.endWriting(), state: "finalized" },
  { name: "endWriting", at: "close", call: (writer) => writer.endWriting(), state: "finalized" },
  { name: "abort", at: "open", call: (writer) => writer.abort(), state: "aborted" },
  { name: "abort", at: "header", call: (writer) => writer.abort(), state: "aborted" },
  { name: "abort", at: "data", call: (writer) => writer.abort(), state: "aborted" },
  { name: "abort", at: "trailer", call: (writer) => writer.abort(), state: "aborted" },
  { name: "abort", at: "patch", call: (writer) => writer.abort(), state: "finalized" },
  { name: "abort", at: "close", call: (writer) => writer.abort(), state: "finalized" },
  { name: "abort", at: "abort", call: (writer) => writer.abort(), state: "aborted" },
  { name: "dispose", at: "data", call: (writer) => writer[Symbol.asyncDispose](), state: "aborted" },
  { name: "dispose", at: "close", call: (writer) => writer[Symbol.asyncDispose](), state: "finalized" },
  { name: "flush", at: "data", call: (writer) => writer.flush().catch(() => {}), state: "finalized" },
  { name: "flush", at: "header", call: (writer) => writer.flush(), state: "finalized" },
];

for (const { name, at, call, state } of INSIDE) {
  for (const pace of ["sync", "microtask"] as const) {
    Deno.test(`Writer.${name}() from inside a sink's ${at}() (${pace}) ends ${state}`, () =>
      guarded(async () => {
        const calls: unknown[] = [];
        const onCall = (operation: SinkOperation, nth: number) => {
          if (operation === at && nth === 1) calls.push(call(writer));
        };
        const sink = new TestSink({ pace, onCall });
        const writer: Writer = new Writer(avOptions([sink]));
        const results: unknown[] = [];
        const keep = async (action: () => unknown) => {
          try {
            results.push(await action());
          } catch (error) {
            results.push(error);
          }
        };
        await keep(() => writer.beginWriting());
        for (const sample of avSamples(5)) await keep(() => writer.writeSample(sample.streamNumber, sample));
        await keep(() => at === "abort" ? writer.abort() : writer.endWriting());
        await Promise.all(calls);
        assertEquals(calls.length, 1);
        assertEquals(writer.state, state);
        assertTreatedWell(sink);
        assertReleasedOnce(sink);
        if (state === "finalized") {
          const file = await readAsf(sink.bytes);
          assertFalse(file.isBroadcast);
          assert(file.samples.length > 0);
        }
        await writer.closed.catch(() => {});
      }));
  }
}

for (const at of ["header", "data"] as const) {
  Deno.test(`Writer.writeSample() from inside a sink's ${at}() is taken behind the sample under way`, () =>
    guarded(async () => {
      // Without a window samples pass in the order of the calls.
      const samples = avSamples(6);
      const nested: number[] = [];
      const all = samples.slice();
      let next = 0;
      const onCall = (operation: SinkOperation) => {
        if (operation !== at || next >= samples.length) return;
        const sample = all[next++]!;
        nested.push(next);
        writer.writeSample(sample.streamNumber, sample);
      };
      const sinks = [new TestSink({ onCall }), new TestSink(), new TestSink({ whenSlow: "drop", isFile: false })];
      const writer: Writer = new Writer(avOptions(sinks, { interleaveWindowMs: 0 }));
      await writer.beginWriting();
      while (next < all.length) {
        const sample = all[next++]!;
        writer.writeSample(sample.streamNumber, sample);
      }
      const report = await writer.endWriting();
      assert(nested.length > 0);
      assertEquals(report.streams.map((stream) => stream.samplesProcessed), [150, 60]);
      assertTreatedWell(...sinks);
      for (const sink of sinks) assertSamples(await readAsf(sink.bytes), all);
      assertSameBytes(sinks[1]!.bytes, sinks[0]!.bytes);
    }));
}
