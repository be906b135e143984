/**
 * Tags of other containers as {@linkcode Metadata}.
 *
 * @module
 */

import type { MetadataTags } from "mediabunny";
import type { Metadata, Picture } from "../media/metadata.ts";

/** Where the containers keep what has no field of its own: ID3v2, MP4, Matroska and Vorbis, RIFF INFO. */
const RAW_NAMES = {
  copyright: ["TCOP", "cprt", "©cpy", "COPYRIGHT", "copyright", "ICOP"],
  year: ["TDRC", "TYER", "TDRL", "©day", "DATE_RELEASED", "DATE", "date", "YEAR", "ICRD"],
  composer: ["TCOM", "©wrt", "COMPOSER", "composer", "IMUS"],
  publisher: ["TPUB", "©pub", "PUBLISHER", "publisher"],
} as const;

/** Maps tags field by field; text stays as it is. */
export function metadataOf(tags: MetadataTags): Metadata {
  const metadata: Metadata = {};
  const raw = (names: readonly string[]) => rawText(tags, names);
  set(metadata, "title", text(tags.title));
  set(metadata, "author", text(tags.artist));
  set(metadata, "copyright", raw(RAW_NAMES.copyright));
  set(metadata, "description", text(tags.description) ?? text(tags.comment));
  set(metadata, "albumTitle", text(tags.album));
  set(metadata, "albumArtist", text(tags.albumArtist));
  set(metadata, "genre", text(tags.genre));
  set(metadata, "year", yearOf(raw(RAW_NAMES.year), tags.date));
  if (Number.isInteger(tags.trackNumber) && tags.trackNumber! > 0) metadata.trackNumber = tags.trackNumber;
  set(metadata, "pictures", picturesOf(tags));

  const attributes: Record<string, string> = {};
  set(attributes, "WM/Composer", raw(RAW_NAMES.composer));
  set(attributes, "WM/Publisher", raw(RAW_NAMES.publisher));
  set(attributes, "WM/Lyrics", text(tags.lyrics));
  set(attributes, "WM/PartOfSet", partOf(tags.discNumber, tags.discsTotal));
  set(attributes, "WM/BeatsPerMinute", tags.beatsPerMinute === undefined ? undefined : String(tags.beatsPerMinute));
  if (Object.keys(attributes).length > 0) metadata.attributes = attributes;
  return metadata;
}

/** What a picture shows, as ID3v2 counts. */
export const FRONT_COVER = 3;

/** The four digits that begin a date, as text. */
export function leadingYear(date: string | undefined): string | undefined {
  return date?.match(/^\s*(\d{4})(?!\d)/)?.[1];
}

function set<T, K extends keyof T>(object: T, key: K, value: T[K] | undefined): void {
  if (value !== undefined) object[key] = value;
}

function text(value: string | undefined): string | undefined {
  const trimmed = value?.replaceAll("\0", "").trim();
  return trimmed ? trimmed : undefined;
}

function rawText(tags: MetadataTags, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = tags.raw?.[name];
    const first = Array.isArray(value) ? value[0] : value;
    if (typeof first === "string" && text(first) !== undefined) return text(first);
  }
  return undefined;
}

function yearOf(raw: string | undefined, date: Date | undefined): string | undefined {
  const year = leadingYear(raw);
  if (year !== undefined) return year;
  // A bare year is stored as midnight, local or UTC: half a day on, both lie in it.
  const time = date === undefined ? NaN : date.getTime();
  return Number.isNaN(time) ? undefined : String(new Date(time + 43_200_000).getUTCFullYear());
}

function partOf(number: number | undefined, total: number | undefined): string | undefined {
  if (number === undefined) return undefined;
  return total === undefined ? String(number) : `${number}/${total}`;
}

function picturesOf(tags: MetadataTags): Picture[] | undefined {
  if (!tags.images || tags.images.length === 0) return undefined;
  const covers = tags.images.filter((image) => image.kind === "coverFront");
  const others = tags.images.filter((image) => image.kind !== "coverFront");
  return [...covers, ...others].map(({ data, mimeType }) => ({ data, mimeType }));
}
