/** What browsers record, mended: every reader finds its length, and seeks in it. */

import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { bufferSink } from "../../mod.ts";
import { repair } from "../../src/repair/mod.ts";
import { readerTest } from "../support/readers.ts";
import { recordAllInChromium, seekInChromium } from "../support/readers/chromium.ts";
import { recordAllInFirefox } from "../support/readers/firefox.ts";
import { runOk } from "../support/run.ts";
import { withTempDir } from "../support/temp.ts";
import { flawsIn } from "../support/valid.ts";

const DURATION_MS = 3000;

const TYPES = [
  "video/webm;codecs=vp8,opus",
  "video/webm;codecs=vp9,opus",
  "video/webm;codecs=av01,opus",
  "video/webm;codecs=h264,opus",
  "video/x-matroska;codecs=avc1",
  "video/mp4;codecs=avc1.42E01E,opus",
  "video/mp4;codecs=avc1.42E01E,mp4a.40.2",
  "video/mp4;codecs=vp9,opus",
  "video/mp4;codecs=av01,opus",
];

/** Of each packet: its stream, times, flags and a sum of its bytes. */
async function packets(path: string): Promise<string[]> {
  const entries = "packet=stream_index,pts_time,size,flags,data_hash";
  const args = ["-v", "error", "-show_entries", entries, "-show_data_hash", "md5", "-of", "csv=p=0", path];
  return (await runOk("ffprobe", args)).stdout.split("\n").sort();
}

/** Seconds. */
async function probedDuration(path: string): Promise<number> {
  const { stdout } = await runOk("ffprobe", [
    ...["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", path],
  ]);
  return Number(stdout);
}

/** Of all pictures in their order, seconds. */
async function pictureTimes(path: string): Promise<number[]> {
  const args = ["-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", path];
  return (await runOk("ffprobe", args)).stdout.split("\n").filter((line) => line !== "").map(parseFloat)
    .sort((a, b) => a - b);
}

/** Time of the first picture that FFmpeg shows after a seek, seconds. */
async function seekByFfmpeg(path: string, target: number): Promise<number> {
  const args = ["-v", "error", "-ss", String(target), "-copyts", "-i", path, "-frames:v", "1", "-f", "framecrc", "-"];
  const { stdout } = await runOk("ffmpeg", args);
  const base = stdout.match(/#tb 0: (\d+)\/(\d+)/)!;
  const pts = stdout.split("\n").find((line) => /^0,/.test(line))!.split(",")[2]!;
  return Number(pts) * Number(base[1]) / Number(base[2]);
}

/** Mends what a browser recorded, and lets every reader judge it. */
async function requireSeekable(
  recorded: readonly (Uint8Array<ArrayBuffer> | null)[],
  types: readonly string[],
): Promise<void> {
  const mended: { type: string; bytes: Uint8Array<ArrayBuffer>; targets: number[] }[] = [];
  await withTempDir(async (folder) => {
    for (const [i, bytes] of recorded.entries()) {
      if (bytes === null) continue;
      const sink = bufferSink();
      const { durationMs, lostBytes, indexCount } = await repair(new Blob([bytes]), { output: sink });
      assertEquals([lostBytes, indexCount], [0, 1]);
      assertEquals(await flawsIn(sink.bytes), []);
      const [before, after] = [`${folder}/${i}.before`, `${folder}/${i}.after`];
      await Deno.writeFile(before, bytes);
      await Deno.writeFile(after, sink.bytes);
      assertEquals(await packets(after), await packets(before), types[i]);
      const seconds = durationMs / 1000;
      assertAlmostEquals(await probedDuration(after), seconds, 0.002, types[i]);
      const pictures = await pictureTimes(after);
      for (const share of [0.4, 0.8]) {
        const target = pictures[Math.floor(share * pictures.length)]!;
        assertAlmostEquals(await seekByFfmpeg(after, target), target, 0.02, types[i]);
      }
      const { stdout: identified } = await runOk("mkvmerge", ["--identify", "-F", "json", after]);
      const { container, tracks } = JSON.parse(identified);
      // Of MP4 it tells no duration.
      if (!/mp4/.test(types[i]!)) assertEquals(container.properties.duration, durationMs * 1e6, types[i]);
      assertEquals(tracks.length, 2);
      const { stdout: discovered } = await runOk("gst-discoverer-1.0", [after]);
      const [, minutes, rest] = discovered.match(/Duration: \d+:(\d+):([\d.]+)/)!;
      assert(Math.abs(60 * Number(minutes) + Number(rest) - seconds) < 0.1, discovered);
      assert(/Seekable: yes/.test(discovered), discovered);
      const { stdout: info } = await runOk("mediainfo", ["--Output=General;%Duration%", after]);
      assertEquals(Math.round(Number(info)), durationMs);
      const type = types[i]!.replace("x-matroska", "webm").replace(/;.*/, "");
      mended.push({
        type,
        bytes: sink.bytes,
        targets: [0.75, 0.25, 0.5].map((part) => Math.round(part * durationMs) / 1000),
      });
    }
  });
  const raw = { type: "video/webm", bytes: recorded.find((bytes) => bytes !== null)!, targets: [] };
  const [unmended, ...all] = await seekInChromium([raw, ...mended]);
  assertEquals(unmended!.duration, null);
  for (const [i, found] of all.entries()) {
    const { targets } = mended[i]!;
    assertEquals(found.error, undefined);
    assertEquals(found.seeks, targets.map((time) => ({ time, ready: true })));
    assertEquals(found.seekable, [[0, found.duration]]);
  }
}

readerTest(
  "what Chromium's MediaRecorder leaves becomes a file in which every reader seeks",
  ["Chromium", "ffmpeg", "MKVToolNix", "GStreamer", "MediaInfo"],
  async () => {
    const recorded = await recordAllInChromium(TYPES, DURATION_MS);
    assertGreater(recorded.filter((bytes) => bytes !== null).length, 2);
    await requireSeekable(recorded, TYPES);
  },
);

readerTest(
  "what Firefox's MediaRecorder leaves becomes a file in which every reader seeks",
  ["Firefox", "Chromium", "ffmpeg", "MKVToolNix", "GStreamer", "MediaInfo"],
  async () => {
    const types = ["video/webm;codecs=vp8,opus", "video/mp4"];
    const recorded = await recordAllInFirefox(types, DURATION_MS);
    assert(recorded[0] !== null);
    await requireSeekable(recorded, types);
  },
);
