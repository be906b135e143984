/**
 * Whole sessions in a line or two: samples in, bytes out.
 *
 * @module
 */

import type { Container } from "../../src/container/container.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { Writer } from "../../src/facades/writer.ts";
import type { Metadata } from "../../src/media/metadata.ts";
import type { StreamSample } from "../../src/media/sample.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import type { SessionOptions } from "../../src/session/options.ts";
import { bufferSink } from "../../src/sinks/buffer_sink.ts";
import type { SinkLike } from "../../src/sinks/sink.ts";
import type { FinalizeReport } from "../../src/errors.ts";

/** What a session is made of. */
export interface Session {
  container: Container;
  streams: readonly StreamConfig[];
  samples: Iterable<StreamSample>;
  metadata?: Metadata;
  maxLatencyMs?: number;
  startTime?: SessionOptions["startTime"];
}

/** Writes everything to the sinks. */
export async function writeTo(sinks: readonly SinkLike[], { samples, ...session }: Session): Promise<FinalizeReport> {
  await using writer = new Writer({ ...session, sinks });
  await writer.beginWriting();
  for (const sample of samples) await writer.writeSample(sample.streamNumber, sample);
  return await writer.endWriting();
}

/** The file that comes out where the sink can be patched. */
export async function writeFinal(session: Session): Promise<Uint8Array<ArrayBuffer>> {
  const sink = bufferSink();
  await writeTo([sink], session);
  return sink.bytes;
}

/** What comes out where it cannot. */
export async function writeLive(session: Session): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  await writeTo([new WritableStream({ write: (bytes) => void pieces.push(bytes) })], session);
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** A file's streams, metadata and samples, ready for a session. */
export async function readAll(path: string): Promise<Omit<Session, "container">> {
  await using media = await openMedia(path);
  const samples = await Array.fromAsync(media.samples);
  return { streams: media.streams, samples, metadata: media.metadata };
}
