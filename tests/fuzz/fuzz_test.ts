import { assertGreater } from "@std/assert";
import { runFiles } from "./run.ts";

Deno.test("damaged files end in a MuxError or in a right file, in bounded time and memory", async () => {
  const { count } = await runFiles({ seed: 20_260_101, from: 0, seconds: 20 });
  assertGreater(count, 50);
});
