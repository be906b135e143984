/** Promises for those who wait for backpressure. */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { Backpressure } from "../../src/session/backpressure.ts";
import { guarded, reasonOf, stateOf } from "../support/sessions.ts";

Deno.test("Backpressure answers nothing while there is room, and one promise for all who wait", () =>
  guarded(async () => {
    let hasRoom = true;
    const backpressure = new Backpressure(() => hasRoom);
    assertEquals(backpressure.wait(), undefined);
    await backpressure.ready;
    hasRoom = false;
    const wait = backpressure.wait()!;
    assertStrictEquals(backpressure.wait(), wait);
    assertStrictEquals(backpressure.ready, wait);
    backpressure.update();
    assertEquals(await stateOf(wait), "pending");
    hasRoom = true;
    backpressure.update();
    await wait;
    assertEquals(backpressure.wait(), undefined);
  }));

Deno.test("Backpressure rejects everybody with the first reason, now and later, and nobody is unhandled", () =>
  guarded(async () => {
    const backpressure = new Backpressure(() => false);
    const reason = new Error("over");
    const wait = backpressure.wait()!;
    let done = () => {};
    const raced = backpressure.race((resolve) => done = resolve);
    const won = backpressure.race((resolve) => resolve());
    backpressure.fail(reason);
    backpressure.fail(new Error("later"));
    done();
    await won;
    for (const promise of [wait, raced]) assertStrictEquals(await reasonOf(promise), reason);
    assertStrictEquals(await reasonOf(backpressure.wait()), reason);
    assertStrictEquals(await reasonOf(backpressure.ready), reason);
    assertStrictEquals(await reasonOf(backpressure.race(() => {})), reason);
  }));
