/** Every item of metadata, and what each reader that knows it reads back. */

import { assert, assertEquals } from "@std/assert";
import { asf, type AsfOptions, fileSink, type Metadata, Writer } from "../../mod.ts";
import { openMedia } from "../../src/demux/mod.ts";
import { validate } from "../../src/inspect/mod.ts";
import { acceptedByAll, judge, presentationMs, sameSamples, seekLands } from "../support/conformance.ts";
import { PYTHON, type ReaderName, readerTest } from "../support/readers.ts";
import { run, runOk } from "../support/run.ts";
import { fixture, withTempDir } from "../support/temp.ts";

/** 1 × 1 pixel, PNG. */
const PICTURE = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="),
  (char) => char.charCodeAt(0),
);

const METADATA: Metadata = {
  title: "Prüfung 試験",
  author: "Ada",
  copyright: "© Nobody",
  description: "What it is about",
  albumTitle: "The album",
  albumArtist: "The band",
  genre: "Test",
  year: "1999",
  trackNumber: 7,
  pictures: [{ data: PICTURE, mimeType: "image/png" }],
  attributes: { "WM/Publisher": "The house", "WM/Composer": "Clara", "WM/SharedUserRating": 75, Rating: "G" },
  records: [
    { name: "WM/Composer", value: "Robert" },
    { name: "WM/Mood", value: "fröhlich", language: "de-AT" },
    { name: "DeviceConformanceTemplate", value: "L1", streamNumber: 2 },
  ],
  markers: [{ timestamp: 3_100_000, name: "Second" }, { timestamp: 1_000_000, name: "First – 一" }],
  scripts: [{ timestamp: 2_000_000, type: "URL", text: "https://example.org/" }, {
    timestamp: 500_000,
    type: "TEXT",
    text: "hello",
  }],
};

const OPTIONS: AsfOptions = {
  timeIndexMs: 500,
  priorities: [{ streamNumber: 2, mandatory: true }, { streamNumber: 1 }],
  bandwidthSharing: [{ kind: "partial", streams: [1, 2], bitrate: 200_000, bufferMs: 3000 }],
  mutualExclusions: [{ by: "language", groups: [[1], [2]] }],
  branding: {
    banner: { data: PICTURE, mimeType: "image/gif" },
    bannerUrl: "http://example.org/",
    copyrightUrl: "http://example.org/c",
  },
};

/** What a reader says of the whole file, as text. */
const READINGS: Record<string, { reader: ReaderName; read(path: string): Promise<string> }> = {
  ffprobe: {
    reader: "ffmpeg",
    read: async (path) =>
      (await runOk("ffprobe", [
        ...["-v", "error", "-show_format", "-show_streams", "-show_chapters", "-of", "compact", path],
      ])).stdout,
  },
  GStreamer: { reader: "GStreamer", read: async (path) => (await run("gst-discoverer-1.0", ["-v", path])).stdout },
  MediaInfo: { reader: "MediaInfo", read: async (path) => (await runOk("mediainfo", [path])).stdout },
  ExifTool: {
    reader: "ExifTool",
    read: async (path) => (await runOk("exiftool", ["-a", "-s", "-charset", "utf8", path])).stdout,
  },
  mutagen: {
    reader: "mutagen",
    read: async (path) => {
      const script = "import sys, mutagen.asf; print(dict(mutagen.asf.ASF(sys.argv[1]).tags.as_dict()))";
      return (await runOk(PYTHON, ["-c", script, path])).stdout;
    },
  },
};

type Reading = keyof typeof READINGS;

/** Item × reader: what the reader must say. A reader that is not named does not know the item. */
export const TABLE: { item: string; said: Record<Reading, string | RegExp> }[] = [
  everywhere("title", "Prüfung 試験"),
  everywhere("author", "Ada"),
  everywhere("copyright", "© Nobody"),
  everywhere("description", "What it is about"),
  everywhere("albumTitle", "The album"),
  {
    item: "albumArtist",
    said: { ffprobe: "The band", MediaInfo: "The band", ExifTool: "The band", mutagen: "The band" },
  },
  {
    item: "genre",
    said: { ffprobe: "genre=Test", MediaInfo: /Genre\s*: Test/, ExifTool: /Genre\s*: Test/, mutagen: "Test" },
  },
  { item: "year", said: { ffprobe: "1999", MediaInfo: "1999", ExifTool: "1999", mutagen: "1999" } },
  {
    item: "trackNumber",
    said: { ffprobe: "track=7", MediaInfo: /Track.*: 7/, ExifTool: /TrackNumber\s*: 7/, mutagen: "7" },
  },
  {
    item: "pictures",
    said: {
      ffprobe: "attached_pic=1",
      GStreamer: "type: image/png",
      MediaInfo: /Cover\s*: Y/,
      ExifTool: "image/png",
      mutagen: "WM/Picture",
    },
  },
  {
    item: "attributes",
    said: { ffprobe: "The house", MediaInfo: "The house", ExifTool: "The house", mutagen: "The house" },
  },
  { item: "a number among attributes", said: { ExifTool: /SharedUserRating\s*: 75/, mutagen: "75" } },
  { item: "several values", said: { mutagen: "Robert", ExifTool: "Robert" } },
  { item: "an attribute in a language", said: { mutagen: "fröhlich", ExifTool: "fröhlich" } },
  { item: "an attribute of a stream", said: { mutagen: "L1" } },
  { item: "markers", said: { ffprobe: /start_time=1\.0+\|.*First – 一/ } },
  { item: "branding", said: { ExifTool: /CopyrightURL|BannerImageURL|Banner/ } },
];

function everywhere(item: string, text: string | RegExp): { item: string; said: Record<Reading, string | RegExp> } {
  return { item, said: Object.fromEntries(Object.keys(READINGS).map((name) => [name, text])) };
}

async function write(path: string): Promise<void> {
  await using media = await openMedia(fixture("wmv2_wma2.wmv"));
  const { streams, samples } = media;
  const writer = new Writer({ container: asf(OPTIONS), sinks: [fileSink(path)], streams, metadata: METADATA });
  await writer.beginWriting();
  for await (const sample of samples) await writer.writeSample(sample.streamNumber, sample);
  await writer.endWriting();
}

readerTest("every reader reads back the metadata that it knows", ["ffmpeg"], async (t) => {
  await withTempDir(async (folder) => {
    const path = `${folder}/tagged.wmv`;
    await write(path);
    const said = new Map(
      await Promise.all(
        Object.entries(READINGS).map(async ([name, { read }]) => [name, (await read(path)).normalize()] as const),
      ),
    );
    for (const { item, said: wanted } of TABLE) {
      await t.step(item, () => {
        for (const [name, text] of Object.entries(wanted)) {
          const found = said.get(name)!;
          assert(
            typeof text === "string" ? found.includes(text) : text.test(found),
            `${name} does not say ${text}:\n${found}`,
          );
        }
      });
    }
  });
});

readerTest(
  "a header with everything in it is accepted by every reader",
  ["ffmpeg"],
  (t) =>
    withTempDir(async (folder) => {
      const path = `${folder}/everything.wmv`;
      const source = fixture("wmv2_wma2.wmv");
      await write(path);
      await judge(t, [
        ...acceptedByAll(path, {
          kinds: ["video", "audio"],
          durationMs: await presentationMs(source),
          title: METADATA.title,
        }),
        ...sameSamples(source, path),
        ...seekLands(path, 200),
      ]);
      const report = await validate(await Deno.readFile(path));
      assertEquals(report.issues.filter(({ severity }) => severity !== "I"), []);
    }),
);
