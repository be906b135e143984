/**
 * One file that uses every option: its hash for the bytes, its tree for eyes. `deno test -u` writes both anew; the
 * difference is to be read, and the file to be looked at with other readers, before it is committed.
 */

import { assertEquals } from "@std/assert";
import { asf, bufferSink, Writer } from "../../mod.ts";
import { AsfReader, formatTree, inspectTree } from "../../src/inspect/mod.ts";
import { acceptedByAll, judge } from "../support/conformance.ts";
import { withTempDir } from "../support/temp.ts";
import { GOLDEN_METADATA, GOLDEN_OPTIONS, goldenSession } from "./options.ts";

async function goldenFile(): Promise<{ bytes: Uint8Array<ArrayBuffer>; sampleCount: number; durationMs: number }> {
  const { streams, samples } = await goldenSession();
  const sink = bufferSink();
  const writer = new Writer({
    container: asf(GOLDEN_OPTIONS),
    sinks: [sink],
    streams,
    metadata: GOLDEN_METADATA,
    interleaveWindowMs: 200,
  });
  await writer.beginWriting();
  for (const sample of samples) await writer.writeSample(sample.streamNumber, sample);
  const { duration } = await writer.endWriting();
  return { bytes: sink.bytes, sampleCount: samples.length, durationMs: duration / 1000 };
}

Deno.test("a file that uses every option has the bytes it had", async (t) => {
  const { bytes, sampleCount, durationMs } = await goldenFile();
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
  await t.assertSnapshot(hash);
  await t.assertSnapshot(formatTree(await inspectTree(bytes, { packets: true })));

  await t.step("the reader finds all of it, and nothing wrong", async () => {
    const reader = await AsfReader.open(bytes);
    let count = 0;
    for await (const _ of reader.samples()) count++;
    assertEquals(count, sampleCount);
    await reader.indexes();
    assertEquals(reader.problems, []);
  });

  await withTempDir(async (folder) => {
    const path = `${folder}/golden.asf`;
    await Deno.writeFile(path, bytes);
    const checks = acceptedByAll(path, {
      kinds: ["video", "audio", "video", "audio", "audio", "audio"],
      durationMs,
      title: GOLDEN_METADATA.title,
    });
    // GStreamer shows only those of so many streams that begin at once; of fewer it shows all.
    await judge(t, checks.filter(({ name }) => name !== "gst-discoverer"));
  });
});
