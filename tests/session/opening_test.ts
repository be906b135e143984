/** What is settled before the first packet: descriptions, who takes part, where zero is. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer, type WriterOptions } from "../../src/facades/writer.ts";
import type { StreamStatistics } from "../../src/report.ts";
import {
  assertReleasedOnce,
  assertSamples,
  assertTreatedWell,
  AUDIO,
  audioSample,
  avOptions,
  guarded,
  LATE_VIDEO,
  type NumberedSample,
  readAsf,
  VIDEO,
  videoSample,
  writeAll,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

const METADATA = { decoderConfig: { codec: "WMV2", description: new Uint8Array([1, 2, 3, 4]) } };

async function open(more: Partial<WriterOptions> = {}): Promise<{ writer: Writer; sink: TestSink }> {
  const sink = new TestSink();
  const writer = new Writer(avOptions([sink], more));
  await writer.beginWriting();
  return { writer, sink };
}

function count(length: number, make: (index: number) => NumberedSample): NumberedSample[] {
  return Array.from({ length }, (_, i) => make(i));
}

function put(writer: Writer, ...samples: NumberedSample[]): void {
  for (const sample of samples) writer.writeSample(sample.streamNumber, sample);
}

Deno.test("A stream is described by its first chunk's metadata, as WebCodecs gives them", () =>
  guarded(async () => {
    const { writer, sink } = await open({ streams: [LATE_VIDEO, AUDIO] });
    const video = count(20, videoSample);
    const audio = count(8, audioSample);
    put(writer, audio[0]!);
    assertEquals(sink.count("header"), 0);
    writer.writeSample(1, video[0]!, METADATA);
    assertEquals(sink.count("header"), 1);
    put(writer, ...video.slice(1), ...audio.slice(1));
    const report = await writer.endWriting();
    assertEquals(report.warnings, []);
    assertSamples(await readAsf(sink.bytes), [...video, ...audio]);
  }));

Deno.test("Samples that come before the description wait for it, and stay in order", () =>
  guarded(async () => {
    const { writer, sink } = await open({ streams: [LATE_VIDEO, AUDIO] });
    const video = count(30, videoSample);
    const audio = count(12, audioSample);
    put(writer, audio[0]!, ...video.slice(0, 5), audio[1]!);
    assertEquals(writer.getStatistics().streams.map((stream) => stream.bytesQueued), [15_000, 1600]);
    writer.writeSample(1, video[5]!, METADATA);
    put(writer, ...video.slice(6), ...audio.slice(2));
    const report = await writer.endWriting();
    assertEquals(report.streams.map((stream) => [stream.samplesDropped, stream.bytesQueued]), [[0, 0], [0, 0]]);
    assertSamples(await readAsf(sink.bytes), [...video, ...audio]);
  }));

Deno.test("A description is taken however far another stream is ahead, and all that waited for it", () =>
  guarded(async () => {
    for (const early of [0, 2]) {
      const { writer, sink } = await open({ streams: [LATE_VIDEO, AUDIO] });
      const video = count(30, videoSample);
      const audio = count(40, audioSample);
      put(writer, ...video.slice(0, early), ...audio);
      assertEquals(sink.count("header"), 0, "4 s of sound");
      writer.writeSample(1, video[early]!, METADATA);
      assertEquals(sink.count("header"), 1);
      put(writer, ...video.slice(early + 1));
      assertEquals((await writer.endWriting()).warnings, []);
      assertSamples(await readAsf(sink.bytes), [...video, ...audio]);
    }
  }));

Deno.test("A stream that is described too late is left out, its samples refused by name, and the finish fails", () =>
  guarded(async () => {
    const { writer, sink } = await open({ streams: [LATE_VIDEO, AUDIO] });
    const video = count(30, videoSample);
    const audio = count(20, audioSample);
    put(writer, audio[0]!);
    const refused = video.filter((sample) => {
      try {
        put(writer, sample);
        return false;
      } catch (error) {
        assert(error instanceof MuxError && error.code === "missing-description" && error.streamNumber === 1);
        return true;
      }
    });
    assertEquals(refused[0]!.timestamp, 520_000, "behind a window of its own");
    put(writer, ...audio.slice(1));
    assertEquals(sink.count("header"), 1);
    const error = assertThrows(() => writer.writeSample(1, videoSample(30), METADATA), MuxError, "WMV2 needs");
    assertEquals([error.code, error.timestamp], ["missing-description", 1_200_000]);
    const failure = await assertRejects(() => writer.endWriting(), MuxError, "none of its samples was taken");
    assertEquals([failure.code, failure.streamNumber], ["missing-description", 1]);
    assertEquals(failure.report!.sinks.map(({ outcome }) => outcome), ["finished"]);
    const [{ samplesReceived, samplesDropped, samplesRefused }] = failure.report!.streams as [StreamStatistics];
    assertEquals([samplesReceived, samplesDropped, samplesRefused], [13, 13, 18]);
    const file = await readAsf(sink.bytes);
    assertEquals(file.streamNumbers, [2]);
    assertSamples(file, audio);
  }));

Deno.test("An undescribed stream is waited for by bytes in a file, by 10 s where somebody watches, or as long as is said", () =>
  guarded(async () => {
    const cases: { options: Partial<WriterOptions>; taken: number }[] = [
      { options: { maxQueuedBytes: 20_000 }, taken: 13 },
      { options: { maxLatencyMs: 200 }, taken: 101 },
      { options: { openWindowMs: 700 }, taken: 8 },
    ];
    for (const { options, taken } of cases) {
      const { writer, sink } = await open({ streams: [LATE_VIDEO, AUDIO], ...options });
      let number = 0;
      while (sink.count("header") === 0 && number < 200) put(writer, audioSample(number++));
      assertEquals(number, taken, JSON.stringify(options));
      await writer.abort();
    }
  }));

Deno.test("A stream alone without description is refused when its window is over, by time or by bytes", () =>
  guarded(async () => {
    for (const maxQueuedBytes of [1 << 20, 20_000]) {
      const { writer, sink } = await open({ streams: [LATE_VIDEO], maxQueuedBytes });
      let taken = 0;
      const error = assertThrows(() => {
        for (;; taken++) put(writer, videoSample(taken));
      }, MuxError);
      assertEquals(error.code, "missing-description");
      assertEquals(taken, maxQueuedBytes === 20_000 ? 4 : 13, "up to 500 ms, or half of the queue");
      writer.writeSample(1, videoSample(taken), METADATA);
      await writer.endWriting();
      assertSamples(await readAsf(sink.bytes), count(taken + 1, videoSample));
    }
  }));

Deno.test("A finish without any described sample names what is missing, and aborts the sink", () =>
  guarded(async () => {
    const { writer, sink } = await open({ streams: [LATE_VIDEO, AUDIO] });
    put(writer, videoSample(0));
    const error = await assertRejects(() => writer.endWriting(), MuxError, "stream 1 is not described, WMV2 needs");
    assertEquals(error.code, "missing-description");
    assertEquals(error.report!.streams[0]!.samplesDropped, 1);
    assertEquals([sink.count("header"), sink.count("abort"), sink.count("close")], [0, 1, 0]);

    const empty = await open();
    const nothing = await assertRejects(() => empty.writer.endWriting(), MuxError, "no stream got a sample");
    assertEquals(nothing.code, "no-samples");
    assertEquals(empty.writer.state, "failed");
    assertReleasedOnce(empty.sink);
  }));

Deno.test("A stream that never begins is waited for by the window, and reported", () =>
  guarded(async () => {
    for (const streams of [[VIDEO, AUDIO], [LATE_VIDEO, AUDIO]]) {
      const { writer, sink } = await open({ streams, openWindowMs: 500 });
      const audio = count(20, audioSample);
      put(writer, ...audio.slice(0, 5));
      assertEquals(sink.count("header"), 0, "400 ms");
      put(writer, audio[5]!);
      assertEquals(sink.count("header"), 1, "500 ms");
      put(writer, ...audio.slice(6));
      const report = await writer.endWriting();
      assertEquals(report.warnings.map((warning) => [warning.code, warning.streamNumber]), [["no-samples", 1]]);
      const file = await readAsf(sink.bytes);
      assertSamples(file, audio);
      assertEquals(file.streamNumbers, streams[0] === VIDEO ? [1, 2] : [2]);
    }
  }));

Deno.test("A described stream may begin long after the window", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    const audio = count(40, audioSample);
    const video = count(20, (i) => ({ ...videoSample(i), timestamp: 2_000_000 + i * 40_000 }));
    put(writer, ...audio.slice(0, 20));
    put(writer, ...video, ...audio.slice(20));
    await writer.endWriting();
    assertSamples(await readAsf(sink.bytes), [...audio, ...video]);
  }));

Deno.test("The window is as long as it is said to be, in media or in bytes, and 0 when all is declared", () =>
  guarded(async () => {
    const declared: Partial<WriterOptions> = {
      startTime: "keep",
      streams: [{ ...VIDEO, bitrate: 600_000 }, { ...AUDIO, description: new Uint8Array(0), bitrate: 64_000 }],
    };
    const cases: { options: Partial<WriterOptions>; taken: number }[] = [
      { options: {}, taken: 6 },
      { options: { openWindowMs: 1000 }, taken: 11 },
      { options: { openWindowMs: 0 }, taken: 1 },
      { options: declared, taken: 1 },
      { options: { ...declared, openWindowMs: 300 }, taken: 4 },
      { options: { maxQueuedBytes: 4000, openWindowMs: 10_000 }, taken: 3 }, // more than half of the queue
    ];
    for (const { options, taken } of cases) {
      const { writer, sink } = await open(options);
      let number = 0;
      while (sink.count("header") === 0 && number < 50) put(writer, audioSample(number++));
      assertEquals(number, taken, JSON.stringify(options));
      await writer.abort();
    }
  }));

Deno.test("A stream that ends without having begun is not waited for", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    put(writer, audioSample(0));
    assertEquals(sink.count("header"), 0);
    await writer.writableFor(1).close();
    assertEquals(sink.count("header"), 1);
    await writer.endWriting();
    assertSamples(await readAsf(sink.bytes), [audioSample(0)]);
  }));

Deno.test("flush() ends the window", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    await writer.flush();
    assertEquals(sink.count("header"), 0, "nothing to hand over");
    put(writer, audioSample(0));
    await writer.flush();
    assertEquals([sink.count("header"), sink.count("data")], [1, 1]);
    await writer.abort();
    assertTreatedWell(sink);
  }));

// ── Where zero is ──

function shifted(samples: NumberedSample[], microseconds: number): NumberedSample[] {
  return samples.map((sample) => ({ ...sample, timestamp: sample.timestamp + microseconds }));
}

const STARTS: {
  startTime?: "rebase-all" | "rebase-each" | "keep";
  video: number;
  audio: number;
  videoMs: number;
  audioMs: number;
}[] = [
  { video: 0, audio: 0, videoMs: 0, audioMs: 0 },
  { video: 5_040_000, audio: 5_000_000, videoMs: 40, audioMs: 0 },
  { video: 1_000_000, audio: 1_250_000, videoMs: 0, audioMs: 250 },
  { video: -2_000_000, audio: -1_900_000, videoMs: 0, audioMs: 100 },
  { startTime: "rebase-each", video: 5_040_000, audio: 5_000_000, videoMs: 0, audioMs: 0 },
  { startTime: "rebase-each", video: -7_000_000, audio: 90_000_000, videoMs: 0, audioMs: 0 },
  { startTime: "keep", video: 5_040_000, audio: 5_000_000, videoMs: 5040, audioMs: 5000 },
  { startTime: "keep", video: 0, audio: 400_000, videoMs: 0, audioMs: 400 },
];

for (const { startTime, video, audio, videoMs, audioMs } of STARTS) {
  Deno.test(`startTime ${startTime ?? "default"}: video from ${video} µs, audio from ${audio} µs`, () =>
    guarded(async () => {
      const { writer, sink } = await open({ startTime });
      const videos = shifted(count(60, videoSample), video);
      const audios = shifted(count(24, audioSample), audio);
      const samples = [...videos, ...audios].sort((a, b) =>
        a.timestamp - (a.streamNumber === 1 ? video : audio) - b.timestamp + (b.streamNumber === 1 ? video : audio)
      );
      await writeAll(writer, samples);
      const report = await writer.endWriting();
      const file = await readAsf(sink.bytes);
      assertSamples(file, [...shifted(videos, videoMs * 1000 - video), ...shifted(audios, audioMs * 1000 - audio)]);
      // The caller's times stay the caller's.
      assertEquals(report.streams.map((stream) => [stream.firstTimestamp, stream.lastTimestampReceived]), [
        [video, video + 59 * 40_000],
        [audio, audio + 23 * 100_000],
      ]);
      assertEquals(report.streams.map((stream) => stream.lastTimestampProcessed), [
        video + 59 * 40_000,
        audio + 23 * 100_000,
      ]);
    }));
}

Deno.test("A sample from before zero is refused once zero is settled", () =>
  guarded(async () => {
    const { writer, sink } = await open();
    put(writer, ...shifted(count(6, audioSample), 1_000_000));
    assertEquals(sink.count("header"), 1);
    const early = { ...videoSample(0), timestamp: 999_000 };
    const error = assertThrows(() => put(writer, early), MuxError, "before the session's zero, 1000000 µs");
    assertEquals([error.code, error.streamNumber, error.timestamp], ["late-sample", 1, 999_000]);
    put(writer, { ...videoSample(0), timestamp: 1_000_000 });
    await writer.endWriting();
    const keep = await open({ startTime: "keep" });
    assertEquals(
      assertThrows(() => put(keep.writer, { ...audioSample(0), timestamp: -1 }), MuxError).code,
      "late-sample",
    );
    await keep.writer.abort();
  }));

Deno.test("Times beyond what the container can say are refused, held ones too: never a wrong file", () =>
  guarded(async () => {
    const days = 50 * 86_400e6;
    const { writer } = await open({ startTime: "keep" });
    const error = assertThrows(() => put(writer, { ...audioSample(0), timestamp: days }), MuxError, "49.7 days");
    assertEquals([error.code, error.streamNumber], ["too-large", 2]);
    put(writer, audioSample(0), videoSample(0));
    assertEquals(assertThrows(() => put(writer, { ...videoSample(1), timestamp: days }), MuxError).code, "too-large");
    await writer.endWriting();

    // Both fit by themselves; together they do not.
    const apart = await open();
    put(apart.writer, { ...audioSample(0), timestamp: days });
    const refused = assertThrows(() => put(apart.writer, videoSample(0)), MuxError);
    assertEquals(refused.code, "too-large");
    const failure = await assertRejects(() => apart.writer.endWriting(), MuxError, "Cannot finish stream 1");
    assertEquals(failure.code, "too-large");
    const file = await readAsf(apart.sink.bytes);
    assertEquals(file.samples.map((sample) => sample.ms), [0]);

    const waiting = await open({ streams: [LATE_VIDEO, AUDIO], startTime: "keep" });
    put(waiting.writer, { ...videoSample(0), timestamp: days }, audioSample(0));
    waiting.writer.writeSample(1, { ...videoSample(1), timestamp: 0, type: "key", decodeTimestamp: 0 }, METADATA);
    const report = await waiting.writer.endWriting();
    assertEquals(report.streams[0]!.samplesDropped, 1);
    assert(report.warnings.some((warning) => warning.code === "too-large"));
    assertEquals((await readAsf(waiting.sink.bytes)).samples.map((sample) => sample.ms), [0, 0]);
  }));
