/** How many modules stand between a sample and the copy of its bytes. */

import { assert } from "@std/assert";
import { modulesOnTheWay } from "../../bench/calls.ts";

/** Fewer is welcome; more has to be worth its time on each sample. */
const MAX_CALLS = 6;

Deno.test("a sample goes through few modules on its way to the core", async () => {
  const modules = await modulesOnTheWay();
  assert(modules.length <= MAX_CALLS, modules.join(" → "));
});
