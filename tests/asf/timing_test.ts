import { assertEquals, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { checkTime, toMs, toTicks } from "../../src/asf/timing.ts";
import { toFileTime } from "../../src/bytes/file_time.ts";
import { MuxError } from "../../src/errors.ts";

Deno.test("toMs() and toTicks() round each time from its exact value, so that nothing drifts", () => {
  fc.assert(fc.property(fc.nat(10_000_000), (frame) => {
    // 30 000/1001 frames per second: 33 366.66… µs
    const exact = frame * 1_001_000_000 / 30_000;
    const timestamp = Math.round(exact);
    assertEquals(Math.abs(toMs(timestamp) * 1000 - exact) <= 501, true);
    assertEquals(Math.abs(toTicks(timestamp) - exact * 10) <= 5, true);
  }));
});

Deno.test("checkTime() allows what fits a DWORD of milliseconds, preroll included", () => {
  const limitMs = 4_294_967_295 - 3000;
  checkTime(1, limitMs * 1000, 3000);
  const error = assertThrows(
    () => checkTime(7, (limitMs + 1) * 1000, 3000),
    MuxError,
    "Cannot write sample to stream 7: time must not exceed 4294964295 ms (about 49.7 days), got 4294964296 ms",
  );
  assertEquals([error.code, error.streamNumber, error.timestamp], ["too-large", 7, (limitMs + 1) * 1000]);
});

Deno.test("toFileTime() counts 100 ns from 1601", () => {
  assertEquals(toFileTime(Date.parse("1601-01-01T00:00:00Z")), 0n);
  assertEquals(toFileTime(Date.parse("1970-01-01T00:00:00Z")), 116_444_736_000_000_000n);
  assertEquals(toFileTime(Date.parse("2022-06-18T04:26:40Z")), 133_000_000_000_000_000n);
});
