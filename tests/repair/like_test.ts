/** MP4 files that lost their Movie Box, by another of the same recorder. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { bufferSink, MuxError } from "../../mod.ts";
import { inspectTree } from "../../src/inspect/mod.ts";
import { repair } from "../../src/repair/mod.ts";
import { concat } from "../core/harness.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
import { withTempDir } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";
import { samplesOf } from "./support/mp4.ts";

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** Tracks that come back; default: all. */
  readonly kept?: readonly number[];
}

/** No single sample here is as large. */
const MERGED_BYTES = 8000;

const PICTURES = ["-c:v", "libx264", "-bf", "0", "-g", "12", "-pix_fmt", "yuv420p"];
const CASES: readonly Case[] = [
  { name: "h264_pcm.mov", args: [...PICTURES, "-c:a", "pcm_s16le"] },
  { name: "h264_alaw.mov", args: [...PICTURES, "-x264-params", "slices=3:aud=1", "-c:a", "pcm_alaw"] },
  { name: "h264_aac.mp4", args: [...PICTURES, "-c:a", "aac"], kept: [1] },
  { name: "hevc.mp4", args: ["-an", "-c:v", "libx265", "-x265-params", "bframes=0:log-level=none", "-tag:v", "hvc1"] },
  { name: "pcm.mov", args: ["-vn", "-c:a", "pcm_s24le"] },
];

/** Pictures and a tone, others for each `seed`. */
function source(seed: number, seconds: number): string[] {
  const video = `testsrc2=s=160x120:r=25:d=${seconds},hue=h=${seed}`;
  const audio = `sine=f=${300 + seed}:d=${seconds}:r=48000`;
  return ["-v", "error", "-f", "lavfi", "-i", video, "-f", "lavfi", "-i", audio];
}

async function movieAt(bytes: Uint8Array): Promise<number> {
  const { children } = await inspectTree(bytes);
  return children.find(({ name }) => /moov/.test(name))!.offset;
}

/** What a track holds, and when: sound without compression as one, since readers put its samples together. */
async function contents(bytes: Uint8Array, tracks?: readonly number[]): Promise<Map<string, string[]>> {
  const byTrack = Map.groupBy(await samplesOf(bytes), ({ what }) => what.split(" ")[0]!);
  const found = new Map<string, string[]>();
  for (const [track, samples] of byTrack) {
    if (tracks !== undefined && !tracks.includes(Number(track))) continue;
    const isPut = samples.some(({ offset, end }) => end - offset > MERGED_BYTES);
    const media = concat(samples.map(({ offset, end }) => bytes.subarray(offset, end)));
    const sum = media.reduce((sum, byte) => sum * 33 + byte | 0, 0);
    found.set(track, [`${media.byteLength} ${sum}`, ...isPut ? [] : samples.map(({ what }) => what)]);
  }
  return found;
}

for (const { name, args, kept } of CASES) {
  readerTest(
    `repair() finds the samples of ${name} without its Movie Box, by another file`,
    ["ffmpeg"],
    () =>
      withTempDir(async (folder) => {
        const [good, whole] = [`${folder}/good.${name}`, `${folder}/whole.${name}`];
        await runOk("ffmpeg", [...source(90, 2), ...args, "-metadata", "title=other", good]);
        await runOk("ffmpeg", [...source(10, 3), ...args, whole]);
        const bytes = await Deno.readFile(whole);
        const broken = bytes.slice(0, await movieAt(bytes));
        for (const isPlaceholder of [false, true]) {
          const at = (await inspectTree(bytes)).children.find(({ name }) => /mdat/.test(name))!.offset;
          if (isPlaceholder) broken.fill(0, at, at + 4);
          await assertRejects(() => repair(broken, { output: bufferSink() }), MuxError, "given as like");
          const sink = bufferSink();
          const { packetCount, lostBytes, remarks } = await repair(broken, { output: sink, like: good });
          const wanted = await contents(bytes, kept);
          assertEquals(await contents(sink.bytes), wanted);
          assertEquals(await flawsIn(sink.bytes), []);
          assert(/taken from the other file/.test(remarks![0]!));
          assertEquals(remarks!.length, kept === undefined ? 1 : 2);
          assertEquals(lostBytes > 0, kept !== undefined);
          assert(!new TextDecoder("latin1").decode(sink.bytes).includes("other"), "its title is not the other's");
          const path = `${folder}/mended.${isPlaceholder}.${name}`;
          await Deno.writeFile(path, broken);
          await Deno.utime(path, 0, 0);
          const report = await repair(path, { like: good });
          assertEquals([report.wasRewritten, report.packetCount], [false, packetCount]);
          assertEquals(await contents(await Deno.readFile(path)), wanted);
          const { stderr } = await runOk("ffmpeg", ["-v", "error", "-i", path, "-map", "0", "-f", "null", "-"]);
          assertEquals(stderr, "");
        }
      }),
  );
}

readerTest("repair() refuses by name what no other file shows", ["ffmpeg"], () =>
  withTempDir(async (folder) => {
    const refused: readonly [string[], RegExp][] = [
      [["-vn", "-c:a", "aac"], /track 1 \(mp4a\) have neither/],
      [["-an", "-c:v", "libx264", "-bf", "2"], /reordered/],
    ];
    for (const [args, reason] of refused) {
      const good = `${folder}/${args[0]}.mp4`;
      await runOk("ffmpeg", [...source(20, 1), ...args, good]);
      const bytes = await Deno.readFile(good);
      const broken = bytes.slice(0, await movieAt(bytes));
      const error = await assertRejects(() => repair(broken, { output: bufferSink(), like: bytes }), MuxError);
      assertEquals(error.code, "unsupported");
      assert(reason.test(error.message), error.message);
    }
  }));
