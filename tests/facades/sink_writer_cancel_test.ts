/** A SinkWriter that is given up, left, or called from inside its sinks and its callbacks. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { MuxError, type SinkWriter } from "../../mod.ts";
import {
  assertReleasedOnce,
  assertTreatedWell,
  AUDIO,
  audioSample,
  guarded,
  reasonOf,
  turns,
  VIDEO,
  videoSample,
} from "../support/sessions.ts";
import { type SinkOperation, TestSink } from "../support/sinks.ts";
import { configured, make, type Stage, STATES, written } from "./sink_writer_states.ts";

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
