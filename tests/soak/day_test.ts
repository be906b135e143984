import { assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { writeHours } from "./day.ts";

/** A sample that left as much as one number behind would show: 270 000 of them an hour. */
const MAX_GROWN_BYTES = 16 * 2 ** 20;

Deno.test("a recording of eight hours holds no more at its end than at its beginning", async () => {
  const { hours, indexBytes, report } = await writeHours(8);
  assertLess(hours.at(-1)!.heldBytes - hours[0]!.heldBytes, MAX_GROWN_BYTES);
  assertEquals([report.duration, report.warnings], [8 * 3_600_000_000, []]);
  // The Simple Index: 6 bytes for each 200 ms. The Index Object: 4 for each second of each of two streams.
  const seconds = 8 * 3600;
  assertAlmostEquals(indexBytes, 6 * 5 * seconds + 4 * 2 * seconds, 300);
});
