/** Pauses: what comes behind one goes on where it began, in every stream. */

import { assertEquals, assertThrows } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import {
  assertSamples,
  AUDIO,
  audioSample,
  avOptions,
  guarded,
  type NumberedSample,
  readAsf,
  VIDEO,
  videoSample,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

const SECOND = 1_000_000;

async function open(): Promise<{ writer: Writer; sink: TestSink }> {
  const sink = new TestSink();
  const writer = new Writer(avOptions([sink], { streams: [VIDEO, AUDIO] }));
  await writer.beginWriting();
  return { writer, sink };
}

function put(writer: Writer, ...samples: NumberedSample[]): void {
  for (const sample of samples) writer.writeSample(sample.streamNumber, sample);
}

/** The same, so much later on the caller's clock. */
function later(sample: NumberedSample, by: number): NumberedSample {
  return { ...sample, timestamp: sample.timestamp + by };
}

const list = (from: number, to: number, make: (i: number) => NumberedSample) =>
  Array.from({ length: to - from }, (_, i) => make(from + i));

Deno.test("What comes behind a pause goes on without a gap, whatever the pause's length", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    const [video, audio] = [list(0, 50, videoSample), list(0, 20, audioSample)];
    put(writer, ...video.slice(0, 25), ...audio.slice(0, 9));
    writer.pause(SECOND);
    put(writer, audio[9]!); // an encoder was behind
    writer.resume(61 * SECOND);
    put(writer, ...video.slice(25).map((one) => later(one, 60 * SECOND)));
    put(writer, ...audio.slice(10).map((one) => later(one, 60 * SECOND)));
    const report = await writer.endWriting();
    assertEquals([report.duration, report.warnings, report.losses], [2 * SECOND, [], []]);
    assertSamples(await readAsf(sink.bytes), [...video, ...audio]);
  }));

Deno.test("What comes during a pause is left out, and pictures until the next key frame; two pauses add up", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    const key = (i: number) => ({ ...videoSample(i), type: "key" as const });
    const delta = (i: number) => ({ ...videoSample(i), type: "delta" as const });
    put(writer, key(0), ...list(1, 10, delta), ...list(0, 4, audioSample));
    writer.pause(400_000);
    put(writer, ...list(10, 20, delta), ...list(4, 8, audioSample));
    writer.resume(800_000);
    put(writer, delta(20), delta(21), key(22), delta(23), ...list(8, 10, audioSample));
    writer.pause(960_000);
    writer.resume(2_000_000);
    put(writer, delta(50), audioSample(20));
    const report = await writer.endWriting();
    const [first, second] = [-400_000, -400_000 - 1_040_000];
    assertSamples(await readAsf(sink.bytes), [
      ...[key(0), ...list(1, 10, delta), ...list(0, 4, audioSample)],
      ...[key(22), delta(23), ...list(8, 10, audioSample)].map((one) => later(one, first)),
      ...[delta(50), audioSample(20)].map((one) => later(one, second)),
    ]);
    assertEquals(report.losses, []);
  }));

Deno.test("Decode times that reach back over a pause stay in order", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    put(writer, { ...videoSample(0), decodeTimestamp: 0 }, { ...videoSample(1), decodeTimestamp: 40_000 });
    writer.pause(80_000);
    writer.resume(SECOND);
    put(writer, { ...videoSample(0), timestamp: SECOND + 10_000, decodeTimestamp: SECOND - 90_000 }, audioSample(0));
    await writer.endWriting();
    const times = (await readAsf(sink.bytes)).samples.filter(({ streamNumber }) => streamNumber === 1)
      .map(({ ms }) => ms);
    assertEquals(times, [0, 40, 90]);
  }));

Deno.test("A pause begins and ends in order, and says so", () =>
  guarded(async () => {
    const { writer } = await open();
    const error = assertThrows(() => writer.resume(0), MuxError, "Cannot resume: it is not paused");
    assertEquals(error.code, "invalid-state");
    writer.pause(SECOND);
    assertThrows(() => writer.pause(2 * SECOND), MuxError, "it is paused since 1000000 µs");
    assertThrows(() => writer.resume(SECOND - 1), RangeError, "at least 1000000 µs, got 999999");
    assertThrows(() => writer.resume("2" as unknown as number), TypeError, "number of microseconds");
    writer.resume(2 * SECOND);
    assertThrows(() => writer.pause(SECOND), RangeError, "at least 2000000 µs");
    assertThrows(() => writer.pause(NaN), RangeError, "NaN");
    await writer.abort();
    assertThrows(() => writer.pause(3 * SECOND), MuxError);
  }));
