import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { DecodeClock } from "../../src/media/decode_clock.ts";

function run(depth: number, times: readonly number[]): number[] {
  const clock = new DecodeClock(depth);
  return times.map((time) => clock.advance(time) ? clock.decodeTimestamp : NaN);
}

Deno.test("DecodeClock without reordering answers the presentation time", () => {
  assertEquals(run(0, [0, 40, 40, 120]), [0, 40, 40, 120]);
});

// Presentation and decode times as x264 wrote them (three B-frames, pyramid, depth 2, units of 1/12800 s): once two
// samples have passed the clock must agree with the encoder's own.
Deno.test("DecodeClock agrees with an encoder's decode times behind the first samples", () => {
  const presentation = [0, 4608, 2048, 512, 1024, 1536, 2560, 3072, 3584, 4096, 9216, 6656, 5120, 5632, 6144, 7168];
  const decode = [-1024, -512, 0, 512, 1024, 1536, 2048, 2560, 3072, 3584, 4096, 4608, 5120, 5632, 6144, 6656];
  assertEquals(run(2, presentation), decode.map((time) => Math.max(0, time)));
});

Deno.test("DecodeClock.advance() refuses a time before the clock and stays as it was", () => {
  const clock = new DecodeClock(1);
  assert(clock.advance(0) && clock.advance(120) && clock.advance(80));
  assertEquals(clock.decodeTimestamp, 80);
  assertEquals(clock.advance(40), false);
  assertEquals(clock.decodeTimestamp, 80);
  assert(clock.advance(160));
  assertEquals(clock.decodeTimestamp, 120);
});

Deno.test("DecodeClock.advance() refuses a time before the first one", () => {
  const clock = new DecodeClock(4);
  assert(clock.advance(100));
  assertEquals(clock.advance(60), false);
});

Deno.test("DecodeClock has no time before the first sample", () => {
  assertEquals(new DecodeClock(3).decodeTimestamp, NaN);
});

Deno.test("DecodeClock() refuses a depth no standard knows", () => {
  for (const depth of [-1, 17, 1.5, NaN]) assertThrows(() => new DecodeClock(depth), RangeError, "depth");
});

/** Samples in decode order of which none is overtaken by more than `depth` others; the first is shown first. */
const orders = fc.record({
  depth: fc.integer({ min: 0, max: 16 }),
  steps: fc.array(fc.integer({ min: 0, max: 50_000 }), { maxLength: 120 }),
  picks: fc.array(fc.nat(), { minLength: 120, maxLength: 120 }),
  origin: fc.integer({ min: 0, max: 1_000_000 }),
}).map(({ depth, steps, picks, origin }) => {
  let time = origin;
  const shown = [origin, ...steps.map((step) => time += step)];
  const rest = shown.slice(1);
  // A buffer of `overtakers`: samples decoded ahead of the earliest one still to come.
  let ahead = 0;
  const decoded = [origin];
  for (let i = 0; rest.length > 0; i++) {
    const next = rest.findIndex((value) => !Number.isNaN(value));
    if (next < 0) break;
    const open = rest.map((value, at) => Number.isNaN(value) ? -1 : at).filter((at) => at >= next);
    const at = ahead < depth ? open[picks[i]! % open.length]! : next;
    decoded.push(rest[at]!);
    rest[at] = NaN;
    const first = rest.findIndex((value) => !Number.isNaN(value));
    ahead = first < 0 ? 0 : rest.slice(first).filter(Number.isNaN).length;
  }
  return { depth, decoded };
});

Deno.test("DecodeClock never goes back, never passes a sample, and loses none within its depth", () => {
  fc.assert(fc.property(orders, ({ depth, decoded }) => {
    const clock = new DecodeClock(depth);
    let last = -Infinity;
    decoded.forEach((time, i) => {
      assert(clock.advance(time), `sample ${i} at ${time} was refused`);
      assert(clock.decodeTimestamp <= time && clock.decodeTimestamp >= last);
      last = clock.decodeTimestamp;
      const seen = decoded.slice(0, i + 1).sort((a, b) => a - b);
      assertEquals(clock.decodeTimestamp, seen[Math.max(0, i - depth)]);
    });
  }));
});

Deno.test("DecodeClock keeps its order whatever the times", () => {
  fc.assert(fc.property(fc.nat({ max: 16 }), fc.array(fc.double({ noNaN: true })), (depth, times) => {
    const clock = new DecodeClock(depth);
    let last = -Infinity;
    for (const time of times) {
      const taken = clock.advance(time);
      assertEquals(taken, time >= last);
      if (!taken) continue;
      assert(clock.decodeTimestamp >= last && clock.decodeTimestamp <= time);
      last = clock.decodeTimestamp;
    }
  }));
});
