/** One session behind every facade: the same samples give the same bytes. */

import { assert, assertEquals } from "@std/assert";
import fc from "../support/fast_check.ts";
import { asf, SinkWriter } from "../../mod.ts";
import { type GeneratedSession, sessions } from "../support/generate.ts";
import { equalBytes } from "../support/oracle.ts";
import type { NamedProperty } from "./all.ts";
import { bytesOf, memorySink } from "./play.ts";

async function throughSinkWriter(session: GeneratedSession, form: "final" | "live"): Promise<Uint8Array> {
  const sink = memorySink(form);
  const { options, streams, metadata, startTime } = session;
  const writer = new SinkWriter({ container: asf(options), metadata, startTime, sinks: [sink] });
  const indexes = new Map(streams.map((stream) => [stream.streamNumber, writer.addStream(stream)]));
  await writer.beginWriting();
  for (const { streamNumber, ...sample } of session.samples) {
    await writer.writeSample(indexes.get(streamNumber)!, sample);
  }
  const report = await writer.finalize();
  assertEquals(report.total.samplesProcessed, session.samples.length);
  return sink.bytes;
}

export const facades: NamedProperty[] = (["final", "live"] as const).map((form) => ({
  name: `the same samples give the same packets, header and index through Writer and SinkWriter (${form} form)`,
  numRuns: 50,
  property: fc.asyncProperty(sessions(), async (session) => {
    assert(equalBytes(await throughSinkWriter(session, form), await bytesOf(session, form)), "other bytes");
  }),
}));
