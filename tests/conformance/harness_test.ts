/** The judges themselves: they accept a sound file, and each kind of fault is seen by those who should see it. */

import { assert, assertEquals } from "@std/assert";
import {
  acceptedByAll,
  ffmpegDifferences,
  gstreamerDifferences,
  judge,
  presentationMs,
  seekMisses,
} from "../support/conformance.ts";
import { readerTest } from "../support/readers.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";

const WMV = fixture("wmv2_wma2.wmv");
const INDEX_INTERVAL_MS = 1000; // of FFmpeg's muxer

async function remux(source: string, output: string, ...options: string[]): Promise<string> {
  const input = ["-v", "error", "-nostdin", "-i", source, "-map", "0"];
  await runOk("ffmpeg", [...input, "-c", "copy", ...options, output]);
  return output;
}

/** A copy with the bytes at `offset` replaced. */
async function patched(source: string, output: string, offset: number, bytes: number[]): Promise<string> {
  const file = await Deno.readFile(source);
  file.set(bytes, offset);
  await Deno.writeFile(output, file);
  return output;
}

readerTest("a sound file passes every judge", ["ffmpeg"], async (t) => {
  const durationMs = await presentationMs(WMV);
  const title = "Colour bars";
  await judge(t, acceptedByAll(WMV, { kinds: ["video", "audio"], durationMs, title, durationToleranceMs: 120 }));
});

readerTest("a sound copy holds the same samples", ["ffmpeg", "GStreamer"], async () => {
  await withTempDir(async (folder) => {
    const copy = await remux(WMV, `${folder}/copy.wmv`);
    assertEquals(await ffmpegDifferences(WMV, copy), []);
    assertEquals(await gstreamerDifferences(WMV, copy), []);
    assertEquals(await seekMisses(copy, INDEX_INTERVAL_MS), []);
  });
});

readerTest("decode times stored for presentation times are seen", ["ffmpeg", "GStreamer"], async () => {
  await withTempDir(async (folder) => {
    const source = fixture("clip.mp4");
    const copy = await remux(source, `${folder}/copy.wmv`);
    for (const differences of [await ffmpegDifferences(source, copy), await gstreamerDifferences(source, copy)]) {
      assert(differences.some((line) => /^video 0: .* times are off/.test(line)), differences.join("\n"));
    }
  });
});

readerTest("audio that moves against the video is seen", ["ffmpeg", "GStreamer"], async () => {
  await withTempDir(async (folder) => {
    const shifted = `${folder}/shifted.wmv`;
    const inputs = ["-i", WMV, "-itsoffset", "0.003", "-i", WMV, "-map", "0:v", "-map", "1:a"];
    await runOk("ffmpeg", ["-v", "error", "-nostdin", ...inputs, "-c", "copy", shifted]);
    for (const differences of [await ffmpegDifferences(WMV, shifted), await gstreamerDifferences(WMV, shifted)]) {
      assert(differences.length > 0 && differences.every((line) => /times are off/.test(line)), differences.join("\n"));
    }
  });
});

readerTest("a lost sample and a changed byte are seen", ["ffmpeg", "GStreamer"], async () => {
  await withTempDir(async (folder) => {
    const cut = await remux(WMV, `${folder}/cut.wmv`, "-t", "4.9");
    const changed = await patched(WMV, `${folder}/changed.wmv`, 60_000, [0x55, 0xaa, 0x55, 0xaa]);
    for (const file of [cut, changed]) {
      assert((await ffmpegDifferences(WMV, file)).some((line) => /samples/.test(line)));
      assert((await gstreamerDifferences(WMV, file)).some((line) => /samples/.test(line)));
    }
  });
});

readerTest("a wrong count of header objects is seen by the strict readers", ["GStreamer", "mutagen"], async () => {
  await withTempDir(async (folder) => {
    const [count] = (await Deno.readFile(WMV)).subarray(24);
    const wrong = await patched(WMV, `${folder}/count.wmv`, 24, [count! + 1]);
    const checks = acceptedByAll(wrong, { kinds: ["video", "audio"], durationMs: await presentationMs(WMV) });
    for (const { complaints } of checks.filter(({ name }) => ["gst-discoverer", "mutagen"].includes(name))) {
      assert((await complaints()).length > 0);
    }
  });
});

readerTest("an index of mixed streams is seen", ["ffmpeg"], async () => {
  await withTempDir(async (folder) => {
    const copy = await remux(fixture("two_videos.mp4"), `${folder}/copy.wmv`);
    assert((await seekMisses(copy, INDEX_INTERVAL_MS)).length > 0);
  });
});
