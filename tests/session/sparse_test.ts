/** Streams that are silent for long: nobody waits for them, and they hold nobody up. */

import { assertEquals, assertThrows } from "@std/assert";
import fc from "../support/fast_check.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer, type WriterOptions } from "../../src/facades/writer.ts";
import { scriptSample } from "../../src/media/script.ts";
import { Interleaver } from "../../src/session/order/interleaver.ts";
import {
  assertSamples,
  AUDIO,
  audioSample,
  avOptions,
  LATE_VIDEO,
  type NumberedSample,
  readAsf,
  testAsf,
  VIDEO,
  videoSample,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";
import { flawsIn } from "../support/valid.ts";

const SCRIPT = { kind: "script" } as const;
const STREAMS = [{ ...VIDEO, bitrate: 2_000_000 }, AUDIO, SCRIPT];
const METADATA = { decoderConfig: { codec: "WMV2", description: new Uint8Array([1, 2, 3, 4]) } };

function script(seconds: number): NumberedSample {
  const sample = scriptSample({ timestamp: seconds * 1e6, type: "TEXT", text: `${seconds} s` });
  return { ...sample, data: sample.data as Uint8Array<ArrayBuffer>, streamNumber: 3 };
}

async function open(more: Partial<WriterOptions> = {}): Promise<{ writer: Writer; sink: TestSink }> {
  const sink = new TestSink();
  const writer = new Writer(avOptions([sink], { streams: STREAMS, ...more }));
  await writer.beginWriting();
  return { writer, sink };
}

/** Audio and video of so many seconds, in the order of their times. */
function media(seconds: number): NumberedSample[] {
  const all: NumberedSample[] = [];
  for (let i = 0; videoSample(i).timestamp < seconds * 1e6; i++) all.push(videoSample(i));
  for (let i = 0; audioSample(i).timestamp < seconds * 1e6; i++) all.push(audioSample(i));
  return all.sort((a, b) => a.timestamp - b.timestamp);
}

Deno.test("A session opens, writes and ends without a sample of a script stream, and says nothing of it", async () => {
  const { writer, sink } = await open();
  const samples = media(2);
  writer.writeSample(1, samples.find(({ streamNumber }) => streamNumber === 1)!);
  writer.writeSample(2, samples.find(({ streamNumber }) => streamNumber === 2)!);
  assertEquals(sink.count("header"), 1);
  for (const sample of samples.slice(2)) writer.writeSample(sample.streamNumber, sample);
  const report = await writer.endWriting();
  assertEquals(report.warnings, []);
  assertSamples(await readAsf(sink.bytes), samples);
  assertEquals(await flawsIn(sink.bytes), []);
});

Deno.test("Commands that are all written beforehand come when their time has come", async () => {
  const { writer, sink } = await open();
  const commands = [0, 5, 10, 60].map(script);
  const samples = media(70);
  for (const sample of [...commands, ...samples]) await writer.writeSample(sample.streamNumber, sample);
  const report = await writer.endWriting();
  assertEquals(report.warnings, []);
  assertSamples(await readAsf(sink.bytes), [...samples, ...commands]);
  assertEquals(await flawsIn(sink.bytes), []);
});

Deno.test("A command far ahead does not open the session before the others are described", async () => {
  const { writer, sink } = await open({ streams: [LATE_VIDEO, AUDIO, SCRIPT] });
  const samples = media(2);
  writer.writeSample(3, script(1));
  writer.writeSample(3, script(30));
  assertEquals(sink.count("header"), 0);
  for (const [i, sample] of samples.entries()) {
    writer.writeSample(sample.streamNumber, sample, i < 2 && sample.streamNumber === 1 ? METADATA : undefined);
  }
  const report = await writer.endWriting();
  assertEquals(report.warnings, []);
  assertEquals(report.streams.map(({ samplesProcessed }) => samplesProcessed > 0), [true, true, true]);
});

Deno.test("A command lasts no longer than the media, whatever the distance of two", async () => {
  const { writer, sink } = await open();
  for (const sample of [script(0), ...media(30), script(29)]) await writer.writeSample(sample.streamNumber, sample);
  const { duration } = await writer.endWriting();
  assertEquals(Math.round(duration / 1e6), 30);
  assertEquals(await flawsIn(sink.bytes), []);
});

Deno.test("A command that comes late is counted, or refused where that is wanted", async () => {
  const { writer } = await open();
  for (const sample of media(3)) await writer.writeSample(sample.streamNumber, sample);
  await writer.writeSample(3, script(1));
  const { warnings } = await writer.endWriting();
  assertEquals(warnings.map(({ message }) => message), ["Stream 3 fell behind the others: 1 samples came late"]);

  const { writer: strict } = await open({ onLag: "error" });
  for (const sample of [script(0), ...media(3)]) await strict.writeSample(sample.streamNumber, sample);
  const error = assertThrows(() => strict.writeSample(3, script(1)), MuxError);
  assertEquals(error.code, "late-sample");
  await strict.endWriting();
});

Deno.test("What is no command is refused, and the session goes on", async () => {
  const { writer } = await open();
  for (const sample of [script(0), ...media(1)]) await writer.writeSample(sample.streamNumber, sample);
  const error = assertThrows(() => writer.writeSample(3, { data: new Uint8Array(3), timestamp: 0 }), MuxError);
  assertEquals([error.code, error.hresult], ["bad-media", 0xC00D002F]);
  await writer.endWriting();
});

Deno.test("A session of commands alone is a file", async () => {
  const sink = new TestSink();
  const writer = new Writer({ container: testAsf(), sinks: [sink], streams: [{ ...SCRIPT, streamNumber: 3 }] });
  await writer.beginWriting();
  const commands = [1, 2, 3].map(script);
  for (const command of commands) await writer.writeSample(3, command);
  const report = await writer.endWriting();
  assertEquals([report.warnings, report.duration], [[], 2_000_000]);
  assertEquals(await flawsIn(sink.bytes), []);
});

Deno.test("Interleaver does not call others late because a sparse stream is ahead of them", () => {
  const interleaver = new Interleaver(2, 100, Infinity);
  interleaver.setSparse(1);
  interleaver.begin(0);
  interleaver.advance(1, 60e6);
  assertEquals(interleaver.passes(60e6), false);
  interleaver.hold({
    stream: 1,
    data: new Uint8Array(1),
    timestamp: 60e6,
    decodeTimestamp: 60e6,
    duration: -1,
    isKey: true,
    trimStart: 0,
    trimEnd: 0,
    configuration: 0,
  });
  assertEquals(interleaver.next(), undefined);
  assertEquals(interleaver.isLate(0, 0), false);
  interleaver.advance(0, 60e6);
  assertEquals(interleaver.next()?.stream, 1);
});

const COMMANDS = fc.array(
  fc.record({
    /** When it is to come, ms, and how far the media are when it is written. */
    timestamp: fc.integer({ min: 0, max: 6000 }),
    lead: fc.integer({ min: -400, max: 6000 }),
    length: fc.integer({ min: 0, max: 5000 }),
  }),
  { maxLength: 12 },
);

Deno.test("Commands change nothing of the media, whenever they are written, and all of them are there", async () => {
  const samples = media(6);
  await fc.assert(
    fc.asyncProperty(
      COMMANDS,
      fc.constantFrom(200, 1400, 3200),
      fc.boolean(),
      async (commands, packetBytes, isTimed) => {
        const sorted = [...commands].sort((a, b) => a.timestamp - b.timestamp);
        const written = sorted.map(({ timestamp, length }) => {
          const sample = scriptSample({ timestamp: timestamp * 1000, type: "TEXT", text: "x".repeat(length) });
          return { ...sample, data: sample.data as Uint8Array<ArrayBuffer>, streamNumber: 3 };
        });
        // A stream's own samples come in order: none before the one in front of it.
        let due = -Infinity;
        const dueTimes = sorted.map(({ timestamp, lead }) => due = Math.max(due, (timestamp - lead) * 1000));
        const sink = new TestSink();
        const streams = isTimed ? [...STREAMS.slice(0, 2), { ...SCRIPT, bitrate: 1 }] : STREAMS;
        const writer = new Writer({
          container: testAsf({ packetBytes, timeIndexMs: 500 }),
          sinks: [sink],
          streams,
        });
        await writer.beginWriting();
        let next = 0;
        for (const sample of samples) {
          while (next < written.length && dueTimes[next]! <= sample.timestamp) {
            await writer.writeSample(
              3,
              written[next++]!,
            );
          }
          await writer.writeSample(sample.streamNumber, sample);
        }
        while (next < written.length) await writer.writeSample(3, written[next++]!);
        const report = await writer.endWriting();
        assertEquals(report.warnings, []);
        assertSamples(await readAsf(sink.bytes), [...samples, ...written]);
        assertEquals(await flawsIn(sink.bytes), []);
      },
    ),
    { numRuns: 60 },
  );
});
