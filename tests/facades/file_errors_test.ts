/**
 * What users of the Windows writers complain about, and our answer, as in `errors_test.ts`: those about what comes
 * out, files and pushes.
 */

import { assert, assertEquals, assertGreater, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { asf, bufferSink, mp4, MuxError, PushSink, SinkWriter, Writer } from "../../mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { repair } from "../../src/repair/mod.ts";
import { PublishingServer } from "../../src/server/mod.ts";
import { find, readBoxes, readSamples } from "../mp4/boxes.ts";
import { MemoryFile } from "../repair/support/editable.ts";
import {
  assertReleasedOnce,
  assertSamples,
  AUDIO,
  audioSample,
  avSamples,
  readAsf,
  reasonOf,
  testAsf,
  VIDEO,
  videoSample,
} from "../support/sessions.ts";
import { fullDisk, TestSink } from "../support/sinks.ts";
import { errorsIn } from "../support/valid.ts";
import { complaint, MP4_STREAMS, open, pictures, writeAll } from "./error_harness.ts";

complaint("C18: cut off anywhere behind its header, a recording demuxes up to the cut", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  await writeAll(writer, avSamples(2, 20_000));
  await writer.placeMarker(0);
  const whole = sink.bytes.slice();
  await writer.abort();
  for (const share of [0.3, 0.5, 0.77, 1]) {
    const reader = await AsfReader.open(whole.slice(0, Math.floor(whole.byteLength * share)));
    let count = 0;
    for await (const { streamNumber } of reader.samples()) if (streamNumber === 1) count++;
    assertGreater(count, 50 * share - 5);
  }
});

complaint("C19: a failed writer cannot be taken for a success: state, promise, callback and report agree", async () => {
  const ends: unknown[] = [];
  const sink = new TestSink({ faults: [{ operation: "close", nth: 1, kind: "reject" }] });
  const writer = await open(sink, { onFinalize: (error, report) => void ends.push(error, report.sinks[0]!.outcome) });
  await writeAll(writer, avSamples(1));
  const error = await reasonOf(writer.finalize()) as MuxError;
  assertEquals(writer.state, "failed");
  assertEquals(ends, [error, "failed"]);
  assertEquals(error.report!.sinks[0]!.outcome, "failed");
});

complaint("C20: the finish moves no media: what was written stays where it is", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  await writeAll(writer, avSamples(2));
  await writer.placeMarker(0);
  const before = sink.bytes.slice();
  const header = sink.calls.find(({ operation }) => operation === "header")!.byteLength;
  await writer.finalize();
  assertEquals(sink.bytes.slice(header + 50, before.byteLength), before.slice(header + 50));
  for (const { offset = 0, byteLength, operation } of sink.calls) {
    if (operation === "patch") assertGreater(header + 51, offset + byteLength);
  }
});

complaint("C21: nothing is started for all, so nothing is shut down for all", async () => {
  const sinks = [new TestSink(), new TestSink()];
  const [first, second] = [await open(sinks[0]!, {}, [AUDIO]), await open(sinks[1]!, {}, [AUDIO])];
  await first.writeSample(0, audioSample(0));
  await second.writeSample(0, audioSample(0));
  await first.abort(); // as abruptly as can be
  await second.writeSample(0, audioSample(1));
  assertEquals((await second.finalize()).total.samplesProcessed, 2);
  const third = await open(new TestSink(), {}, [AUDIO]);
  await third.writeSample(0, audioSample(0));
  await third.finalize();
});

complaint(
  "C22: times with fractions are rounded once and never drift; a step back is told with both times",
  async () => {
    const sink = new TestSink();
    const container = testAsf({ compressedPayloads: false }); // with them times are exact to 1 ms
    const writer = await open(sink, { container }, [AUDIO]);
    for (let i = 0; i < 1000; i++) {
      // Smaller ones share payloads, and are then within a millisecond only.
      writer.writeSample(0, { data: new Uint8Array(256), timestamp: i * 1e6 / 30, duration: 1e6 / 30 });
    }
    const error = assertThrows(() => writer.writeSample(0, { data: new Uint8Array(8), timestamp: 7 }), MuxError);
    assertEquals([error.code, error.timestamp], ["time-order", 7]);
    assert(error.message.includes("33300000") && error.message.includes("7 µs"), error.message);
    await writer.finalize();
    const { samples } = await readAsf(sink.bytes);
    assertEquals(samples.map(({ ms }) => ms), Array.from({ length: 1000 }, (_, i) => Math.round(i * 1000 / 30)));
  },
);

complaint("C23: streams that begin at different times keep their distance; the first of all becomes zero", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  writer.writeSample(1, { data: new Uint8Array(800), timestamp: 5_000_000 });
  writer.writeSample(0, { data: new Uint8Array(100), timestamp: 5_120_000 });
  await writer.finalize();
  const { samples } = await readAsf(sink.bytes);
  assertEquals(samples.map(({ streamNumber, ms }) => [streamNumber, ms]).sort(), [[1, 120], [2, 0]]);
});

complaint("C24: the report's duration is that of the media; the header's has the preroll besides", async () => {
  const sink = new TestSink();
  const writer = await open(sink, { container: testAsf({ prerollMs: 2500 }) });
  await writeAll(writer, avSamples(3));
  assertEquals((await writer.finalize()).duration, 3_000_000);
  const { playDurationTicks, prerollMs } = (await readAsf(sink.bytes)).reader.header.fileProperties!;
  assertEquals([playDurationTicks / 10_000, prerollMs], [5500, 2500]);
});

complaint("C25: the report tells whether a sink holds an index, and why it does not", async () => {
  const file = new TestSink();
  const pipe = new TestSink({ isFile: false });
  const broken = new TestSink({ faults: [{ operation: "trailer", nth: 1, kind: "reject" }] });
  const writer = new SinkWriter({ container: testAsf(), sinks: [file, pipe, broken] });
  writer.addStream(VIDEO);
  await writer.beginWriting();
  await writeAll(writer, pictures(50));
  const { sinks, warnings } = await writer.finalize();
  assertEquals(sinks.map(({ trailerBytes }) => trailerBytes > 0), [true, false, false]);
  assertEquals(warnings.map(({ stage }) => stage), ["trailer"]);
  assertEquals((await readAsf(file.bytes)).isSeekable, true);
  assertEquals((await readAsf(broken.bytes)).indexCount, 0);
});

complaint("C26: a truncated recording is repaired: it seeks, knows its length, and breaks no rule", async () => {
  const sink = new TestSink();
  const writer = await open(sink, {}, [VIDEO]);
  await writeAll(writer, pictures(100));
  await writer.placeMarker(0);
  const cut = sink.bytes.slice(0, Math.floor(sink.bytes.byteLength * 0.8));
  await writer.abort();
  const file = new MemoryFile(cut);
  const { durationMs } = await repair(file);
  const { samples, isSeekable, isBroadcast, playMs, indexCount } = await readAsf(file.bytes);
  assertEquals([isSeekable, isBroadcast, indexCount, playMs], [true, false, 1, durationMs]);
  assertGreater(samples.length, 70);
  assertEquals(await errorsIn(file.bytes), []);
});

complaint(
  "C27: fragments get their index and length where the sink can take them; else nothing untrue is said",
  async () => {
    const [file, pipe] = [new TestSink(), new TestSink({ isFile: false })];
    const writer = new SinkWriter({ container: mp4({ layout: "fragmented" }), sinks: [file, pipe] });
    for (const stream of MP4_STREAMS) writer.addStream(stream);
    await writer.beginWriting();
    await writeAll(writer, avSamples(2));
    const { sinks, duration } = await writer.finalize();
    assertEquals(sinks.map(({ trailerBytes }) => trailerBytes > 0), [true, false]);
    const [whole, live] = [readBoxes(file.bytes), readBoxes(pipe.bytes)];
    assertEquals(Number(find(whole, "moov/mvex/mehd").body.getBigUint64(4)), duration);
    assertEquals([whole.at(-1)!.type, live.at(-1)!.type], ["mfra", "mdat"]);
    assert(!find(live, "moov/mvex").children.some(({ type }) => type === "mehd"));
    assertEquals([...readSamples(pipe.bytes)], [...readSamples(file.bytes)]);

    const asfPipe = new TestSink({ isFile: false });
    const inAsf = await open(asfPipe);
    await writeAll(inAsf, avSamples(2));
    await inAsf.finalize();
    const { isBroadcast, indexCount, samples } = await readAsf(asfPipe.bytes);
    assertEquals([isBroadcast, indexCount, samples.length], [true, 0, 70]);
  },
);

complaint("C28: a stream that is silent for long holds the others back only within the window", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  writer.writeSample(1, audioSample(0));
  for (let i = 0; i < 750; i++) { // half a minute
    writer.writeSample(0, videoSample(i, 500));
    const { streams: [video] } = writer.getStatistics();
    assertGreater(10_600_000, videoSample(i).timestamp - (video!.lastTimestampProcessed ?? 0));
  }
  writer.writeSample(1, audioSample(295));
  const { total, warnings } = await writer.finalize();
  assertEquals(total.samplesProcessed, 752);
  assertEquals(warnings.every(({ code }) => code === "late-sample"), true);
});

complaint("C29: several pushes to one server go side by side, each over a connection of its own", async () => {
  await using server = PublishingServer.listen();
  const pushes = Array.from({ length: 8 }, () => new PushSink());
  await Promise.all(pushes.map((push, i) => push.connect(`${server.url}point-${i}`, { autoDestroy: true })));
  const writer = new Writer({ container: asf(), sinks: pushes, streams: [AUDIO] });
  await writer.beginWriting();
  for (let i = 0; i < 100; i++) await writer.writeSample(1, audioSample(i));
  const { sinks } = await writer.endWriting();
  assertEquals(sinks.map(({ outcome }) => outcome), pushes.map(() => "finished"));
  assertEquals(new Set(sinks.map(({ bytes }) => bytes)).size, 1);
});

complaint("C30: a static screen says so by ticks, and the sound goes on", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  writer.writeSample(0, videoSample(0));
  for (let i = 0; i < 100; i++) {
    writer.writeSample(1, audioSample(i));
    writer.sendStreamTick(0, (i + 1) * 100_000);
    assertGreater(2, i + 1 - writer.getStatistics().streams[1]!.samplesProcessed);
  }
  await writer.finalize();
});

complaint("C31: what loses data is called so and tells how much; what hands over loses nothing", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  await writeAll(writer, [audioSample(0), ...pictures(25)]);
  await writer.placeMarker(0); // hands over
  assertEquals(writer.discardQueued(), { samplesDiscarded: 0, bytesDiscarded: 0 });
  assert(!("flush" in writer));
  assertEquals((await writer.finalize()).total.samplesDropped, 0);
  const classic = new Writer({ container: asf(), sinks: [bufferSink()], streams: [AUDIO] });
  await classic.beginWriting();
  classic.writeSample(1, audioSample(0));
  await classic.flush();
  assertEquals((await classic.endWriting()).total.samplesProcessed, 1);
});

complaint("C32: a full disk is told by the next sample and by the finish, on the day", async () => {
  const sink = fullDisk(500_000);
  const writer = await open(sink);
  const write = async () => {
    for (const sample of avSamples(60, 20_000)) await writer.writeSample(sample.streamNumber - 1, sample);
  };
  const error = await assertRejects(write, MuxError, "No space left on device");
  assertStrictEquals(await reasonOf(writer.finalize()), error);
  assertEquals(writer.state, "failed");
});

complaint("C33: finishing twice, and disposing afterwards, is no error", async () => {
  const sink = new TestSink();
  {
    await using writer = await open(sink);
    await writeAll(writer, avSamples(1));
    assertStrictEquals(await writer.finalize(), await writer.finalize());
  }
  assertReleasedOnce(sink);
});

complaint("C34: a writer is used once: nothing of one file stays in the next", async () => {
  const container = testAsf();
  const titles: (string | undefined)[] = [];
  for (const metadata of [{ title: "first" }, undefined]) {
    const sink = new TestSink();
    const writer = await open(sink, { container, metadata });
    await writeAll(writer, avSamples(1));
    await writer.finalize();
    await assertRejects(() => writer.beginWriting(), MuxError, "must be configuring");
    titles.push((await readAsf(sink.bytes)).reader.header.contentDescription?.title);
  }
  assertEquals(titles[0], "first");
  assert(!titles[1], `${titles[1]}`);
});

complaint("C35: a stream that ends later than the others keeps its tail", async () => {
  const sink = new TestSink();
  const writer = await open(sink);
  const samples = [...pictures(10), ...Array.from({ length: 80 }, (_, i) => audioSample(i))];
  await writeAll(writer, samples);
  assertEquals((await writer.finalize()).duration, 8_000_000);
  assertSamples(await readAsf(sink.bytes), samples);
});
