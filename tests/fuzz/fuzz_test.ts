import { assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { runRequests } from "./requests.ts";
import { runFiles } from "./run.ts";

Deno.test("damaged files end in a MuxError or in a right file, in bounded time and memory", async () => {
  const { count } = await runFiles({ seed: 20_260_101, from: 0, seconds: Infinity, most: 30_000 });
  assertEquals(count, 30_000);
});

Deno.test("mutated requests do no harm: no push without the password, a player beside gets every packet, and what they cost is in proportion", async () => {
  const { answers, growth, sentBytes, writtenBytes } = await runRequests({ seed: 20_260_102, count: 1500 });
  for (const line of ["204 No Content", "400 Bad Request", "401 Unauthorized"].map((text) => `HTTP/1.1 ${text}`)) {
    assertGreater(answers[line] ?? 0, 20, line);
  }
  const [first, last] = [growth[0]!, growth.at(-1)!];
  assertLess(last.heldBytes, first.heldBytes + (256 << 20));
  // The servers and their broadcasts are gone by then.
  assertLessOrEqual(last.descriptorCount, first.descriptorCount);
  // Index objects of recordings may be 16 KiB and a tenth each: see proportion_test.ts.
  assertLess(writtenBytes, 2 * sentBytes + (16 << 20));
});
