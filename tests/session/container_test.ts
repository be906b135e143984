/** What a session makes of its container: streams that are silent for long, and a container that fails. */

import { assert, assertEquals, assertGreater, assertStrictEquals, assertThrows } from "@std/assert";
import type { Container, Muxer, Packetizer } from "../../src/container/container.ts";
import { Writer } from "../../src/facades/writer.ts";
import {
  assertReleasedOnce,
  assertSamples,
  assertTreatedWell,
  audioSample,
  avOptions,
  avSamples,
  guarded,
  readAsf,
  reasonOf,
  testAsf,
  videoSample,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

/** ASF with some of its muxer's methods replaced. */
function changedAsf(change: (muxer: Muxer) => Partial<Muxer>): Container {
  const container = testAsf();
  return {
    ...container,
    createMuxer: (streams) => {
      const muxer = container.createMuxer(streams);
      for (const [name, value] of Object.entries(change(muxer))) Object.defineProperty(muxer, name, { value });
      return muxer;
    },
  };
}

/** ASF with some of its packetizer's methods replaced. */
function changedPackets(change: (packetizer: Packetizer) => Partial<Packetizer>): Container {
  return changedAsf((muxer) => {
    const begin = muxer.begin.bind(muxer);
    return {
      begin: (opening) => {
        const packetizer = begin(opening);
        for (const [name, value] of Object.entries(change(packetizer))) {
          Object.defineProperty(packetizer, name, { value });
        }
        return packetizer;
      },
    };
  });
}

Deno.test("Nobody waits for a sparse stream, neither at the beginning nor later, and its samples need no ticks", () =>
  guarded(async () => {
    const container = changedAsf((muxer) => {
      const describe = muxer.describe.bind(muxer);
      return {
        describe: (stream, metadata, data) => {
          const facts = describe(stream, metadata, data);
          return facts && { ...facts, sparse: stream === 1 };
        },
      };
    });
    const sink = new TestSink();
    const writer = new Writer(avOptions([sink], { container, onLag: "error" }));
    await writer.beginWriting();
    const video = Array.from({ length: 500 }, (_, i) => videoSample(i, 300));
    const rare = [audioSample(0), audioSample(90), audioSample(180)];
    writer.writeSample(1, video[0]!);
    assertEquals(sink.count("header"), 1, "the header does not wait");
    for (const sample of video.slice(1)) {
      await writer.writeSample(1, sample);
      for (const one of rare) if (one.timestamp === sample.timestamp - 40_000) writer.writeSample(2, one);
      const { samplesReceived, samplesProcessed } = writer.getStatistics().streams[0]!;
      assertEquals(samplesProcessed, samplesReceived, "nothing is held");
    }
    const report = await writer.endWriting();
    assertEquals(report.warnings, []);
    const file = await readAsf(sink.bytes);
    assertSamples(file, [...video, ...rare.filter((one) => one.timestamp % 40_000 === 0)]);
  }));

/** A muxer whose `write` fails at the n-th sample. */
function failingAsf(nth: number, error: Error): Container {
  return changedPackets((packetizer) => {
    const write = packetizer.write.bind(packetizer);
    let count = 0;
    return {
      write: (sample) => {
        if (++count === nth) throw error;
        return write(sample);
      },
    };
  });
}

Deno.test("A container that fails while samples come fails the session as it is, once for everybody", () =>
  guarded(async () => {
    const error = new RangeError("the container's own");
    const sinks = [new TestSink(), new TestSink({ pace: "macrotask" })];
    const writer = new Writer(avOptions(sinks, { container: failingAsf(50, error) }));
    await writer.beginWriting();
    let thrown: unknown;
    for (const sample of avSamples(4)) {
      try {
        writer.writeSample(sample.streamNumber, sample);
      } catch (reason) {
        thrown ??= reason;
        assertStrictEquals(reason, error);
      }
    }
    assertStrictEquals(thrown, error);
    assertStrictEquals(await reasonOf(writer.closed), error);
    assertStrictEquals(await reasonOf(writer.endWriting()), error);
    assertEquals(writer.state, "failed");
    for (const sink of sinks) assertEquals([sink.count("abort"), sink.count("close")], [1, 0]);
    assertTreatedWell(...sinks);
  }));

Deno.test("A container that fails while the finish drains rejects the finish and does not hang it", () =>
  guarded(async () => {
    const error = new RangeError("the container's own");
    const sink = new TestSink();
    const writer = new Writer(avOptions([sink], { container: failingAsf(300, error) }));
    await writer.beginWriting();
    sink.isPaused = true;
    for (const sample of avSamples(10, 20_000)) writer.writeSample(sample.streamNumber, sample);
    const { samplesProcessed } = writer.getStatistics().streams[0]!;
    assertGreater(250, samplesProcessed);
    const finish = writer.endWriting();
    finish.catch(() => {});
    sink.isPaused = false;
    sink.go();
    assertStrictEquals(await reasonOf(finish), error);
    assertEquals(writer.state, "failed");
    const { streams } = writer.getStatistics();
    assertEquals(streams.map((stream) => stream.samplesReceived - stream.samplesProcessed - stream.samplesDropped), [
      0,
      0,
    ]);
    assertGreater(streams[0]!.samplesDropped, 0);
    assertReleasedOnce(sink);
    assertTreatedWell(sink);
    // What came before is a whole file all the same.
    const file = await readAsf(sink.bytes);
    assert(file.samples.length >= 290);
  }));

Deno.test("A container that cannot finish aborts every sink", () =>
  guarded(async () => {
    const error = new Error("cannot close the packet");
    const container = changedPackets(() => ({
      finish: () => {
        throw error;
      },
    }));
    const sinks = [new TestSink(), new TestSink({ isFile: false })];
    const writer = new Writer(avOptions(sinks, { container }));
    await writer.beginWriting();
    for (const sample of avSamples(1)) writer.writeSample(sample.streamNumber, sample);
    assertStrictEquals(await reasonOf(writer.endWriting()), error);
    for (const sink of sinks) assertEquals([sink.count("abort"), sink.count("close"), sink.count("patch")], [1, 0, 0]);
    assertEquals(writer.state, "failed");
    assertStrictEquals(assertThrows(() => writer.writeSample(1, videoSample(99))), error);
  }));

Deno.test("A container that cannot begin fails the session, from whichever call opened it", () =>
  guarded(async () => {
    for (const opening of ["writeSample", "flush", "endWriting", "endStream"]) {
      const error = new Error("cannot begin");
      const container = changedAsf(() => ({
        begin: () => {
          throw error;
        },
      }));
      const sink = new TestSink();
      const writer = new Writer(avOptions([sink], { container }));
      await writer.beginWriting();
      writer.writeSample(2, audioSample(0));
      const calls: Record<string, () => unknown> = {
        writeSample: () => writer.writeSample(1, videoSample(0)),
        flush: () => writer.flush(),
        endWriting: () => writer.endWriting(),
        endStream: () => writer.writableFor(1).close(),
      };
      assertStrictEquals(await reasonOf((async () => await calls[opening]!())()), error, opening);
      assertStrictEquals(await reasonOf(writer.closed), error, opening);
      assertEquals(writer.state, "failed");
      assertReleasedOnce(sink);
    }
  }));
