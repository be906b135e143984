/** How long media may be held back. */

import { assert, assertEquals } from "@std/assert";
import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { LatencyTimer } from "../../../src/session/order/latency.ts";

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
