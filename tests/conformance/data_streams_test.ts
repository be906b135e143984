/** Script commands, still pictures, files and binary data: in our reader, in others, through the tools. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { asf, type DataStream, fileSink, scriptSample, type StreamSample, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { repair } from "../../src/repair/mod.ts";
import { hex } from "../asf/hex.ts";
import { runIn } from "../cli/support.ts";
import { lineOf, readAll } from "../demux/support.ts";
import { MemoryFile } from "../repair/support/editable.ts";
import { acceptedByAll, judge, presentationMs, sameSamples, seekLands } from "../support/conformance.ts";
import { ffmpegSource } from "../support/ffmpeg_source.ts";
import { type ReaderName, readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { errorsIn } from "../support/valid.ts";

/** With pictures that are none, so that these tests need no other program. */
const NO_PICTURE = hex("ff d8 ff d9");

interface Case {
  stream: DataStream;
  /** The content of a second. */
  data(second: number): Uint8Array;
  /** Readers that open no file with such a stream, or complain of it; mutagen takes every stream for sound. */
  unknownTo?: ReaderName[];
}

function pattern(second: number, byteLength: number): Uint8Array {
  return new Uint8Array(byteLength).map((_, i) => i * 7 + second);
}

const COMMANDS: Case = {
  stream: { kind: "script", language: "de" },
  data: (second) => scriptSample({ timestamp: 0, type: "CAPTION", text: `Sekunde ${second}, 秒` }).data,
};

const CASES: Case[] = [
  COMMANDS,
  {
    stream: { kind: "image", codec: "jfif", codedWidth: 160, codedHeight: 120 },
    data: () => NO_PICTURE,
  },
  {
    stream: {
      kind: "image",
      codec: "degradable-jpeg",
      codedWidth: 160,
      codedHeight: 120,
      description: hex("01 02 03"),
    },
    data: (second) => pattern(second, 9000),
    unknownTo: ["ffmpeg"],
  },
  {
    stream: {
      kind: "file",
      subtype: "776257D4-C627-41CB-8F81-7AC7FF1C40CC",
      formatType: "DA1E6B13-8359-4050-B398-388E965BF00C",
      description: hex("08 00 0a 00 01 00 00 00"),
      temporalCompression: true,
      payloadExtensions: ["fileName"],
    },
    data: (second) => pattern(second, 20_000),
    unknownTo: ["ffmpeg"],
  },
  {
    stream: { kind: "binary", majorType: "3AFB65E2-47EF-40F2-AC2C-70A90D71D343", sampleBytes: 100 },
    data: (second) => pattern(second, 100),
    unknownTo: ["ffmpeg"],
  },
];

/** The fixture's media with one more stream that has a sample each second. */
async function write(path: string, { stream, data }: Case): Promise<StreamSample[]> {
  await using media = await openMedia(fixture("wmv2_wma2.wmv"));
  const streams = [...media.streams.map((one) => one.kind === "video" ? { ...one, bitrate: 150_000 } : one), {
    ...stream,
    streamNumber: 9,
  }];
  await using writer = new Writer({ container: asf(), sinks: [fileSink(path)], streams });
  await writer.beginWriting();
  const added: StreamSample[] = [];
  for await (const sample of media.samples) {
    await writer.writeSample(sample.streamNumber, sample);
    const timestamp = added.length * 1_000_000;
    if (sample.timestamp < timestamp) continue;
    const extra: StreamSample = { streamNumber: 9, data: data(added.length), timestamp, type: "key" };
    if (stream.payloadExtensions) extra.extensions = { fileName: `file ${added.length}.html` };
    await writer.writeSample(9, extra);
    added.push(extra);
  }
  assertEquals((await writer.endWriting()).warnings, []);
  return added;
}

async function linesOf(path: string | Uint8Array): Promise<string[]> {
  const { samples } = await readAll(path);
  return samples.map((sample) => `${sample.streamNumber} ${lineOf(sample)} ${sample.extensions?.fileName}`).sort();
}

function nameOf({ stream }: Case): string {
  return `a stream of kind ${stream.kind}${stream.kind === "image" ? ` (${stream.codec})` : ""}`;
}

for (const one of CASES) {
  Deno.test(`${nameOf(one)} survives mux, and repair`, () =>
    withTempDir(async (folder) => {
      const path = `${folder}/in.wmv`;
      const added = await write(path, one);
      const bytes = await Deno.readFile(path);
      assertEquals(await errorsIn(bytes), []);

      const { media, samples } = await readAll(path);
      assertEquals(media.skipped, []);
      const { bitrate: _, ...found } = media.streams.find(({ streamNumber }) => streamNumber === 9)!;
      assertEquals(found, { ...one.stream, streamNumber: 9 });
      assertEquals(samples.filter(({ streamNumber }) => streamNumber === 9).map(lineOf), added.map(lineOf));

      assertEquals(
        samples.filter(({ streamNumber }) => streamNumber === 9).map(({ extensions }) => extensions),
        added.map(({ extensions }) => extensions),
      );

      const { code, reported } = await runIn({}, "mux", path, "-o", `${folder}/out.wmv`);
      assertEquals([code, reported.match(/Left out|Warning/g)], [0, null], reported);
      assertEquals(await linesOf(`${folder}/out.wmv`), await linesOf(path));

      // Without its index, and with a header that knows nothing of the end.
      const reader = await AsfReader.open(bytes);
      const { packetBytes, packetCount } = {
        packetBytes: 3200,
        packetCount: reader.header.fileProperties!.packetCount,
      };
      const file = new MemoryFile(bytes.slice(0, reader.data!.offset + 50 + packetBytes * packetCount));
      const report = await repair(file);
      assertEquals([report.lostBytes, report.lostObjectCount], [0, 0]);
      assertEquals(await errorsIn(file.bytes), []);
      assertEquals(await linesOf(file.bytes), await linesOf(path));
      assertEquals(
        (await AsfReader.open(file.bytes)).header.fileProperties!.playDurationTicks / 1e7,
        reader.header.fileProperties!.playDurationTicks / 1e7,
      );
    }));

  readerTest(
    `a file with ${nameOf(one)} is accepted by every reader that knows it`,
    ["ffmpeg"],
    (t) =>
      withTempDir(async (folder) => {
        const path = `${folder}/out.wmv`;
        const source = fixture("wmv2_wma2.wmv");
        const isPicture = one.stream.kind === "image" && one.stream.codec === "jfif";
        const picture = isPicture ? (await ffmpegSource(fixture("mjpeg.mkv"))).samples[0]!.data : undefined;
        const added = await write(path, picture ? { ...one, data: () => picture } : one);
        const isRead = !one.unknownTo?.includes("ffmpeg");
        await judge(t, [
          ...acceptedByAll(
            path,
            { kinds: ["video", "audio"], durationMs: await presentationMs(source) },
            ["mutagen", ...one.unknownTo ?? []],
          ),
          ...isRead ? [...sameSamples(source, path), ...seekLands(path, 200)] : [],
        ]);
        if (!isRead) return;
        const { streams, packets } = await ffprobe(path);
        const { index } = streams.find(({ kind }) => kind !== "video" && kind !== "audio")!;
        assertEquals(
          packets.filter(({ stream }) => stream === index).map(({ pts, size, hash }) =>
            `${pts! * 1000} K ${size} ${hash}`
          ),
          added.map(lineOf),
        );
      }),
  );
}

Deno.test("mux leaves script commands out of a container that has none, and says so", () =>
  withTempDir(async (folder) => {
    const path = `${folder}/in.wmv`;
    await write(path, COMMANDS);
    const { code, reported } = await runIn({}, "mux", path, "-o", `${folder}/out.wav`);
    assertEquals(code, 0);
    assertStringIncludes(reported, "Left out: stream 9 (script commands): WAVE holds ");
  }));
