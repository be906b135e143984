/** Small audio objects in shared payloads, before every reader. */

import { assert, assertEquals } from "@std/assert";
import { asf, fileSink, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { AsfReader } from "../../src/inspect/mod.ts";
import { acceptedByAll, judge, presentationMs, sameSamples, seekLands, smoothInVlc } from "../support/conformance.ts";
import { readerTest } from "../support/readers.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import { runOk } from "../support/run.ts";
import { withTempDir } from "../support/temp.ts";

const NOISE = ["-f", "lavfi", "-i", "anoisesrc=d=4:c=pink:a=0.3:seed=1:r="];

/** What FFmpeg is to make: its arguments, and the name. */
const SOURCES: { name: string; args: string[]; kinds: StreamKind[] }[] = [
  { name: "44100.wma", args: [...noise(44100), "-c:a", "wmav2", "-b:a", "32k"], kinds: ["audio"] },
  { name: "22050.wma", args: [...noise(22050), "-c:a", "wmav2", "-b:a", "24k"], kinds: ["audio"] },
  { name: "22050.mp3", args: [...noise(22050), "-c:a", "libmp3lame", "-b:a", "32k"], kinds: ["audio"] },
  { name: "44100.m4a", args: [...noise(44100), "-c:a", "aac", "-b:a", "24k"], kinds: ["audio"] },
  {
    name: "av.wmv",
    args: [
      ...["-f", "lavfi", "-i", "testsrc=d=4:s=160x120:r=25", ...noise(44100)],
      ...["-c:v", "wmv2", "-b:v", "150k", "-g", "25", "-c:a", "wmav2", "-b:a", "32k"],
    ],
    kinds: ["video", "audio"],
  },
];

function noise(rate: number): string[] {
  return [...NOISE.slice(0, -1), `${NOISE.at(-1)}${rate}`, "-ac", "1"];
}

async function muxFile(source: string, output: string, compressedPayloads: boolean): Promise<void> {
  await using media = await openMedia(source);
  const { streams, samples } = media;
  const container = asf({ compressedPayloads, headerReserveBytes: 0 });
  const writer = new Writer({ container, sinks: [fileSink(output)], streams });
  await writer.beginWriting();
  for await (const sample of samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
}

/** Objects in compressed payloads, and such payloads with more than one. */
async function countCompressed(path: string): Promise<{ objects: number; shared: number }> {
  const reader = await AsfReader.open(await Deno.readFile(path));
  let objects = 0;
  let shared = 0;
  for await (const { payloads } of reader.packets()) {
    const compressed = payloads.filter(({ isCompressed }) => isCompressed);
    objects += compressed.length;
    shared += compressed.filter(({ data }, i) => i > 0 && data.byteLength > 0).length;
  }
  assertEquals(reader.problems, []);
  return { objects, shared };
}

for (const { name, args, kinds } of SOURCES) {
  readerTest(
    `compressed payloads keep every sample and its time: ${name}`,
    ["ffmpeg"],
    (t) =>
      withTempDir(async (folder) => {
        const source = `${folder}/${name}`;
        const output = `${folder}/out.asf`;
        await runOk("ffmpeg", ["-v", "error", ...args, source]);
        await muxFile(source, output, true);
        const { objects, shared } = await countCompressed(output);
        assert(objects > 60 && shared > 30, `${objects} objects, ${shared} that share`);
        const expected = { kinds, durationMs: await presentationMs(source) };
        await judge(t, [
          ...acceptedByAll(output, expected),
          ...sameSamples(source, output),
          ...kinds.includes("video") ? [...seekLands(output, 200), ...smoothInVlc(output)] : [],
        ]);
      }),
  );
}

readerTest("at 32 kbit/s a file is 10 % smaller than FFmpeg's", ["ffmpeg"], () =>
  withTempDir(async (folder) => {
    const [source, packed, plain] = ["ff.wma", "packed.wma", "plain.wma"].map((name) => `${folder}/${name}`) as [
      string,
      string,
      string,
    ];
    const longer = noise(44100).map((arg) => arg.replace("d=4", "d=60"));
    await runOk("ffmpeg", ["-v", "error", ...longer, "-c:a", "wmav2", "-b:a", "32k", source]);
    await muxFile(source, packed, true);
    await muxFile(source, plain, false);
    const sizes = await Promise.all([source, packed, plain].map(async (path) => (await Deno.stat(path)).size));
    const [before, after, without] = sizes as [number, number, number];
    assert(after <= 0.9 * before, `${after} of ${before} bytes`);
    assert(after < without, `${after} bytes, ${without} without`);
    const hashes = await Promise.all([source, packed].map(async (path) => {
      return (await runOk("ffmpeg", ["-v", "error", "-i", path, "-c", "copy", "-f", "md5", "-"])).stdout;
    }));
    assertEquals(hashes[1], hashes[0]);
  }));
