import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { MuxStream } from "../../src/facades/mux_stream.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import {
  assertReleasedOnce,
  assertSameBytes,
  assertSamples,
  AUDIO,
  audioSample,
  avOptions,
  avSamples,
  guarded,
  mux,
  type NumberedSample,
  readAsf,
  reasonOf,
  stateOf,
  testAsf,
  turns,
  VIDEO,
} from "../support/sessions.ts";
import { TestSink } from "../support/sinks.ts";

const OPTIONS = { container: testAsf(), streams: [VIDEO, AUDIO] };
const SAMPLES = avSamples(4, 20_000);

async function liveBytes(): Promise<Uint8Array<ArrayBuffer>> {
  const sink = new TestSink({ isFile: false });
  await mux(avOptions([sink]), SAMPLES);
  return sink.bytes;
}

Deno.test("MuxStream gives the live form to whoever reads it", () =>
  guarded(async () => {
    const body = ReadableStream.from<StreamSample>(SAMPLES).pipeThrough(new MuxStream(OPTIONS));
    assertSameBytes(await new Response(body).bytes(), await liveBytes());
  }));

Deno.test("MuxStream gives its chunks away: they are the reader's, whatever comes later", () =>
  guarded(async () => {
    const kept: Uint8Array[] = [];
    const copies: Uint8Array[] = [];
    for await (const chunk of ReadableStream.from<StreamSample>(SAMPLES).pipeThrough(new MuxStream(OPTIONS))) {
      kept.push(chunk);
      copies.push(chunk.slice());
      await turns(1);
    }
    kept.forEach((chunk, i) => assertSameBytes(chunk, copies[i]!));
  }));

Deno.test("MuxStream makes its writer wait for its reader", () =>
  guarded(async () => {
    const stream = new MuxStream(OPTIONS);
    const writer = stream.writable.getWriter();
    let count = 0;
    const fed = (async () => {
      for (const sample of avSamples(20, 60_000)) {
        await writer.ready;
        await writer.write(sample);
        count++;
      }
      await writer.close();
    })();
    assertEquals(await stateOf(fed), "pending");
    assert(count > 0 && count < 100, `${count} samples of 60 kB went in unread`);
    await Promise.all([fed, stream.readable.pipeTo(new WritableStream())]);
    assertEquals(count, 700);
  }));

Deno.test("MuxStream: cancelling the reader, or aborting the writer, ends both sides", () =>
  guarded(async () => {
    const cancelled = new MuxStream(OPTIONS);
    const reason = new Error("no more");
    const piped = ReadableStream.from<StreamSample>(avSamples(20, 60_000)).pipeTo(cancelled.writable);
    piped.catch(() => {});
    await turns();
    await cancelled.readable.cancel(reason);
    await reasonOf(piped);

    const aborted = new MuxStream(OPTIONS);
    const read = new Response(aborted.readable).bytes();
    read.catch(() => {});
    await aborted.writable.abort(reason);
    await assertRejects(() => read);
  }));

Deno.test("MuxStream: what is wrong with streams and samples comes out of both sides", () =>
  guarded(async () => {
    const wrong = new MuxStream({ container: testAsf(), streams: [{ ...AUDIO, sampleRate: -1 }] });
    const read = new Response(wrong.readable).bytes();
    read.catch(() => {});
    const error = await reasonOf(wrong.writable.getWriter().write(audioSample(0, 1)));
    assertEquals((error as MuxError).code, "unsupported");
    await assertRejects(() => read);

    const late = ReadableStream.from<StreamSample>([audioSample(0), { ...audioSample(1), streamNumber: 9 }]);
    const body = late.pipeThrough(new MuxStream(OPTIONS));
    await assertRejects(() => new Response(body).bytes());
  }));

Deno.test("MuxStream without samples is an error, not an empty file", () =>
  guarded(async () => {
    const stream = new MuxStream(OPTIONS);
    const read = new Response(stream.readable).bytes();
    read.catch(() => {});
    assertEquals((await assertRejects(() => stream.writable.close(), MuxError)).code, "no-samples");
    await assertRejects(() => read);
  }));

Deno.test("Writer.writable takes all streams; closing it is endWriting()", () =>
  guarded(async () => {
    const sink = new TestSink({ pace: "macrotask" });
    const writer = new Writer(avOptions([sink]));
    await writer.beginWriting();
    assertStrictEquals(writer.writable, writer.writable);
    await ReadableStream.from<StreamSample>(SAMPLES).pipeTo(writer.writable);
    assertEquals(writer.state, "finalized");
    assertSamples(await readAsf(sink.bytes), SAMPLES);
    assertReleasedOnce(sink);
  }));

Deno.test("Writer.writableFor() ends one stream when it is closed, so that the others need not wait", () =>
  guarded(async () => {
    const sink = new TestSink();
    const writer = new Writer(avOptions([sink], { maxQueuedBytes: 300_000 }));
    await writer.beginWriting();
    const of = (streamNumber: number, seconds: number): NumberedSample[] =>
      SAMPLES.filter((sample) => sample.streamNumber === streamNumber && sample.timestamp < seconds * 1e6);
    const video = of(1, 4);
    const audio = of(2, 1);
    await ReadableStream.from(audio).pipeTo(writer.writableFor(2));
    await ReadableStream.from(video).pipeTo(writer.writableFor(1));
    assertEquals(writer.state, "open");
    const late = writer.writableFor(2).getWriter().write(audioSample(10));
    const error = await reasonOf(late) as MuxError;
    assertEquals([error.code, error.streamNumber, error.state], ["invalid-state", 2, "ended"]);
    await writer.endWriting();
    assertSamples(await readAsf(sink.bytes), [...video, ...audio]);
  }));

Deno.test("Writer.writable aborted, or a stream of it, aborts the session", () =>
  guarded(async () => {
    for (const pick of [(writer: Writer) => writer.writable, (writer: Writer) => writer.writableFor(2)]) {
      const sink = new TestSink();
      const writer = new Writer(avOptions([sink]));
      await writer.beginWriting();
      const reason = new Error("enough");
      await pick(writer).abort(reason);
      assertEquals(writer.state, "aborted");
      assertStrictEquals(await reasonOf(writer.closed), reason);
      assertReleasedOnce(sink);
    }
  }));
