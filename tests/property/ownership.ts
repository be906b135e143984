/** A sample's bytes are the caller's again as soon as `writeSample` has returned. */

import { assert } from "@std/assert";
import fc from "../support/fast_check.ts";
import type { EncodedChunk, StreamSample, Writer } from "../../mod.ts";
import { type GeneratedSession, sessions } from "../support/generate.ts";
import { equalBytes } from "../support/oracle.ts";
import type { NamedProperty } from "./all.ts";
import { bytesOf, memorySink, writerFor } from "./play.ts";

export const ownership: NamedProperty[] = [{
  name: "Writer keeps no byte of a sample that the caller overwrites at once",
  numRuns: 80,
  property: fc.asyncProperty(sessions(), async (session) => {
    const shared = new Uint8Array(Math.max(...session.samples.map(({ data }) => data.byteLength)));
    const bytes = await playWith(session, (writer, sample) => {
      const data = shared.subarray(0, sample.data.byteLength);
      data.set(sample.data);
      const wait = writer.writeSample(sample.streamNumber, { ...sample, data });
      shared.fill(0xee);
      return wait;
    });
    assert(equalBytes(bytes, await bytesOf(session, "final")), "other bytes");
  }),
}, {
  name: "Writer makes the same of samples and of chunks that copy themselves",
  numRuns: 80,
  property: fc.asyncProperty(sessions({ decodeTimes: false }), async (session) => {
    const bytes = await playWith(session, (writer, sample) => {
      return writer.writeSample(sample.streamNumber, chunkOf(sample));
    });
    assert(equalBytes(bytes, await bytesOf(session, "final")), "other bytes");
  }),
}];

/** The sample as a WebCodecs encoder gives it out. */
function chunkOf({ data, timestamp, duration = null, type = "key" }: StreamSample): EncodedChunk {
  return { type, timestamp, duration, byteLength: data.byteLength, copyTo: (destination) => destination.set(data) };
}

async function playWith(
  session: GeneratedSession,
  write: (writer: Writer, sample: StreamSample) => Promise<void> | undefined,
): Promise<Uint8Array> {
  const sink = memorySink("final");
  const writer = writerFor(session, [sink]);
  await writer.beginWriting();
  for (const sample of session.samples) await write(writer, sample);
  await writer.endWriting();
  return sink.bytes;
}
