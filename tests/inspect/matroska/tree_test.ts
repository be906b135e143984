/** The tree of a Matroska file: every element by name, blocks on demand, the same text in one piece and line by line. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { formatTree, inspectLines, inspectTree, validate } from "../../../src/inspect/mod.ts";
import { inChunks } from "../../demux/support.ts";
import { write } from "./ebml.ts";
import { sampleFile } from "./sample_file.ts";

const bytes = write(sampleFile());

Deno.test("inspectTree() has every element of a Matroska file, by name", async () => {
  const tree = await inspectTree(bytes);
  assertEquals([tree.format, tree.size, tree.problemCount], ["matroska", bytes.byteLength, 0]);
  const [ebml, segment] = tree.children;
  assertEquals([ebml!.name, ebml!.fields.docType, segment!.name], ["EBML", "matroska", "Segment"]);
  assertEquals(segment!.children.map(({ name }) => name), [
    ...["SeekHead", "Info", "Tracks", "Cluster", "Cluster", "Cluster", "Cues", "Chapters", "Tags", "Attachments"],
  ]);
  const [video, audio] = segment!.children[2]!.children;
  assertEquals(video!.fields, {
    trackNumber: 1,
    trackUid: "1311768467463790320",
    trackType: 1,
    flagLacing: 0,
    codecId: "V_VP8",
    defaultDuration: 100_000_000,
  });
  assertEquals(audio!.children[0]!.fields, { samplingFrequency: 48_000, channels: 1 });
  const [, info] = segment!.children;
  assertEquals(Object.keys(info!.fields), ["crc32", "timestampScale", "muxingApp", "writingApp", "duration"]);
  // Where each begins and ends is where the next one begins.
  segment!.children.reduce(
    (end, { offset, size }) => (assertEquals(offset, end), offset + size),
    segment!.children[0]!.offset,
  );
});

Deno.test("inspectTree() lists blocks with packets alone, and says all in JSON", async () => {
  const without = await inspectTree(bytes);
  const tree = await inspectTree(bytes, { packets: true });
  const clusters = tree.children[1]!.children.filter(({ name }) => name === "Cluster");
  assertEquals(without.children[1]!.children.find(({ name }) => name === "Cluster")!.children, []);
  assertEquals(clusters.map(({ children, fields }) => [fields.timestamp, children.length]), [[0, 7], [300, 7], [
    600,
    7,
  ]]);
  assertEquals(clusters[1]!.children[6]!.fields, {
    trackNumber: 2,
    timestamp: 580,
    isKey: true,
    duration: 20,
    frameSizes: [2],
  });
  assert(JSON.stringify(tree).length > 1000);
});

Deno.test("inspectLines() gives the text of formatTree(), of a stream too", async () => {
  const text = formatTree(await inspectTree(bytes, { packets: true }));
  for (const source of [bytes, inChunks(bytes, 9)]) {
    assertEquals((await Array.fromAsync(inspectLines(source, { packets: true }))).join("\n") + "\n", text);
  }
  assert(text.startsWith("Matroska file\n"));
  assertStringIncludes(text, "track number 2, timestamp 580, is key yes, duration 20, frame sizes 2");
});

Deno.test("validate() tells Matroska by its bytes", async () => {
  const report = await validate(bytes);
  assertEquals([report.format, report.isValid, report.packetCount], ["matroska", true, 21]);
});
