/**
 * Every item of metadata with what each reader that knows it says of it. The table in src/asf/README.md is made of this.
 *
 * @module
 */

import type { Metadata } from "../../mod.ts";
import { STANDARD_KINDS, type StandardAttributes, standardName } from "../../src/media/standard_attributes.ts";
import { PYTHON, type ReaderName } from "./readers.ts";
import { run, runOk } from "./run.ts";

/** What a reader says of the whole file, as text. */
export const READINGS = {
  FFmpeg: {
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
} as const satisfies Record<string, { reader: ReaderName; read(path: string): Promise<string> }>;

/** A reader's column. */
export type Reading = keyof typeof READINGS;

/** Item × reader: what the reader must say. A reader that is not named does not know the item. */
export interface Item {
  /** Its row. */
  item: string;
  said: Partial<Record<Reading, string | RegExp>>;
}

/** 1 × 1 pixel, PNG. */
export const PICTURE = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="),
  (char) => char.charCodeAt(0),
);

const GUID = "01234567-89AB-CDEF-0123-456789ABCDEF";

/** All of it, for a file whose stream 1 is video and 2 audio in French. */
export const METADATA: Metadata = {
  title: "Prüfung 試験",
  author: "Ada",
  copyright: "© Nobody",
  description: "What it is about",
  albumTitle: "The album",
  albumArtist: "The band",
  genre: "Test",
  year: "1999",
  trackNumber: 7,
  pictures: [
    { data: PICTURE, mimeType: "image/png", description: "The front" },
    { data: PICTURE, mimeType: "image/png", type: 4 },
  ],
  ...everyStandardAttribute(),
  attributes: {
    "Own/Text": "own text",
    "Own/Number": 123_456,
    "Own/Big": 12_345_678_901n,
    "Own/Flag": true,
    "Own/Bytes": new Uint8Array([1, 2, 3]),
    "Own/Word": { type: "word", value: 54_321 },
    "WM/WMContentID": { type: "guid", value: GUID },
    "Own/Large": "large ".repeat(11_000),
  },
  records: [
    { name: "WM/Mood", value: "fröhlich", language: "de-AT" },
    { name: "Own/Stream", value: "of the stream", streamNumber: 2 },
  ],
  markers: [{ timestamp: 3_100_000, name: "Second" }, { timestamp: 1_000_000, name: "First – 一" }],
  scripts: [
    { timestamp: 2_000_000, type: "URL", text: "https://example.org/" },
    { timestamp: 500_000, type: "TEXT", text: "hello" },
  ],
};

/** What each says, and of those that may be several two. */
function everyStandardAttribute(): StandardAttributes {
  const values = { number: 75, flag: true, time: new Date("2001-02-03T04:05:06Z") };
  return Object.fromEntries(
    Object.entries(STANDARD_KINDS).map(([field, kind]) => {
      if (kind === "texts") return [field, [`${field} one`, `${field} two`]];
      return [field, kind === "text" ? `${field} said` : values[kind]];
    }),
  );
}

const ALL = Object.keys(READINGS) as Reading[];
const TAGGERS = ["FFmpeg", "MediaInfo", "ExifTool", "mutagen"] as const satisfies Reading[];

/** Who says something else than the four that know nearly all. */
const EXCEPTIONS: Partial<Record<keyof StandardAttributes, readonly Reading[]>> = {
  rating: ["GStreamer", "MediaInfo", "ExifTool", "mutagen"],
  encodingTime: ["MediaInfo", "ExifTool", "mutagen"], // FFmpeg cuts 64 bits down to 32
  setSubtitle: ["FFmpeg", "MediaInfo", "mutagen"],
  titleSort: ["FFmpeg", "MediaInfo", "mutagen"],
  albumSort: ["FFmpeg", "MediaInfo", "mutagen"],
  authorSort: ["FFmpeg", "MediaInfo", "mutagen"],
  contentLanguage: ["FFmpeg", "ExifTool", "mutagen"],
  uniqueFileIdentifier: ["FFmpeg", "ExifTool", "mutagen"],
};

function standardItem([field, kind]: [string, string]): Item {
  const name = standardName(field);
  const readings = EXCEPTIONS[field as keyof StandardAttributes] ?? TAGGERS;
  const short = name.replace("WM/", "");
  const texts: Record<string, Record<Reading, string | RegExp>> = {
    number: sayAll(`${name}=75`, `${name}: 75`, `${short}: 75`, "75"),
    flag: sayAll(`${name}=1`, `${name}: Yes`, `${short}: True`, `'${name}': [ASFBoolAttribute(True)]`),
    time: sayAll("", "2001-02-03 04:05:06", "126256467060000000", "126256467060000000"),
  };
  const said = texts[kind] ??
    Object.fromEntries(ALL.map((one) => [one, `${field} ${kind === "texts" ? "one" : "said"}`]));
  if (field === "originalBroadcastTime") said.ExifTool = /originalBroadcast.ime said/; // it knows the T of a date
  return {
    item: `\`${field}\` (\`${name}\`)`,
    said: Object.fromEntries(readings.map((reading) => [reading, said[reading]])),
  };
}

function sayAll(
  ffmpeg: string,
  mediainfo: string,
  exiftool: string,
  mutagen: string,
): Record<Reading, string | RegExp> {
  return { FFmpeg: ffmpeg, GStreamer: "", MediaInfo: spaced(mediainfo), ExifTool: spaced(exiftool), mutagen };
}

/** Columns are filled with blanks. */
function spaced(text: string): RegExp {
  return new RegExp(text.replace(": ", "\\s*: "));
}

function everywhere(item: string, text: string): Item {
  return { item, said: Object.fromEntries(ALL.map((reading) => [reading, text])) };
}

function taggers(item: string, text: string): Item {
  return { item, said: Object.fromEntries(TAGGERS.map((reading) => [reading, text])) };
}

/** Every item. */
export const ITEMS: Item[] = [
  everywhere("`title`", "Prüfung 試験"),
  everywhere("`author`", "Ada"),
  everywhere("`copyright`", "© Nobody"),
  everywhere("`description`", "What it is about"),
  everywhere("`albumTitle`", "The album"),
  taggers("`albumArtist`", "The band"),
  {
    item: "`genre`",
    said: { FFmpeg: "genre=Test", MediaInfo: /Genre\s*: Test/, ExifTool: /Genre\s*: Test/, mutagen: "Test" },
  },
  taggers("`year`", "1999"),
  {
    item: "`trackNumber`",
    said: { FFmpeg: "track=7", MediaInfo: /Track.*: 7/, ExifTool: /TrackNumber\s*: 7/, mutagen: "7" },
  },
  {
    item: "`pictures`",
    said: {
      FFmpeg: "attached_pic=1",
      GStreamer: "type: image/png",
      MediaInfo: /Cover\s*: Y/,
      ExifTool: "image/png",
      mutagen: "WM/Picture",
    },
  },
  {
    item: "their kind and description",
    said: { FFmpeg: "Cover (back)", ExifTool: /PictureDescription\s*: The front/, mutagen: /T\\x00h\\x00e\\x00/ },
  },
  ...Object.entries(STANDARD_KINDS).map(standardItem),
  { item: "several values of a name", said: { mutagen: "composer two" } },
  {
    item: "an attribute of your own: text",
    said: { FFmpeg: "own text", MediaInfo: "own text", mutagen: "own text" },
  },
  {
    item: "… a number",
    said: { FFmpeg: "Own/Number=123456", MediaInfo: /Own\/Number\s*: 123456/, mutagen: "123456" },
  },
  { item: "… a bigint", said: { MediaInfo: "12345678901", mutagen: "12345678901" } },
  { item: "… a boolean", said: { FFmpeg: "Own/Flag=1", MediaInfo: /Own\/Flag\s*: Yes/, mutagen: "Own/Flag" } },
  { item: "… a word", said: { FFmpeg: "54321", MediaInfo: "54321", mutagen: "54321" } },
  { item: "… bytes", said: { MediaInfo: /Own\/Bytes\s*: \(Binary\)/, mutagen: "Own/Bytes" } },
  { item: "… a GUID", said: { ExifTool: "WMContentID", mutagen: "WM/WMContentID" } },
  { item: "a value above 64 KiB", said: { mutagen: "large large large" } },
  { item: "an attribute in a language", said: { ExifTool: "fröhlich", mutagen: "fröhlich" } },
  {
    item: "an attribute of a stream",
    said: { FFmpeg: "Own/Stream=of the stream", MediaInfo: "of the stream", mutagen: "of the stream" },
  },
  {
    item: "a stream's language",
    said: { FFmpeg: "language=fre", GStreamer: "language code: fr", MediaInfo: /Language\s*: French/ },
  },
  { item: "its `names`", said: {} },
  { item: "`codecName`", said: { ExifTool: "A codec of some name" } },
  { item: "`codecDescription`", said: { ExifTool: "of some quality" } },
  { item: "`markers`", said: { FFmpeg: /start_time=1\.0+\|.*First – 一/ } },
  { item: "`scripts`", said: {} },
  { item: "`branding`", said: { ExifTool: /CopyrightURL|BannerImageURL|Banner/ } },
];

/** The rows of the table in src/asf/README.md, without its head. */
export function tableRows(): string[][] {
  return ITEMS.map(({ item, said }) => [item, ...ALL.map((reading) => said[reading] === undefined ? "–" : "yes")]);
}
