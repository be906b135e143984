import { assertEquals, assertStrictEquals } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { finalize, type FinalizeOutput, type FinalizeScope } from "../../src/session/finalize.ts";
import { guarded, turns } from "../support/sessions.ts";

type Stage = "drain" | "end streams" | "flush packetizer" | "idle" | "trailer" | "seal" | "release";

/** What a stage does instead of going well. */
type Trouble = { stage: Stage; how: "fail" | "hang" | "no samples" };

const FAILURES: Record<string, Error> = {};
function failure(stage: string): Error {
  return FAILURES[stage] ??= new MuxError("sink-failed", `${stage} failed`, { stage });
}
const NO_SAMPLES = new MuxError("no-samples", "nothing");

/** An output, and its lifecycle, that notes what is asked of it. */
class FakeOutput implements FinalizeOutput {
  readonly lifecycle = this;
  isHealthy = true;
  error: MuxError | undefined;
  readonly log: string[] = [];

  constructor(readonly optional: boolean, readonly failed: FakeOutput[], readonly trouble?: Trouble) {}

  idle = () => this.#run("idle");
  seal = () => this.#run("seal");
  release = () => this.isHealthy || this.log.includes("release") ? this.#run("release") : Promise.resolve();

  async writeTrailer(): Promise<MuxError | undefined> {
    if (this.trouble?.stage === "trailer" && this.trouble.how === "fail") {
      this.log.push("trailer");
      return failure("trailer") as MuxError;
    }
    await this.#run("trailer");
  }

  abort(reason: unknown): Promise<void> {
    this.log.push(`abort: ${(reason as Error).message}`);
    this.isHealthy = false;
    return Promise.resolve();
  }

  report(): never {
    throw new Error("not asked for");
  }

  async #run(stage: Stage): Promise<void> {
    if (!this.isHealthy && stage !== "release") return;
    this.log.push(stage);
    if (this.trouble?.stage !== stage) return;
    if (this.trouble.how === "hang") await new Promise(() => {});
    await turns(1);
    this.isHealthy = false;
    this.error = failure(stage) as MuxError;
    this.failed.push(this);
  }
}

async function run(trouble: Trouble | undefined, signal?: AbortSignal, optional = false) {
  const shared: string[] = [];
  const failed: FakeOutput[] = [];
  const bad = new FakeOutput(optional, failed, trouble);
  const good = new FakeOutput(false, failed);
  const stage = async (name: Stage) => {
    shared.push(name);
    if (trouble?.stage !== name) return;
    if (trouble.how === "hang") await new Promise(() => {});
    await undefined;
    throw trouble.how === "no samples" ? NO_SAMPLES : failure(name);
  };
  const scope: FinalizeScope = {
    drain: () => stage("drain"),
    endStreams: () => stage("end streams"),
    flushPacketizer: () => {
      shared.push("flush packetizer");
      if (trouble?.stage === "flush packetizer") throw failure("flush packetizer");
    },
    outputs: () => [bad, good],
    failed,
  };
  const outcome = await finalize(scope, signal);
  return { shared, bad: bad.log, good: good.log, ...outcome };
}

const SHARED = ["drain", "end streams", "flush packetizer"];
const WHOLE = ["idle", "trailer", "seal", "release"];

interface Case {
  trouble?: Trouble;
  shared: string[];
  bad: string[];
  good: string[];
  error?: string;
  warnings?: string[];
}

/** What still runs when a stage goes wrong ("The one finalize" in the design, its table). */
const CASES: Record<string, Case> = {
  "nothing goes wrong": { shared: SHARED, bad: WHOLE, good: WHOLE },
  "drain fails: it goes on": {
    trouble: { stage: "drain", how: "fail" },
    shared: SHARED,
    bad: WHOLE,
    good: WHOLE,
    error: "drain failed",
  },
  "there is nothing to write: all are aborted": {
    trouble: { stage: "drain", how: "no samples" },
    shared: ["drain"],
    bad: ["abort: nothing"],
    good: ["abort: nothing"],
    error: "nothing",
  },
  "end of streams fails: it goes on": {
    trouble: { stage: "end streams", how: "fail" },
    shared: SHARED,
    bad: WHOLE,
    good: WHOLE,
    error: "end streams failed",
  },
  "the packetizer fails: all are aborted": {
    trouble: { stage: "flush packetizer", how: "fail" },
    shared: SHARED,
    bad: ["abort: flush packetizer failed"],
    good: ["abort: flush packetizer failed"],
    error: "flush packetizer failed",
  },
  "a sink fails while it takes the rest: the other is finished": {
    trouble: { stage: "idle", how: "fail" },
    shared: SHARED,
    bad: ["idle"],
    good: WHOLE,
    error: "idle failed",
  },
  "a trailer fails: a warning": {
    trouble: { stage: "trailer", how: "fail" },
    shared: SHARED,
    bad: WHOLE,
    good: WHOLE,
    warnings: ["trailer failed"],
  },
  "a seal fails: the other is finished": {
    trouble: { stage: "seal", how: "fail" },
    shared: SHARED,
    bad: ["idle", "trailer", "seal"],
    good: WHOLE,
    error: "seal failed",
  },
  "a release fails: the other is finished": {
    trouble: { stage: "release", how: "fail" },
    shared: SHARED,
    bad: WHOLE,
    good: WHOLE,
    error: "release failed",
  },
};

for (const [name, expected] of Object.entries(CASES)) {
  Deno.test(`finalize(): ${name}`, () =>
    guarded(async () => {
      const { shared, bad, good, error, warnings } = await run(expected.trouble);
      assertEquals(shared, expected.shared);
      assertEquals(bad, expected.bad);
      assertEquals(good, expected.good);
      assertEquals((error as Error | undefined)?.message, expected.error);
      assertEquals(warnings.map((warning) => warning.message), expected.warnings ?? []);
    }));
}

Deno.test("finalize(): the failure of an optional sink is a warning", () =>
  guarded(async () => {
    for (const stage of ["idle", "seal", "release"] as const) {
      const { error, warnings, good } = await run({ stage, how: "fail" }, undefined, true);
      assertEquals([error, good], [undefined, WHOLE]);
      assertEquals(warnings.map((warning) => warning.stage), [stage]);
    }
  }));

/** A signal ends the wait at any stage; what is not sealed is aborted, what can finish does. */
const HANGS: Record<string, { shared: string[]; bad: string[]; good: string[] }> = {
  "drain": { shared: ["drain"], bad: ["abort: stop"], good: ["abort: stop"] },
  "end streams": { shared: ["drain", "end streams"], bad: ["abort: stop"], good: ["abort: stop"] },
  "idle": { shared: SHARED, bad: ["idle", "abort: stop"], good: WHOLE },
  "trailer": { shared: SHARED, bad: ["idle", "trailer", "abort: stop"], good: WHOLE },
  "seal": { shared: SHARED, bad: ["idle", "trailer", "seal", "abort: stop"], good: WHOLE },
  "release": { shared: SHARED, bad: [...WHOLE, "abort: stop"], good: WHOLE },
};

for (const [stage, expected] of Object.entries(HANGS)) {
  Deno.test(`finalize(): a signal ends the wait for ${stage}`, () =>
    guarded(async () => {
      const controller = new AbortController();
      const reason = new Error("stop");
      const finished = run({ stage: stage as Stage, how: "hang" }, controller.signal);
      await turns();
      controller.abort(reason);
      const { shared, bad, good, error } = await finished;
      assertStrictEquals(error, reason);
      assertEquals(shared, expected.shared);
      assertEquals(new Set(bad), new Set(expected.bad)); // the output itself knows that it is aborted once
      assertEquals(new Set(good), new Set(expected.good));
    }));
}

Deno.test("finalize(): a sink's failure that came before the signal stays the error", () =>
  guarded(async () => {
    const failed: FakeOutput[] = [];
    const controller = new AbortController();
    const early = new FakeOutput(false, failed, { stage: "idle", how: "fail" });
    const hanging = new FakeOutput(false, failed, { stage: "seal", how: "hang" });
    const finished = finalize({
      drain: () => Promise.resolve(),
      endStreams: () => Promise.resolve(),
      flushPacketizer: () => {},
      outputs: () => [hanging, early],
      failed,
    }, controller.signal);
    await turns();
    controller.abort(new Error("stop"));
    assertStrictEquals((await finished).error, failure("idle"));
  }));

Deno.test("finalize(): failures of outputs outside the scope do not count", () =>
  guarded(async () => {
    const failed: FakeOutput[] = [];
    const stranger = new FakeOutput(false, failed);
    stranger.error = failure("other") as MuxError;
    failed.push(stranger);
    const member = new FakeOutput(false, failed);
    const { error } = await finalize({
      drain: () => Promise.resolve(),
      endStreams: () => Promise.resolve(),
      flushPacketizer: () => {},
      outputs: () => [member],
      failed,
    });
    assertEquals(error, undefined);
  }));

Deno.test("finalize() leaves no listener on the signal", () =>
  guarded(async () => {
    let listeners = 0;
    const { signal } = new AbortController();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
    await run(undefined, signal);
    assertEquals(listeners, 0);
  }));
