/** Random calls on a Writer with random sinks: whatever happens, the rules hold. */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import {
  assertReleasedOnce,
  assertTreatedWell,
  audioSample,
  avOptions,
  guarded,
  type NumberedSample,
  readAsf,
  turns,
  videoSample,
} from "../support/sessions.ts";
import { TestSink, type TestSinkOptions } from "../support/sinks.ts";

const PACE = fc.constantFrom("sync" as const, "microtask" as const, "macrotask" as const);

const SINK: fc.Arbitrary<TestSinkOptions> = fc.record({
  pace: PACE,
  isFile: fc.boolean(),
  keepsBytes: fc.boolean(),
  whenSlow: fc.constantFrom(undefined, "wait" as const, "drop" as const, "fail" as const),
  faults: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    {
      weight: 1,
      arbitrary: fc.array(
        fc.record({
          operation: fc.constantFrom("open", "header", "data", "trailer", "patch", "close", "abort"),
          nth: fc.integer({ min: 1, max: 3 }),
          kind: fc.constantFrom("throw", "reject"),
        }),
        { maxLength: 2 },
      ) as fc.Arbitrary<NonNullable<TestSinkOptions["faults"]>>,
    },
  ),
});

type Step =
  | { do: "video" | "audio"; count: number; awaits: boolean }
  | { do: "flush" | "finish" | "abort" | "end audio" | "turn"; awaits: boolean }
  | { do: "add"; sink: TestSinkOptions; optional: boolean; awaits: boolean }
  | { do: "remove"; which: number; awaits: boolean };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom("video" as const, "audio" as const),
      count: fc.integer({ min: 1, max: 12 }),
      awaits: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("flush" as const, "turn" as const), awaits: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("add" as const), sink: SINK, optional: fc.boolean(), awaits: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), which: fc.nat(4), awaits: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("finish" as const, "abort" as const, "end audio" as const),
      awaits: fc.boolean(),
    }),
  },
);

interface Plan {
  sinks: TestSinkOptions[];
  steps: Step[];
  videoBytes: number;
  windowMs: number;
  maxLatencyMs: number | undefined;
}

async function play(plan: Plan): Promise<void> {
  const sinks = plan.sinks.map((options) => new TestSink(options));
  const writer = new Writer(avOptions(sinks, {
    interleaveWindowMs: plan.windowMs,
    maxLatencyMs: plan.maxLatencyMs,
    maxQueuedBytes: 3 << 20,
  }));
  const accepted: NumberedSample[] = [];
  const next = { video: 0, audio: 0 };
  const removed = new Set<TestSink>();
  const running: Promise<unknown>[] = [];
  const settle = (promise: Promise<unknown>, awaits: boolean): Promise<unknown> | undefined => {
    const judged = promise.catch((error) =>
      assert(error instanceof MuxError || error instanceof DOMException, `${error}`)
    );
    running.push(judged);
    return awaits ? judged : undefined;
  };
  await settle(writer.beginWriting(), true);
  for (const step of plan.steps) {
    switch (step.do) {
      case "video":
      case "audio":
        for (let i = 0; i < step.count; i++) {
          const index = next[step.do];
          const sample = step.do === "video" ? videoSample(index, plan.videoBytes) : audioSample(index);
          try {
            const wait = writer.writeSample(sample.streamNumber, sample);
            next[step.do]++;
            accepted.push(sample);
            if (wait && step.awaits) await settle(wait, true);
          } catch (error) {
            assert(error instanceof MuxError, `${error}`);
          }
        }
        break;
      case "flush":
        await settle(writer.flush(), step.awaits);
        break;
      case "turn":
        await turns(1);
        break;
      case "add": {
        const sink = new TestSink(step.sink);
        sinks.push(sink);
        await settle(writer.addSink(sink, { optional: step.optional }), step.awaits);
        break;
      }
      case "remove": {
        const sink = sinks[step.which % sinks.length]!;
        if (writer.state === "open") removed.add(sink);
        await settle(writer.removeSink(sink), step.awaits);
        break;
      }
      case "end audio":
        await settle(writer.writableFor(2).close(), step.awaits);
        break;
      case "finish":
        await settle(writer.endWriting(), step.awaits);
        break;
      case "abort":
        await settle(writer.abort(), step.awaits);
        break;
    }
  }
  await settle(writer.endWriting(), true);
  await writer[Symbol.asyncDispose]();
  await Promise.all(running);
  await writer.closed.catch(() => {});
  await turns();
  assert(["finalized", "failed", "aborted"].includes(writer.state), writer.state);
  const stayed = sinks.slice(0, plan.sinks.length).filter((sink) => !removed.has(sink));
  await judge(writer, sinks, stayed, accepted);
}

async function judge(
  writer: Writer,
  sinks: TestSink[],
  stayed: TestSink[],
  accepted: NumberedSample[],
): Promise<void> {
  const { streams, sinks: reports } = writer.getStatistics();
  for (const [i, stream] of streams.entries()) {
    assertEquals(stream.samplesReceived, accepted.filter((sample) => sample.streamNumber === i + 1).length);
    assertEquals(stream.samplesReceived, stream.samplesProcessed + stream.samplesDropped);
    assertEquals(stream.bytesQueued, 0);
  }
  const originals = new Map(accepted.map((sample) => [sample.data.join(), sample]));
  for (const sink of sinks) {
    assertTreatedWell(sink);
    const couldOpen = sink.count("open") === 1 &&
      (sink.count("header") > 0 || sink.count("abort") + sink.count("close") > 0);
    if (couldOpen) assertReleasedOnce(sink);
    const report = reports.find((report) => report.sink === sink);
    if (report?.outcome !== "finished" || sink.bytes.byteLength === 0) continue;
    const file = await readAsf(sink.bytes, report.samplesDropped > 0 ? ["D14", "D16"] : []);
    for (const number of file.streamNumbers) {
      const found = file.samples.filter((sample) => sample.streamNumber === number);
      const order = found.map((sample) => originals.get(sample.data.join())!.timestamp);
      assertEquals(order, order.toSorted((a, b) => a - b));
      const { samplesProcessed } = streams[number - 1]!;
      assertLessOrEqual(found.length, samplesProcessed);
      if (stayed.includes(sink) && report.samplesDropped === 0) assertEquals(found.length, samplesProcessed);
    }
  }
}

Deno.test("Random calls on a Writer keep the rules", () =>
  fc.assert(
    fc.asyncProperty(
      fc.record({
        sinks: fc.array(SINK, { minLength: 1, maxLength: 2 }),
        steps: fc.array(STEP, { maxLength: 20 }),
        videoBytes: fc.constantFrom(50, 3000, 60_000),
        windowMs: fc.constantFrom(0, 100, 500),
        maxLatencyMs: fc.constantFrom(undefined, undefined, 100),
      }),
      (plan) => guarded(() => play(plan)),
    ),
    { numRuns: 100 },
  ));
