/**
 * What `SinkWriter.writeSample` costs beside `Writer.writeSample`: the same samples into a sink that does nothing, in
 * turns within one process, medians of rounds. The ratio means something; absolute figures belong to the machine.
 *
 *     deno run bench/sink_writer_bench.ts [--json]
 *
 * @module
 */

import { asf, type Sample, type Sink, SinkWriter, type StreamConfig, Writer } from "../mod.ts";

const ROUNDS = 31;
/** Rounds not counted: the compilers are still at work. */
const WARM_UP_ROUNDS = 8;
/** Samples of one round. */
const SAMPLE_COUNT = 200_000;

interface Scenario {
  name: string;
  streams: StreamConfig[];
  samples: { stream: number; sample: Sample }[];
}

const AUDIO: StreamConfig = { kind: "audio", codec: 0x0057, sampleRate: 48_000, numberOfChannels: 2, blockBytes: 1 };

function scenario(name: string, streamCount: number, byteLength: number): Scenario {
  const data = new Uint8Array(byteLength);
  const samples = Array.from({ length: SAMPLE_COUNT }, (_, i) => {
    return { stream: i % streamCount, sample: { data, timestamp: i * 1000, duration: 1000 } };
  });
  return { name, streams: Array.from({ length: streamCount }, () => AUDIO), samples };
}

function nullSink(): Sink {
  return { header() {}, data() {}, close() {}, abort() {} };
}

async function runWriter({ streams, samples }: Scenario): Promise<number> {
  const writer = new Writer({ container: asf(), sinks: [nullSink()], streams });
  await writer.beginWriting();
  const started = performance.now();
  for (const { stream, sample } of samples) {
    const wait = writer.writeSample(stream + 1, sample);
    if (wait) await wait;
  }
  const ms = performance.now() - started;
  await writer.endWriting();
  return ms;
}

async function runSinkWriter({ streams, samples }: Scenario): Promise<number> {
  const writer = new SinkWriter({ container: asf(), sinks: [nullSink()] });
  for (const stream of streams) writer.addStream(stream);
  await writer.beginWriting();
  const started = performance.now();
  for (const { stream, sample } of samples) {
    const wait = writer.writeSample(stream, sample);
    if (wait) await wait;
  }
  const ms = performance.now() - started;
  await writer.finalize();
  return ms;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

async function measure(scenario: Scenario): Promise<Record<string, unknown>> {
  const writer: number[] = [];
  const sinkWriter: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    // Each goes first in turn.
    if (round % 2 === 0) writer.push(await runWriter(scenario));
    sinkWriter.push(await runSinkWriter(scenario));
    if (round % 2 === 1) writer.push(await runWriter(scenario));
  }
  const nanoseconds = (times: number[]) => median(times.slice(WARM_UP_ROUNDS)) * 1e6 / SAMPLE_COUNT;
  const ratios = sinkWriter.map((ms, i) => ms / writer[i]!).slice(WARM_UP_ROUNDS);
  return {
    scenario: scenario.name,
    "Writer ns/sample": Math.round(nanoseconds(writer)),
    "SinkWriter ns/sample": Math.round(nanoseconds(sinkWriter)),
    "SinkWriter ÷ Writer": +median(ratios).toFixed(3),
  };
}

const results = [];
for (
  const [name, streamCount, byteLength] of [
    ["1 stream, 100 B", 1, 100],
    ["2 streams, 400 B", 2, 400],
    ["2 streams, 4000 B", 2, 4000],
  ] as const
) {
  results.push(await measure(scenario(name, streamCount, byteLength)));
}
if (Deno.args.includes("--json")) console.log(JSON.stringify(results));
else console.table(results);
