import { assert, assertEquals } from "@std/assert";
import { allContainers, containerByName, containerForPath, containersFor } from "../src/containers.ts";
import { MuxStream } from "../src/facades/mux_stream.ts";
import { Writer } from "../src/facades/writer.ts";
import { bufferSink } from "../src/sinks/buffer_sink.ts";
import { CONTAINER_CASES } from "./support/containers.ts";
import { writeLive, writeTo } from "./support/write_all.ts";
import { problemsOf } from "./support/problems.ts";

Deno.test("containerForPath() knows every extension, in either case", () => {
  for (const { name, extensions } of allContainers()) {
    for (const extension of extensions) {
      assertEquals(containerForPath(`some.where/a${extension}`)?.name, name);
      assertEquals(containerForPath(`A${extension.toUpperCase()}`)?.name, name);
      assertEquals(containerForPath(new URL(`file:///a${extension}?b=.avi`))?.name, name);
    }
    assertEquals(containerByName(name)?.name, name);
  }
  for (const path of ["a", "a.", "a.avi", "mp4", "a.mp4/b", ""]) assertEquals(containerForPath(path), undefined);
});

Deno.test("containersFor() answers who could hold the streams", () => {
  const names = (...streams: Parameters<typeof containersFor>[0]) => containersFor(streams).map(({ name }) => name);
  assertEquals(names({ kind: "audio", codec: "mp4a.40.2", sampleRate: 48_000, numberOfChannels: 2 }), [
    ...["asf", "mp4", "adts"],
  ]);
  assertEquals(names({ kind: "audio", codec: "opus", sampleRate: 48_000, numberOfChannels: 2 }), ["asf", "mp4"]);
  assertEquals(names({ kind: "video", codec: "WMV3", codedWidth: 16, codedHeight: 16 }), ["asf"]);
  assertEquals(names(), []);
});

Deno.test("the shared cases cover every container", () => {
  assertEquals(
    new Set(CONTAINER_CASES.map(({ create }) => create().name)),
    new Set(allContainers().map(({ name }) => name)),
  );
  for (const { create, streams } of CONTAINER_CASES) assertEquals(problemsOf(create(), streams), []);
});

/** A sink that takes its time, and keeps what it got. */
function slowSink(failAt = Infinity) {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  let calls = 0;
  const take = async (bytes: Uint8Array<ArrayBuffer>) => {
    for (let i = 0; i < calls % 7; i++) await Promise.resolve();
    if (++calls > failAt) throw new Error("the disk is full");
    pieces.push(bytes.slice());
  };
  return { header: take, data: take, close() {}, abort() {}, pieces };
}

for (const { name, create, streams, samples } of CONTAINER_CASES) {
  Deno.test(`${name}: a slow sink gets what a fast one gets`, async () => {
    const slow = slowSink();
    await writeTo([slow], { container: create(), streams, samples: samples(20) });
    const fast = await writeLive({ container: create(), streams, samples: samples(20) });
    assertEquals(new Uint8Array(await new Blob(slow.pieces).arrayBuffer()), fast);
  });

  Deno.test(`${name}: MuxStream gives what a sink without patch gets`, async () => {
    const input = ReadableStream.from(samples(3));
    const body = input.pipeThrough(new MuxStream({ container: create(), streams }));
    assertEquals(
      await new Response(body).bytes(),
      await writeLive({ container: create(), streams, samples: samples(3) }),
    );
  });

  Deno.test(`${name}: a sink that fails leaves the others their file`, async () => {
    const [bad, good] = [slowSink(2), bufferSink()];
    await using writer = new Writer({ container: create(), streams, sinks: [good] });
    await writer.addSink(bad, { optional: true });
    await writer.beginWriting();
    for (const sample of samples(5)) await writer.writeSample(sample.streamNumber, sample);
    await writer.flush();
    for (const sample of samples(1)) {
      const timestamp = sample.timestamp + 5_000_000;
      await writer.writeSample(sample.streamNumber, { ...sample, timestamp });
    }
    const report = await writer.endWriting();
    assertEquals(report.sinks.map(({ outcome }) => outcome).sort(), ["failed", "finished"]);
    assert(good.bytes.byteLength > 10_000);
  });

  Deno.test(`${name}: a sink that is removed, and one that joins, have files of their own`, async () => {
    const [first, second] = [bufferSink(), bufferSink()];
    await using writer = new Writer({ container: create(), streams, sinks: [first] });
    await writer.beginWriting();
    const all = samples(6);
    const [joins, leaves] = [2.4e6, 4.8e6].map((time) => all.find(({ timestamp }) => timestamp >= time));
    for (const sample of all) {
      if (sample === joins) await writer.addSink(second);
      if (sample === leaves) assertEquals((await writer.removeSink(first)).outcome, "finished");
      await writer.writeSample(sample.streamNumber, sample);
    }
    await writer.endWriting();
    assert(first.bytes.byteLength > 10_000 && second.bytes.byteLength > 10_000);
  });
}

for (const container of allContainers()) {
  Deno.test(`${container.name} says whether its samples can carry payload extensions`, () => {
    const stream = { kind: "audio" as const, codec: "mp3", sampleRate: 44_100, numberOfChannels: 2 };
    if (problemsOf(container, [stream]).length > 0) return; // it holds other codecs
    const problems = problemsOf(container, [{ ...stream, payloadExtensions: ["sampleDuration"] }]);
    assertEquals(problems.length, container.name === "asf" ? 0 : 1, problems.join());
  });
}
