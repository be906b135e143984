/** How long media may be held back. */

import { assert, assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { StreamCounters } from "../../../src/session/input/stream_counters.ts";
import { LatencyBound, LatencyTimer } from "../../../src/session/order/latency.ts";
import { StreamState } from "../../../src/session/order/stream_state.ts";
import { AUDIO } from "../../support/sessions.ts";

Deno.test("LatencyTimer fires once the delay is over, counted from the first start", () => {
  using time = new FakeTime();
  using _now = stub(performance, "now", () => time.now);
  let count = 0;
  const timer = new LatencyTimer(100, () => count++);
  timer.start();
  time.tick(60);
  timer.start();
  time.tick(39);
  assertEquals(count, 0);
  time.tick(1);
  assertEquals(count, 1);
  time.tick(1000);
  assertEquals(count, 1, "once");
  timer.start();
  time.tick(100);
  assertEquals(count, 2);
});

Deno.test("LatencyTimer counts anew after a rest", () => {
  using time = new FakeTime();
  using _now = stub(performance, "now", () => time.now);
  let count = 0;
  const timer = new LatencyTimer(100, () => count++);
  timer.start();
  time.tick(60);
  timer.rest();
  time.tick(10);
  timer.start();
  time.tick(99);
  assertEquals(count, 0);
  time.tick(1);
  assertEquals(count, 1);
  timer.start();
  timer.rest();
  time.tick(1000);
  assertEquals(count, 1);
});

Deno.test("LatencyTimer does not fire once it was cleared", () => {
  using time = new FakeTime();
  using _now = stub(performance, "now", () => time.now);
  const timer = new LatencyTimer(100, () => assert(false));
  timer.clear();
  timer.start();
  time.tick(99);
  timer.clear();
  time.tick(1000);
});

// ── LatencyBound ──

function statesOf(count: number): StreamState[] {
  return Array.from(
    { length: count },
    (_, index) => new StreamState(index, { ...AUDIO, streamNumber: index + 1 }, new StreamCounters(index + 1)),
  );
}

Deno.test("LatencyBound closes the unit that could not wait for the next sample", () => {
  using time = new FakeTime();
  using _now = stub(performance, "now", () => time.now);
  const [state] = statesOf(1) as [StreamState];
  const bound = new LatencyBound(100, [state], () => {});
  assertEquals(bound.isDue(state, 0, 40_000, -1), false, "nothing is held");
  assertEquals(bound.isDue(state, 40_000, 40_000, 0), false, "the next comes at 80 ms");
  assertEquals(bound.isDue(state, 80_000, 40_000, 0), true, "the next comes at 120 ms");
  assertEquals(bound.isDue(state, 150_000, 10_000, 40_000), true, "it is over");
  assertEquals(bound.isDue(state, 200_000, -1, 150_000), false, "50 ms after the last: 250 ms");
  bound.clear();
});

Deno.test("LatencyBound waits for the stream that is expected first, and for none that has ended", () => {
  using time = new FakeTime();
  using _now = stub(performance, "now", () => time.now);
  const [video, audio] = statesOf(2) as [StreamState, StreamState];
  const bound = new LatencyBound(100, [video, audio], () => {});
  bound.isDue(audio, 0, 20_000, -1);
  assertEquals(bound.isDue(video, 0, 200_000, 0), false, "audio comes at 20 ms");
  audio.hasEnded = true;
  assertEquals(bound.isDue(video, 0, 200_000, 0), true, "nothing comes before 200 ms");
  bound.clear();
});

Deno.test("LatencyBound is due by the clock when no sample comes, unless nothing is held any more", () => {
  using time = new FakeTime();
  using _now = stub(performance, "now", () => time.now);
  const [state] = statesOf(1) as [StreamState];
  let count = 0;
  const bound = new LatencyBound(100, [state], () => count++);
  bound.isDue(state, 0, 10_000, 0);
  time.tick(99);
  assertEquals(count, 0);
  time.tick(1);
  assertEquals(count, 1);
  bound.isDue(state, 10_000, 10_000, 10_000);
  bound.rest();
  time.tick(1000);
  assertEquals(count, 1);
  bound.clear();
});
