/** However samples come, the files of a recording hold all of them once, with their times, whatever the sinks' pace. */

import { assert, assertEquals } from "@std/assert";
import { segmentSink, Writer } from "../../mod.ts";
import fc from "../support/fast_check.ts";
import { avOptions, type NumberedSample, patternBytes, readAsf, VIDEO } from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";
import { errorsIn } from "../support/valid.ts";

const step = fc.record({
  stream: fc.constantFrom(1, 2),
  bytes: fc.integer({ min: 1, max: 6000 }),
  isKey: fc.boolean(),
  /** How long it lasts, ms; audio may have a gap behind it. */
  ms: fc.integer({ min: 1, max: 120 }),
  gapMs: fc.constantFrom(0, 0, 0, 70),
  knowsDuration: fc.boolean(),
});

/** Each stream on a clock of its own: one may run ahead of the other, by a third of a second. */
function samplesOf(steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[]): NumberedSample[] {
  const nowMs = new Map([[1, 0], [2, 0]]);
  let hasVideo = false;
  return steps.map(({ stream: wanted, bytes, isKey, ms, gapMs, knowsDuration }, i) => {
    const stream = nowMs.get(wanted)! > nowMs.get(3 - wanted)! + 300 ? 3 - wanted : wanted;
    const time = nowMs.get(stream)!;
    const type = stream === 2 || isKey || !hasVideo ? "key" : "delta";
    if (stream === 1) hasVideo = true;
    nowMs.set(stream, time + ms + gapMs);
    return {
      streamNumber: stream,
      data: patternBytes(bytes, i),
      timestamp: time * 1000,
      duration: knowsDuration ? ms * 1000 : undefined,
      type,
    };
  });
}

Deno.test("segmentSink(): however samples come, files hold all of them once and with their times", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 20, maxLength: 150, size: "max" }),
      fc.integer({ min: 50, max: 2000 }),
      fc.constantFrom(undefined, 5000, 40_000),
      fc.constantFrom(0, 100, 500),
      async (steps, everyMs, everyBytes, interleaveWindowMs) => {
        const samples = samplesOf(steps);
        const record = async (pace: "sync" | "macrotask") => {
          const files: TestSink[] = [];
          const sink = segmentSink((index) => files[index] = new TestSink({ pace }), { everyMs, everyBytes });
          // Of no known length: PCM would last as long as its bytes say, which are as they come here.
          const sound = {
            kind: "audio",
            codec: 0x1234,
            sampleRate: 44_100,
            numberOfChannels: 2,
            bitrate: 128_000,
          } as const;
          const streams = [{ ...VIDEO, bitrate: 8_000_000 }, { ...sound, streamNumber: 2 }];
          const writer = new Writer(avOptions([sink], { streams, interleaveWindowMs }));
          await writer.beginWriting();
          for (const sample of samples) await writer.writeSample(sample.streamNumber, sample);
          const report = await writer.endWriting();
          return { files, report };
        };
        const { files, report } = await record("sync");
        const other = await record("macrotask");
        assertEquals(other.files.map(({ bytes }) => bytes), files.map(({ bytes }) => bytes));

        const found = new Map<number, { ms: number; bytes: number }[]>([[1, []], [2, []]]);
        for (const [i, file] of files.entries()) {
          assertEquals(file.violations, []);
          assertEquals(await errorsIn(file.bytes), []);
          const baseMs = report.sinks[i]!.startTime / 1000;
          for (const { streamNumber, ms, data } of (await readAsf(file.bytes)).samples) {
            found.get(streamNumber)!.push({ ms: ms + baseMs, bytes: data.byteLength });
          }
        }
        for (const number of [1, 2]) {
          const wanted = samples.filter(({ streamNumber }) => streamNumber === number);
          assertEquals(found.get(number)!.map(({ bytes }) => bytes), wanted.map(({ data }) => data.byteLength));
          for (const [i, { ms }] of found.get(number)!.entries()) {
            assert(Math.abs(ms - wanted[i]!.timestamp / 1000) <= 0.5, `${ms} ms for ${wanted[i]!.timestamp} µs`);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});
