/** Plays generated sessions through the library. */

import { asf, bufferSink, type Sink, type SinkLike, Writer } from "../../mod.ts";
import type { GeneratedSession } from "../support/generate.ts";
import type { Form } from "../support/oracle.ts";

/** A writer for a session. */
export function writerFor(session: GeneratedSession, sinks: readonly SinkLike[]): Writer {
  return new Writer({
    container: asf(session.options),
    streams: session.streams,
    metadata: session.metadata,
    startTime: session.startTime,
    sinks,
  });
}

/** Writes every sample as it should be done: waiting whenever asked to. */
export async function play(session: GeneratedSession, sinks: readonly SinkLike[]): Promise<void> {
  const writer = writerFor(session, sinks);
  await writer.beginWriting();
  for (const sample of session.samples) {
    const wait = writer.writeSample(sample.streamNumber, sample);
    if (wait) await wait;
  }
  await writer.endWriting();
}

/** The bytes a session gives. */
export async function bytesOf(session: GeneratedSession, form: Form): Promise<Uint8Array> {
  const sink = memorySink(form);
  await play(session, [sink]);
  return sink.bytes;
}

/** A sink in memory that can be patched, or cannot. */
export function memorySink(form: Form): Sink & { readonly bytes: Uint8Array } {
  const inner = bufferSink();
  if (form === "final") return inner;
  return {
    get bytes() {
      return inner.bytes;
    },
    header: (bytes) => inner.header(bytes),
    data: (bytes, info) => inner.data(bytes, info),
    close: () => inner.close(),
    abort: (reason) => inner.abort(reason),
  };
}
