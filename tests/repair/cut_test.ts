/** What FFmpeg makes of files that were cut and repaired: everything up to the last whole sample. */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { repair } from "../../src/repair/mod.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";

/** Files as writers leave them that are killed: what they are made by, and what of. */
const CASES: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: "a.mkv", args: ["-i", fixture("clip.mp4"), "-c", "copy"] },
  { name: "live.mkv", args: ["-i", fixture("clip.mp4"), "-c", "copy", "-live", "1"] },
  { name: "a.webm", args: ["-i", fixture("vp9.webm"), "-c", "copy", "-cluster_time_limit", "300"] },
  { name: "empty_moov.mp4", args: ["-i", fixture("clip.mp4"), "-c", "copy", "-movflags", "frag_keyframe+empty_moov"] },
  { name: "delay_moov.mp4", args: ["-i", fixture("clip.mp4"), "-c", "copy", "-movflags", "frag_keyframe+delay_moov"] },
  { name: "base.mp4", args: ["-i", fixture("two_videos.mp4"), ...["-map", "0", "-c", "copy"], "-movflags", "dash"] },
  { name: "front.mov", args: ["-i", fixture("clip.mp4"), "-c", "copy", "-movflags", "faststart"] },
];

/** Of each packet: its stream, flags and a sum of its bytes. */
async function packets(path: string): Promise<string[]> {
  const entries = "packet=stream_index,size,data_hash";
  const args = ["-v", "error", "-show_entries", entries, "-show_data_hash", "md5", "-of", "json", path];
  const { packets } = JSON.parse((await runOk("ffprobe", args)).stdout) as { packets: Record<string, string>[] };
  return packets.map(({ stream_index, size, data_hash }) => `${stream_index} ${size} ${data_hash}`);
}

/** The first packets of each stream, as many as there are. */
function areBeginning(found: readonly string[], whole: readonly string[]): boolean {
  const streams = Map.groupBy(whole, (packet) => packet.split(" ")[0]);
  return Array.from(Map.groupBy(found, (packet) => packet.split(" ")[0]))
    .every(([stream, kept]) => kept.every((packet, i) => streams.get(stream)?.[i] === packet));
}

for (const { name, args } of CASES) {
  readerTest(
    `FFmpeg plays ${name} up to the last whole sample once it was cut and repaired`,
    ["ffmpeg"],
    () =>
      withTempDir(async (folder) => {
        const path = `${folder}/${name}`;
        await runOk("ffmpeg", ["-v", "error", ...args, path]);
        const bytes = await Deno.readFile(path);
        const whole = await packets(path);
        let last = 0;
        for (const share of [0.63, 0.98]) {
          const length = Math.floor(share * bytes.byteLength);
          const cut = `${folder}/cut.${name}`;
          await Deno.writeFile(cut, bytes.subarray(0, length));
          await Deno.utime(cut, 0, 0);
          const { packetCount } = await repair(cut);
          const found = await packets(cut);
          assertEquals(found.length, packetCount, `at ${length} bytes`);
          assert(areBeginning(found, whole), `at ${length} bytes`);
          assertGreater(found.length, last - 1);
          last = found.length;
          const { stderr } = await runOk("ffmpeg", ["-v", "error", "-i", cut, "-map", "0", "-f", "null", "-"]);
          assertEquals(stderr, "", `at ${length} bytes`);
          const { stdout: duration } = await runOk("ffprobe", [
            ...["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", cut],
          ]);
          assert(Number(duration) > 0.3, duration);
        }
        assertGreater(last, 0.9 * whole.length);
      }),
  );
}
