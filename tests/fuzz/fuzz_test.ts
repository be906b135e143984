import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { runRequests } from "./requests.ts";
import { runFiles } from "./run.ts";

Deno.test("damaged files end in a MuxError or in a right file, in bounded time and memory", async () => {
  const { count } = await runFiles({ seed: 20_260_101, from: 0, seconds: Infinity, most: 30_000 });
  assertEquals(count, 30_000);
});

Deno.test("mutated requests do no harm: no push without the password, and a player beside gets every packet", async () => {
  const { answers, heldAfter } = await runRequests({ seed: 20_260_102, count: 1500 });
  for (const line of ["204 No Content", "400 Bad Request", "401 Unauthorized"].map((text) => `HTTP/1.1 ${text}`)) {
    assertGreater(answers[line] ?? 0, 20, line);
  }
  assertLess(heldAfter.at(-1)!, heldAfter[0]! + (256 << 20));
});
