/** Transport streams as a reader of our own finds them, which shares no code with the muxer. */

import { assert, assertEquals, assertGreater, assertRejects, assertThrows } from "@std/assert";
import { mpegts } from "../../src/mpegts/mod.ts";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import { segmentSink } from "../../src/sinks/segment_sink.ts";
import { CONTAINER_CASES } from "../support/containers.ts";
import fc from "../support/fast_check.ts";
import { problemsOf } from "../support/problems.ts";
import { fixture } from "../support/temp.ts";
import { readTransportStream, type TransportFacts } from "../support/transport_stream.ts";
import { readAll, writeFinal, writeLive } from "../support/write_all.ts";

const AV = CONTAINER_CASES.find(({ name }) => name === "mpegts: H.264, AAC")!;
const MP3 = CONTAINER_CASES.find(({ name }) => name === "mpegts: MP3")!;
const TICKS = 0.09;

function readClean(file: Uint8Array): TransportFacts {
  const facts = readTransportStream(file);
  assertEquals(facts.faults, []);
  return facts;
}

const unitsOf = (facts: TransportFacts, index: number) =>
  facts.units.filter(({ pid }) => pid === facts.entries[index]!.pid);

for (
  const input of [
    "clip.mp4",
    "vfr.mp4",
    "hevc.mkv",
    "two_videos.mp4",
    "late_audio.mp4",
    "h264_nob_mp3.mkv",
    "ac3.mp4",
    "eac3.mp4",
    "mpeg1.mkv",
    "mpeg2.mkv",
    "opus.webm",
    "mp2.wma",
  ]
) {
  Deno.test(`mpegts() keeps every rule, and each time to a tick: ${input}`, async () => {
    const { streams, samples } = await readAll(fixture(input));
    const all = [...samples];
    const facts = readClean(await writeFinal({ container: mpegts(), streams, samples: all }));
    const times = all.map(({ timestamp, decodeTimestamp = timestamp }) => decodeTimestamp);
    const zero = Math.min(...times);
    const shifts: number[] = [];
    for (const [index, { streamNumber, kind }] of streams.entries()) {
      const own = all.filter((sample) => sample.streamNumber === streamNumber);
      const units = unitsOf(facts, index);
      assertEquals(units.length, own.length);
      for (const [i, { timestamp, type = "key" }] of own.entries()) {
        shifts.push(units[i]!.pts - (timestamp - zero) * TICKS);
        if (kind === "video") assertEquals(units[i]!.isRandomAccess, type === "key");
      }
    }
    assertGreater(Math.min(...shifts), 62_999);
    assert(Math.max(...shifts) - Math.min(...shifts) <= 2, "one tick beside where it belongs, each way");
    if (streams.length > 1) assertEquals(facts.units.map(({ dts }) => dts).length, all.length);
  });
}

Deno.test("mpegts() puts delimiters and parameter sets in front, in either framing, once", async () => {
  const { streams: [video], samples } = await readAll(fixture("clip.mp4"));
  const own = [...samples].filter(({ streamNumber }) => streamNumber === video!.streamNumber);
  const first = unitsOf(readClean(await writeFinal({ container: mpegts(), streams: [video!], samples: own })), 0);
  const types = (data: Uint8Array) => {
    const found: number[] = [];
    for (let i = 0; i + 3 < data.byteLength; i++) {
      if (data[i] === 0 && data[i + 1] === 0 && data[i + 2] === 1) found.push(data[i + 3]! & 0x1F);
    }
    return found;
  };
  assertEquals(types(first[0]!.data).slice(0, 3), [9, 7, 8]);
  for (const { data } of first) assertEquals(types(data).filter((type) => type === 9), [9]);
  // What comes out goes in again, as Annex B, and is what it was.
  const again = first.map(({ data }, i) => ({ ...own[i]!, data }));
  const stream = { ...video!, description: undefined };
  const second = unitsOf(readClean(await writeFinal({ container: mpegts(), streams: [stream], samples: again })), 0);
  assertEquals(second.map(({ data }) => data), first.map(({ data }) => data));
});

Deno.test("mpegts() writes the same whether the sink can be patched", async () => {
  const session = () => ({ container: mpegts(), streams: AV.streams, samples: AV.samples(3) });
  assertEquals(await writeLive(session()), await writeFinal(session()));
});

Deno.test("mpegts() says what it holds: languages, a name, and what has no place", async () => {
  const streams = [AV.streams[0]!, { ...AV.streams[1]!, language: "de-AT" }] as StreamConfig[];
  const name = "Hafen – Köln";
  const sink = bufferSink();
  await using writer = new Writer({
    container: mpegts(),
    streams,
    sinks: [sink],
    metadata: { title: name, author: "Somebody" },
  });
  await writer.beginWriting();
  for (const sample of AV.samples(2)) await writer.writeSample(sample.streamNumber, sample);
  const { losses } = await writer.endWriting();
  assertEquals(losses.map(({ field }) => field), ["author"]);
  const facts = readClean(sink.bytes);
  assertEquals(facts.serviceName, name);
  assertEquals(facts.entries.map(({ type }) => type), [0x1B, 0x0F]);
  assertEquals(new TextDecoder().decode(facts.entries[1]!.descriptors.subarray(2, 5)), "deu");
  const own = await writeFinal({ container: mpegts({ serviceName: "Other" }), streams, samples: AV.samples(1) });
  assertEquals(readClean(own).serviceName, "Other");
});

Deno.test("mpegts() delays by what is asked for", async () => {
  for (const muxDelayMs of [0, 100, 10_000]) {
    const container = mpegts({ muxDelayMs });
    const { units, clocks } = readClean(
      await writeFinal({ container, streams: AV.streams, samples: AV.samples(1) }),
    );
    assertEquals([clocks[0]!.time, units[0]!.dts], [0, muxDelayMs * 90]);
  }
  for (const muxDelayMs of [-1, 0.5, 10_001]) assertThrows(() => mpegts({ muxDelayMs }), RangeError);
  assertThrows(() => mpegts({ muxDelayMs: "1" as unknown as number }), TypeError);
  assertThrows(() => mpegts({ serviceName: "ä".repeat(121) }), RangeError);
  assertThrows(() => mpegts({ serviceName: 1 as unknown as string }), TypeError);
});

Deno.test("the 33-bit wrap is passed: times go on, and no clock jumps", async () => {
  const begin = (2 ** 33 / 90_000 - 2) * 1e6;
  const samples = AV.samples(4).map((sample) => ({ ...sample, timestamp: begin + sample.timestamp }));
  const session = { container: mpegts(), streams: AV.streams, samples, startTime: "keep" as const };
  const facts = readClean(await writeFinal(session));
  assert(facts.clocks.every(({ isJump }) => !isJump));
  const video = unitsOf(facts, 0);
  assertEquals(video.map(({ pts }) => Math.round((pts - video[0]!.pts) / 90)), video.map((_, i) => i * 40));
});

Deno.test("where samples are sparse clocks and tables go on alone; behind a long gap the clock begins anew", async () => {
  const samples = AV.samples(1).map((sample): StreamSample => ({ ...sample, timestamp: sample.timestamp * 100 }));
  const slides = readClean(await writeFinal({ container: mpegts(), streams: AV.streams, samples }));
  assertEquals(slides.clocks.filter(({ isJump }) => isJump).length, 0);
  const far = AV.samples(1).map((sample): StreamSample => ({ ...sample, timestamp: sample.timestamp + 3600e6 }));
  const session = { container: mpegts(), streams: AV.streams, samples: [...AV.samples(1), ...far] };
  const file = await writeFinal(session);
  assertEquals(readClean(file).clocks.filter(({ isJump }) => isJump).length, 1);
  assert(file.byteLength < 200_000);
});

Deno.test("sound alone has the clock, tables, and places to begin", async () => {
  const facts = readClean(await writeFinal({ container: mpegts(), streams: MP3.streams, samples: MP3.samples(3) }));
  assertEquals(facts.clockPid, facts.entries[0]!.pid);
  assertGreater(facts.units.filter(({ isRandomAccess }) => isRandomAccess).length, 20);
});

Deno.test("a late sink and every segment begin with tables, a clock and a key frame, at the session's times", async () => {
  for (const { streams, samples } of [AV, MP3]) {
    const [first, late] = [bufferSink(), bufferSink()];
    const segments: ReturnType<typeof bufferSink>[] = [];
    const cut = segmentSink(() => (segments.push(bufferSink()), segments.at(-1)!), { everyMs: 2000 });
    await using writer = new Writer({ container: mpegts(), streams, sinks: [first, cut] });
    await writer.beginWriting();
    for (const sample of samples(8)) {
      if (sample.timestamp === 3_000_000) await writer.addSink(late);
      await writer.writeSample(sample.streamNumber, sample);
    }
    await writer.endWriting();
    const whole = readClean(first.bytes);
    assertGreater(segments.length, 3);
    const joined = new Uint8Array(await new Blob(segments.map(({ bytes }) => bytes)).arrayBuffer());
    assertEquals(readClean(joined).units.map(({ pts }) => pts), whole.units.map(({ pts }) => pts));
    for (const { bytes } of [late, ...segments]) {
      const { units } = readClean(bytes);
      assert(units[0]!.isRandomAccess);
      const inWhole = whole.units.filter(({ pid, pts }) => units.some((unit) => unit.pid === pid && unit.pts === pts));
      assertEquals(inWhole.map(({ data }) => data), units.map(({ data }) => data));
    }
  }
});

Deno.test("a sample too late for the order of decode times is refused, named with its stream and time", async () => {
  await using writer = new Writer({ container: mpegts(), streams: AV.streams, sinks: [bufferSink()] });
  await writer.beginWriting();
  const all = AV.samples(60);
  const [video, audio] = [1, 2].map((number) => all.filter(({ streamNumber }) => streamNumber === number));
  await writer.writeSample(2, audio![0]!);
  for (const sample of video!) await writer.writeSample(1, sample);
  const error = assertThrows(() => void writer.writeSample(2, audio![1]!), MuxError);
  assertEquals([error.code, error.streamNumber], ["late-sample", 2]);
});

Deno.test("times that stand still or go on by less than a tick rise by a tick", async () => {
  const samples = MP3.samples(1).map((sample, i): StreamSample => ({
    ...sample,
    timestamp: Math.floor(i / 3) * 72_000 + i,
  }));
  const { units } = readClean(await writeFinal({ container: mpegts(), streams: MP3.streams, samples }));
  assertEquals(units.length, samples.length);
});

Deno.test("whatever their sizes, access units come out as they went in", async () => {
  const stream: StreamConfig = { kind: "audio", codec: "ac-3", sampleRate: 48_000, numberOfChannels: 2 };
  const sizes = fc.array(fc.integer({ min: 16, max: 2000 }), { minLength: 1, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 60_000 }), async (sizes, step) => {
      const samples = sizes.map((size, i): StreamSample => {
        const data = Uint8Array.from({ length: size }, (_, at) => at * 31 + i & 0xFF);
        data.set([0x0B, 0x77, 0, 0, 0x14, 0x40, 0x40]);
        return { streamNumber: 1, data, timestamp: i * step };
      });
      const { units } = readClean(await writeFinal({ container: mpegts(), streams: [stream], samples }));
      assertEquals(units.map(({ data }) => data), samples.map(({ data }) => data));
    }),
    { numRuns: 60 },
  );
});

Deno.test("mpegts() refuses what it cannot say before a byte is written", async () => {
  const text: StreamConfig = { kind: "text", codec: "srt" };
  assertEquals(problemsOf(mpegts(), [text]), [
    "stream 1: MPEG-TS holds video and audio alone, got a stream of kind text",
  ]);
  const vp9: StreamConfig = { kind: "video", codec: "vp9", codedWidth: 16, codedHeight: 16 };
  assert(problemsOf(mpegts(), [vp9])[0]!.startsWith('stream 1: MPEG-TS cannot hold video codec "vp9"; it holds H.264'));
  assertEquals(problemsOf(mpegts(), []), ["there must be at least one stream"]);
  assertEquals(problemsOf(mpegts(), Array.from({ length: 33 }, () => MP3.streams[0]!)), [
    "MPEG-TS holds at most 32 streams, got 33",
  ]);
  const sink = bufferSink();
  const writer = new Writer({
    container: mpegts(),
    streams: [{ ...AV.streams[1]!, description: Uint8Array.of(0x12, 0x14) }] as StreamConfig[],
    sinks: [sink],
  });
  const error = await assertRejects(() => writer.beginWriting(), MuxError, "960 samples");
  assertEquals([error.code, sink.bytes.byteLength], ["unsupported", 0]);
});

Deno.test("other parameter sets come with the key frame from which on they hold; the same ones change nothing", async () => {
  const [video] = AV.streams as [StreamConfig & { description: Uint8Array }];
  const other = video.description.slice();
  other[other.byteLength - 1] = 0x81; // of the picture parameter set
  const sink = bufferSink();
  await using writer = new Writer({ container: mpegts(), streams: [video], sinks: [sink] });
  await writer.beginWriting();
  const samples = AV.samples(4).filter(({ streamNumber }) => streamNumber === 1);
  for (const [i, sample] of samples.entries()) {
    const description = i === 50 ? other : i === 25 ? video.description : undefined;
    const metadata = description && { decoderConfig: { codec: "avc1.42c00a", description } };
    await writer.writeSample(1, sample, metadata);
  }
  await writer.endWriting();
  const keys = readClean(sink.bytes).units.filter(({ isRandomAccess }) => isRandomAccess);
  const has = (data: Uint8Array, set: Uint8Array) =>
    new TextDecoder("latin1").decode(data).includes(new TextDecoder("latin1").decode(set));
  const [before, behind] = [video.description, other].map((record) => record.subarray(-4));
  assertEquals(keys.map(({ data }) => [has(data, before!), has(data, behind!)]), [
    [true, false],
    [true, false],
    [false, true],
    [false, true],
  ]);
});

Deno.test("a stream cannot become another codec in mid-way, and goes on as what it was", async () => {
  const { streams, samples } = await readAll(fixture("mpeg2.mkv"));
  const sink = bufferSink();
  await using writer = new Writer({ container: mpegts(), streams, sinks: [sink] });
  await writer.beginWriting();
  const all = [...samples];
  // A sequence header of MPEG-1: 160 × 120, square, 25 Hz.
  const description = Uint8Array.of(0, 0, 1, 0xB3, 0x0A, 0, 0x78, 0x13, 0xFF, 0xFF, 0xE0, 0x18);
  for (const [i, sample] of all.entries()) {
    if (i === 40) {
      const metadata = { decoderConfig: { codec: "mp4v.61", description } };
      const error = assertThrows(() => void writer.writeSample(1, sample, metadata), MuxError);
      assertEquals([error.code, error.streamNumber], ["unsupported", 1]);
    }
    await writer.writeSample(1, sample);
  }
  await writer.endWriting();
  assertEquals(readClean(sink.bytes).units.length, all.length);
});
