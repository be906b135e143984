/** Indexes and markers of finished files, judged by the validator, which shares nothing with the muxer. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { asf, type AsfOptions, bufferSink, type Metadata, MuxError, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader, validate } from "../../src/inspect/mod.ts";
import { fixture } from "../support/temp.ts";
import { problemsOf } from "../support/problems.ts";

const METADATA: Metadata = {
  markers: [2.9, 0, 1.7, 0.5].map((seconds) => ({ timestamp: seconds * 1e6, name: `at ${seconds}` })),
  scripts: [{ timestamp: 0, type: "TEXT", text: "x" }],
};

async function mux(source: string, options: AsfOptions, metadata: Metadata, live = false): Promise<Uint8Array> {
  await using media = await openMedia(fixture(source));
  const sink = bufferSink();
  const sinks = [live ? { ...pick(sink), patch: undefined } : sink];
  const writer = new Writer({ container: asf(options), sinks, streams: media.streams, metadata });
  await writer.beginWriting();
  for await (const sample of media.samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
  return sink.bytes;
}

function pick(sink: ReturnType<typeof bufferSink>) {
  return {
    header: (bytes: Uint8Array<ArrayBuffer>) => sink.header(bytes),
    data: (bytes: Uint8Array<ArrayBuffer>, info: Parameters<typeof sink.data>[1]) => sink.data(bytes, info),
    close() {},
    abort() {},
  };
}

for (const source of ["wma2.wma", "tone.mp3", "clip.mp4", "two_videos.mp4", "wmv2_wma2.wmv"]) {
  for (const packetBytes of [200, 1000, 3200]) {
    Deno.test(`an Index Object and markers lead where they should: ${source}, packets of ${packetBytes}`, async () => {
      const bytes = await mux(source, { timeIndexMs: 250, packetBytes }, METADATA);
      const { issues } = await validate(bytes);
      assertEquals(issues.filter(({ severity }) => severity !== "I"), []);
      const reader = await AsfReader.open(bytes);
      const { time } = await reader.indexes();
      assertEquals(time.length, 1);
      assertEquals(
        time[0]!.specifiers.map(({ streamNumber }) => streamNumber),
        reader.header.streams.map((one) => one.streamNumber),
      );
      assertEquals(
        reader.header.markers.map(({ timeTicks }) => timeTicks / 1e7 - 3),
        [0, 0.5, 1.7, 2.9].map((one) => one + 3 - 3),
      );
      assert(reader.header.markers.every(({ dataOffset }) => (dataOffset - 50) % packetBytes === 0));
      assert(reader.header.markers.at(-1)!.dataOffset > 50);
    });
  }
}

Deno.test("without an index object behind the data none is promised, and the live form has no markers", async () => {
  const bytes = await mux("wma2.wma", { timeIndexMs: 250 }, METADATA, true);
  const { header } = await AsfReader.open(bytes);
  assertEquals([header.indexParameters, header.markers.length, header.scriptCommands.length], [undefined, 0, 1]);
});

for (
  const [name, options] of Object.entries<AsfOptions>({
    "one member": { mutualExclusions: [{ by: "language", streams: [1] }] },
    "members and groups": { mutualExclusions: [{ by: "language", streams: [1, 2], groups: [[1], [2]] }] },
    "a stream twice": { priorities: [{ streamNumber: 1 }, { streamNumber: 1 }] },
    "a mandatory stream behind another": { priorities: [{ streamNumber: 1 }, { streamNumber: 2, mandatory: true }] },
    "a rate that is none": { bandwidthSharing: [{ kind: "partial", streams: [1, 2], bitrate: -1, bufferMs: 0 }] },
    "an address that is not ASCII": { branding: { copyrightUrl: "http://ü" } },
    "no interval": { timeIndexMs: 0 },
    // deno-lint-ignore no-explicit-any -- what JavaScript may hand in
    "exclusion by something else": { mutualExclusions: [{ by: "taste" as any, streams: [1, 2] }] },
    "one stream that shares": { bandwidthSharing: [{ kind: "partial", streams: [1], bitrate: 1, bufferMs: 1 }] },
    // deno-lint-ignore no-explicit-any -- what JavaScript may hand in
    "another way to share": { bandwidthSharing: [{ kind: "fair" as any, streams: [1, 2], bitrate: 1, bufferMs: 1 }] },
    // deno-lint-ignore no-explicit-any -- what JavaScript may hand in
    "a banner in PNG": { branding: { banner: { data: new Uint8Array(1), mimeType: "image/png" as any } } },
  })
) {
  Deno.test(`asf() refuses ${name}`, () => {
    let error: unknown;
    try {
      asf(options);
    } catch (thrown) {
      error = thrown;
    }
    assert(error instanceof RangeError, String(error));
  });
}

Deno.test("problemsOf(asf(), ) names streams that options speak of and that are not there, or that do not go together", () => {
  const container = asf({ priorities: [{ streamNumber: 9 }], mutualExclusions: [{ by: "bitrate", streams: [1, 2] }] });
  const problems = problemsOf(container, [
    { kind: "video", codec: "WMV3", codedWidth: 16, codedHeight: 16, description: new Uint8Array(4) },
    { kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 },
  ]);
  assertEquals(problems, [
    "stream 9: the container's options name it, and it is not there",
    "streams 1,2: 16×16 video, audio cannot exclude each other by bitrate",
  ]);
});

/** A header with a preroll of 3000 ms. */
async function headerWith(metadata: Metadata): Promise<AsfReader["header"]> {
  const sink = bufferSink();
  const streams = [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 } as const];
  const writer = new Writer({ container: asf({ prerollMs: 3000 }), sinks: [sink], streams, metadata });
  await writer.beginWriting();
  await writer.writeSample(1, { data: new Uint8Array(1600), timestamp: 0 });
  await writer.endWriting();
  return (await AsfReader.open(sink.bytes)).header;
}

Deno.test("a command's time fits its DWORD with the preroll, or is refused", async () => {
  const last = 0xffff_ffff - 3000;
  const at = (ms: number): Metadata => ({ scripts: [{ timestamp: ms * 1000, type: "TEXT", text: "x" }] });
  assertEquals((await headerWith(at(last))).scriptCommands.map(({ timeMs }) => timeMs), [0xffff_ffff]);
  await assertRejects(() => headerWith(at(last + 1)), MuxError, `timestamp must be at most ${last} ms`);
});

Deno.test("texts of commands and markers are as long as Windows takes, or refused", async () => {
  const script = (type: string, text: string): Metadata => ({ scripts: [{ timestamp: 0, type, text }] });
  await headerWith(script("T".repeat(1024), "x".repeat(10_240)));
  await assertRejects(
    () => headerWith(script("T".repeat(1025), "x")),
    MuxError,
    "type must have at most 1024 characters",
  );
  await assertRejects(() => headerWith(script("T", "x".repeat(10_241))), MuxError, "text must have at most 10240");
  const marker = (name: string): Metadata => ({ markers: [{ timestamp: 0, name }] });
  await headerWith(marker("x".repeat(5120)));
  await assertRejects(() => headerWith(marker("x".repeat(5121))), MuxError, "name must have at most 5120 characters");
});
