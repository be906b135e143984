/**
 * Any calls to a SinkWriter in any order, over slow, failing and hanging sinks and encoders: each call is allowed in the
 * states that the table says and in no other, and nothing hangs, leaks or is left unhandled.
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "../support/fast_check.ts";
import { asf, MuxError, type SessionState, SinkWriter, type StreamConfig } from "../../mod.ts";
import { FIXED, noise } from "../support/generate.ts";
import { TestEncoder, type TestEncoderOptions, TestFrame, TestMediaSink } from "../support/media_sinks.ts";
import { noUnhandled, turns, unlessItHangs, waitAtMost } from "../support/sessions.ts";
import { SinkFault, TestSink } from "../support/sinks.ts";
import type { NamedProperty } from "./all.ts";

const VIDEO: StreamConfig = { kind: "video", codec: "WMV2", codedWidth: 64, codedHeight: 48 };
const AUDIO: StreamConfig = { kind: "audio", codec: 0x0057, sampleRate: 8000, numberOfChannels: 1, blockBytes: 1 };
const DESCRIPTION = new Uint8Array([1, 2, 3, 4]);

/** States in which a call may be taken; `getStatistics`, `abort` and disposing always are. */
const TAKEN_IN = {
  addStream: ["configuring"],
  beginWriting: ["configuring"],
  writeSample: ["open"],
  sendStreamTick: ["open"],
  placeMarker: ["open"],
  notifyEndOfSegment: ["open"],
  discardQueued: ["open"],
  finalize: ["open", "finalizing", "finalized"],
} as const;

const LATER: Readonly<Record<SessionState, readonly SessionState[]>> = {
  configuring: ["open", "finalizing", "finalized", "failed", "aborted"],
  open: ["finalizing", "finalized", "failed", "aborted"],
  finalizing: ["finalized", "failed", "aborted"],
  finalized: [],
  failed: [],
  aborted: [],
};

// ── What is drawn ──

const pace = fc.constantFrom("sync" as const, "sync" as const, "microtask" as const, "macrotask" as const);
const kind = fc.constantFrom("throw" as const, "reject" as const, "hang" as const);
const shortKind = fc.constantFrom("throw" as const, "reject" as const);
const nth = fc.integer({ min: 1, max: 4 });

function rarely<T>(faults: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant<T[]>([]) }, {
    weight: 2,
    arbitrary: fc.array(faults, { maxLength: 2 }),
  });
}

/** What cannot be interrupted (the final header, finishing, closing) may fail, but not hang. */
const byteSink = fc.record({
  pace,
  isFile: fc.boolean(),
  whenSlow: fc.constantFrom(undefined, "wait" as const, "drop" as const, "fail" as const),
  faults: rarely(fc.oneof(
    fc.record({ operation: fc.constantFrom("open" as const, "header" as const, "data" as const), nth, kind }),
    fc.record({ operation: fc.constantFrom("patch" as const, "close" as const), nth: fc.constant(1), kind: shortKind }),
  )),
});

const mediaSink = fc.record({
  pace,
  faults: rarely(fc.oneof(
    fc.record({
      operation: fc.constantFrom("open" as const, "write" as const, "default" as const, "end-of-segment" as const),
      nth,
      kind,
    }),
    fc.record({
      operation: fc.constantFrom("tick" as const, "finish" as const, "close" as const),
      nth: fc.constant(1),
      kind: shortKind,
    }),
  )),
});

const encoder: fc.Arbitrary<TestEncoderOptions | undefined> = fc.option(
  fc.record({
    output: fc.constantFrom("sync" as const, "microtask" as const, "macrotask" as const, "flush" as const),
    failAt: fc.constantFrom(undefined, undefined, undefined, 1, 3),
    throwAt: fc.constantFrom(undefined, undefined, undefined, 2),
    flush: fc.constantFrom(undefined, undefined, undefined, "reject" as const, "never" as const),
    tells: fc.boolean(),
  }),
  { nil: undefined },
);

type Call =
  | { do: "writeSample"; stream: number; stepUs: number; bytes: number; isKey: boolean; count: number }
  | { do: "sendStreamTick"; stream: number; stepUs: number }
  | { do: "placeMarker"; stream: number }
  | { do: "notifyEndOfSegment" | "discardQueued"; stream: number | undefined }
  | { do: "finalize"; signal: "none" | "aborted" | "later" }
  | { do: "turns"; count: number }
  | { do: "addStream" | "beginWriting" | "getStatistics" | "ready" | "abort" | "dispose" };

const stream = fc.constantFrom(0, 0, 0, 1, 1, 2, 5);
const someStream = fc.oneof(stream, fc.constant(undefined));

const call: fc.Arbitrary<{ call: Call; isAwaited: boolean }> = fc.record({
  call: fc.oneof<fc.MaybeWeightedArbitrary<Call>[]>(
    {
      weight: 12,
      arbitrary: fc.record({
        do: fc.constant("writeSample"),
        stream,
        stepUs: fc.constantFrom(0, 20_000, 20_000, 300_000, 6_000_000, -1),
        bytes: fc.constantFrom(1, 20, 3000, 40_000, 400_000),
        isKey: fc.boolean(),
        count: fc.constantFrom(1, 1, 1, 12),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("sendStreamTick"),
        stream,
        stepUs: fc.constantFrom(0, 500_000, 20_000_000),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("placeMarker"), stream }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("notifyEndOfSegment"), stream: someStream }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("discardQueued"), stream: someStream }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("finalize"),
        signal: fc.constantFrom("none", "none", "aborted", "later"),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("turns"), count: fc.constantFrom(1, 3, 10) }) },
    { weight: 3, arbitrary: fc.constant({ do: "beginWriting" }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("addStream", "getStatistics", "ready") }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("abort", "dispose") }) },
  ),
  isAwaited: fc.boolean(),
});

const plan = fc.record({
  mediaSink: fc.option(mediaSink, { nil: undefined }),
  sinks: fc.array(byteSink, { maxLength: 2 }),
  encoders: fc.tuple(encoder, encoder),
  calls: fc.array(call, { minLength: 1, maxLength: 30, size: "max" }),
  /** Begun before the calls, since most of them need that. */
  begins: fc.boolean(),
  disableThrottling: fc.boolean(),
  maxQueuedBytes: fc.constantFrom(undefined, undefined, 1, 50_000),
  openWindowMs: fc.constantFrom(undefined, 0),
  interleaveWindowMs: fc.constantFrom(undefined, 0, 100),
  startTime: fc.constantFrom(undefined, undefined, "rebase-each" as const),
  callbacks: fc.constantFrom("quiet", "throw", "finalize", "write", "abort"),
  finishes: fc.boolean(),
});

type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;

export const sinkWriterCalls: NamedProperty[] = [{
  name: "SinkWriter takes each call in the states of its table, and nothing hangs, whatever sinks and encoders do",
  numRuns: 150,
  property: fc.asyncProperty(plan, (plan) =>
    noUnhandled(async () => {
      await new Run(plan).play();
      await turns(2);
      // An encoder's own timers may outlive the session.
      if (plan.encoders.some((one) => one?.output === "macrotask")) await new Promise((wake) => setTimeout(wake, 5));
    })),
}];

/** One sequence of calls. */
class Run {
  readonly #plan: Plan;
  readonly #writer: SinkWriter;
  readonly #sinks: TestSink[];
  readonly #mediaSink: TestMediaSink | undefined;
  readonly #encoders: TestEncoder[] = [];
  readonly #pending: Promise<void>[] = [];
  readonly #reasons: unknown[] = [new Error("of a callback")];
  readonly #clocks = new Map<number, number>();
  /** Markers placed and markers passed, a stream. */
  readonly #placed: number[][] = [[], [], []];
  readonly #passed: number[][] = [[], [], []];
  #streamCount = 0;
  #markerCount = 0;
  #endCount = 0;
  #frameIndex = 0;
  #hasBegun = false;
  #state: SessionState = "configuring";

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#mediaSink = plan.mediaSink && new TestMediaSink(plan.mediaSink);
    this.#sinks = plan.mediaSink ? [] : plan.sinks.map((options) => new TestSink(options));
    const { disableThrottling, maxQueuedBytes, openWindowMs, interleaveWindowMs, startTime } = plan;
    this.#writer = new SinkWriter({
      ...(this.#mediaSink ? { mediaSink: this.#mediaSink } : { container: asf(FIXED), sinks: [...this.#sinks] }),
      disableThrottling,
      maxQueuedBytes,
      openWindowMs,
      interleaveWindowMs,
      startTime,
      onMarker: (index, context) => {
        this.#passed[index]!.push(context as number);
        this.#callBack();
      },
      onStreamError: () => this.#callBack(),
      onFinalize: () => {
        this.#endCount++;
        this.#callBack();
      },
    });
  }

  async play(): Promise<void> {
    if (this.#plan.begins) {
      for (let i = 0; i < 2; i++) this.#do({ do: "addStream" });
      await waitAtMost(this.#begin(), 3);
    }
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
      await waitAtMost(this.#settled(this.#writer.finalize()), 20);
      this.#watchState();
    }
    await this.#giveUp();
    this.#judge();
  }

  // ── Calls ──

  #do(call: Call): Promise<void> | undefined {
    const writer = this.#writer;
    switch (call.do) {
      case "addStream":
        return this.#streamCount === 3 ? undefined : this.#try("addStream", () => this.#addStream());
      case "beginWriting":
        return this.#begin();
      case "writeSample":
        return this.#write(call);
      case "sendStreamTick": {
        const time = (this.#clocks.get(call.stream) ?? 0) + call.stepUs;
        return this.#try("sendStreamTick", () => writer.sendStreamTick(call.stream, time));
      }
      case "placeMarker":
        return this.#mark(call.stream);
      case "notifyEndOfSegment":
        return this.#try("notifyEndOfSegment", () => writer.notifyEndOfSegment(call.stream));
      case "discardQueued":
        return this.#try("discardQueued", () => void writer.discardQueued(call.stream));
      case "finalize":
        return this.#finalize(call.signal);
      case "getStatistics":
        return this.#checkStatistics();
      case "ready":
        return this.#settled(writer.ready);
      case "turns":
        return turns(call.count);
      case "abort":
        return this.#settled(writer.abort(this.#reason()));
      case "dispose": // waits for a finish under way, however long that takes
        return writer.state === "finalizing" ? undefined : this.#settled(writer[Symbol.asyncDispose]());
    }
  }

  /** A call that returns at once. */
  #try(name: keyof typeof TAKEN_IN, action: () => void): undefined {
    const { state } = this.#writer;
    try {
      action();
      assert((TAKEN_IN[name] as readonly string[]).includes(state), `${name} was taken while ${state}`);
    } catch (error) {
      this.#checkRefusal(name, state, error);
    }
  }

  #checkRefusal(name: keyof typeof TAKEN_IN, state: SessionState, error: unknown): void {
    this.#checkError(error);
    if (!(error instanceof MuxError) || error.code !== "invalid-state" || error.state === "ended") return;
    assertEquals(error.hresult, 0xC00D36B2);
    const isOpening = this.#hasBegun && state === "configuring";
    const isEmpty = this.#streamCount === 0;
    if (isOpening || isEmpty) return;
    assert(!(TAKEN_IN[name] as readonly string[]).includes(state), `${name} was refused while ${state}`);
  }

  #addStream(): void {
    const index = this.#streamCount;
    const options = this.#plan.encoders[index];
    const config = index === 1 ? AUDIO : VIDEO;
    const factory = options && {
      encoder: (
        ...[output, error]: Parameters<NonNullable<NonNullable<Parameters<SinkWriter["addStream"]>[1]>["encoder"]>>
      ) => {
        const encoder = new TestEncoder(output, error, options);
        this.#encoders.push(encoder);
        return encoder;
      },
    };
    assertEquals(this.#writer.addStream(config, factory), index);
    this.#streamCount++;
  }

  #begin(): Promise<void> {
    const { state } = this.#writer;
    const isFirst = !this.#hasBegun && this.#streamCount > 0 && state === "configuring";
    const settled = this.#writer.beginWriting().catch((error) => {
      if (error instanceof MuxError && error.code === "invalid-state") assert(!isFirst, "beginWriting was refused");
      this.#checkError(error);
    });
    if (isFirst) this.#hasBegun = true;
    this.#pending.push(settled);
    return settled;
  }

  #write({ stream, stepUs, bytes, isKey, count }: Call & { do: "writeSample" }): Promise<void> | undefined {
    let wait: Promise<void> | undefined;
    for (let i = 0; i < count; i++) {
      const time = (this.#clocks.get(stream) ?? 0) + stepUs;
      this.#try("writeSample", () => {
        const hasEncoder = stream < 2 && this.#plan.encoders[stream] !== undefined;
        const metadata = { decoderConfig: { description: DESCRIPTION } };
        const promise = hasEncoder
          ? this.#writer.writeSample(stream, new TestFrame(this.#frameIndex++))
          : this.#writer.writeSample(
            stream,
            { data: noise(bytes, i), timestamp: time, type: isKey ? "key" : "delta" },
            metadata,
          );
        if (this.#plan.disableThrottling) assertEquals(promise, undefined);
        if (promise && !wait) wait = this.#settled(promise); // the others are ignored
        this.#clocks.set(stream, time);
      });
    }
    return wait;
  }

  #mark(stream: number): Promise<void> | undefined {
    const { state } = this.#writer;
    const context = this.#markerCount++;
    const isTaken = state === "open" && stream < this.#streamCount;
    if (isTaken) this.#placed[stream]!.push(context);
    const promise = this.#writer.placeMarker(stream, context);
    if (context % 3 === 0) return undefined; // a callback tells
    return promise.then((answer) => {
      assert(isTaken, `a marker passed that was placed while ${state}`);
      assertEquals(answer, context);
      assert(this.#passed[stream]!.includes(context), "onMarker comes first");
    }, (error) => this.#checkRefusal("placeMarker", state, error));
  }

  #finalize(kind: "none" | "aborted" | "later"): Promise<void> {
    const controller = new AbortController();
    const reason = this.#reason();
    if (kind === "aborted") controller.abort(reason);
    if (kind === "later") this.#pending.push(turns(2).then(() => controller.abort(reason)));
    const { state } = this.#writer;
    const promise = this.#writer.finalize(kind === "none" ? undefined : { signal: controller.signal });
    return promise.then(
      (report) => {
        assert((TAKEN_IN.finalize as readonly string[]).includes(state), `finalize was taken while ${state}`);
        assertEquals(this.#endCount, 1, "onFinalize comes first");
        for (const { outcome } of report.sinks) assertEquals(outcome, "finished");
      },
      (error) => this.#checkRefusal("finalize", state, error),
    );
  }

  /** What an application may do when it is called. */
  #callBack(): void {
    const writer = this.#writer;
    switch (this.#plan.callbacks) {
      case "throw":
        throw this.#reasons[0];
      case "finalize":
        return void this.#pending.push(this.#settled(writer.finalize()));
      case "write":
        return this.#try("writeSample", () => {
          void writer.writeSample(2, { data: noise(10, 1), timestamp: 1e9 }); // often no such stream
        });
      case "abort":
        return void this.#pending.push(this.#settled(writer.abort(this.#reason())));
    }
  }

  // ── Judgement ──

  async #settled(promise: Promise<unknown>): Promise<void> {
    try {
      await promise;
    } catch (error) {
      this.#checkError(error);
    }
  }

  #reason(): Error {
    const reason = new Error("given up on purpose");
    this.#reasons.push(reason);
    return reason;
  }

  #checkError(error: unknown): void {
    const isKnown = error instanceof MuxError || error instanceof SinkFault || this.#reasons.includes(error) ||
      error instanceof DOMException && error.name === "AbortError";
    if (!isKnown) throw error;
  }

  #watchState(): void {
    const { state } = this.#writer;
    assert(
      state === this.#state || LATER[this.#state].includes(state),
      `state went from ${this.#state} to ${state}`,
    );
    this.#state = state;
  }

  #checkStatistics(): undefined {
    const { streams, total } = this.#writer.getStatistics();
    for (const { samplesReceived, samplesEncoded, samplesProcessed, bytesQueued } of streams) {
      assertLessOrEqual(samplesProcessed, Math.max(samplesReceived, samplesEncoded) + 1);
      assertLessOrEqual(0, bytesQueued);
    }
    assertEquals(total.samplesReceived, streams.reduce((sum, { samplesReceived }) => sum + samplesReceived, 0));
  }

  async #giveUp(): Promise<void> {
    this.#pending.push(this.#settled(this.#writer.abort()));
    this.#pending.push(this.#settled(this.#writer.closed));
    const all = async () => {
      for (let i = 0; i < this.#pending.length; i++) await this.#pending[i]; // it may grow
    };
    await unlessItHangs(all(), `calls while ${this.#writer.state}`);
    this.#watchState();
    assert(LATER[this.#writer.state].length === 0, `ends as ${this.#writer.state}`);
  }

  #judge(): void {
    assertEquals(this.#endCount, 1, "onFinalize calls");
    for (const sink of [...this.#sinks, ...(this.#mediaSink ? [this.#mediaSink] : [])]) {
      assertEquals(sink.violations, []);
      assertLessOrEqual(sink.count("close") + sink.count("abort"), 1);
    }
    for (const { closeCount, violations } of this.#encoders) {
      assertEquals(closeCount, 1, "an encoder is closed once");
      assertEquals(violations, []);
    }
    for (const [index, passed] of this.#passed.entries()) {
      assertEquals(passed, passed.toSorted((a, b) => a - b), "markers pass in order");
      assert(passed.every((context) => this.#placed[index]!.includes(context)));
      if (
        this.#writer.state === "finalized" && !this.#mediaSink?.count("abort") && !this.#plan.mediaSink?.faults.length
      ) {
        if (!this.#plan.encoders[index]) assertEquals(passed, this.#placed[index], "all markers passed");
      }
    }
    for (const [index, stream] of this.#writer.getStatistics().streams.entries()) {
      if (this.#plan.encoders[index]) continue;
      assertEquals(stream.samplesReceived, stream.samplesProcessed + stream.samplesDropped);
      assertEquals(stream.bytesQueued, 0);
    }
  }
}
