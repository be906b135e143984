/** Every public call of a SinkWriter in every state, and what its finish tells. */

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { MuxError, SinkWriter } from "../../mod.ts";
import { testLifecycle } from "../support/lifecycle.ts";
import {
  assertReleasedOnce,
  assertSamples,
  assertTreatedWell,
  AUDIO,
  audioSample,
  guarded,
  readAsf,
  reasonOf,
  turns,
  VIDEO,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";
import { configured, make, SAMPLES, type Stage, STATES, written } from "./sink_writer_states.ts";
import type { FinalizeReport } from "../../src/errors.ts";

const MF_E_INVALIDREQUEST = 0xC00D36B2;
const MF_E_INVALIDSTREAMNUMBER = 0xC00D36B3;

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

/** F: the failure of the session. A: the reason of its abort. */
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

testLifecycle<Stage>({
  facade: "SinkWriter",
  prototype: SinkWriter.prototype,
  telling: ["state", "closed"],
  states: STATES,
  calls: CALLS,
  outcomes: OUTCOMES,
  stateOf: ({ writer }) => writer.state,
  aliases: { empty: "configuring", opening: "configuring" },
  judge(error, call, state) {
    if (error.message === "enough") return "A";
    assert(error instanceof MuxError, `${call} while ${state}: ${error}`);
    if (error.code === "sink-failed") {
      assert(error.report, "the failure carries the report");
      return "F";
    }
    assertEquals([error.code, error.hresult], ["invalid-state", MF_E_INVALIDREQUEST], `${call} while ${state}`);
    assertEquals(error.state, state === "opening" || state === "empty" ? "configuring" : state);
    assert(error.allowed!.length > 0);
    return "";
  },
  proceed({ sink }) {
    sink.isPaused = false;
    sink.go();
  },
  async leave({ writer, sink, ends }) {
    sink.isPaused = false;
    sink.go();
    await writer[Symbol.asyncDispose]();
    await turns(1);
    assertTreatedWell(sink);
    if (sink.count("open") > 0) assertReleasedOnce(sink);
    assertEquals(ends.length, 1, "onFinalize calls");
  },
});

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
    const refused = await assertRejects(() => writer.finalize(), MuxError);
    assertEquals(refused.hresult, 0xC00D4A45, "and the finish tells why nothing of it is there");

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
