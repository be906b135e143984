/** Every operation of a sink goes wrong once, in every way. */

import { assert, assertEquals, assertFalse, assertGreater, assertRejects, assertStrictEquals } from "@std/assert";
import { type FinalizeReport, MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { SinkOptions } from "../../src/sinks/sink.ts";
import {
  assertPrefix,
  assertReleasedOnce,
  assertSameBytes,
  assertSamples,
  assertSomeSamples,
  assertTreatedWell,
  avOptions,
  avSamples,
  guarded,
  mux,
  readAsf,
  turns,
} from "../support/sessions.ts";
import { type Fault, type FaultKind, fullDisk, type SinkOperation, TestSink } from "../support/sinks.ts";

const SAMPLES = avSamples(3, 16_000);

/** What a reader may say of a file that ends early: half a packet, half an index, an object that is not complete. */
const CUT_SHORT = ["D01", "D14", "T04", "X02"];

interface GoodRun {
  bytes: Uint8Array<ArrayBuffer>;
  /** Before the header was completed. */
  unsealed: Uint8Array<ArrayBuffer>;
  operations: { operation: SinkOperation; nth: number }[];
}

async function goodRun(isFile: boolean): Promise<GoodRun> {
  let unsealed: Uint8Array<ArrayBuffer> | undefined;
  const sink: TestSink = new TestSink({
    isFile,
    onCall: (operation) => {
      if (operation === "patch") unsealed ??= sink.bytes;
    },
  });
  await mux(avOptions([sink]), SAMPLES);
  assertTreatedWell(sink);
  const counts = new Map<SinkOperation, number>();
  const operations = sink.calls.map(({ operation }) => {
    const nth = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, nth);
    return { operation, nth };
  });
  return { bytes: sink.bytes, unsealed: unsealed ?? sink.bytes, operations };
}

interface Run {
  bad: TestSink;
  good: TestSink;
  /** What the calls failed with. */
  errors: unknown[];
  report?: FinalizeReport;
  writer: Writer;
  reason: unknown;
}

/** A session with a sink that fails and, if wanted, a good one beside it. A sink that hangs is given up after a while. */
async function run(isFile: boolean, faults: Fault[], isAlone: boolean, options: SinkOptions = {}): Promise<Run> {
  const reason = new Error("waited long enough");
  const whileOpen = new AbortController();
  const whileFinishing = new AbortController();
  let stop = whileOpen;
  const bad = new TestSink({
    isFile,
    faults,
    onCall: (operation, nth) => {
      const fault = faults.find((fault) => fault.operation === operation && fault.nth === nth);
      if (fault?.kind.startsWith("hang")) setTimeout(() => stop.abort(reason), 2);
    },
  });
  const good = new TestSink();
  const writer = new Writer(avOptions([], { signal: whileOpen.signal }));
  const errors: unknown[] = [];
  const attempt = async (call: () => unknown) => {
    try {
      return await call();
    } catch (error) {
      errors.push(error);
    }
  };
  await writer.addSink(bad, options);
  if (!isAlone) await writer.addSink(good);
  await attempt(() => writer.beginWriting());
  for (const sample of SAMPLES) {
    if (errors.length > 0) break;
    await attempt(() => writer.writeSample(sample.streamNumber, sample));
  }
  stop = whileFinishing;
  const report = await attempt(() => writer.endWriting({ signal: whileFinishing.signal })) as
    | FinalizeReport
    | undefined;
  await attempt(() => writer.closed);
  if (writer.state !== "aborted") await attempt(() => writer.endWriting());
  return { bad, good, errors, report, writer, reason };
}

/** What was written stands: a beginning of the good file, in which every whole sample is right. */
async function assertReadable(sink: TestSink, good: GoodRun): Promise<void> {
  const { bytes } = sink;
  if (sink.count("patch") === 0) assertPrefix(bytes, good.unsealed);
  const dataAt = good.unsealed.byteLength - good.bytes.byteLength; // 0: only to name both lengths
  assertEquals(dataAt, 0);
  if (sink.count("data") === 0 || bytes.byteLength === 0) return;
  const file = await readAsf(bytes, CUT_SHORT);
  assert(file.isBroadcast);
  assertSomeSamples(file, SAMPLES);
}

const FINISHED: SinkOperation[] = ["trailer", "patch", "close"];

for (const isFile of [true, false]) {
  const good = await goodRun(isFile);
  const form = isFile ? "file" : "live";

  Deno.test(`A good run of a ${form} sink calls what the sweep is about`, () => {
    const operations = new Set(good.operations.map(({ operation }) => operation));
    const expected = isFile
      ? ["open", "header", "data", "trailer", "patch", "close"]
      : ["open", "header", "data", "close"];
    assertEquals([...operations], expected as SinkOperation[]);
    assertGreater(good.operations.filter(({ operation }) => operation === "data").length, 2);
  });

  for (const { operation, nth } of good.operations) {
    for (const kind of ["throw", "reject"] as FaultKind[]) {
      const faults: Fault[] = [{ operation, nth, kind }];
      const title = `A ${form} sink whose ${operation} ${nth} ${kind === "throw" ? "throws" : "rejects"}`;

      Deno.test(`${title}, alone`, () =>
        guarded(async () => {
          const { bad, errors, report, writer } = await run(isFile, faults, true);
          assertTreatedWell(bad);
          if (operation === "open") assertEquals([bad.count("close"), bad.count("abort")], [0, 0]);
          else assertReleasedOnce(bad);
          if (operation === "trailer") {
            assertEquals(errors, []);
            assertEquals(report!.warnings.map((warning) => [warning.code, warning.stage]), [[
              "sink-failed",
              "trailer",
            ]]);
            assertEquals([report!.sinks[0]!.outcome, report!.sinks[0]!.trailerBytes > 0], ["finished", false]);
            const file = await readAsf(bad.bytes);
            assertFalse(file.isBroadcast || file.isSeekable);
            assertEquals(file.indexCount, 0);
            assertSamples(file, SAMPLES);
            return;
          }
          assertEquals(new Set(errors).size, 1, "one error for all callers");
          const error = errors[0] as MuxError;
          assert(error instanceof MuxError);
          const stages: Record<string, string> = { patch: "seal", close: "release" };
          assertEquals([error.code, error.stage], ["sink-failed", stages[operation] ?? operation]);
          assertEquals((error.cause as Error).message, `${operation} ${nth} fails`);
          assertEquals(error.report!.sinks.map((sink) => sink.outcome), ["failed"]);
          assertEquals(writer.state, "failed");
          if (operation === "close") assertSameBytes(bad.bytes, good.bytes);
          else await assertReadable(bad, good);
        }));

      Deno.test(`${title}, beside a good one`, () =>
        guarded(async () => {
          const { bad, good: other, errors, report, writer } = await run(isFile, faults, false);
          assertTreatedWell(bad, other);
          assertReleasedOnce(other);
          if (operation === "open") {
            assertEquals(writer.state, "failed");
            assertEquals(new Set(errors).size, 1);
            assertEquals([other.count("header"), other.count("abort")], [0, 1]);
            return;
          }
          assertReleasedOnce(bad);
          assertSameBytes(other.bytes, (await fileRun).bytes);
          if (operation === "trailer") {
            assertEquals(report!.sinks.map((sink) => sink.trailerBytes > 0), [false, true]);
            return;
          }
          assertEquals(new Set(errors).size, 1);
          assertEquals((errors[0] as MuxError).report!.sinks.map((sink) => sink.outcome), ["failed", "finished"]);
          if (operation !== "close") await assertReadable(bad, good);
        }));

      Deno.test(`${title}, optional, beside a good one`, () =>
        guarded(async () => {
          const { bad, good: other, errors, report, writer } = await run(isFile, faults, false, { optional: true });
          assertTreatedWell(bad, other);
          assertEquals(errors, []);
          assertEquals(writer.state, "finalized");
          assertSameBytes(other.bytes, (await fileRun).bytes);
          assertEquals(report!.warnings.length, 1);
          assertEquals((report!.warnings[0]!.cause as Error).message, `${operation} ${nth} fails`);
          assertEquals(report!.sinks[0]!.outcome, operation === "trailer" ? "finished" : "failed");
        }));

      Deno.test(`${title}, with preventClose`, () =>
        guarded(async () => {
          const { bad, errors, report } = await run(isFile, faults, true, { preventClose: true });
          assertTreatedWell(bad);
          assertEquals(bad.count("close"), 0);
          if (operation === "close" || operation === "trailer") {
            assertEquals(errors, []);
            assertEquals(report!.sinks[0]!.outcome, "finished");
            assertEquals(bad.count("abort"), 0);
          } else {
            assertEquals(new Set(errors).size, 1);
            assertEquals(bad.count("abort"), operation === "open" ? 0 : 1);
          }
        }));
    }

    const faults: Fault[] = [{ operation, nth, kind: "hang" }];
    const isSealing = operation === "patch" || operation === "close";

    Deno.test(`A ${form} sink whose ${operation} ${nth} hangs until it is given up, alone`, () =>
      guarded(async () => {
        const { bad, errors, writer, reason } = await run(isFile, faults, true);
        assertTreatedWell(bad);
        for (const error of errors) assertStrictEquals(error, reason);
        assertGreater(errors.length, 1);
        assertEquals(writer.state, "aborted");
        assertEquals(bad.count("abort"), isSealing ? 0 : 1);
        assertEquals(writer.getStatistics().sinks[0]!.outcome, isSealing ? "open" : "aborted");
        if (operation !== "close") await assertReadable(bad, good);
      }));

    Deno.test(`A ${form} sink whose ${operation} ${nth} hangs until it is given up, beside a good one`, () =>
      guarded(async () => {
        const { bad, good: other, errors, reason } = await run(isFile, faults, false);
        assertTreatedWell(bad, other);
        for (const error of errors) assertStrictEquals(error, reason);
        assertReleasedOnce(other);
        if (operation !== "open") assertSameBytes(other.bytes, (await fileRun).bytes);
      }));

    if (!FINISHED.includes(operation)) continue;
    Deno.test(`A ${form} sink whose ${operation} ${nth} hangs, optional, does not keep a good one from finishing`, () =>
      guarded(async () => {
        const { good: other, errors, report, reason } = await run(isFile, faults, false, { optional: true });
        assertEquals(errors, []);
        assertSameBytes(other.bytes, (await fileRun).bytes);
        assertEquals(report!.warnings.map((warning) => warning.cause), [reason]);
      }));
  }
}

const fileRun = goodRun(true);

Deno.test("A sink whose index and truncate fail is finished all the same", () =>
  guarded(async () => {
    const kinds: FaultKind[] = ["throw", "reject"];
    for (const kind of kinds) {
      const faults: Fault[] = [{ operation: "trailer", nth: 2, kind }, { operation: "truncate", nth: 1, kind }];
      const { bad, errors, report } = await run(true, faults, true);
      assertEquals(errors, []);
      assertEquals(report!.sinks[0]!.trailerBytes > 0, false);
      assertEquals([bad.count("truncate"), bad.count("close")], [1, 1]);
      assertTreatedWell(bad);
    }
  }));

Deno.test("A sink whose abort fails too keeps the first error", () =>
  guarded(async () => {
    for (const kind of ["throw", "reject"] as FaultKind[]) {
      const { bad, errors } = await run(true, [
        { operation: "data", nth: 1, kind: "reject" },
        { operation: "abort", nth: 1, kind },
      ], true);
      assertEquals(new Set(errors).size, 1);
      assertEquals(((errors[0] as MuxError).cause as Error).message, "data 1 fails");
      assertReleasedOnce(bad);
    }
  }));

Deno.test("All sinks fail: the session has failed with the first error, and each sink was let go of", () =>
  guarded(async () => {
    const sinks = [2, 1, 3].map((nth) => new TestSink({ faults: [{ operation: "data", nth, kind: "reject" }] }));
    const writer = new Writer(avOptions(sinks));
    await writer.beginWriting();
    const error = await assertRejects(async () => {
      for (const sample of SAMPLES) await writer.writeSample(sample.streamNumber, sample);
      await writer.endWriting();
    }, MuxError);
    assertEquals((error.cause as Error).message, "data 1 fails");
    assertEquals(writer.state, "failed");
    assertEquals(error.report!.sinks.map((sink) => sink.outcome), ["failed", "failed", "failed"]);
    for (const sink of sinks) assertReleasedOnce(sink);
  }));

Deno.test("A full disk is a typed error, and what was written stays readable", async (t) => {
  const good = await fileRun;
  const headerBytes = (await goodHeaderBytes()) + 50;
  for (
    const capacity of [headerBytes - 100, headerBytes + 10_000, headerBytes + 777_777, good.bytes.byteLength - 500_000]
  ) {
    for (const pace of ["sync", "macrotask"] as const) {
      await t.step(`${capacity} bytes, ${pace}`, () =>
        guarded(async () => {
          const disk = fullDisk(capacity, { pace });
          const other = new TestSink();
          const error = await assertRejects(() => mux(avOptions([disk, other]), SAMPLES), MuxError);
          assertEquals(error.code, "sink-failed");
          assertEquals((error.cause as Error).message, "No space left on device");
          assertEquals(error.report!.sinks.map((sink) => sink.outcome), ["failed", "finished"]);
          assertSameBytes(other.bytes, good.bytes);
          assertTreatedWell(disk);
          assertReleasedOnce(disk);
          assertEquals(disk.bytes.byteLength, capacity);
          assertPrefix(disk.bytes, good.unsealed);
          if (capacity < headerBytes) return;
          const file = await readAsf(disk.bytes, CUT_SHORT);
          assert(file.isBroadcast);
          assertSomeSamples(file, SAMPLES);
          if (capacity > headerBytes + 100_000) assertGreater(file.samples.length, 10);
        }));
    }
  }
});

Deno.test("A disk that is full when the index comes costs the index, not the file", () =>
  guarded(async () => {
    const good = await fileRun;
    const disk = fullDisk(good.bytes.byteLength - 10);
    const report = await mux(avOptions([disk]), SAMPLES);
    assertEquals(report.warnings.map((warning) => warning.stage), ["trailer"]);
    const file = await readAsf(disk.bytes);
    assertSamples(file, SAMPLES);
    assertEquals([file.isBroadcast, file.isSeekable, file.indexCount], [false, false, 0]);
  }));

async function goodHeaderBytes(): Promise<number> {
  return (await readAsf((await fileRun).bytes)).reader.header.size;
}

Deno.test("A sink that never answers and a caller that never waits: the memory is bounded, and nothing is lost", () =>
  guarded(async () => {
    const samples = avSamples(12, 30_000);
    const fast = new TestSink();
    await mux(avOptions([fast]), samples);

    const slow = new TestSink({ pace: "macrotask" });
    const maxQueuedBytes = 1 << 20;
    const writer = new Writer(avOptions([slow], { maxQueuedBytes }));
    await writer.beginWriting();
    slow.isPaused = true;
    let refusals = 0;
    for (const sample of samples) {
      for (;;) {
        const before = writer.getStatistics();
        try {
          writer.writeSample(sample.streamNumber, sample);
          break;
        } catch (error) {
          assert(error instanceof MuxError && error.code === "queue-full", `${error}`);
          assertEquals([error.streamNumber, error.timestamp], [sample.streamNumber, sample.timestamp]);
          assertEquals(writer.getStatistics(), before, "nothing was taken");
          const queued = before.streams.reduce((sum, stream) => sum + stream.bytesQueued, 0);
          assert(queued <= maxQueuedBytes && queued + sample.data.byteLength > maxQueuedBytes, `${queued}`);
          refusals++;
          slow.isPaused = false;
          slow.go();
          await writer.ready;
          slow.isPaused = true;
        }
      }
    }
    slow.isPaused = false;
    slow.go();
    await writer.endWriting();
    assertGreater(refusals, 1);
    assertSameBytes(slow.bytes, fast.bytes);
    assertTreatedWell(slow);
  }));

Deno.test("The same samples give the same bytes whatever the sinks' pace, and however the caller waits", () =>
  guarded(async () => {
    const good = (await fileRun).bytes;
    for (const pace of ["sync", "microtask", "macrotask"] as const) {
      for (const keepsBytes of [false, true]) {
        for (const waits of [true, false]) {
          const sinks = [new TestSink({ pace, keepsBytes }), new TestSink({ pace: "microtask" })];
          const writer = new Writer(avOptions(sinks));
          await writer.beginWriting();
          for (const [i, sample] of SAMPLES.entries()) {
            const wait = writer.writeSample(sample.streamNumber, sample);
            if (waits) await wait;
            else if (i % 7 === 0) await turns(0);
          }
          await writer.endWriting();
          for (const sink of sinks) assertSameBytes(sink.bytes, good, `${pace} ${keepsBytes} ${waits}`);
          assertTreatedWell(...sinks);
        }
      }
    }
  }));
