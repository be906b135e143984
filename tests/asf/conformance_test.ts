/** Files made by the muxer alone, before readers we did not write. */

import { assertEquals } from "@std/assert";
import { acceptedByAll, judge, sameSamples, seekLands } from "../support/conformance.ts";
import { PYTHON, readerTest } from "../support/readers.ts";
import { ffprobe } from "../support/readers/ffmpeg.ts";
import type { StreamKind } from "../support/readers/verdict.ts";
import { runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";
import { muxFile } from "./muxer_harness.ts";
import { probeMedia } from "./probe_media.ts";

const cases: { source: string; output: string; kinds: StreamKind[] }[] = [
  { source: "wma2.wma", output: "out.wma", kinds: ["audio"] },
  { source: "wmv2_wma2.wmv", output: "out.wmv", kinds: ["video", "audio"] },
  { source: "clip.mp4", output: "out.asf", kinds: ["video", "audio"] },
  { source: "h264_nob_mp3.mkv", output: "out.asf", kinds: ["video", "audio"] },
  { source: "two_videos.mp4", output: "out.asf", kinds: ["video", "video", "audio"] },
];

for (const { source, output, kinds } of cases) {
  readerTest(`AsfMuxer makes of ${source} what every reader accepts`, ["ffmpeg"], async (t) => {
    const take = await probeMedia(fixture(source));
    await withTempDir(async (folder) => {
      const path = `${folder}/${output}`;
      await Deno.writeFile(path, muxFile(take, { metadata: { title: "Größe", genre: "Test" } }));
      const durationMs = Math.max(...take.samples.map((sample) => sample.timestamp + sample.duration!)) / 1000;
      await judge(t, [
        ...acceptedByAll(path, { kinds, durationMs, title: "Größe", durationToleranceMs: 100 }),
        ...sameSamples(fixture(source), path),
        ...(kinds.includes("video") ? seekLands(path, 200) : []),
      ]);
    });
  });
}

/** Every tag with its type, as mutagen reads it; of binary values the size. */
const TAGS = `
import json, sys, mutagen.asf
tags = mutagen.asf.ASF(sys.argv[1]).tags
print(json.dumps([[k, type(v).__name__, len(v.value) if isinstance(v.value, bytes) else v.value] for k, v in tags]))`;

readerTest("metadata of every kind is accepted and read back", ["ffmpeg", "mutagen"], async (t) => {
  const take = await probeMedia(fixture("wmv2_wma2.wmv"));
  take.streams[0] = { ...take.streams[0]!, kind: "video", displayAspectWidth: 16, displayAspectHeight: 9 } as never;
  take.streams[1]!.language = "de-DE";
  const metadata = {
    title: "😀",
    author: "A",
    copyright: "C",
    description: "D",
    albumTitle: "Al",
    albumArtist: "AA",
    genre: "G",
    year: "2024",
    trackNumber: 3,
    attributes: { Rating: "R", number: 7, big: 2n ** 40n, flag: true, blob: new Uint8Array(10), "WM/Genre": "second" },
  };
  await withTempDir(async (folder) => {
    const path = `${folder}/rich.wmv`;
    await Deno.writeFile(path, muxFile(take, { metadata }));
    const durationMs = Math.max(...take.samples.map((sample) => sample.timestamp + sample.duration!)) / 1000;
    await judge(t, acceptedByAll(path, { kinds: ["video", "audio"], durationMs, durationToleranceMs: 100 }));
    const { stdout: streams } = await runOk("ffprobe", [
      ...["-v", "error", "-show_entries", "stream=display_aspect_ratio:stream_tags=language", "-of", "csv=p=0", path],
    ]);
    assertEquals(streams.trim().split("\n"), ["16:9", "ger"]);
    const { tags } = await ffprobe(path);
    assertEquals([tags["title"], tags["album_artist"], tags["track"]], ["😀", "AA", "3"]);

    const { stdout } = await runOk(PYTHON, ["-W", "error", "-c", TAGS, path]);
    const text = (name: string, value: string) => [name, "ASFUnicodeAttribute", value];
    assertEquals(JSON.parse(stdout), [
      ...[text("Title", "😀"), text("Author", "A"), text("Copyright", "C"), text("Description", "D")],
      ...[text("Rating", "R"), text("WM/AlbumTitle", "Al"), text("WM/AlbumArtist", "AA"), text("WM/Genre", "G")],
      ...[text("WM/Year", "2024"), text("WM/TrackNumber", "3")],
      ["number", "ASFDWordAttribute", 7],
      ["big", "ASFQWordAttribute", 2 ** 40],
      ["flag", "ASFBoolAttribute", true],
      ["blob", "ASFByteArrayAttribute", 10],
      ["AspectRatioX", "ASFDWordAttribute", 4],
      ["AspectRatioY", "ASFDWordAttribute", 3],
      text("WM/Genre", "second"),
    ]);
  });
});

readerTest("a picture is found as the cover, whatever its size", ["ffmpeg", "mutagen"], async () => {
  const take = await probeMedia(fixture("wma2.wma"));
  await withTempDir(async (folder) => {
    for (const size of ["64x64", "640x480"]) {
      const [image, path] = [`${folder}/cover.bmp`, `${folder}/out.wma`];
      await runOk("ffmpeg", ["-v", "error", "-y", "-f", "lavfi", "-i", `color=s=${size}`, "-frames:v", "1", image]);
      const data = await Deno.readFile(image);
      await Deno.writeFile(path, muxFile(take, { metadata: { pictures: [{ data, mimeType: "image/bmp" }] } }));
      const { stdout } = await runOk(PYTHON, ["-W", "error", "-c", TAGS, path]);
      // picture type, size, media type and empty description with their terminators
      assertEquals(JSON.parse(stdout), [["WM/Picture", "ASFByteArrayAttribute", 5 + 20 + 2 + data.byteLength]]);
      if (data.byteLength > 65_000) continue; // FFmpeg reads no attribute as large as that
      const { stdout: streams } = await runOk("ffprobe", [
        ...[
          "-v",
          "error",
          "-show_entries",
          "stream=codec_name:stream_disposition=attached_pic",
          "-of",
          "csv=p=0",
          path,
        ],
      ]);
      assertEquals(streams.trim().split("\n").includes("bmp,1"), true, streams);
    }
  });
});
