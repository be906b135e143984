/**
 * Tags and chapters of an MP4 file as {@linkcode Metadata}.
 *
 * @module
 */

import type { Input } from "../inspect/byte_source.ts";
import type { Mp4Tag } from "../inspect/mp4/movie.ts";
import type { Mp4Reader } from "../inspect/mp4/reader.ts";
import { END, WAIT } from "../inspect/mp4/sample_cursor.ts";
import type { Marker, Metadata, Picture } from "../media/metadata.ts";
import { leadingYear } from "./tags.ts";

/** iTunes' items, QuickTime's keys, and 3GPP's boxes, what counts most first. */
const KEYS = {
  title: ["\xA9nam", "com.apple.quicktime.title", "com.apple.quicktime.displayname", "titl"],
  author: ["\xA9ART", "com.apple.quicktime.artist", "com.apple.quicktime.author", "perf", "auth", "\xA9aut"],
  copyright: ["cprt", "\xA9cpy", "com.apple.quicktime.copyright"],
  description: ["desc", "\xA9des", "com.apple.quicktime.description", "dscp", "\xA9cmt", "com.apple.quicktime.comment"],
  albumTitle: ["\xA9alb", "com.apple.quicktime.album", "albm"],
  albumArtist: ["aART"],
  genre: ["\xA9gen", "com.apple.quicktime.genre", "gnre"],
} as const;

const YEAR_KEYS = ["\xA9day", "com.apple.quicktime.year", "com.apple.quicktime.creationdate", "yrrc"];

/** Attributes by Windows' names. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  "WM/Composer": ["\xA9wrt", "com.apple.quicktime.composer"],
  "WM/Publisher": ["\xA9pub", "com.apple.quicktime.publisher"],
  "WM/Lyrics": ["\xA9lyr"],
};

/** iTunes' own, with names of their own: about the file as it was. */
const INTERNAL = /^(iTun|Encoding Params|cdec|tool|UFID)/;

/** Chapters that are kept. */
const MAX_CHAPTER_COUNT = 4096;
/** A cover is no larger. */
const MAX_PICTURE_BYTES = 1 << 26;
/** Types of values that are pictures. */
const PICTURE_TYPES: Readonly<Record<number, string>> = { 13: "image/jpeg", 14: "image/png", 27: "image/bmp" };

/** Maps what the file says of itself; text stays as it is. */
export async function mp4Metadata(
  reader: Mp4Reader,
  input: Input,
  chapterTracks: ReadonlySet<number>,
  warnings: string[],
): Promise<Metadata> {
  const { tags, creationTime } = reader.movie;
  const metadata: Metadata = {};
  const text = (keys: readonly string[]) => textOf(tags, keys);
  for (const [field, keys] of Object.entries(KEYS)) {
    const value = text(keys);
    if (value !== undefined) metadata[field as keyof typeof KEYS] = value;
  }
  const year = leadingYear(text(YEAR_KEYS));
  if (year !== undefined) metadata.year = year;
  const track = pairOf(tags, "trkn");
  if (track !== undefined) metadata.trackNumber = track[0];
  if (creationTime !== undefined) metadata.encodingTime = new Date(creationTime);

  const attributes: Record<string, string> = {};
  for (const [name, keys] of Object.entries(ATTRIBUTES)) {
    const value = text(keys);
    if (value !== undefined) attributes[name] = value;
  }
  const disc = pairOf(tags, "disk");
  if (disc !== undefined) attributes["WM/PartOfSet"] = disc[1] > 0 ? `${disc[0]}/${disc[1]}` : String(disc[0]);
  const tempo = numberOf(tags.find(({ key }) => key === "tmpo"));
  if (tempo > 0) attributes["WM/BeatsPerMinute"] = String(tempo);
  for (const { key, text } of tags) {
    const name = key.match(/^----:[^:]*:(.+)$/s)?.[1];
    if (name !== undefined && text && !INTERNAL.test(name)) attributes[name] ??= text;
  }
  if (Object.keys(attributes).length > 0) metadata.attributes = attributes;

  const pictures = await picturesOf(tags, input);
  if (pictures.length > 0) metadata.pictures = pictures;
  const markers = await chaptersOf(reader, input, chapterTracks, warnings);
  if (markers.length > 0) metadata.markers = markers;
  return metadata;
}

function textOf(tags: readonly Mp4Tag[], keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = tags.find((tag) => tag.key === key && tag.text?.trim())?.text?.replaceAll("\0", "").trim();
    if (text) return text;
  }
  return undefined;
}

/** Number and total: zero u16 · number u16 · total u16. */
function pairOf(tags: readonly Mp4Tag[], key: string): [number: number, total: number] | undefined {
  const value = tags.find((tag) => tag.key === key)?.value;
  if (value === undefined || value.byteLength < 4) return undefined;
  const number = value[2]! << 8 | value[3]!;
  return number > 0 ? [number, value.byteLength >= 6 ? value[4]! << 8 | value[5]! : 0] : undefined;
}

function numberOf(tag: Mp4Tag | undefined): number {
  return tag?.value.reduce((sum, byte) => sum * 256 + byte, 0) ?? 0;
}

async function picturesOf(tags: readonly Mp4Tag[], input: Input): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for (const { key, dataType, offset, byteLength, value } of tags) {
    if (key !== "covr" && key !== "com.apple.quicktime.artwork" || byteLength === 0 || byteLength > MAX_PICTURE_BYTES) {
      continue;
    }
    const isWhole = value.byteLength === byteLength;
    const data = isWhole ? value : (await input.read(offset, byteLength)).slice();
    if (data.byteLength < byteLength) continue;
    pictures.push({ data, mimeType: PICTURE_TYPES[dataType] ?? mimeTypeOf(data) });
  }
  return pictures;
}

function mimeTypeOf(data: Uint8Array): string {
  return data[0] === 0x89 ? "image/png" : data[0] === 0x47 ? "image/gif" : "image/jpeg";
}

/** QuickTime's in a track of text, else Nero's. */
async function chaptersOf(
  reader: Mp4Reader,
  input: Input,
  chapterTracks: ReadonlySet<number>,
  warnings: string[],
): Promise<Marker[]> {
  const { movie } = reader;
  const nero = movie.chapters.map(({ startSeconds, title }) => ({
    timestamp: Math.round(startSeconds * 1e6),
    name: title,
  }));
  const track = movie.tracks.find(({ trackId, handlerType }) =>
    chapterTracks.has(trackId) && (handlerType === "text" || handlerType === "sbtl")
  );
  if (track === undefined || track.timescale === 0) return nero;
  if (!input.canSeek) {
    if (nero.length === 0) warnings.push("Chapters in a track of text are not read from a pipe");
    return nero;
  }
  const markers: Marker[] = [];
  const cursor = reader.cursorOf(track);
  while (markers.length < MAX_CHAPTER_COUNT) {
    const state = cursor.advance();
    if (state === END || cursor.wantsRun) break;
    if (state === WAIT) {
      await cursor.fill();
      continue;
    }
    const bytes = await input.read(cursor.offset, Math.min(cursor.byteLength, 2 + 0xFFFF));
    if (bytes.byteLength < 2) continue;
    const text = bytes.subarray(2, 2 + (bytes[0]! << 8 | bytes[1]!));
    const isUtf16 = text[0] === 0xFE && text[1] === 0xFF;
    const name = new TextDecoder(isUtf16 ? "utf-16be" : "utf-8").decode(text);
    markers.push({ timestamp: Math.round(cursor.decodeTime * 1e6 / track.timescale), name });
  }
  return markers.length > 0 ? markers : nero;
}
