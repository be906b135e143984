/** A file that says everything ASF can, copied into ASF: what an archivist expects to survive survives. */

import { assertEquals } from "@std/assert";
import { asf, type AsfOptions, bufferSink, type Metadata, scriptSample, type StreamConfig, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader, inspectTree } from "../../src/inspect/mod.ts";
import { runIn } from "../cli/support.ts";
import { noise } from "../support/generate.ts";
import { fixture, withTempDir } from "../support/temp.ts";

const FIXED = "11111111-2222-3333-4444-555555555555";
const VARIABLE = "21111111-2222-3333-4444-555555555555";

const OPTIONS: AsfOptions = {
  timeIndexMs: 500,
  sampleIndexInterval: 10,
  timecodeIndex: true,
  indexPoints: ["key", "sample"],
  mutualExclusions: [
    { by: "bitrate", streams: [3, 9] },
    { by: "language", streams: [5, 63] },
    { by: "other", groups: [[3, 5], [9, 63]] },
  ],
  priorities: [{ streamNumber: 5, mandatory: true }, { streamNumber: 3, mandatory: false }],
  bandwidthSharing: [
    { kind: "partial", streams: [3, 9], bitrate: 500_000, bufferMs: 1000 },
    { kind: "exclusive", streams: [5, 63], bitrate: 64_000, bufferMs: 3000 },
  ],
  branding: {
    banner: { data: noise(50, 1), mimeType: "image/gif" },
    bannerUrl: "http://a.example/",
    copyrightUrl: "http://b.example/",
  },
};

const METADATA: Metadata = {
  title: "Alles – 全部 🎬",
  author: "A",
  copyright: "C",
  description: "D",
  albumTitle: "AT",
  trackNumber: 3,
  year: "2001",
  attributes: {
    Rating: "G",
    "WM/TrackNumber": "3/12",
    "WM/Year": "2001-05-04",
    Word: { type: "word", value: 7 },
    Guid: { type: "guid", value: "01234567-89AB-CDEF-0123-456789ABCDEF" },
    Double: 5,
    Quad: 5n,
    Flag: true,
    Bytes: noise(5, 1),
    Large: noise(70_000, 1),
    Stereoscopic: true,
  },
  records: [
    { name: "WM/Mood", value: "ruhig", language: "de" },
    { name: "WM/Mood", value: "calm", language: "en", streamNumber: 5 },
    { name: "StereoscopicLayout", value: 1, streamNumber: 3 },
    { name: "LargeOfStream", value: noise(70_000, 2), streamNumber: 5 },
    // Links and types that pictures do not have.
    { name: "WM/Picture", value: new Uint8Array([255, 1, 0, 0, 0, 0, 0, 0, 0, 9]) },
  ],
  pictures: [
    { data: noise(80_000, 1), mimeType: "image/jpeg", type: 3, description: "front" },
    ...Array.from({ length: 21 }, (_, type) => ({ data: noise(20 + type, type), mimeType: "image/png", type }))
      .filter(({ type }) => type !== 3),
  ],
  markers: [{ timestamp: 0, name: "Start" }, { timestamp: 1_500_000, name: "später" }],
  scripts: [{ timestamp: 0, type: "URL", text: "http://x" }, { timestamp: 250_000, type: "TEXT", text: "hello" }],
};

/** Every kind of stream, with names, and values beside the samples. */
async function everything(): Promise<Uint8Array<ArrayBuffer>> {
  await using source = await openMedia(fixture("wmv2_wma2.wmv"));
  const video = source.streams.find(({ kind }) => kind === "video")!;
  const audio = source.streams.find(({ kind }) => kind === "audio")!;
  const aspect = { displayAspectWidth: 16, displayAspectHeight: 9 };
  const streams = [
    {
      ...video,
      ...aspect,
      streamNumber: 3,
      language: "en-US",
      names: [{ name: "Camera", language: "en-US" }, { name: "Kamera 図", language: "de" }],
      codecName: "Some codec",
      codecDescription: "of some quality",
      payloadExtensions: [
        ...["timecode", "sampleDuration", "contentType", "pixelAspectRatio"] as const,
        { guid: FIXED, size: 5, info: noise(9, 1) },
        { guid: VARIABLE, size: "variable" },
      ],
    },
    { ...video, ...aspect, streamNumber: 9, codecName: "Another codec" },
    { ...audio, streamNumber: 5, language: "de", payloadExtensions: [{ guid: VARIABLE, size: "variable" }] },
    { ...audio, streamNumber: 63, language: "fr-CA", names: [{ name: "Ton" }], codecDescription: "64 kbps" },
    { kind: "script", streamNumber: 20, language: "de" },
    { kind: "image", streamNumber: 21, codedWidth: 160, codedHeight: 120 },
    {
      ...{ kind: "image", streamNumber: 22, codec: "degradable-jpeg", codedWidth: 80, codedHeight: 60 },
      description: noise(5, 4),
    },
    { kind: "file", streamNumber: 23, payloadExtensions: ["fileName"], names: [{ name: "Dateien" }] },
    {
      ...{ kind: "binary", streamNumber: 24, sampleBytes: 10, description: noise(7, 7) },
      majorType: "776257D4-C627-41CB-8F81-7AC7FF1C40CD",
      subtype: "776257D4-C627-41CB-8F81-7AC7FF1C40CC",
      formatType: "776257D4-C627-41CB-8F81-7AC7FF1C40CE",
    },
  ] as StreamConfig[];
  const sink = bufferSink();
  await using writer = new Writer({ container: asf(OPTIONS), sinks: [sink], streams, metadata: METADATA });
  await writer.beginWriting();
  let count = 0;
  for await (const sample of source.samples) {
    const { timestamp } = sample;
    if (sample.streamNumber === audio.streamNumber) {
      await writer.writeSample(5, { ...sample, extensions: { own: { [VARIABLE]: noise(3, count) } } });
      await writer.writeSample(63, sample);
      continue;
    }
    const timecode = { hours: 1, minutes: 2, seconds: 3, frames: count % 25, range: Math.floor(count / 25) };
    const extensions = {
      timecode: { ...timecode, userBits: count, flags: count % 2 },
      contentType: { interlaced: count % 2 === 0, topFieldFirst: count % 2 > 0 },
      pixelAspectRatio: count % 3 > 0 ? { x: 4, y: 3 } : undefined,
      own: { [FIXED]: noise(5, count), [VARIABLE]: noise(count % 7, count) },
    };
    await writer.writeSample(3, { ...sample, duration: 40_000, extensions });
    await writer.writeSample(9, sample);
    if (count++ % 20 > 0) continue;
    await writer.writeSample(20, scriptSample({ timestamp, type: "TEXT", text: `Bild ${count} 図` }));
    await writer.writeSample(21, { data: new Uint8Array([0xff, 0xd8, ...noise(3000, count)]), timestamp });
    await writer.writeSample(22, { data: noise(700, count), timestamp });
    await writer.writeSample(23, { data: noise(2500, count), timestamp, extensions: { fileName: `${count} ü.html` } });
    await writer.writeSample(24, { data: noise(10, count), timestamp });
  }
  await writer.endWriting();
  return sink.bytes;
}

/** All that the header says, but what belongs to one file or follows from where its packets are cut. */
async function said(bytes: Uint8Array): Promise<string[]> {
  const tree = await inspectTree(bytes);
  const passing =
    /"(fileId|fileSize|creationTicks|creationTime|packetCount|offset|size|fileBytes|sendDurationTicks|sendTimeMs|dataOffset)"/;
  const lines = JSON.stringify(tree.children[0], null, 1).split("\n").filter((line) => !passing.test(line));
  return [...lines, ...tree.children.slice(1).map(({ name }) => name)];
}

/** Each stream's samples with their times and all values. */
async function samplesOf(bytes: Uint8Array): Promise<Record<number, unknown[]>> {
  const reader = await AsfReader.open(bytes);
  const found: Record<number, unknown[]> = {};
  for await (const { packetNumber: _, data, ...sample } of reader.samples()) {
    (found[sample.streamNumber] ??= []).push({ ...sample, data: data.slice() });
  }
  return found;
}

Deno.test("mux from ASF to ASF carries everything over: streams, values beside samples, relations, indexes, metadata", () =>
  withTempDir(async (folder) => {
    const original = await everything();
    await Deno.writeFile(`${folder}/0.wmv`, original);
    for (const pass of [1, 2]) {
      const { code, reported } = await runIn({}, "mux", `${folder}/${pass - 1}.wmv`, "-o", `${folder}/${pass}.wmv`);
      assertEquals([code, /not carried|left out/.test(reported)], [0, false], reported);
      const copy = await Deno.readFile(`${folder}/${pass}.wmv`);
      assertEquals(sorted(await said(copy)), sorted(await said(original)));
      assertEquals(await samplesOf(copy), await samplesOf(original));
    }
    const [first, second] = [await Deno.readFile(`${folder}/1.wmv`), await Deno.readFile(`${folder}/2.wmv`)];
    assertEquals(await said(second), await said(first)); // in the same order, too
    assertEquals(await metadataOf(second), await metadataOf(original)); // large values whole
  }));

async function metadataOf(bytes: Uint8Array): Promise<Metadata> {
  await using media = await openMedia(bytes);
  return media.metadata;
}

/** Several values of one name may come in another order. */
function sorted(lines: string[]): string[] {
  return lines.toSorted();
}

Deno.test("what is set with mux stands alone, whatever field the source has it in", () =>
  withTempDir(async (folder) => {
    const sink = bufferSink();
    const streams: StreamConfig[] = [{ kind: "audio", codec: "pcm-u8", sampleRate: 8000, numberOfChannels: 1 }];
    await using writer = new Writer({
      container: asf(),
      sinks: [sink],
      streams,
      metadata: { title: "Old", genre: "Old", trackNumber: 1, attributes: { "WM/TrackNumber": "1/9" } },
    });
    await writer.beginWriting();
    await writer.writeSample(1, { data: new Uint8Array(800), timestamp: 0, duration: 100_000 });
    await writer.endWriting();
    await Deno.writeFile(`${folder}/in.wma`, sink.bytes);
    const set = ["Title=New", "WM/Genre=New", "WM/TrackNumber=2"].flatMap((one) => ["--set", one]);
    const { code } = await runIn({}, "mux", `${folder}/in.wma`, "-o", `${folder}/out.wma`, ...set);
    assertEquals(code, 0);
    const bytes = await Deno.readFile(`${folder}/out.wma`);
    assertEquals(await metadataOf(bytes), { title: "New", genre: "New", trackNumber: 2 });
  }));

Deno.test("openMedia() declares payload extensions where they are asked for: other containers refuse them", async () => {
  const bytes = await everything();
  const declared = async (payloadExtensions: boolean) => {
    await using media = await openMedia(bytes, { payloadExtensions });
    const named = media.streams.filter((stream) => stream.payloadExtensions !== undefined);
    return named.map(({ streamNumber }) => streamNumber);
  };
  assertEquals(await declared(false), [23]); // files have their names
  assertEquals(await declared(true), [3, 5, 23]);
});

Deno.test("openMedia() has markers and commands count from the first sample, wherever the source begins", () =>
  withTempDir(async (folder) => {
    const sink = bufferSink();
    await using writer = new Writer({
      container: asf(),
      sinks: [sink],
      streams: [{ kind: "audio", codec: "pcm-u8", sampleRate: 8000, numberOfChannels: 1 }],
      metadata: {
        markers: [{ timestamp: 5_500_000, name: "Half" }, { timestamp: 1000, name: "Before" }],
        scripts: [{ timestamp: 5_250_000, type: "TEXT", text: "x" }],
      },
      startTime: "keep",
    });
    await writer.beginWriting();
    for (let i = 0; i < 10; i++) {
      const timestamp = 5_000_000 + i * 100_000;
      await writer.writeSample(1, { data: new Uint8Array(800), timestamp, duration: 100_000 });
    }
    await writer.endWriting();
    await Deno.writeFile(`${folder}/in.wma`, sink.bytes);
    const { code } = await runIn({}, "mux", `${folder}/in.wma`, "-o", `${folder}/out.wma`);
    assertEquals(code, 0);
    for (const [name, start] of [["in", 5_000_000], ["out", 0]] as const) {
      await using media = await openMedia(`${folder}/${name}.wma`);
      assertEquals(media.metadata.markers, [{ timestamp: 0, name: "Before" }, { timestamp: 500_000, name: "Half" }]);
      assertEquals(media.metadata.scripts, [{ timestamp: 250_000, type: "TEXT", text: "x" }]);
      const samples = await Array.fromAsync(media.samples);
      assertEquals(samples.map(({ timestamp }) => timestamp), samples.map((_, i) => start + i * 100_000));
    }
  }));

/** Replaces bytes wherever they stand in the header. */
function patched(bytes: Uint8Array, from: string, to: string): Uint8Array<ArrayBuffer> {
  const hex = bytes.toHex().replaceAll(from, to);
  return Uint8Array.fromHex(hex);
}

async function related(options: AsfOptions): Promise<Uint8Array<ArrayBuffer>> {
  const video = { kind: "video", codec: "WMV2", codedWidth: 320, codedHeight: 240, description: new Uint8Array(4) };
  const streams = [video, { ...video, codedWidth: 640 }, { ...video, codedWidth: 640 }] as StreamConfig[];
  const sink = bufferSink();
  await using writer = new Writer({ container: asf(options), sinks: [sink], streams });
  await writer.beginWriting();
  for (const number of [1, 2, 3]) await writer.writeSample(number, { data: noise(50, number), timestamp: 0 });
  await writer.endWriting();
  return sink.bytes;
}

/** Exclusion by something else, and by bit rate, as stored. */
const BY_OTHER = "022ae2d6da35d1119034";
const BY_BITRATE = "012ae2d6da35d1119034";

Deno.test("openMedia() takes what an ASF header says of its streams as far as a writer does", async () => {
  const bytes = await related({
    mutualExclusions: [{ by: "other", streams: [1, 2] }, { by: "other", groups: [[1], [2, 3]] }],
    priorities: [{ streamNumber: 3, mandatory: true }, { streamNumber: 1, mandatory: false }],
    bandwidthSharing: [{ kind: "exclusive", streams: [1, 3], bitrate: 1, bufferMs: 2 }],
  });
  {
    // By bit rate, though their pictures differ in size.
    await using media = await openMedia(patched(bytes, BY_OTHER, BY_BITRATE));
    assertEquals(media.asf!.mutualExclusions, [
      { by: "other", streams: [1, 2] },
      { by: "bitrate", groups: [[1], [2, 3]] },
    ]);
    assertEquals(asf(media.asf).check(media.streams), []);
  }
  {
    // Stream 1 is encrypted.
    const header = (await AsfReader.open(bytes)).header;
    const [first] = header.object.children.filter(({ name }) => name === "Stream Properties Object");
    const damaged = bytes.slice();
    damaged[first!.offset + 24 + 49]! |= 0x80;
    await using media = await openMedia(damaged);
    assertEquals(media.skipped.length, 1);
    assertEquals(media.asf, { priorities: [{ streamNumber: 3, mandatory: true }] });
    assertEquals(asf(media.asf).check(media.streams), []);
  }
});

Deno.test("openMedia() says that it leaves behind what it does not know", async () => {
  const bytes = await related({});
  const padding = "74d40618dfca0945a4ba9aabcb96aae8";
  await using media = await openMedia(patched(bytes, padding, "74d40618dfca0945a4ba9aabcb96aaff"));
  assertEquals(media.warnings, [
    "What the header says in objects that are not known is not carried over: 1806D474-CADF-4509-A4BA-9AABCB96AAFF",
  ]);
});
