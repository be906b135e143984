/** What a SinkWriter does beside its lifecycle: markers, gaps, segments, discards, throttling, files by name. */

import { assert, assertEquals, assertGreater, assertRejects, assertThrows } from "@std/assert";
import { AsfReader } from "../../src/inspect/mod.ts";
import { asf, bufferSink, createSinkWriterFromUrl, MuxError, SinkWriter, type SinkWriterOptions } from "../../mod.ts";
import {
  assertSamples,
  assertTreatedWell,
  AUDIO,
  audioSample,
  avSamples,
  guarded,
  LATE_VIDEO,
  type NumberedSample,
  readAsf,
  stateOf,
  testAsf,
  turns,
  VIDEO,
  videoSample,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";
import { withTempDir } from "../support/temp.ts";

async function openAv(sink = new TestSink(), options: Partial<SinkWriterOptions> = {}): Promise<SinkWriter> {
  const writer = new SinkWriter({ container: testAsf(), sinks: [sink], ...options });
  writer.addStream(VIDEO);
  writer.addStream(AUDIO);
  await writer.beginWriting();
  return writer;
}

function write(writer: SinkWriter, sample: NumberedSample): Promise<void> | undefined {
  return writer.writeSample(sample.streamNumber - 1, sample);
}

Deno.test("Streams are counted from 0 in the order they were added, and numbered from 1 unless told", () =>
  guarded(async () => {
    const sink = bufferSink();
    const writer = new SinkWriter({ container: testAsf(), sinks: [sink] });
    assertEquals(writer.addStream(VIDEO), 0);
    assertEquals(writer.addStream({ ...AUDIO, streamNumber: 9 }), 1);
    assertEquals(writer.addStream(AUDIO), 2);
    await writer.beginWriting();
    for (const index of [0, 1, 2]) await writer.writeSample(index, { data: new Uint8Array(8), timestamp: 0 });
    const { streams } = await writer.finalize();
    assertEquals(streams.map(({ streamNumber }) => streamNumber), [1, 9, 3]);
    assertEquals((await readAsf(sink.bytes)).streamNumbers.sort(), [1, 3, 9]);
  }));

// ── Markers ──

for (const pace of ["sync", "microtask", "macrotask"] as const) {
  Deno.test(`Markers pass in their stream's order, with all before them at the sink, before the finish is over (${pace})`, () =>
    guarded(async () => {
      const passed: string[] = [];
      const sink = new TestSink({ pace });
      const writer = await openAv(sink, {
        onMarker: (index, context) => {
          const { samplesReceived, samplesProcessed } = writer.getStatistics().streams[index]!;
          passed.push(`${index} ${context} ${samplesProcessed >= (context as number)} ${samplesReceived}`);
        },
        onFinalize: () => void passed.push("finalize"),
      });
      const markers: Promise<unknown>[] = [];
      for (const [i, sample] of avSamples(2).entries()) {
        write(writer, sample);
        if (i % 20 !== 19) continue;
        const { streams } = writer.getStatistics();
        markers.push(writer.placeMarker(0, streams[0]!.samplesReceived));
        markers.push(writer.placeMarker(1, streams[1]!.samplesReceived));
      }
      const finished = writer.finalize().then(() => passed.push("promise"));
      await Promise.all(markers);
      assertEquals(passed.length, 6);
      await finished;
      const of = (index: number) => passed.filter((line) => line.startsWith(`${index} `));
      assertEquals(of(0).map((line) => line.split(" ")[2]), ["true", "true", "true"]);
      assertEquals(of(1).map((line) => line.split(" ")[2]), ["true", "true", "true"]);
      const contexts = of(0).map((line) => Number(line.split(" ")[1]));
      assertEquals(contexts, contexts.toSorted((a, b) => a - b));
      assertEquals(passed.slice(6), ["finalize", "promise"]);
      assertTreatedWell(sink);
    }));
}

Deno.test("A marker needs nothing behind it to pass", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = await openAv(sink);
    assertEquals(await writer.placeMarker(0, "nothing yet"), "nothing yet");
    write(writer, videoSample(0)); // audio is still awaited, the packet is open
    assertEquals(sink.count("data"), 0);
    assertEquals(await writer.placeMarker(0, { any: "thing" }), { any: "thing" });
    assertEquals(sink.count("data"), 1);
    assertEquals(await writer.placeMarker(1), undefined);
    await writer.finalize();
  }));

Deno.test("A marker waits for the slowest sink, and passes when that fails alone", () =>
  guarded(async () => {
    const [fast, slow] = [new TestSink(), new TestSink({ pace: "macrotask" })];
    const writer = new SinkWriter({ container: testAsf(), sinks: [fast, slow] });
    writer.addStream(AUDIO);
    await writer.beginWriting();
    slow.isPaused = true;
    writer.writeSample(0, audioSample(0));
    const marker = writer.placeMarker(0, 1);
    assertEquals(await stateOf(marker), "pending");
    slow.isPaused = false;
    slow.go();
    assertEquals(await marker, 1);
    await writer.finalize();
  }));

Deno.test("Markers on their way reject when the session ends otherwise, and are never unhandled", () =>
  guarded(async () => {
    const sink = new TestSink({ faults: [{ operation: "data", nth: 1, kind: "hang" }] });
    const markers: unknown[] = [];
    const writer = await openAv(sink, { onMarker: (_, context) => void markers.push(context) });
    write(writer, videoSample(0));
    const marker = writer.placeMarker(0, 1);
    void writer.placeMarker(1, 2);
    await turns(1);
    await writer.abort(new Error("enough"));
    await assertRejects(() => marker, Error, "enough");
    assertEquals(markers, []);
  }));

// ── Gaps and segments ──

Deno.test("sendStreamTick() lets the others go on: counted, without a sample", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = await openAv(sink, { openWindowMs: 60_000 });
    for (let i = 0; i < 50; i++) write(writer, videoSample(i));
    assertEquals(writer.getStatistics().streams[0]!.samplesProcessed, 0); // the opening waits for audio
    writer.sendStreamTick(1, 0);
    const { samplesProcessed } = writer.getStatistics().streams[0]!;
    assertEquals(samplesProcessed, 13); // up to the window of half a second
    for (let second = 1; second <= 2; second++) writer.sendStreamTick(1, second * 1_000_000);
    assertEquals(writer.getStatistics().streams[0]!.samplesProcessed, 50);
    const { streams, warnings } = await writer.finalize();
    assertEquals([streams[1]!.streamTicksReceived, streams[1]!.lastStreamTickReceived], [3, 2_000_000]);
    assertEquals(warnings.map(({ code, streamNumber }) => `${code} ${streamNumber}`), ["no-samples 2"]);
    const file = await readAsf(sink.bytes);
    assertEquals(file.samples.length, 50);
  }));

Deno.test("sendStreamTick() refuses what is no time", () =>
  guarded(async () => {
    const writer = await openAv();
    // deno-lint-ignore no-explicit-any
    assertThrows(() => writer.sendStreamTick(0, "5" as any), TypeError, "Cannot send stream tick to stream 1");
    for (const time of [NaN, Infinity, -Infinity]) assertThrows(() => writer.sendStreamTick(0, time), RangeError);
    assertEquals(writer.getStatistics().total.streamTicksReceived, 0);
    await writer.abort();
  }));

Deno.test("A tick far ahead does not make the others give up on a third stream", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = new SinkWriter({ container: testAsf(), sinks: [sink] });
    for (const stream of [VIDEO, AUDIO, AUDIO]) writer.addStream(stream);
    await writer.beginWriting();
    writer.writeSample(0, videoSample(0));
    writer.writeSample(1, audioSample(0));
    writer.sendStreamTick(2, 3_600_000_000);
    for (let i = 1; i < 25; i++) writer.writeSample(0, videoSample(i));
    assertGreater(15, writer.getStatistics().streams[0]!.samplesProcessed); // still waits for the first audio
    for (let i = 1; i < 10; i++) writer.writeSample(1, audioSample(i));
    assertEquals((await writer.finalize()).warnings.filter(({ code }) => code === "late-sample"), []);
  }));

Deno.test("notifyEndOfSegment() frees the others until the stream goes on; then they wait for it again", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = await openAv(sink);
    write(writer, audioSample(0));
    for (let i = 0; i < 25; i++) write(writer, videoSample(i));
    const processed = () => writer.getStatistics().streams[0]!.samplesProcessed;
    assertEquals(processed(), 13);
    writer.notifyEndOfSegment(1);
    assertEquals(processed(), 25);
    for (let i = 25; i < 50; i++) write(writer, videoSample(i));
    assertEquals(processed(), 50);
    write(writer, audioSample(20));
    for (let i = 50; i < 75; i++) write(writer, videoSample(i));
    assertEquals(processed(), 63); // up to half a second ahead of the audio's 2 s
    writer.notifyEndOfSegment();
    assertEquals(processed(), 75);
    const { warnings } = await writer.finalize();
    assertEquals(warnings, []);
    const file = await readAsf(sink.bytes);
    assertEquals(file.samples.length, 77);
  }));

Deno.test("notifyEndOfSegment() before a stream's first sample opens the file without waiting for it", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = await openAv(sink, { openWindowMs: 60_000 });
    write(writer, videoSample(0));
    writer.notifyEndOfSegment(1);
    assertEquals(sink.count("header"), 1);
    write(writer, audioSample(0)); // it may still go on
    assertEquals((await writer.finalize()).total.samplesProcessed, 2);
  }));

// ── Discards ──

Deno.test("discardQueued() drops what is held, says what, and leaves what is laid out", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = await openAv(sink);
    const kept: NumberedSample[] = [];
    write(writer, audioSample(0));
    for (let i = 0; i < 30; i++) write(writer, videoSample(i)); // the first 13 pass
    kept.push(audioSample(0), ...Array.from({ length: 13 }, (_, i) => videoSample(i)));
    assertEquals(writer.discardQueued(1), { samplesDiscarded: 0, bytesDiscarded: 0 });
    assertEquals(writer.discardQueued(0), { samplesDiscarded: 17, bytesDiscarded: 51_000 });
    assertEquals(writer.discardQueued(), { samplesDiscarded: 0, bytesDiscarded: 0 });
    const refused = assertThrows(() => write(writer, videoSample(31)), MuxError);
    assertEquals([refused.code, refused.streamNumber], ["bad-media", 1]);
    for (let i = 40; i < 50; i++) kept.push(videoSample(i));
    kept.push(audioSample(17));
    for (const sample of kept.slice(14)) write(writer, sample);
    const { streams, total } = await writer.finalize();
    assertEquals([streams[0]!.samplesReceived, streams[0]!.samplesProcessed, streams[0]!.samplesDropped], [40, 23, 17]);
    assertEquals([total.samplesDropped, total.bytesQueued, streams[0]!.samplesRefused], [17, 0, 1]);
    assertSamples(await readAsf(sink.bytes), kept);
  }));

Deno.test("discardQueued() drops what waits for a slow sink, and finishes the sample that is half laid out", () =>
  guarded(async () => {
    const sink = new TestSink();
    const passed: unknown[] = [];
    const writer = new SinkWriter({
      container: testAsf(),
      sinks: [sink],
      onMarker: (streamIndex, context) => void passed.push([streamIndex, context]),
    });
    writer.addStream(VIDEO);
    writer.addStream(AUDIO);
    await writer.beginWriting();
    const samples = [audioSample(0), ...Array.from({ length: 4 }, (_, i) => videoSample(i, 3_000_000))];
    sink.isPaused = true;
    for (const sample of samples) write(writer, sample);
    const marker = writer.placeMarker(0, "behind");
    for (let i = 1; i < 20; i++) write(writer, audioSample(i));
    const before = writer.getStatistics();
    const [video, audio] = before.streams;
    assert(video!.samplesProcessed < 4 && audio!.samplesProcessed < 20);
    const discarded = writer.discardQueued(0);
    assertEquals(discarded, {
      samplesDiscarded: 4 - video!.samplesProcessed,
      bytesDiscarded: (4 - video!.samplesProcessed) * 3_000_000,
    });
    assertEquals(discarded.bytesDiscarded, video!.bytesQueued);
    const { streams: [after], total } = writer.getStatistics();
    assertEquals([after!.bytesQueued, after!.samplesDropped], [0, discarded.samplesDiscarded]);
    assertEquals(total.bytesQueued, audio!.bytesQueued);
    assertEquals(assertThrows(() => write(writer, videoSample(31)), MuxError).code, "bad-media");
    write(writer, videoSample(50));
    sink.isPaused = false;
    sink.go();
    await marker;
    assertEquals(passed, [[0, "behind"]]);
    await writer.finalize();
    const kept = samples.slice(1, 1 + video!.samplesProcessed);
    const sound = Array.from({ length: 20 }, (_, i) => audioSample(i));
    assertSamples(await readAsf(sink.bytes), [...kept, ...sound, videoSample(50)]);
  }));

Deno.test("discardQueued() before the file is open starts over: the next sample is the first", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = new SinkWriter({ container: testAsf(), sinks: [sink] });
    writer.addStream(LATE_VIDEO);
    writer.addStream(AUDIO);
    await writer.beginWriting();
    write(writer, videoSample(0)); // not described yet
    write(writer, audioSample(0));
    assertEquals(writer.discardQueued(), { samplesDiscarded: 2, bytesDiscarded: 3800 });
    const decoderConfig = { description: new Uint8Array([1, 2, 3, 4]) };
    writer.writeSample(0, videoSample(10), { decoderConfig });
    write(writer, audioSample(5));
    await writer.finalize();
    assertSamples(await readAsf(sink.bytes), [videoSample(10), audioSample(5)], 400);
  }));

Deno.test("discardQueued() of all there ever was leaves nothing to finish, and the error says so", () =>
  guarded(async () => {
    const writer = await openAv();
    write(writer, videoSample(0));
    writer.discardQueued();
    const error = await assertRejects(() => writer.finalize(), MuxError);
    assertEquals(error.code, "no-samples");
    assertEquals(error.message, "Cannot finish: no stream got a sample; stream 1: 1 discarded");
  }));

// ── Throttling ──

Deno.test("A slow sink makes writeSample ask to wait; disableThrottling makes it refuse at the limit instead", () =>
  guarded(async () => {
    for (const disableThrottling of [false, true]) {
      const sink = new TestSink({ pace: "macrotask" });
      const writer = await openAv(sink, { disableThrottling, maxQueuedBytes: 1 << 20, interleaveWindowMs: 0 });
      sink.isPaused = true;
      let waits = 0;
      let written = 0;
      const fill = () => {
        for (; written < 1000; written++) if (write(writer, videoSample(written, 10_000))) waits++;
      };
      const error = assertThrows(fill, MuxError);
      assertEquals(error.code, "queue-full");
      assertEquals(waits > 0, !disableThrottling);
      const { bytesQueued } = writer.getStatistics().total;
      assertGreater(bytesQueued, (1 << 20) - 10_000);
      assertGreater((1 << 20) + 1, bytesQueued);
      sink.isPaused = false;
      sink.go();
      await writer.ready;
      assertEquals((await writer.finalize()).streams[0]!.samplesProcessed, written);
      assertTreatedWell(sink);
    }
  }));

Deno.test("getStatistics() counts per stream and in total", () =>
  guarded(async () => {
    const writer = await openAv();
    for (const sample of avSamples(1)) await write(writer, sample);
    assertThrows(() => write(writer, audioSample(0)), MuxError); // its time is over
    await writer.placeMarker(0);
    const { streams, total } = writer.getStatistics();
    assertEquals(total, {
      streamTicksReceived: 0,
      samplesReceived: 35,
      samplesRefused: 1,
      samplesEncoded: 0,
      samplesProcessed: 35,
      samplesDropped: 0,
      bytesReceived: 83_000,
      bytesQueued: 0,
      bytesProcessed: 83_000,
      firstTimestamp: 0,
      lastTimestampReceived: 960_000,
      lastTimestampEncoded: undefined,
      lastTimestampProcessed: 960_000,
      lastStreamTickReceived: undefined,
    });
    assertEquals(streams.map(({ samplesReceived }) => samplesReceived), [25, 10]);
    await writer.abort();
  }));

// ── Files by name ──

Deno.test("createSinkWriterFromUrl() writes a file whose container its extension tells", () =>
  withTempDir(async (folder) => {
    const names: (string | URL)[] = [
      `${folder}/plain.asf`,
      `${folder}/UPPER.WMV`,
      `${folder}/with.dots.wma`,
      new URL(`file://${folder}/by%20url.wmv`),
      `file://${folder}/text.wmv`,
    ];
    for (const name of names) {
      const writer = createSinkWriterFromUrl(name);
      writer.addStream(AUDIO);
      await writer.beginWriting();
      await writer.writeSample(0, audioSample(0));
      await writer.finalize();
    }
    const written: string[] = [];
    for await (const entry of Deno.readDir(folder)) {
      const reader = await AsfReader.open(await Deno.readFile(`${folder}/${entry.name}`));
      assertEquals(reader.header.fileProperties!.isBroadcast, false);
      written.push(entry.name);
    }
    assertEquals(written.sort(), ["UPPER.WMV", "by url.wmv", "plain.asf", "text.wmv", "with.dots.wma"]);
  }));

Deno.test("createSinkWriterFromUrl() writes any container there is", () =>
  withTempDir(async (folder) => {
    const magic: [string, (bytes: Uint8Array) => unknown, unknown][] = [
      ["sound.wav", (bytes) => new TextDecoder().decode(bytes.slice(0, 4)), "RIFF"],
      ["sound.WMA", (bytes) => [...bytes.slice(0, 4)], [0x30, 0x26, 0xb2, 0x75]],
    ];
    for (const [name, read, expected] of magic) {
      const writer = createSinkWriterFromUrl(`${folder}/${name}`);
      writer.addStream({ ...AUDIO, codec: "pcm-s16" });
      await writer.beginWriting();
      await writer.writeSample(0, audioSample(0));
      await writer.finalize();
      assertEquals(read(await Deno.readFile(`${folder}/${name}`)), expected);
    }
  }));

Deno.test("createSinkWriterFromUrl() with a container or sinks takes those, as the original takes its attribute and stream", () =>
  withTempDir((folder) =>
    guarded(async () => {
      const byOption = createSinkWriterFromUrl(`${folder}/odd.name`, { container: asf() });
      byOption.addStream(AUDIO);
      await byOption.beginWriting();
      await byOption.writeSample(0, audioSample(0));
      await byOption.finalize();
      assertGreater((await Deno.stat(`${folder}/odd.name`)).size, 3000);

      const sink = bufferSink();
      const elsewhere = createSinkWriterFromUrl("https://example.com/video.wmv?x=1", { sinks: [sink] });
      elsewhere.addStream(AUDIO);
      await elsewhere.beginWriting();
      await elsewhere.writeSample(0, audioSample(0));
      await elsewhere.finalize();
      assertGreater(sink.bytes.byteLength, 3000);
    })
  ));

Deno.test("createSinkWriterFromUrl() refuses names without a container, telling those there are", () => {
  for (const name of ["video.xyz", "video", "wmv", "folder.wmv/video", "", "https://example.com/a.wmv", "C:\\a.txt"]) {
    const error = assertThrows(() => createSinkWriterFromUrl(name), MuxError);
    assertEquals([error.code, error.hresult], ["unsupported", 0xC00D36D5]); // MF_E_NOT_FOUND
    assert(name.startsWith("https:") || error.message.includes(".asf, .wmv, .wma"), error.message);
  }
  const mediaSink = { open: () => {}, write: () => {}, close: () => {}, abort: () => {} };
  assertThrows(() => createSinkWriterFromUrl("a.wmv", { mediaSink }), TypeError);
});
