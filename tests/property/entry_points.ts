/** A sample can come in through several entry points; what goes out is the same. */

import { assert } from "@std/assert";
import fc from "../support/fast_check.ts";
import { asf, MuxStream } from "../../mod.ts";
import { type GeneratedSession, sessions } from "../support/generate.ts";
import { equalBytes } from "../support/oracle.ts";
import type { NamedProperty } from "./all.ts";
import { bytesOf, memorySink, writerFor } from "./play.ts";

type EntryPoint = (session: GeneratedSession) => Promise<Uint8Array>;

const ENTRY_POINTS: readonly { name: string; form: "final" | "live"; write: EntryPoint }[] = [
  { name: "Writer.writable", form: "final", write: throughWritable },
  { name: "Writer.writable, by pipeTo", form: "final", write: throughPipe },
  { name: "Writer.writableFor", form: "final", write: throughStreams },
  { name: "MuxStream", form: "live", write: throughMuxStream },
  { name: "a WritableStream as sink", form: "live", write: intoWebStream },
  { name: "a WritableStream that seeks as sink", form: "final", write: intoSeekableStream },
];

export const entryPoints: NamedProperty[] = ENTRY_POINTS.map(({ name, form, write }) => ({
  name: `the same samples give the same bytes through ${name}`,
  numRuns: 40,
  property: fc.asyncProperty(sessions(), async (session) => {
    assert(equalBytes(await write(session), await bytesOf(session, form)), "other bytes");
  }),
}));

async function throughWritable(session: GeneratedSession): Promise<Uint8Array> {
  const sink = memorySink("final");
  const writer = writerFor(session, [sink]);
  await writer.beginWriting();
  const stream = writer.writable.getWriter();
  for (const sample of session.samples) await stream.write(sample);
  await stream.close();
  return sink.bytes;
}

async function throughPipe(session: GeneratedSession): Promise<Uint8Array> {
  const sink = memorySink("final");
  const writer = writerFor(session, [sink]);
  await writer.beginWriting();
  await ReadableStream.from(session.samples).pipeTo(writer.writable);
  return sink.bytes;
}

async function throughStreams(session: GeneratedSession): Promise<Uint8Array> {
  const sink = memorySink("final");
  const writer = writerFor(session, [sink]);
  await writer.beginWriting();
  const streams = new Map(
    session.streams.map(({ streamNumber }) => [streamNumber, writer.writableFor(streamNumber).getWriter()]),
  );
  for (const { streamNumber, ...sample } of session.samples) await streams.get(streamNumber)!.write(sample);
  for (const stream of streams.values()) await stream.close();
  await writer.endWriting();
  return sink.bytes;
}

async function throughMuxStream({ options, ...session }: GeneratedSession): Promise<Uint8Array> {
  const body = ReadableStream.from(session.samples).pipeThrough(
    new MuxStream({ container: asf(options), ...session }),
  );
  return await new Response(body).bytes();
}

async function intoWebStream(session: GeneratedSession): Promise<Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
  const bytes = new Response(readable).bytes();
  const writer = writerFor(session, [writable]);
  await writer.beginWriting();
  for (const sample of session.samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
  return await bytes;
}

async function intoSeekableStream(session: GeneratedSession): Promise<Uint8Array> {
  const file = new FakeFile();
  const writer = writerFor(session, [file]);
  await writer.beginWriting();
  for (const sample of session.samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
  return file.bytes;
}

/** What `FileSystemFileHandle.createWritable()` gives, as far as it concerns us. */
class FakeFile extends WritableStream<Uint8Array<ArrayBuffer>> {
  #content = new Uint8Array(0);

  constructor() {
    super({ write: (chunk: unknown) => this.#write(chunk as Uint8Array | { position: number; data: Uint8Array }) });
  }

  seek(): void {}

  get bytes(): Uint8Array {
    return this.#content;
  }

  #write(chunk: Uint8Array | { position: number; data: Uint8Array }): void {
    const { position, data } = chunk instanceof Uint8Array ? { position: this.#content.length, data: chunk } : chunk;
    const end = position + data.byteLength;
    if (end > this.#content.byteLength) {
      const longer = new Uint8Array(end);
      longer.set(this.#content);
      this.#content = longer;
    }
    this.#content.set(data, position);
  }
}
