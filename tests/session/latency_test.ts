/** When a unit leaves a live session. */

import { assertEquals } from "@std/assert";
import { FakeTime } from "@std/testing/time";
import { stub } from "@std/testing/mock";
import { Writer } from "../../mod.ts";
import { audioOptions, audioSample, guarded } from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

/** A live session under way, at 100 ms; its packets have 829 bytes: 64 kbit/s, ten a second. */
async function live(fn: (session: LiveSession, time: FakeTime) => void): Promise<void> {
  await guarded(async () => {
    using time = new FakeTime();
    using _now = stub(performance, "now", () => time.now);
    const sink = new TestSink({ isFile: false });
    const writer = new Writer(audioOptions([sink], { maxLatencyMs: 100 }));
    await writer.beginWriting();
    writer.writeSample(1, audioSample(0, 1));
    await writer.flush();
    const before = sink.count("data");
    const put = (ms: number, byteLength: number, durationMs?: number) => {
      const data = new Uint8Array(byteLength);
      const duration = durationMs === undefined ? undefined : durationMs * 1000;
      writer.writeSample(1, { data, timestamp: ms * 1000, duration });
    };
    fn({ put, left: () => sink.count("data") - before }, time);
    await writer.abort();
  });
}

interface LiveSession {
  put(ms: number, byteLength: number, durationMs?: number): void;
  /** How often something has left since it began. */
  left(): number;
}

Deno.test("A packet leaves when its first sample has waited long enough, whatever came behind it", () =>
  live(({ put, left }, time) => {
    put(100, 10, 1);
    time.tick(60);
    put(101, 10, 1);
    time.tick(39);
    assertEquals(left(), 0);
    time.tick(1);
    assertEquals(left(), 1);
    time.tick(1000);
    assertEquals(left(), 1);
  }));

Deno.test("A packet leaves as soon as it is full, and what is left of its last sample has its own time", () =>
  live(({ put, left }, time) => {
    put(100, 10, 1);
    time.tick(60);
    put(101, 900, 1);
    assertEquals(left(), 1);
    time.tick(99);
    assertEquals(left(), 1);
    time.tick(1);
    assertEquals(left(), 2);
  }));

Deno.test("A packet leaves before the sample that would come too late for it", () =>
  live(({ put, left }) => {
    put(100, 10, 50); // the next is to come at 150 ms
    assertEquals(left(), 0);
    put(150, 10, 50); // at 200 ms: in time
    assertEquals(left(), 0);
    put(199, 10, 50); // at 249 ms: too late for what came at 100 ms
    assertEquals(left(), 1);
  }));

Deno.test("A packet leaves so, too, where samples do not say how long they last", () =>
  live(({ put, left }) => {
    put(100, 240);
    put(130, 240);
    put(160, 240);
    assertEquals(left(), 0);
    put(190, 240); // the next is to come at 220 ms
    assertEquals(left(), 1);
  }));
