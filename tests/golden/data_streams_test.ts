/** One file with a stream of each kind that is not decoded: its hash for the bytes, its tree for eyes. */

import { assertEquals } from "@std/assert";
import { asf, bufferSink, type Metadata, scriptSample, Writer } from "../../mod.ts";
import { formatTree, inspectTree } from "../../src/inspect/mod.ts";
import { noise } from "../support/generate.ts";
import { brokenRules } from "../support/valid.ts";
import { GOLDEN_OPTIONS } from "./options.ts";

const METADATA: Metadata = {
  composer: ["Clara", "Robert"],
  isLive: true,
  userRating: 75,
  encodingTime: new Date("2001-02-03T04:05:06Z"),
  attributes: {
    Word: { type: "word", value: 54_321 },
    "WM/WMContentID": { type: "guid", value: "01234567-89AB-CDEF-0123-456789ABCDEF" },
  },
  pictures: [{ data: noise(20, 3), mimeType: "image/png", type: 4, description: "The back" }],
};

async function goldenFile(): Promise<Uint8Array<ArrayBuffer>> {
  const sink = bufferSink();
  const writer = new Writer({
    container: asf({ ...GOLDEN_OPTIONS, timeIndexMs: 500, mutualExclusions: [{ by: "other", streams: [2, 3] }] }),
    sinks: [sink],
    streams: [
      { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 },
      { kind: "script", language: "de" },
      { kind: "image", codedWidth: 160, codedHeight: 120 },
      { kind: "image", codec: "degradable-jpeg", codedWidth: 80, codedHeight: 60, description: noise(5, 4) },
      { kind: "file", payloadExtensions: ["fileName"] },
      { kind: "binary", sampleBytes: 10, subtype: "776257D4-C627-41CB-8F81-7AC7FF1C40CC" },
    ],
    metadata: METADATA,
  });
  await writer.beginWriting();
  const picture = new Uint8Array([0xff, 0xd8, ...noise(3000, 5)]);
  for (let i = 0; i < 20; i++) {
    const timestamp = i * 100_000;
    await writer.writeSample(1, { data: noise(1600, i), timestamp, duration: 100_000 });
    if (i % 8 !== 0) continue;
    await writer.writeSample(2, scriptSample({ timestamp, type: "TEXT", text: `Bild ${i} 図` }));
    await writer.writeSample(3, { data: picture, timestamp });
    await writer.writeSample(4, { data: noise(700, i), timestamp });
    await writer.writeSample(5, { data: noise(2500, i), timestamp, extensions: { fileName: `${i}.html` } });
    await writer.writeSample(6, { data: noise(10, i), timestamp });
  }
  await writer.endWriting();
  return sink.bytes;
}

Deno.test("a file with streams of all other kinds has the bytes it had", async (t) => {
  const bytes = await goldenFile();
  await t.assertSnapshot(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex());
  await t.assertSnapshot(formatTree(await inspectTree(bytes, { packets: true })));
  // FFmpeg opens no file with a stream of files or of degradable JPEG: the validator says so.
  assertEquals(await brokenRules(bytes), ["W S14"]);
});
