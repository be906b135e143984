/** Every public call of a Writer in every state, and what happens when calls meet. */

import { assert, assertEquals, assertFalse, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { FinalizeReport } from "../../src/session/report.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { segmentSink } from "../../src/sinks/segment_sink.ts";
import {
  assertReleasedOnce,
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
  readAsf,
  reasonOf,
  stateOf,
  testAsf,
  turns,
  videoSample,
  writeAll,
} from "../support/sessions.ts";
import { type SinkOperation, TestSink } from "../support/sinks.ts";

const SAMPLES = Array.from({ length: 20 }, (_, i) => audioSample(i, 1));

interface Stage {
  writer: Writer;
  sink: TestSink;
}

async function openWriter(sink = new TestSink()): Promise<Stage> {
  const writer = new Writer(audioOptions([sink]));
  await writer.beginWriting();
  return { writer, sink };
}

/** Ways into each state. */
const STATES: Record<string, () => Promise<Stage>> = {
  configuring: () => {
    const sink = new TestSink();
    return Promise.resolve({ sink, writer: new Writer(audioOptions([sink])) });
  },
  opening: () => {
    const sink = new TestSink();
    sink.isPaused = true;
    const writer = new Writer(audioOptions([sink]));
    writer.beginWriting().catch(() => {});
    return Promise.resolve({ sink, writer });
  },
  open: async () => {
    const stage = await openWriter();
    await writeAll(stage.writer, SAMPLES);
    return stage;
  },
  finalizing: async () => {
    const stage = await openWriter();
    await writeAll(stage.writer, SAMPLES);
    stage.sink.isPaused = true;
    void stage.writer.endWriting();
    return stage;
  },
  finalized: async () => {
    const stage = await openWriter();
    await writeAll(stage.writer, SAMPLES);
    await stage.writer.endWriting();
    return stage;
  },
  failed: async () => {
    const stage = await openWriter(new TestSink({ faults: [{ operation: "data", nth: 1, kind: "reject" }] }));
    await writeAll(stage.writer, SAMPLES);
    await assertRejects(() => stage.writer.flush(), MuxError);
    return stage;
  },
  aborted: async () => {
    const stage = await openWriter();
    await writeAll(stage.writer, SAMPLES);
    await stage.writer.abort(new Error("enough"));
    return stage;
  },
};

type Call = (stage: Stage) => unknown;

const ADDED = new TestSink();
const CALLS: Record<string, Call> = {
  "beginWriting": ({ writer }) => writer.beginWriting(),
  "writeSample": ({ writer }) => writer.writeSample(1, audioSample(30, 1)),
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

/** `-`: returns. `ok`: resolves. `…`: waits for the sink, then resolves. `!`: throws, `x`: rejects, with `invalid-state`. */
const ORDER = ["configuring", "opening", "open", "finalizing", "finalized", "failed", "aborted"];
const OUTCOMES: Record<string, string> = {
  //                    configuring opening open finalizing finalized failed aborted
  "beginWriting": "     ok          x       x    x          x         xF     x",
  "writeSample": "      !           !       -    !          !         !F     !",
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

async function outcomeOf(name: string, state: string, stage: Stage): Promise<string> {
  const judge = (error: unknown, mark: string): string => {
    assert(error instanceof Error, `${name} while ${state}: ${error}`);
    if (error.message === "enough") return mark + "A";
    assert(error instanceof MuxError, `${name} while ${state}: ${error}`);
    if (error.code === "sink-failed") {
      assert(error.report, "the failure carries the report");
      return mark + "F";
    }
    assertEquals(error.code, "invalid-state");
    assertEquals(error.state, state === "opening" ? "configuring" : state);
    assertEquals(error.allowed, ALLOWED[name.split(",")[0]!], name);
    return mark;
  };
  let answer: unknown;
  try {
    answer = CALLS[name]!(stage);
  } catch (error) {
    return judge(error, "!");
  }
  if (!(answer instanceof Promise)) return "-";
  answer.catch(() => {});
  const wasPending = await stateOf(answer) === "pending";
  stage.sink.isPaused = false;
  for (let i = 0; i < 20; i++) {
    stage.sink.go();
    await undefined;
  }
  try {
    await answer;
    return wasPending ? "…" : "ok";
  } catch (error) {
    return judge(error, "x");
  }
}

for (const [name, row] of Object.entries(OUTCOMES)) {
  const cells = row.trim().split(/\s+/);
  Deno.test(`Writer: ${name} in every state`, () =>
    guarded(async () => {
      for (const [i, state] of ORDER.entries()) {
        const stage = await STATES[state]!();
        assertEquals(stage.writer.state, state === "opening" ? "configuring" : state);
        assertEquals(`${state} ${await outcomeOf(name, state, stage)}`, `${state} ${cells[i]}`);
        stage.sink.isPaused = false;
        stage.sink.go();
        await stage.writer[Symbol.asyncDispose]();
        await turns(1);
        assertTreatedWell(stage.sink);
        assert(stage.sink.count("close") + stage.sink.count("abort") <= 1);
        if (stage.sink.count("open") > 0) assertReleasedOnce(stage.sink);
      }
    }));
}

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
  { name: "abort", at: "index", call: (writer) => writer.abort(), state: "aborted" },
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
  for (const operation of ["data", "index"] as const) {
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
    { operation: "index", aborts: 1, outcome: "aborted" },
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
    for (const call of ["flush", "endWriting", "endWriting", "addSink", "removeSink", "ready"]) {
      errors.add(await reasonOf(CALLS[call]!({ writer, sink }) as Promise<unknown>));
    }
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
