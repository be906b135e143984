/** The table of Media Foundation's containers: what it says of ours is so. */

import { assert, assertEquals } from "@std/assert";
import { allContainers, containerForPath } from "../../src/containers.ts";
import type { StreamConfig } from "../../src/media/stream_config.ts";
import { problemsOf } from "../support/problems.ts";

interface Row {
  name: string;
  functions: string[];
  extension: string;
  codecs: string[];
  streams: string;
}

const inBackticks = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text]) => text!);

/** Rows of the table, its head left out. */
async function readTable(): Promise<Row[]> {
  const text = await Deno.readTextFile(new URL("../../src/facades/README.md", import.meta.url));
  const rows = text.split("\n").filter((line) => line.startsWith("| ")).map((line) => line.split(" | "));
  return rows.slice(2).map(([name, , here, extension, codecs, streams]) => ({
    name: name!.slice(2),
    functions: inBackticks(here!),
    extension: inBackticks(extension!)[0]!,
    codecs: inBackticks(codecs ?? ""),
    streams: streams!.trim(),
  }));
}

const VIDEO = /^(WMV3|avc1|hvc1|mp4v|vp8)/;

function streamOf(codec: string): StreamConfig {
  if (VIDEO.test(codec)) return { kind: "video", codec, codedWidth: 64, codedHeight: 48 };
  const isSpeech = codec === "samr" || codec === "sawb";
  return {
    kind: "audio",
    codec: codec.startsWith("0x") ? Number(codec) : codec,
    ...codec.startsWith("0x") && { blockBytes: 1024, bitrate: 64_000 },
    sampleRate: isSpeech ? 8000 : 48_000,
    numberOfChannels: isSpeech ? 1 : 2,
  };
}

Deno.test("the table of Media Foundation's containers has every container of ours, by extension", async () => {
  const rows = await readTable();
  assert(rows.length > 12);
  const listed = new Set(rows.flatMap(({ extension }) => containerForPath(`a${extension}`)?.name ?? []));
  const beside = ["eac3", "mov"]; // with AC-3, and with MP4
  assertEquals(
    allContainers().map(({ name }) => name).filter((name) => !listed.has(name) && !beside.includes(name)),
    [],
  );
});

Deno.test("each codec and number of streams that the table names is held", async () => {
  for (const { name, extension, codecs, streams, functions } of await readTable()) {
    const container = containerForPath(`a${extension}`);
    if (streams === "none") {
      assertEquals([container, functions], [undefined, []], name);
      continue;
    }
    assert(container !== undefined && codecs.length > 0, name);
    for (const codec of codecs) assertEquals(problemsOf(container, [streamOf(codec)]), [], `${name}: ${codec}`);
    const two = [codecs[0]!, codecs.at(-1)!].map(streamOf);
    assertEquals(problemsOf(container, two).length === 0, streams === "many", `${name}: two streams`);
  }
});
