/** Every public call of a SinkWriter in every state, and what happens when calls meet. */

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { MuxError, SinkWriter, type SinkWriterOptions } from "../../mod.ts";
import type { FinalizeReport } from "../../src/session/report.ts";
import {
  assertReleasedOnce,
  assertSamples,
  assertTreatedWell,
  AUDIO,
  audioSample,
  guarded,
  readAsf,
  reasonOf,
  stateOf,
  testAsf,
  turns,
  VIDEO,
  videoSample,
} from "../support/sessions.ts";
import { type SinkOperation, TestSink } from "../support/sinks.ts";

const SAMPLES = Array.from({ length: 20 }, (_, i) => audioSample(i, 1));

const MF_E_INVALIDREQUEST = 0xC00D36B2;
const MF_E_INVALIDSTREAMNUMBER = 0xC00D36B3;

interface Stage {
  writer: SinkWriter;
  sink: TestSink;
  ends: unknown[];
}

function make(sink = new TestSink(), options: Partial<SinkWriterOptions> = {}): Stage {
  const ends: unknown[] = [];
  const onFinalize = (error: unknown) => void ends.push(error);
  return { sink, ends, writer: new SinkWriter({ container: testAsf(), sinks: [sink], onFinalize, ...options }) };
}

function configured(sink?: TestSink, options?: Partial<SinkWriterOptions>): Stage {
  const stage = make(sink, options);
  stage.writer.addStream(AUDIO);
  return stage;
}

async function written(sink?: TestSink, options?: Partial<SinkWriterOptions>): Promise<Stage> {
  const stage = configured(sink, options);
  await stage.writer.beginWriting();
  for (const sample of SAMPLES) await stage.writer.writeSample(0, sample);
  return stage;
}

/** Ways into each state; the first two are the original's M0 and M1, the third its M2, the last four M3 and M4. */
const STATES: Record<string, () => Promise<Stage>> = {
  empty: () => Promise.resolve(make()),
  configuring: () => Promise.resolve(configured()),
  opening: () => {
    const stage = configured();
    stage.sink.isPaused = true;
    stage.writer.beginWriting().catch(() => {});
    return Promise.resolve(stage);
  },
  open: () => written(),
  finalizing: async () => {
    const stage = await written();
    stage.sink.isPaused = true;
    void stage.writer.finalize();
    return stage;
  },
  finalized: async () => {
    const stage = await written();
    await stage.writer.finalize();
    return stage;
  },
  failed: async () => {
    const stage = await written(new TestSink({ faults: [{ operation: "data", nth: 1, kind: "reject" }] }));
    await assertRejects(() => stage.writer.placeMarker(0), MuxError);
    return stage;
  },
  aborted: async () => {
    const stage = await written();
    await stage.writer.abort(new Error("enough"));
    return stage;
  },
};

const CALLS: Record<string, (stage: Stage) => unknown> = {
  addStream: ({ writer }) => void writer.addStream(AUDIO),
  beginWriting: ({ writer }) => writer.beginWriting(),
  writeSample: ({ writer }) => writer.writeSample(0, audioSample(30)),
  sendStreamTick: ({ writer }) => writer.sendStreamTick(0, 5_000_000),
  placeMarker: ({ writer }) => writer.placeMarker(0, "context"),
  notifyEndOfSegment: ({ writer }) => writer.notifyEndOfSegment(0),
  "notifyEndOfSegment (all)": ({ writer }) => writer.notifyEndOfSegment(),
  discardQueued: ({ writer }) => void writer.discardQueued(0),
  "discardQueued (all)": ({ writer }) => void writer.discardQueued(),
  finalize: ({ writer }) => writer.finalize(),
  getStatistics: ({ writer }) => void writer.getStatistics(),
  abort: ({ writer }) => writer.abort(),
  dispose: ({ writer }) => writer[Symbol.asyncDispose](),
  ready: ({ writer }) => writer.ready,
};

/**
 * `-`: returns. `ok`: resolves. `…`: waits for the sink, then resolves. `!`: throws, `x`: rejects, both with
 * `invalid-state` and MF_E_INVALIDREQUEST. With an F: the failure of the session; with an A: the reason of its abort.
 */
const ORDER = Object.keys(STATES);
const OUTCOMES: Record<string, string> = {
  //                            empty configuring opening open finalizing finalized failed aborted
  "addStream": "                -     -           !       !    !          !         !F     !",
  "beginWriting": "             x     ok          x       x    x          x         xF     x",
  "writeSample": "              !     !           !       -    !          !         !F     !",
  "sendStreamTick": "           !     !           !       -    !          !         !F     !",
  "placeMarker": "              x     x           x       ok   x          x         xF     x",
  "notifyEndOfSegment": "       !     !           !       -    !          !         !F     !",
  "notifyEndOfSegment (all)": " !     !           !       -    !          !         !F     !",
  "discardQueued": "            !     !           !       -    !          !         !F     !",
  "discardQueued (all)": "      !     !           !       -    !          !         !F     !",
  "finalize": "                 x     x           x       ok   …          ok        xF     x",
  "getStatistics": "            -     -           -       -    -          -         -      -",
  "abort": "                    ok    ok          ok      ok   ok         ok        ok     ok",
  "dispose": "                  ok    ok          ok      ok   …          ok        ok     ok",
  "ready": "                    ok    ok          ok      ok   ok         ok        xF     xA",
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
    assertEquals([error.code, error.hresult], ["invalid-state", MF_E_INVALIDREQUEST], `${name} while ${state}`);
    assertEquals(error.state, state === "opening" || state === "empty" ? "configuring" : state);
    assert(error.allowed!.length > 0);
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
  Deno.test(`SinkWriter: ${name} in every state`, () =>
    guarded(async () => {
      for (const [i, state] of ORDER.entries()) {
        const stage = await STATES[state]!();
        assertEquals(stage.writer.state, state === "opening" || state === "empty" ? "configuring" : state);
        assertEquals(`${state} ${await outcomeOf(name, state, stage)}`, `${state} ${cells[i]}`);
        stage.sink.isPaused = false;
        stage.sink.go();
        await stage.writer[Symbol.asyncDispose]();
        await turns(1);
        assertTreatedWell(stage.sink);
        if (stage.sink.count("open") > 0) assertReleasedOnce(stage.sink);
        assertEquals(stage.ends.length, 1, "onFinalize calls");
      }
    }));
}

Deno.test("SinkWriter: a refused call changes nothing", () =>
  guarded(async () => {
    const stage = make();
    const { writer } = stage;
    const refused = async (names: string[]) => {
      for (const name of names) await assertRejects(async () => void await CALLS[name]!(stage), MuxError);
    };
    await refused(["beginWriting", "writeSample", "placeMarker", "finalize"]);
    writer.addStream(AUDIO);
    await refused(["writeSample", "sendStreamTick", "discardQueued", "finalize"]);
    await writer.beginWriting();
    await refused(["addStream", "beginWriting"]);
    for (const sample of SAMPLES) await writer.writeSample(0, sample);
    assertEquals((await writer.finalize()).streams[0]!.samplesProcessed, SAMPLES.length);
    assertSamples(await readAsf(stage.sink.bytes), SAMPLES);
  }));

Deno.test("SinkWriter: an unknown stream is MF_E_INVALIDSTREAMNUMBER, but only once writing has begun", () =>
  guarded(async () => {
    const calls: ((writer: SinkWriter, index: number) => unknown)[] = [
      (writer, index) => writer.writeSample(index, audioSample(0)),
      (writer, index) => writer.sendStreamTick(index, 0),
      (writer, index) => writer.placeMarker(index),
      (writer, index) => writer.notifyEndOfSegment(index),
      (writer, index) => writer.discardQueued(index),
    ];
    const early = configured().writer;
    const { writer } = await written();
    for (const call of calls) {
      const before = await assertRejects(async () => void await call(early, 7), MuxError);
      assertEquals([before.code, before.hresult], ["invalid-state", MF_E_INVALIDREQUEST]);
      for (const index of [1, -1, 0.5, NaN]) {
        const error = await assertRejects(async () => void await call(writer, index), MuxError);
        assertEquals([error.code, error.hresult], ["invalid-stream", MF_E_INVALIDSTREAMNUMBER]);
      }
    }
    await writer.abort();
  }));

Deno.test("SinkWriter: the original's values stand on the errors that have one", () =>
  guarded(async () => {
    const none = configured();
    await none.writer.beginWriting();
    assertEquals((await assertRejects(() => none.writer.finalize(), MuxError)).hresult, 0xC00D4A44);

    const { writer } = make();
    writer.addStream(VIDEO);
    writer.addStream({ kind: "video", codec: "WMV2", codedWidth: 8, codedHeight: 8 }); // not described
    await writer.beginWriting();
    await writer.writeSample(0, { data: new Uint8Array(5), timestamp: 40_000, decodeTimestamp: 30_000 });
    const hresult = (action: () => unknown) => assertThrows(action, MuxError).hresult;
    const back = { data: new Uint8Array(5), timestamp: 40_000, decodeTimestamp: 20_000 };
    assertEquals(hresult(() => writer.writeSample(0, back)), 0xC00D36C0); // MF_E_INVALID_TIMESTAMP
    await writer.placeMarker(0); // opens the file without the second stream
    const late = { data: new Uint8Array(5), timestamp: 50_000 };
    assertEquals(hresult(() => writer.writeSample(1, late)), 0xC00D4A45); // MF_E_SINK_HEADERS_NOT_FOUND
    await writer.finalize();

    const wrong = make().writer;
    wrong.addStream({ kind: "audio", codec: "nonsense", sampleRate: 8000, numberOfChannels: 1 });
    const error = await assertRejects(() => wrong.beginWriting(), MuxError);
    assertEquals([error.code, error.hresult], ["unsupported", 0xC00D36B4]); // MF_E_INVALIDMEDIATYPE
  }));

Deno.test("SinkWriter.finalize() answers every caller with one promise and one report, and onFinalize once, first", () =>
  guarded(async () => {
    const order: unknown[] = [];
    let told: FinalizeReport | undefined;
    const stage = await written(undefined, {
      onFinalize: (error, report) => {
        assertEquals(error, undefined);
        assertReleasedOnce(stage.sink);
        told = report;
        order.push("callback");
      },
    });
    const { writer, sink } = stage;
    const first = writer.finalize();
    void first.then(() => order.push("promise"));
    void writer.closed.then(() => order.push("closed"));
    const second = writer.finalize({ signal: AbortSignal.abort() });
    assertStrictEquals(first, second);
    assertStrictEquals(await first, await writer.closed);
    assertStrictEquals(writer.finalize(), first);
    assertStrictEquals(await first, told);
    assertEquals(order[0], "callback");
    assertEquals(order.length, 3);
    assertEquals(sink.count("patch"), 1);
  }));

Deno.test("SinkWriter: a failing finalize is one error for all, told once, with the report", () =>
  guarded(async () => {
    for (const operation of ["data", "patch", "close"] as const) {
      const sink = new TestSink({ pace: "macrotask", faults: [{ operation, nth: 1, kind: "reject" }] });
      const stage = await written(sink);
      const [a, b] = [stage.writer.finalize(), stage.writer.finalize()];
      const error = await reasonOf(a) as MuxError;
      assertStrictEquals(await reasonOf(b), error);
      assertStrictEquals(await reasonOf(stage.writer.closed), error);
      assertStrictEquals(await reasonOf(stage.writer.finalize()), error);
      assertEquals(stage.ends, [error]);
      assertEquals(error.report!.sinks[0]!.outcome, "failed");
      assertEquals(stage.writer.state, "failed");
      await stage.writer[Symbol.asyncDispose](); // does not repeat it
      assertReleasedOnce(sink);
    }
  }));

Deno.test("SinkWriter: cancellation before, during and after the finish", async (t) => {
  const enough = new Error("enough");
  await t.step("before: the session's signal", () =>
    guarded(async () => {
      const controller = new AbortController();
      const stage = await written(undefined, { signal: controller.signal });
      controller.abort(enough);
      assertStrictEquals(await reasonOf(stage.writer.finalize()), enough);
      assertStrictEquals(await reasonOf(stage.writer.closed), enough);
      assertEquals([stage.ends, stage.writer.state], [[enough], "aborted"]);
    }));
  await t.step("before: a signal given to finalize() that has fired", () =>
    guarded(async () => {
      const stage = await written();
      assertStrictEquals(await reasonOf(stage.writer.finalize({ signal: AbortSignal.abort(enough) })), enough);
      assertEquals([stage.ends, stage.writer.state], [[enough], "aborted"]);
      assertReleasedOnce(stage.sink);
    }));
  await t.step("during: while data hangs", () =>
    guarded(async () => {
      const controller = new AbortController();
      const sink = new TestSink({ faults: [{ operation: "data", nth: 1, kind: "hang" }] });
      const stage = await written(sink);
      const finished = stage.writer.finalize({ signal: controller.signal });
      await turns();
      controller.abort(enough);
      assertStrictEquals(await reasonOf(finished), enough);
      assertEquals([stage.ends, stage.writer.state], [[enough], "aborted"]);
      assertReleasedOnce(sink);
    }));
  await t.step("during: abort() while the final header is being written comes too late", () =>
    guarded(async () => {
      const stage = await STATES.finalizing!();
      while (stage.sink.count("patch") === 0) {
        stage.sink.go();
        await turns(1);
      }
      const aborted = stage.writer.abort(enough);
      stage.sink.isPaused = false;
      stage.sink.go();
      await aborted;
      assertEquals([stage.ends, stage.writer.state], [[undefined], "finalized"]);
    }));
  await t.step("after: nothing", () =>
    guarded(async () => {
      const controller = new AbortController();
      const stage = await written(undefined, { signal: controller.signal });
      const report = await stage.writer.finalize({ signal: controller.signal });
      controller.abort(enough);
      await stage.writer.abort(enough);
      assertStrictEquals(await stage.writer.finalize(), report);
      assertEquals([stage.ends, stage.writer.state], [[undefined], "finalized"]);
    }));
});

Deno.test("SinkWriter: await using, on every exit", () =>
  guarded(async () => {
    const stages: Stage[] = [];
    const enter = (stage: Stage): SinkWriter => {
      stages.push(stage);
      return stage.writer;
    };
    { // never begun
      await using _ = enter(configured());
    }
    { // left in the middle
      await using _ = enter(await written());
    }
    await assertRejects(
      async () => { // thrown out of
        await using _ = enter(await written());
        throw new Error("of its own");
      },
      Error,
      "of its own",
    );
    { // finished
      await using writer = enter(await written());
      await writer.finalize();
    }
    { // left while it finishes: that is waited for
      await using writer = enter(await written(new TestSink({ pace: "macrotask" })));
      void writer.finalize();
    }
    await assertRejects(
      async () => { // the finish failed, and that alone comes out
        const sink = new TestSink({ faults: [{ operation: "patch", nth: 1, kind: "reject" }] });
        await using writer = enter(await written(sink));
        await writer.finalize();
      },
      MuxError,
      "patch 1 fails",
    );
    assertEquals(stages.map(({ writer }) => writer.state), [
      "aborted",
      "aborted",
      "aborted",
      "finalized",
      "finalized",
      "failed",
    ]);
    for (const { sink, ends } of stages.slice(1)) {
      assertReleasedOnce(sink);
      assertEquals(ends.length, 1);
    }
  }));

/** Calls made from inside a sink's calls. */
const INSIDE: { name: string; at: SinkOperation; call: (writer: SinkWriter) => unknown; state: string }[] = [
  { name: "finalize", at: "data", call: (writer) => writer.finalize(), state: "finalized" },
  { name: "finalize", at: "close", call: (writer) => writer.finalize(), state: "finalized" },
  { name: "abort", at: "open", call: (writer) => writer.abort(), state: "aborted" },
  { name: "abort", at: "data", call: (writer) => writer.abort(), state: "aborted" },
  { name: "abort", at: "patch", call: (writer) => writer.abort(), state: "finalized" },
  { name: "dispose", at: "data", call: (writer) => writer[Symbol.asyncDispose](), state: "aborted" },
  { name: "dispose", at: "close", call: (writer) => writer[Symbol.asyncDispose](), state: "finalized" },
  { name: "placeMarker", at: "header", call: (writer) => writer.placeMarker(0), state: "finalized" },
  { name: "placeMarker", at: "data", call: (writer) => writer.placeMarker(0).catch(() => {}), state: "finalized" },
  { name: "discardQueued", at: "header", call: (writer) => writer.discardQueued(), state: "finalized" },
  { name: "notifyEndOfSegment", at: "header", call: (writer) => writer.notifyEndOfSegment(), state: "finalized" },
  { name: "sendStreamTick", at: "header", call: (writer) => writer.sendStreamTick(1, 9e6), state: "finalized" },
];

for (const { name, at, call, state } of INSIDE) {
  for (const pace of ["sync", "microtask"] as const) {
    Deno.test(`SinkWriter.${name}() from inside a sink's ${at}() (${pace}) ends ${state}`, () =>
      guarded(async () => {
        const calls: unknown[] = [];
        const onCall = (operation: SinkOperation, nth: number) => {
          if (operation === at && nth === 1) calls.push(call(writer));
        };
        const { writer, sink, ends } = make(new TestSink({ pace, onCall }));
        writer.addStream(VIDEO);
        writer.addStream(AUDIO);
        const attempt = async (action: () => unknown) => {
          try {
            await action();
          } catch (error) {
            assert(error instanceof Error);
          }
        };
        await attempt(() => writer.beginWriting());
        for (let i = 0; i < 60; i++) {
          await attempt(() => writer.writeSample(0, videoSample(i, 10_000))); // more than a block
          if (i % 5 === 0) await attempt(() => writer.writeSample(1, audioSample(i * 2 / 5)));
        }
        await attempt(() => writer.finalize());
        await Promise.all(calls);
        assertEquals(calls.length, 1);
        assertEquals(writer.state, state);
        assertTreatedWell(sink);
        assertReleasedOnce(sink);
        assertEquals(ends.length, 1);
      }));
  }
}

Deno.test("SinkWriter: calls from inside its callbacks", async (t) => {
  await t.step("finalize() from onMarker", () =>
    guarded(async () => {
      const stage = await written(undefined, { onMarker: () => void stage.writer.finalize() });
      await stage.writer.placeMarker(0);
      assertEquals((await stage.writer.closed).sinks[0]!.outcome, "finished");
    }));
  await t.step("writeSample() and placeMarker() from onMarker", () =>
    guarded(async () => {
      const markers: unknown[] = [];
      const stage = await written(undefined, {
        onMarker: (index, context) => {
          markers.push(context);
          const next = context as number + 1;
          if (next > 5) return;
          stage.writer.writeSample(index, audioSample(20 + next));
          void stage.writer.placeMarker(index, next);
        },
      });
      void stage.writer.placeMarker(0, 1);
      while (markers.length < 5) await turns(1);
      assertEquals(markers, [1, 2, 3, 4, 5]);
      assertEquals((await stage.writer.finalize()).total.samplesProcessed, 24);
    }));
  await t.step("abort() and dispose() from onFinalize", () =>
    guarded(async () => {
      const inner: Promise<void>[] = [];
      const stage = await written(undefined, {
        onFinalize: () => void inner.push(stage.writer.abort(), stage.writer[Symbol.asyncDispose]()),
      });
      await stage.writer.finalize();
      await Promise.all(inner);
      assertEquals(stage.writer.state, "finalized");
    }));
  await t.step("finalize() from onFinalize after an abort", () =>
    guarded(async () => {
      const stage = await written(undefined, { onFinalize: () => void stage.writer.finalize().catch(() => {}) });
      await stage.writer.abort();
      assertEquals(stage.writer.state, "aborted");
    }));
});

Deno.test("SinkWriter: what a callback throws, or rejects with, is a warning and nothing more", () =>
  guarded(async () => {
    for (const isAsync of [false, true]) {
      const fail = isAsync ? () => Promise.reject(new Error("of its own")) : () => {
        throw new Error("of its own");
      };
      const { writer } = await written(undefined, { onMarker: fail, onFinalize: fail });
      assertEquals(await writer.placeMarker(0, 1), 1);
      const report = await writer.finalize();
      await turns(1);
      assertEquals(report.warnings.map(({ code, message }) => `${code}: ${message}`), [
        "callback-failed: Cannot call onMarker: of its own",
        "callback-failed: Cannot call onFinalize: of its own",
      ]);
    }
  }));
