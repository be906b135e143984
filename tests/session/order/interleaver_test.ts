import { assertEquals, assertFalse } from "@std/assert";
import fc from "../../support/fast_check.ts";
import { Interleaver } from "../../../src/session/order/interleaver.ts";
import type { HeldSample } from "../../../src/session/order/held_sample.ts";

const MS = 1000;

function sample(stream: number, ms: number, byteLength = 10): HeldSample {
  const time = ms * MS;
  return {
    stream,
    data: new Uint8Array(byteLength),
    timestamp: time,
    decodeTimestamp: time,
    duration: -1,
    isKey: true,
    trimStart: 0,
    trimEnd: 0,
    configuration: 0,
  };
}

/** Puts samples in, as "stream@ms", and notes the order in which they come out. */
function feed(interleaver: Interleaver, samples: string): string[] {
  const out: string[] = [];
  for (const word of samples.split(" ")) {
    const [stream, ms] = word.split("@").map(Number) as [number, number];
    interleaver.advance(stream, ms * MS);
    if (interleaver.passes(ms * MS)) out.push(word);
    else interleaver.hold(sample(stream, ms));
    for (let held; (held = interleaver.next());) out.push(`${held.stream}@${held.timestamp / MS}`);
  }
  return out;
}

function began(streamCount: number, windowMs = 100, limitBytes = Infinity): Interleaver {
  const interleaver = new Interleaver(streamCount, windowMs, limitBytes);
  interleaver.begin(0);
  return interleaver;
}

const CASES: { name: string; windowMs?: number; in: string; out: string }[] = [
  {
    name: "keeps the order of arrival inside the window",
    in: "0@0 1@50 0@20 1@90 0@40",
    out: "0@0 1@50 0@20 1@90 0@40",
  },
  { name: "lets a sample on the window's edge pass", in: "0@100 0@101", out: "0@100" },
  { name: "holds what is ahead, and sorts it", in: "0@0 0@120 0@150 1@60", out: "0@0 1@60 0@120 0@150" },
  { name: "lets the held go before what comes behind it", in: "0@0 0@200 1@50 1@150", out: "0@0 1@50 1@150 0@200" },
  { name: "holds nothing without a window", windowMs: 0, in: "0@0 0@900 1@0 0@901", out: "0@0 0@900 1@0 0@901" },
  { name: "waits for the slowest of three", in: "0@0 1@0 2@0 0@110 1@300 2@40 1@310", out: "0@0 1@0 2@0 2@40 0@110" },
];

for (const { name, windowMs, in: put, out } of CASES) {
  Deno.test(`Interleaver ${name}`, () => {
    const streams = put.includes("2@") ? 3 : 2;
    assertEquals(feed(began(streams, windowMs), put), out.split(" "));
  });
}

Deno.test("Interleaver waits again for a stream whose samples were given up before the session had begun", () => {
  const interleaver = new Interleaver(2, 100, Infinity);
  interleaver.advance(0, 10_000 * MS);
  interleaver.hold(sample(0, 10_000));
  assertEquals(interleaver.discard(0, true).length, 1);
  interleaver.begin(0);
  assertEquals(feed(interleaver, "1@0 1@150 0@0 0@60"), ["1@0", "0@0", "0@60", "1@150"]);
});

Deno.test("Interleaver does not wait for a stream that has ended, or is left out", () => {
  const ended = began(2);
  assertEquals(feed(ended, "0@0 0@500"), ["0@0"]);
  ended.end(1);
  assertEquals(ended.next()!.timestamp, 500 * MS);
  const excluded = began(2);
  excluded.exclude(1);
  assertEquals(feed(excluded, "0@0 0@500 1@100 0@5000"), ["0@0", "0@500", "1@100", "0@5000"]);
});

Deno.test("Interleaver goes on without a stream that lags by twenty windows, until it has caught up", () => {
  const interleaver = began(2);
  const ahead = Array.from({ length: 41 }, (_, i) => `0@${i * 50}`).join(" ");
  assertEquals(feed(interleaver, ahead).length, 3, "up to the window");
  assertEquals(feed(interleaver, "0@2050").length, 39, "the limit is passed: all that was held");
  assertEquals([1000, 1949, 1950].map((ms) => interleaver.isLate(1, ms * MS)), [true, true, false]);
  assertEquals(feed(interleaver, "1@500 0@2100"), ["1@500", "0@2100"]);
  assertEquals(feed(interleaver, "1@2050 0@2500"), ["1@2050"], "caught up: it is waited for again");
  assertFalse(interleaver.isLate(1, 0));
});

Deno.test("Interleaver goes on without a lagging stream when too many bytes are held", () => {
  const interleaver = began(2, 100, 35);
  assertEquals(feed(interleaver, "0@0 0@200 0@201 0@202"), ["0@0"]);
  assertEquals(feed(interleaver, "0@203"), ["0@200", "0@201", "0@202", "0@203"]);
});

Deno.test("Interleaver lets everything go while it drains, in the order of time", () => {
  const interleaver = began(3);
  assertEquals(feed(interleaver, "0@300 1@200 1@400"), []);
  interleaver.drain();
  const times: number[] = [];
  for (let held; (held = interleaver.next());) times.push(held.timestamp / MS);
  assertEquals(times, [200, 300, 400]);
  interleaver.refill();
  assertEquals(feed(interleaver, "0@1000"), []);
  assertEquals(interleaver.heldCount, 1);
});

Deno.test("Interleaver keeps each stream's order, loses nothing, and never lets a sample be a window ahead", () => {
  const arrival = fc.array(fc.record({ stream: fc.nat(2), step: fc.nat(120) }), { maxLength: 120 });
  fc.assert(fc.property(arrival, fc.integer({ min: 1, max: 300 }), (steps, windowMs) => {
    const interleaver = began(3, windowMs);
    const fronts = [0, 0, 0];
    const put = steps.map(({ stream, step }) => `${stream}@${fronts[stream]! += step}`);
    const out: string[] = [];
    const seen = [0, 0, 0];
    for (const word of put) {
      const [stream, ms] = word.split("@").map(Number) as [number, number];
      seen[stream] = ms;
      const released = feed(interleaver, word);
      const isLimited = Math.max(...seen) - Math.min(...seen) > 20 * windowMs;
      for (const one of released) if (!isLimited) assertFalse(Number(one.split("@")[1]) > Math.min(...seen) + windowMs);
      out.push(...released);
      if (isLimited) return; // it gives up waiting: tested above
    }
    interleaver.drain();
    for (let held; (held = interleaver.next());) out.push(`${held.stream}@${held.timestamp / MS}`);
    for (const stream of [0, 1, 2]) {
      const own = (words: string[]) => words.filter((word) => word.startsWith(`${stream}@`));
      assertEquals(own(out), own(put));
    }
  }));
});
