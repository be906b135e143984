/** A failing optional sink is a warning as long as anybody is left: sessions that nobody takes anything of fail. */

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { MuxError, Writer } from "../../mod.ts";
import {
  assertReleasedOnce,
  assertTreatedWell,
  avOptions,
  avSamples,
  guarded,
  reasonOf,
  turns,
  writeAll,
} from "../support/sessions.ts";
import { type SinkOperation, TestSink } from "../support/sinks.ts";

const SAMPLES = avSamples(2);

const failing = (operation: SinkOperation, nth = 1) => new TestSink({ faults: [{ operation, nth, kind: "reject" }] });

/** A writer whose sinks are all optional. */
async function withOptional(sinks: readonly TestSink[], required: readonly TestSink[] = []): Promise<Writer> {
  const writer = new Writer(avOptions(required));
  for (const sink of sinks) await writer.addSink(sink, { optional: true });
  return writer;
}

Deno.test("When the last optional sink fails, the session fails with the first one's error", () =>
  guarded(async () => {
    const [late, early] = [failing("data", 2), failing("header")];
    const writer = await withOptional([late, early]);
    await writer.beginWriting();
    const written = await reasonOf((async () => {
      for (let i = 0; i < 3; i++) {
        await writeAll(writer, avSamples(10, 20_000).slice(i * 100, (i + 1) * 100));
        await turns(1);
      }
    })()) as MuxError;
    assertEquals([written.code, (written.cause as Error).message], ["sink-failed", "header 1 fails"]);
    assertEquals(writer.state, "failed");
    assertEquals(written.report!.sinks.map(({ outcome }) => outcome), ["failed", "failed"]);
    for (const end of [writer.endWriting(), writer.closed, writer.flush()]) {
      assertStrictEquals(await reasonOf(end), written);
    }
    assertTreatedWell(late, early);
    for (const sink of [late, early]) assertReleasedOnce(sink);
  }));

Deno.test("When no optional sink can be opened, beginWriting() rejects", () =>
  guarded(async () => {
    const writer = await withOptional([failing("open"), failing("open")]);
    const error = await assertRejects(() => writer.beginWriting(), MuxError, "open 1 fails");
    assertEquals([error.code, error.stage, writer.state], ["sink-failed", "open", "failed"]);
    assertStrictEquals(await reasonOf(writer.endWriting()), error);
  }));

Deno.test("An optional sink that cannot be opened is the first error of those behind it", () =>
  guarded(async () => {
    const writer = await withOptional([failing("open"), failing("data")]);
    await writer.beginWriting();
    await writeAll(writer, SAMPLES).catch(() => {});
    const error = await reasonOf(writer.endWriting()) as MuxError;
    assertEquals((error.cause as Error).message, "open 1 fails");
  }));

for (const operation of ["patch", "close"] as const) {
  Deno.test(`When every optional sink fails in the finish (${operation}), so does the finish`, () =>
    guarded(async () => {
      const writer = await withOptional([failing(operation), failing(operation)]);
      await writer.beginWriting();
      await writeAll(writer, SAMPLES);
      const error = await reasonOf(writer.endWriting()) as MuxError;
      assertEquals([error.code, (error.cause as Error).message], ["sink-failed", `${operation} 1 fails`]);
      assertEquals(error.report!.warnings.length, 1, "the other one's");
      assertEquals(writer.state, "failed");
    }));
}

Deno.test("A finish that is given up on while only optional sinks were missing, all of them, is no finish", () =>
  guarded(async () => {
    const sink = new TestSink({ faults: [{ operation: "trailer", nth: 1, kind: "hang forever" }] });
    const writer = await withOptional([sink]);
    await writer.beginWriting();
    await writeAll(writer, SAMPLES);
    const controller = new AbortController();
    const finish = writer.endWriting({ signal: controller.signal });
    await turns();
    const reason = new Error("enough");
    controller.abort(reason);
    assertStrictEquals(await reasonOf(finish), reason);
    assertEquals(writer.state, "aborted");
  }));

Deno.test("One that is left keeps the session going, optional itself or not", () =>
  guarded(async () => {
    for (const isOptional of [true, false]) {
      const [bad, good] = [failing("data"), new TestSink()];
      const writer = await withOptional(isOptional ? [bad, good] : [bad], isOptional ? [] : [good]);
      await writer.beginWriting();
      await writeAll(writer, SAMPLES);
      const { warnings, sinks } = await writer.endWriting();
      assertEquals(warnings.map(({ cause }) => (cause as Error).message), ["data 1 fails"]);
      assertEquals(sinks.map(({ outcome }) => outcome).sort(), ["failed", "finished"]);
    }
  }));

Deno.test("removeSink() of an optional sink rejects with what went wrong, and the others go on", () =>
  guarded(async () => {
    const [bad, good] = [failing("close"), new TestSink()];
    const writer = await withOptional([bad], [good]);
    await writer.beginWriting();
    await writeAll(writer, SAMPLES);
    const error = await assertRejects(() => writer.removeSink(bad), MuxError, "close 1 fails");
    assertEquals([error.stage, writer.state], ["release", "open"]);
    assertEquals((await writer.endWriting()).sinks.map(({ outcome }) => outcome), ["finished", "failed"]);
  }));
