import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { MuxError } from "../../src/errors.ts";
import { Writer } from "../../src/facades/writer.ts";
import { streamSink } from "../../src/sinks/stream_sink.ts";
import {
  assertPrefix,
  assertSameBytes,
  assertSamples,
  avOptions,
  avSamples,
  guarded,
  mux,
  readAsf,
  reasonOf,
  writeAll,
} from "../support/sessions.ts";
import { TestSink, TestStream, type TestStreamOptions } from "../support/sinks.ts";

const SAMPLES = avSamples(3, 20_000);

async function reference(isFile: boolean): Promise<Uint8Array<ArrayBuffer>> {
  const sink = new TestSink({ isFile });
  await mux(avOptions([sink]), SAMPLES);
  return sink.bytes;
}

const LIVE = await reference(false);
const FILE = await reference(true);

const PACES: TestStreamOptions[] = [
  {},
  { pace: "microtask" },
  { pace: "macrotask" },
  { pace: "macrotask", highWaterMark: 0 },
  { pace: "macrotask", highWaterMark: 100 },
];

for (const canSeek of [false, true]) {
  const name = canSeek ? "A stream that can seek" : "A plain stream";
  for (const options of PACES) {
    Deno.test(`${name} gets the ${canSeek ? "final" : "live"} form (${JSON.stringify(options)})`, () =>
      guarded(async () => {
        const target = new TestStream(canSeek, options);
        const report = await mux(avOptions([target.stream]), SAMPLES);
        assertSameBytes(target.bytes, canSeek ? FILE : LIVE);
        assertEquals(target.log.at(-1), "close");
        assertFalse(target.stream.locked);
        assertEquals(report.sinks[0]!.sink === target.stream, true);
        assertEquals(report.sinks[0]!.bytes, target.bytes.byteLength);
        const file = await readAsf(target.bytes);
        assertEquals([file.isBroadcast, file.isSeekable], [!canSeek, canSeek]);
        assertSamples(file, SAMPLES);
      }));
  }

  Deno.test(`${name} is unlocked, not closed, with preventClose, once everything has arrived`, () =>
    guarded(async () => {
      const target = new TestStream(canSeek, { pace: "macrotask", highWaterMark: 100 });
      const writer = new Writer(avOptions([]));
      await writer.addSink(target.stream, { preventClose: true });
      await writer.beginWriting();
      await writeAll(writer, SAMPLES);
      assert(target.stream.locked);
      await writer.endWriting();
      assertSameBytes(target.bytes, canSeek ? FILE : LIVE);
      assertFalse(target.log.includes("close"));
      assertFalse(target.stream.locked);
      await target.stream.close();
    }));

  Deno.test(`${name} that errors fails the session with its error as the cause, and is unlocked`, () =>
    guarded(async () => {
      for (const failAt of [1, 2, 4]) {
        const target = new TestStream(canSeek, { failAt, pace: "microtask" });
        const error = await assertRejects(() => mux(avOptions([target.stream]), SAMPLES), MuxError);
        assertEquals([error.code, (error.cause as Error).message], ["sink-failed", `chunk ${failAt} fails`]);
        assertFalse(target.stream.locked);
        if (!canSeek) assertPrefix(target.bytes, LIVE);
      }
    }));

  Deno.test(`${name} whose last write fails with preventClose fails the finish`, () =>
    guarded(async () => {
      const target = new TestStream(canSeek, { failAt: 3, pace: "macrotask", highWaterMark: 100 });
      const writer = new Writer(avOptions([]));
      await writer.addSink(target.stream, { preventClose: true });
      await writer.beginWriting();
      await writeAll(writer, SAMPLES.slice(0, 10)); // header, data, and what the finish adds
      const error = await reasonOf(
        writer.endWriting().then(() => canSeek ? undefined : Promise.reject("only two chunks")),
      );
      if (canSeek) assertEquals(((error as MuxError).cause as Error).message, "chunk 3 fails");
      assertFalse(target.stream.locked);
    }));

  Deno.test(`${name} whose close fails fails the finish, and is unlocked`, () =>
    guarded(async () => {
      const target = new TestStream(canSeek, { failClose: true });
      const error = await assertRejects(
        () => mux(avOptions([target.stream]), SAMPLES),
        MuxError,
        "Cannot close the sink",
      );
      assertEquals([error.stage, (error.cause as Error).message], ["release", "close fails"]);
      assertFalse(target.stream.locked);
      assertSameBytes(target.bytes, canSeek ? FILE : LIVE);
    }));

  Deno.test(`${name} is aborted with the session, also when that fails, and is unlocked`, () =>
    guarded(async () => {
      for (const failAbort of [false, true]) {
        const target = new TestStream(canSeek, { failAbort });
        const writer = new Writer(avOptions([target.stream]));
        await writer.beginWriting();
        await writeAll(writer, SAMPLES);
        await writer.abort(new Error("enough"));
        assertEquals(target.log, ["abort enough"]);
        assertFalse(target.stream.locked);
      }
    }));

  Deno.test(`${name} that had errored before fails the session`, () =>
    guarded(async () => {
      const target = new TestStream(canSeek);
      await target.stream.abort(new Error("gone"));
      const error = await assertRejects(() => mux(avOptions([target.stream]), SAMPLES), MuxError);
      assertEquals([error.code, (error.cause as Error).message], ["sink-failed", "gone"]);
    }));
}

Deno.test("A stream that is locked by another cannot be opened", () =>
  guarded(async () => {
    const target = new TestStream(false);
    const other = target.stream.getWriter();
    const error = await assertRejects(() => mux(avOptions([target.stream]), SAMPLES), MuxError, "Cannot open the sink");
    assertEquals([error.code, error.stage], ["sink-failed", "open"]);
    assert(target.stream.locked, "the other's lock stays");
    other.releaseLock();
    assertEquals(target.log, []);
  }));

Deno.test("A stream's chunks are the stream's own: nothing changes them afterwards", () =>
  guarded(async () => {
    const kept: Uint8Array[] = [];
    const copies: Uint8Array[] = [];
    const stream = new WritableStream<Uint8Array<ArrayBuffer>>({
      write: (chunk) => {
        kept.push(chunk);
        copies.push(chunk.slice());
      },
    });
    await mux(avOptions([stream]), SAMPLES);
    kept.forEach((chunk, i) => assertSameBytes(chunk, copies[i]!));
    assertSameBytes(new Uint8Array(await new Blob(kept as BlobPart[]).arrayBuffer()), LIVE);
  }));

Deno.test("A stream through a TransformStream and a reader gets everything", () =>
  guarded(async () => {
    const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
    const read = new Response(readable).bytes();
    await mux(avOptions([writable]), SAMPLES);
    assertSameBytes(await read, LIVE);
  }));

Deno.test("a stream that can seek is cut by the command of the File System specification", async () => {
  const chunks: unknown[] = [];
  const stream = new WritableStream({ write: (chunk) => void chunks.push(chunk) });
  Object.assign(stream, { seek: () => Promise.resolve(), truncate: () => Promise.resolve() });
  const sink = streamSink(stream);
  await sink.open?.();
  await sink.truncate!(4);
  await sink.close();
  assertEquals(chunks, [{ type: "truncate", size: 4 }]);
});
