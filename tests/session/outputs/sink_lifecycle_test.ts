/** How a sink is opened, completed and let go of, whatever kind it is. */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { MuxError } from "../../../src/errors.ts";
import { type LifecycleCalls, SinkLifecycle } from "../../../src/session/outputs/sink_lifecycle.ts";
import { guarded, reasonOf, stateOf } from "../../support/sessions.ts";

/** A lifecycle, what it has called, and the calls themselves to be replaced. */
function lifecycleOf(more: Partial<LifecycleCalls> = {}) {
  const log: string[] = [];
  const note = (name: string) => () => void log.push(name);
  const lifecycle = new SinkLifecycle({
    open: note("open"),
    complete: note("complete"),
    close: note("close"),
    abort: (reason) => void log.push(`abort: ${reason instanceof Error ? reason.message : reason}`),
    explain: (cause, stage) => new MuxError("sink-failed", `${stage}: ${(cause as Error).message}`, { stage, cause }),
    onFailure: note("failure told"),
    onLetGo: note("let go"),
    ...more,
  });
  return { lifecycle, log };
}

const broken = () => Promise.reject(new Error("broken"));
const never = () => new Promise<void>(() => {});

Deno.test("SinkLifecycle opens, completes and closes", () =>
  guarded(async () => {
    const { lifecycle, log } = lifecycleOf();
    await lifecycle.open();
    assertEquals([lifecycle.isHealthy, lifecycle.isOpening, lifecycle.isSettling], [true, false, false]);
    await lifecycle.seal();
    assertEquals([lifecycle.outcome, lifecycle.isSettling], ["open", true]);
    assertStrictEquals(lifecycle.release(), lifecycle.release());
    await lifecycle.release();
    assertEquals([lifecycle.outcome, lifecycle.isHealthy], ["finished", false]);
    assertEquals(log, ["open", "complete", "close"]);
  }));

Deno.test("SinkLifecycle: a sink that cannot be opened is neither closed nor aborted, and open() alone tells", () =>
  guarded(async () => {
    const { lifecycle, log } = lifecycleOf({ open: broken });
    assertStrictEquals(await reasonOf(lifecycle.open()), lifecycle.error);
    await lifecycle.abort("later");
    await lifecycle.release();
    assertEquals([lifecycle.outcome, lifecycle.error?.message, log], ["failed", "open: broken", []]);
  }));

Deno.test("SinkLifecycle: an abort while the sink is being opened ends the wait and reaches the sink", () =>
  guarded(async () => {
    const { lifecycle, log } = lifecycleOf({ open: never });
    const opened = lifecycle.open();
    assertEquals(lifecycle.isOpening, true);
    await lifecycle.abort("enough");
    await opened;
    assertEquals([lifecycle.isOpening, lifecycle.outcome, log], [false, "aborted", ["abort: enough", "let go"]]);
  }));

Deno.test("SinkLifecycle: openLate() rejects for the call it is a part of, which fails", () =>
  guarded(async () => {
    const { lifecycle, log } = lifecycleOf({ open: broken });
    const error = await reasonOf(lifecycle.openLate());
    assertEquals([(error as MuxError).message, lifecycle.outcome], ["open: broken", "open"]);
    lifecycle.fail(error, "header");
    await lifecycle.release();
    assertEquals(log, ["failure told", "let go"]);
  }));

Deno.test("SinkLifecycle: the first failure is told once, and aborts the sink before it is told", () =>
  guarded(async () => {
    const { lifecycle, log } = lifecycleOf();
    await lifecycle.open();
    lifecycle.fail(new Error("full"), "data");
    lifecycle.fail(new Error("again"), "data");
    await lifecycle.abort("later");
    assertEquals([lifecycle.error?.message, lifecycle.isReleased], ["data: full", true]);
    assertEquals(log, ["open", "abort: data: full", "failure told", "let go"]);
  }));

Deno.test("SinkLifecycle: a sink that was salvaged is closed, and has failed all the same", () =>
  guarded(async () => {
    const { lifecycle, log } = lifecycleOf({ preventClose: true, salvage: () => () => Promise.resolve() });
    await lifecycle.open();
    lifecycle.fail(new Error("full"), "data");
    await lifecycle.release();
    assertEquals([lifecycle.outcome, log], ["failed", ["open", "failure told", "let go", "close"]]);
  }));

Deno.test("SinkLifecycle: a sink that could not be salvaged is aborted", () =>
  guarded(async () => {
    const { lifecycle, log } = lifecycleOf({ salvage: () => broken });
    await lifecycle.open();
    lifecycle.fail(new Error("full"), "data");
    await lifecycle.release();
    assertEquals([lifecycle.error?.message, log.at(-1)], ["data: full", "abort: data: full"]);
  }));

Deno.test("SinkLifecycle: an abort that comes while the sink is being completed waits and closes", () =>
  guarded(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { lifecycle, log } = lifecycleOf({ complete: () => promise });
    await lifecycle.open();
    const sealed = lifecycle.seal();
    const aborted = lifecycle.abort("too late");
    assertEquals(await stateOf(aborted), "pending");
    resolve();
    await Promise.all([sealed, aborted]);
    assertEquals([lifecycle.outcome, log], ["finished", ["open", "close"]]);
  }));

Deno.test("SinkLifecycle: failures of complete and of close are the sink's error, each told once", () =>
  guarded(async () => {
    for (const [call, stage] of [["complete", "seal"], ["close", "release"]] as const) {
      const { lifecycle, log } = lifecycleOf({ [call]: broken });
      await lifecycle.open();
      await lifecycle.seal();
      await lifecycle.release();
      assertEquals([lifecycle.outcome, lifecycle.error?.message], ["failed", `${stage}: broken`]);
      assertEquals(log.filter((entry) => entry === "failure told").length, 1);
    }
  }));

Deno.test("SinkLifecycle: with preventClose a finish leaves the sink open, and an abort does not", () =>
  guarded(async () => {
    const finished = lifecycleOf({ preventClose: true });
    await finished.lifecycle.open();
    await finished.lifecycle.release();
    assertEquals([finished.lifecycle.outcome, finished.log], ["finished", ["open"]]);
    const aborted = lifecycleOf({ preventClose: true });
    await aborted.lifecycle.open();
    await aborted.lifecycle.abort("enough");
    assertEquals(aborted.log, ["open", "abort: enough", "let go"]);
  }));
