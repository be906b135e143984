/** Any calls in any order, into any sinks: the states go along their table, and nothing hangs or is left unhandled. */

import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import {
  asf,
  MuxError,
  type SessionState,
  type SinkLike,
  type SinkReport,
  type StreamConfig,
  Writer,
} from "../../mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { FIXED, noise } from "../support/generate.ts";
import { noUnhandled, turns, unlessItHangs, waitAtMost } from "../support/sessions.ts";
import { type Fault, SinkFault, TestSink, type TestSinkOptions } from "../support/sinks.ts";
import type { NamedProperty } from "./all.ts";

const STREAMS: readonly StreamConfig[] = [
  { kind: "video", codec: "WMV1", codedWidth: 64, codedHeight: 48 },
  { kind: "audio", codec: 0x0057, sampleRate: 8000, numberOfChannels: 1, blockBytes: 1 },
  // Described by the codec data that only its first chunk brings.
  { kind: "video", codec: "WMV3", codedWidth: 64, codedHeight: 48 },
];

/** Where a state may lead, over however many steps. */
const LATER: Readonly<Record<SessionState, readonly SessionState[]>> = {
  configuring: ["open", "finalizing", "finalized", "failed", "aborted"],
  open: ["finalizing", "finalized", "failed", "aborted"],
  finalizing: ["finalized", "failed", "aborted"],
  finalized: [],
  failed: [],
  aborted: [],
};

// ── What is drawn ──

/** What cannot be interrupted (the final header, closing) may fail, but not hang. */
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record<Fault>({
    operation: fc.constantFrom("open", "header", "data", "data", "data", "trailer", "truncate"),
    nth: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom("throw", "reject", "hang"),
  }),
  fc.record<Fault>({
    operation: fc.constantFrom("patch", "close", "abort"),
    nth: fc.constant(1),
    kind: fc.constantFrom("throw", "reject"),
  }),
);

const sinkPlan: fc.Arbitrary<TestSinkOptions> = fc.record({
  pace: fc.constantFrom("sync", "sync", "microtask", "macrotask"),
  faults: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, {
    weight: 2,
    arbitrary: fc.array(fault, { maxLength: 2 }),
  }),
  isFile: fc.boolean(),
  keepsBytes: fc.boolean(),
  whenSlow: fc.constantFrom(undefined, "wait", "drop", "fail"),
  maxHeaderBytes: fc.constantFrom(undefined, undefined, undefined, undefined, 100),
});

type Call =
  | { do: "write"; stream: number; stepUs: number; packets: number; isKey: boolean; wrong: Wrong; count: number }
  | { do: "addSink"; sink: TestSinkOptions; optional: boolean }
  | { do: "removeSink"; at: number }
  | { do: "setMetadata"; bytes: number }
  | { do: "endWriting"; signal: "none" | "aborted" | "later" }
  | { do: "endStream"; stream: number }
  | { do: "turns"; count: number }
  | { do: "beginWriting" | "flush" | "ready" | "abort" | "signal" | "dispose" | "statistics" };

type Wrong = "nothing" | "nothing" | "back" | "NaN" | "empty" | "stream" | "huge" | "no bytes";

const call: fc.Arbitrary<{ call: Call; isAwaited: boolean }> = fc.record({
  call: fc.oneof<fc.MaybeWeightedArbitrary<Call>[]>(
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant("write"),
        stream: fc.nat(2),
        stepUs: fc.constantFrom(0, 20_000, 20_000, 300_000, 6_000_000),
        packets: fc.constantFrom(0, 0, 0, 0, 1, 1, 3, 400),
        isKey: fc.boolean(),
        wrong: fc.oneof(
          { weight: 12, arbitrary: fc.constant<Wrong>("nothing") },
          { weight: 1, arbitrary: fc.constantFrom<Wrong>("back", "NaN", "empty", "stream", "huge", "no bytes") },
        ),
        count: fc.constantFrom(1, 1, 1, 30),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ do: "beginWriting" }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("addSink"), sink: sinkPlan, optional: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("removeSink"), at: fc.nat(3) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant("setMetadata"), bytes: fc.constantFrom(0, 10, 3000, 70_000) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("endWriting"),
        signal: fc.constantFrom("none", "none", "aborted", "later"),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("endStream"), stream: fc.nat(2) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("turns"), count: fc.constantFrom(1, 3, 20) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("flush", "ready", "statistics") }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("abort", "signal", "dispose") }) },
  ),
  isAwaited: fc.boolean(),
});

const plan = fc.record({
  sinks: fc.array(sinkPlan, { maxLength: 3 }),
  calls: fc.array(call, { minLength: 1, maxLength: 30, size: "max" }),
  packetBytes: fc.constantFrom(100, 3200),
  maxLatencyMs: fc.constantFrom(undefined, undefined, 1, 100),
  openWindowMs: fc.constantFrom(undefined, 0, 500),
  interleaveWindowMs: fc.constantFrom(undefined, 0, 100),
  onLag: fc.constantFrom(undefined, "error" as const),
  maxQueuedBytes: fc.constantFrom(undefined, undefined, 1, 5000),
  startTime: fc.constantFrom(undefined, "keep" as const, "rebase-each" as const),
  epochUs: fc.constantFrom(0, 5_000_000, -5_000_000),
  finishes: fc.boolean(),
});

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

export const lifecycle: NamedProperty[] = [{
  name: "Writer keeps to its states under any calls, and nothing hangs, whatever the sinks do",
  numRuns: 200,
  property: fc.asyncProperty(plan, (plan) => noUnhandled(() => new Run(plan).play())),
}];

/** One sequence of calls. */
class Run {
  readonly #plan: Plan;
  readonly #controller = new AbortController();
  readonly #writer: Writer;
  readonly #sinks: TestSink[];
  /** Sinks that were there from the beginning, in the order given. */
  readonly #firstCount: number;
  readonly #pending: Promise<void>[] = [];
  readonly #clocks = STREAMS.map(() => 0);
  readonly #reasons: unknown[] = [];
  #accepted = 0;
  #state: SessionState = "configuring";

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#sinks = plan.sinks.map((options) => new TestSink(options));
    this.#firstCount = this.#sinks.length;
    const { packetBytes, maxLatencyMs, openWindowMs, interleaveWindowMs, onLag, maxQueuedBytes, startTime } = plan;
    this.#writer = new Writer({
      container: asf({ ...FIXED, packetBytes }),
      streams: STREAMS,
      sinks: [...this.#sinks],
      signal: this.#controller.signal,
      maxLatencyMs,
      openWindowMs,
      interleaveWindowMs,
      onLag,
      maxQueuedBytes,
      startTime,
    });
  }

  async play(): Promise<void> {
    for (const { call, isAwaited } of this.#plan.calls) {
      const promise = this.#do(call);
      this.#watchState();
      if (promise) {
        this.#pending.push(promise);
        if (isAwaited) await waitAtMost(promise, 3);
      }
      this.#watchState();
    }
    if (this.#plan.finishes) {
      await waitAtMost(this.#endWriting("never"), 10);
      this.#watchState();
    }
    await this.#giveUp();
    for (const sink of this.#sinks) assertEquals(sink.violations, []);
    await this.#checkFiles();
  }

  #watchState(): void {
    const { state } = this.#writer;
    assert(
      state === this.#state || LATER[this.#state].includes(state),
      `state went from ${this.#state} to ${state}`,
    );
    this.#state = state;
  }

  async #giveUp(): Promise<void> {
    this.#pending.push(this.#settled(this.#writer.abort()));
    this.#pending.push(this.#settled(this.#writer.closed));
    await unlessItHangs(Promise.all(this.#pending), `calls while ${this.#writer.state}`);
    this.#watchState();
    assert(LATER[this.#writer.state].length === 0, `ends as ${this.#writer.state}`);
  }

  /** A promise that never rejects, but for errors that should not come out. */
  async #settled(promise: Promise<unknown>): Promise<void> {
    try {
      await promise;
    } catch (error) {
      this.#checkError(error);
    }
  }

  #checkError(error: unknown): void {
    const isKnown = error instanceof MuxError || error instanceof SinkFault || this.#reasons.includes(error) ||
      error instanceof DOMException && error.name === "AbortError";
    if (!isKnown) throw error;
  }

  /** Does one call; answers what settles later. */
  #do(call: Call): Promise<void> | undefined {
    const writer = this.#writer;
    switch (call.do) {
      case "write":
        return this.#write(call);
      case "beginWriting":
        return this.#settled(writer.beginWriting());
      case "flush":
        return this.#settled(writer.flush());
      case "ready":
        return this.#settled(writer.ready);
      case "addSink": {
        const sink = new TestSink(call.sink);
        this.#sinks.push(sink);
        return this.#settled(writer.addSink(sink, { optional: call.optional }));
      }
      case "removeSink": {
        const sink: SinkLike = this.#sinks[call.at] ?? new TestSink();
        return this.#settled(writer.removeSink(sink));
      }
      case "setMetadata":
        return this.#attempt(() => writer.setMetadata({ title: "t".repeat(call.bytes / 2) }));
      case "endStream":
        return this.#settled(writer.writableFor(call.stream + 1).getWriter().close());
      case "endWriting":
        return this.#endWriting(call.signal);
      case "abort":
        return this.#settled(writer.abort(this.#reason()));
      case "signal":
        this.#controller.abort(this.#reason());
        return undefined;
      case "dispose":
        // Waits for a finish under way, however long that takes.
        return writer.state === "finalizing" ? undefined : this.#settled(writer[Symbol.asyncDispose]());
      case "statistics":
        return this.#checkStatistics();
      case "turns":
        return turns(call.count);
    }
  }

  #reason(): Error {
    const reason = new Error("given up on purpose");
    this.#reasons.push(reason);
    return reason;
  }

  #endWriting(kind: "none" | "aborted" | "later" | "never"): Promise<void> {
    const controller = new AbortController();
    const reason = this.#reason();
    if (kind === "aborted") controller.abort(reason);
    else if (kind === "later") this.#pending.push(turns(2).then(() => controller.abort(reason)));
    const options = kind === "none" ? undefined : { signal: controller.signal };
    const settled = this.#settled(this.#writer.endWriting(options));
    this.#pending.push(settled);
    return settled;
  }

  #attempt(action: () => void): undefined {
    try {
      action();
    } catch (error) {
      this.#checkError(error);
    }
  }

  #write({ stream, stepUs, packets, isKey, wrong, count }: Call & { do: "write" }): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    for (let i = 0; i < (packets > 3 ? Math.min(count, 4) : count); i++) {
      const time = this.#clocks[stream]! + stepUs;
      const times = { back: time - 60_000_000, NaN: NaN, huge: 4e15 } as Readonly<Record<Wrong, number | undefined>>;
      const timestamp = times[wrong] ?? time + this.#plan.epochUs;
      const data = wrong === "no bytes"
        ? undefined as unknown as Uint8Array
        : noise(wrong === "empty" ? 0 : 20 + packets * 3000, this.#accepted);
      const { state } = this.#writer;
      try {
        const metadata = stream === 2 ? { decoderConfig: { description: new Uint8Array([1, 2, 3, 4]) } } : undefined;
        const number = wrong === "stream" ? 77 : stream + 1;
        const wait = this.#writer.writeSample(number, { data, timestamp, type: isKey ? "key" : "delta" }, metadata);
        assertEquals(state, "open", "a sample was taken");
        assert(wrong === "nothing" || wrong === "back" || wrong === "huge", `a sample was taken with wrong ${wrong}`);
        this.#accepted++;
        this.#clocks[stream] = time;
        if (wait && i === 0) waits.push(this.#settled(wait)); // the others are ignored
      } catch (error) {
        const isRefusal = error instanceof RangeError && wrong === "NaN" ||
          error instanceof TypeError && wrong === "no bytes";
        if (!isRefusal) this.#checkError(error);
      }
    }
    return waits[0];
  }

  #checkStatistics(): undefined {
    const { streams, sinks } = this.#writer.getStatistics();
    assertEquals(streams.reduce((sum, one) => sum + one.samplesReceived, 0), this.#accepted);
    for (const one of streams) {
      assert(one.samplesProcessed + one.samplesDropped <= one.samplesReceived, "more samples than came");
      assert(one.bytesQueued >= 0, "less than nothing is queued");
    }
    for (const { bytes } of sinks) assert(bytes >= 0);
  }

  /** What was finished is a file with everything that was taken; what was not is one that says so. */
  async #checkFiles(): Promise<void> {
    this.#checkStatistics();
    const { streams, sinks } = this.#writer.getStatistics();
    const processed = streams.reduce((sum, one) => sum + one.samplesProcessed, 0);
    for (const [i, sink] of this.#sinks.entries()) {
      const report = sinks.find((one) => one.sink === sink);
      if (report === undefined || report.bytes === 0 || sink.count("header") === 0 || sink.bytes.byteLength === 0) {
        continue;
      }
      const reader = await AsfReader.open(sink.bytes);
      let count = 0;
      for await (const _ of reader.samples()) count++;
      if (report.outcome !== "finished") continue;
      const isLate = i >= this.#firstCount;
      if (this.#isComplete(sink, report)) {
        const known = isLate ? ["D14", "D16"] : [];
        assertEquals(reader.problems.filter(({ rule }) => !known.includes(rule)), []);
      }
      if (this.#writer.state === "finalized" && !isLate && this.#isComplete(sink, report) && !this.#wasRemoved(sink)) {
        assertEquals(count, processed, `samples in sink ${i}`);
      }
    }
  }

  /** A sink that drops may have lost the end of a sample without any sample being counted. */
  #isComplete({ whenSlow }: TestSink, { samplesDropped }: SinkReport): boolean {
    return samplesDropped === 0 && whenSlow !== "drop";
  }

  #wasRemoved(sink: TestSink): boolean {
    return this.#plan.calls.some(({ call }) => call.do === "removeSink" && this.#sinks[call.at] === sink);
  }
}
