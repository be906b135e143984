/** Which part of a session an output gets. */

import { assertEquals, assertThrows } from "@std/assert";
import { Recording } from "../../../src/session/outputs/recording.ts";
import { TimeRange } from "../../../src/session/outputs/time_range.ts";
import { segmentSink } from "../../../src/sinks/segment_sink.ts";
import { bufferSink } from "../../../src/sinks/buffer_sink.ts";

Deno.test("TimeRange begins at `from` and ends at `until`, once", () => {
  const range = new TimeRange({ from: 100, until: 300 });
  assertEquals([range.isBounded, range.hasBegunBy(99), range.hasBegunBy(100)], [true, false, true]);
  range.begin(120, 0);
  assertEquals([range.endsAt(299, 1e9), range.endsAt(300, 0)], [false, true]);
  range.end();
  assertEquals(range.endsAt(400, 0), false);
  assertEquals(new TimeRange().isBounded, false);
});

Deno.test("TimeRange refuses times that are none, or in the wrong order", () => {
  // deno-lint-ignore no-explicit-any
  assertThrows(() => new TimeRange({ from: "0" as any }), TypeError, "from must be a number");
  assertThrows(() => new TimeRange({ from: 5, until: 5 }), RangeError, "until must be after 5");
  assertThrows(() => new TimeRange({ until: NaN }), RangeError);
});

Deno.test("TimeRange: files of a recording end at multiples of its time, however late a clean point comes", () => {
  const recording = new Recording(segmentSink(() => bufferSink(), { everyMs: 1 }), {});
  const first = new TimeRange({}, recording);
  recording.make();
  first.begin(500, 0);
  assertEquals([first.endsAt(1499, 0), first.endsAt(1500, 0)], [false, true]);
  const second = new TimeRange({}, recording);
  second.begin(1700, 0, first);
  assertEquals([second.position, second.endsAt(2499, 0), second.endsAt(2500, 0)], [1, false, true]);
  const third = new TimeRange({}, recording);
  third.begin(9_600, 0, second); // longer than several files
  assertEquals([third.endsAt(10_499, 0), third.endsAt(10_500, 0)], [false, true]);
});

Deno.test("TimeRange: files of a recording end by size, counted from where each begins", () => {
  const recording = new Recording(segmentSink(() => bufferSink(), { everyBytes: 1000 }), {});
  const range = new TimeRange({}, recording);
  range.begin(0, 400);
  assertEquals([range.endsAt(0, 1399), range.endsAt(0, 1400)], [false, true]);
});

Deno.test("Recording: a sink that cannot be made fails when it gets its header", async () => {
  const error = new Error("no more names");
  const recording = new Recording(
    segmentSink(() => {
      throw error;
    }, { everyMs: 1 }),
    {},
  );
  assertThrows(() => recording.make(), Error, "no more names");
  const sink = recording.makeOrFail();
  const told = await ("header" in sink ? sink.header(new Uint8Array(1)) : undefined)?.catch((reason) => reason);
  assertEquals([told, recording.count], [error, 2]);
});
