/** A Writer whose session is given up: before, during and after the finish, by signals and by leaving a block. */

import { assert, assertEquals, assertFalse, assertStrictEquals, assertThrows } from "@std/assert";
import type { FinalizeReport, MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import {
  assertReleasedOnce,
  assertSamples,
  assertTreatedWell,
  audioOptions,
  audioSample,
  avOptions,
  avSamples,
  guarded,
  readAsf,
  reasonOf,
  stateOf,
  turns,
  writeAll,
} from "../support/sessions.ts";
import { type SinkOperation, TestSink } from "../support/sinks.ts";
import { openWriter, SAMPLES, STATES } from "./writer_states.ts";

Deno.test("await using aborts what was not finished", () =>
  guarded(async () => {
    const sinks = [new TestSink(), new TestSink(), new TestSink(), new TestSink(), new TestSink()];
    { // left without a finish
      await using writer = new Writer(audioOptions([sinks[0]!]));
      await writer.beginWriting();
      await writeAll(writer, SAMPLES);
      await writer.flush();
    }
    assertEquals([sinks[0]!.count("abort"), sinks[0]!.count("close")], [1, 0]);
    assert((await readAsf(sinks[0]!.bytes)).isBroadcast, "recognisable as unfinished");
    assertSamples(await readAsf(sinks[0]!.bytes), SAMPLES);

    const thrown = await reasonOf((async () => {
      await using writer = new Writer(audioOptions([sinks[1]!]));
      await writer.beginWriting();
      await writeAll(writer, SAMPLES);
      throw new Error("the program's own");
    })());
    assertEquals((thrown as Error).message, "the program's own");
    assertEquals([sinks[1]!.count("abort"), sinks[1]!.count("close")], [1, 0]);

    { // after the finish
      await using writer = new Writer(audioOptions([sinks[2]!]));
      await writer.beginWriting();
      await writeAll(writer, SAMPLES);
      await writer.endWriting();
    }
    assertEquals([sinks[2]!.count("abort"), sinks[2]!.count("close")], [0, 1]);

    let finish: Promise<FinalizeReport> | undefined;
    { // during the finish
      await using writer = new Writer(audioOptions([sinks[3]!]));
      await writer.beginWriting();
      await writeAll(writer, SAMPLES);
      finish = writer.endWriting();
    }
    assertEquals((await finish).sinks[0]!.outcome, "finished");
    assertEquals([sinks[3]!.count("abort"), sinks[3]!.count("close")], [0, 1]);

    { // never begun
      await using _writer = new Writer(audioOptions([sinks[4]!]));
    }
    assertEquals(sinks[4]!.calls, []);
  }));

Deno.test("await using does not repeat the error of a finish that failed", () =>
  guarded(async () => {
    const sink = new TestSink({ faults: [{ operation: "patch", nth: 1, kind: "reject" }] });
    let error: unknown;
    {
      await using writer = new Writer(audioOptions([sink]));
      await writer.beginWriting();
      await writeAll(writer, SAMPLES);
      error = await reasonOf(writer.endWriting());
    }
    assertEquals((error as MuxError).stage, "seal");
    assertReleasedOnce(sink);
  }));

Deno.test("A signal that has fired before the writer is made makes every call reject with its reason", () =>
  guarded(async () => {
    const reason = new Error("too late");
    const sink = new TestSink();
    const writer = new Writer(audioOptions([sink], { signal: AbortSignal.abort(reason) }));
    assertEquals(writer.state, "aborted");
    assertStrictEquals(await reasonOf(writer.beginWriting()), reason);
    assertStrictEquals(assertThrows(() => writer.writeSample(1, audioSample(0))), reason);
    assertStrictEquals(await reasonOf(writer.flush()), reason);
    assertStrictEquals(await reasonOf(writer.endWriting()), reason);
    assertStrictEquals(await reasonOf(writer.closed), reason);
    assertStrictEquals(await reasonOf(writer.ready), reason);
    assertEquals(sink.calls, [], "nothing was opened");
  }));

Deno.test("A signal during beginWriting() ends it, also when a sink's open() hangs", async (t) => {
  for (const kind of ["hang", "hang forever"] as const) {
    await t.step(kind, () =>
      guarded(async () => {
        const controller = new AbortController();
        const reason = new Error("stop");
        const sinks = [new TestSink({ faults: [{ operation: "open", nth: 1, kind }] }), new TestSink()];
        const writer = new Writer(audioOptions(sinks, { signal: controller.signal }));
        const begun = writer.beginWriting();
        await turns(1);
        controller.abort(reason);
        assertStrictEquals(await reasonOf(begun), reason);
        assertStrictEquals(await reasonOf(writer.closed), reason);
        assertEquals(writer.state, "aborted");
        for (const sink of sinks) assertEquals([sink.count("abort"), sink.count("close")], [1, 0]);
        assertTreatedWell(...sinks);
      }));
  }
});

Deno.test("A signal while open rejects everything that waits with its reason", () =>
  guarded(async () => {
    const controller = new AbortController();
    const reason = new Error("stop");
    const sink = new TestSink({ faults: [{ operation: "data", nth: 1, kind: "hang" }] });
    const writer = new Writer(audioOptions([sink], { signal: controller.signal }));
    await writer.beginWriting();
    let wait: Promise<void> | undefined;
    for (let i = 0; !wait; i++) wait = writer.writeSample(1, { data: new Uint8Array(80_000), timestamp: i * 1e7 });
    const flushed = writer.flush();
    const { ready } = writer;
    controller.abort(reason);
    for (const promise of [flushed, wait, ready, writer.closed, writer.ready]) {
      assertStrictEquals(await reasonOf(promise), reason);
    }
    assertStrictEquals(await reasonOf(writer.endWriting()), reason);
    assertEquals(writer.state, "aborted");
    assertReleasedOnce(sink);
    assertEquals(sink.calls.at(-1)!.reason, reason);
  }));

Deno.test("A signal during the finish, before a sink is sealed, aborts it", async (t) => {
  for (const operation of ["data", "trailer"] as const) {
    await t.step(operation, () =>
      guarded(async () => {
        const controller = new AbortController();
        const reason = new Error("stop");
        const sink = new TestSink({ faults: [{ operation, nth: 1, kind: "hang" }] });
        const writer = new Writer(avOptions([sink], { signal: controller.signal }));
        await writer.beginWriting();
        await writeAll(writer, avSamples(1, 300));
        const finish = writer.endWriting();
        await turns();
        controller.abort(reason);
        assertStrictEquals(await reasonOf(finish), reason);
        assertStrictEquals(await reasonOf(writer.closed), reason);
        assertEquals(writer.state, "aborted");
        assertEquals([sink.count("patch"), sink.count("truncate"), sink.count("close"), sink.count("abort")], [
          0,
          0,
          0,
          1,
        ]);
        assertTreatedWell(sink);
        assertEquals(writer.getStatistics().sinks[0]!.outcome, "aborted");
      }));
  }
});

Deno.test("A signal after sealing has begun comes too late: the finish goes on", async (t) => {
  for (const operation of ["patch", "close"] as const) {
    await t.step(operation, () =>
      guarded(async () => {
        const controller = new AbortController();
        const sink = new TestSink({
          onCall: (called) => {
            if (called === operation) sink.isPaused = true;
          },
        });
        const writer = new Writer(avOptions([sink], { signal: controller.signal }));
        await writer.beginWriting();
        await writeAll(writer, avSamples(1));
        const finish = writer.endWriting();
        while (sink.count(operation) === 0) await turns(1);
        controller.abort(new Error("stop"));
        const aborted = writer.abort();
        assertEquals(await stateOf(aborted), "pending", "an abort waits for the release");
        sink.isPaused = false;
        sink.go();
        const report = await finish;
        await aborted;
        assertEquals(report.sinks[0]!.outcome, "finished");
        assertEquals(writer.state, "finalized");
        assertStrictEquals(await writer.closed, report);
        assertEquals(sink.count("abort"), 0);
        assertFalse((await readAsf(sink.bytes)).isBroadcast);
      }));
  }
});

Deno.test("FinalizeOptions.signal stops the wait for a sink that hangs", async (t) => {
  const cases: { operation: SinkOperation; aborts: number; outcome: string }[] = [
    { operation: "data", aborts: 1, outcome: "aborted" },
    { operation: "trailer", aborts: 1, outcome: "aborted" },
    { operation: "patch", aborts: 0, outcome: "open" }, // half a header is worse than a late one
    { operation: "close", aborts: 0, outcome: "open" },
  ];
  for (const { operation, aborts, outcome } of cases) {
    await t.step(operation, () =>
      guarded(async () => {
        const controller = new AbortController();
        const reason = new DOMException("Time is up", "TimeoutError");
        const sink = new TestSink({ faults: [{ operation, nth: 1, kind: "hang forever" }] });
        const writer = new Writer(avOptions([sink]));
        await writer.beginWriting();
        await writeAll(writer, avSamples(1, 300));
        const finish = writer.endWriting({ signal: controller.signal });
        assertEquals(await stateOf(finish), "pending");
        controller.abort(reason);
        assertStrictEquals(await reasonOf(finish), reason);
        assertStrictEquals(await reasonOf(writer.closed), reason);
        assertEquals(writer.state, "aborted");
        assertEquals(sink.count("abort"), aborts);
        assertEquals(writer.getStatistics().sinks[0]!.outcome, outcome);
        await writer.abort();
        await writer[Symbol.asyncDispose]();
        assertEquals(sink.count("abort"), aborts);
        assertTreatedWell(sink);
      }));
  }
});

Deno.test("FinalizeOptions.signal that has fired already ends the session without a finish", () =>
  guarded(async () => {
    const { writer, sink } = await STATES.open!();
    const reason = new Error("no time");
    assertStrictEquals(await reasonOf(writer.endWriting({ signal: AbortSignal.abort(reason) })), reason);
    assertReleasedOnce(sink);
    assertEquals(sink.count("patch"), 0);
  }));

Deno.test("closed, ready and the promise of writeSample are never unhandled", () =>
  guarded(async () => {
    const { writer } = await openWriter(new TestSink({ faults: [{ operation: "data", nth: 1, kind: "hang" }] }));
    for (let i = 0; i < 60; i++) writer.writeSample(1, { data: new Uint8Array(80_000), timestamp: i * 1e7 });
    void writer.ready;
    void writer.closed;
    void writer.endWriting();
    await turns();
    await writer.abort(new Error("stop"));
  }));

Deno.test("A promise of writeSample() that waits for room settles with the finish", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = new Writer(audioOptions([sink]));
    await writer.beginWriting();
    sink.isPaused = true;
    let wait: Promise<void> | undefined;
    for (let i = 0; !wait; i++) wait = writer.writeSample(1, { data: new Uint8Array(80_000), timestamp: i * 1e7 });
    const { ready } = writer;
    const finish = writer.endWriting();
    sink.isPaused = false;
    sink.go();
    await finish;
    await wait;
    await ready;
  }));

Deno.test("Signals, abort() and leaving the block after the finish change nothing", () =>
  guarded(async () => {
    const [session, finish] = [new AbortController(), new AbortController()];
    const sink = new TestSink();
    const writer = new Writer(audioOptions([sink], { signal: session.signal }));
    await writer.beginWriting();
    await writeAll(writer, SAMPLES);
    const report = await writer.endWriting({ signal: finish.signal });
    const callCount = sink.calls.length;
    session.abort(new Error("too late"));
    finish.abort(new Error("too late"));
    await writer.abort(new Error("too late"));
    await writer[Symbol.asyncDispose]();
    assertStrictEquals(await writer.endWriting(), report);
    assertStrictEquals(await writer.closed, report);
    assertEquals([writer.state, sink.calls.length], ["finalized", callCount]);
    assertReleasedOnce(sink);
  }));
