/**
 * Tags, chapters and attachments of Matroska as {@linkcode Metadata}.
 *
 * @module
 */

import type { MatroskaChapter, MatroskaTag, SimpleTag } from "../inspect/matroska/description.ts";
import type { Recording } from "../inspect/matroska/reader.ts";
import type { AttributeRecord, Marker, Metadata, Picture } from "../media/metadata.ts";
import { FRONT_COVER, leadingYear } from "./tags.ts";
import { MAX_PLACE_US } from "./time.ts";

/** Levels of targets ([RFC 9559] 5.1.8.1.1.1): the album or film, and the song or part. */
const ALBUM = 50;
const SONG = 30;

/** Fields by names of tags, which mean another at the album's level where the song has its own. */
const FIELDS: Readonly<
  Record<string, "title" | "author" | "copyright" | "description" | "albumTitle" | "albumArtist" | "genre">
> = {
  TITLE: "title",
  ARTIST: "author",
  COPYRIGHT: "copyright",
  DESCRIPTION: "description",
  COMMENT: "description",
  SUMMARY: "description",
  SYNOPSIS: "description",
  ALBUM: "albumTitle",
  ALBUM_ARTIST: "albumArtist",
  ALBUMARTIST: "albumArtist",
  GENRE: "genre",
};

/** Dates, the one that counts first. */
const DATES = ["DATE_RELEASED", "DATE", "YEAR", "DATE_RECORDED"];

/** Attributes by Windows' names. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  COMPOSER: "WM/Composer",
  CONDUCTOR: "WM/Conductor",
  LYRICIST: "WM/Writer",
  WRITTEN_BY: "WM/Writer",
  PRODUCER: "WM/Producer",
  DIRECTOR: "WM/Director",
  PUBLISHER: "WM/Publisher",
  LYRICS: "WM/Lyrics",
  MOOD: "WM/Mood",
  ISRC: "WM/ISRC",
  BPM: "WM/BeatsPerMinute",
  INITIAL_KEY: "WM/InitialKey",
  SUBTITLE: "WM/SubTitle",
  ENCODED_BY: "WM/EncodedBy",
  ENCODER_SETTINGS: "WM/EncodingSettings",
  REMIXED_BY: "WM/ModifiedBy",
  LAW_RATING: "WM/ParentalRating",
  DISTRIBUTED_BY: "WM/ContentDistributor",
};

/** What programs compute about the file that they write, which is not so of another. */
const COMPUTED =
  /^(ENCODER|DURATION|BPS|NUMBER_OF_(FRAMES|BYTES)|_STATISTICS_.*|SOURCE_ID|MAJOR_BRAND|MINOR_VERSION|COMPATIBLE_BRANDS|CREATION_TIME|HANDLER_NAME|VENDOR_ID)(-[a-z]{3})?$/i;

/** Kinds of pictures that readers of tags show. */
const PICTURES: Readonly<Record<string, string>> = {
  "image/jpeg": "image/jpeg",
  "image/jpg": "image/jpeg",
  "image/png": "image/png",
  "image/gif": "image/gif",
  "image/bmp": "image/bmp",
  "image/webp": "image/webp",
};

const OTHER = 0;

/** What is known of a recording. */
export interface MatroskaMetadata {
  readonly metadata: Metadata;
  /** What is left out, one line each. */
  readonly warnings: readonly string[];
}

/**
 * Maps tags, chapters and attachments.
 *
 * @param streams By the track's UID: the stream it became.
 * @param zero Time of the first sample, from which markers count, µs.
 */
export function matroskaMetadata(
  recording: Recording,
  streams: ReadonlyMap<number | bigint, number>,
  zero: number,
): MatroskaMetadata {
  const metadata: Metadata = {};
  const warnings: string[] = [];
  const attributes: Record<string, string> = {};
  const records: AttributeRecord[] = [];
  const whole = recording.tags.filter(isOfWhole);
  const song = whole.filter(({ targetType }) => targetType <= SONG);
  const album = whole.filter(({ targetType }) => targetType > SONG && targetType <= ALBUM);
  const hasSong = song.some(({ tags }) => tags.length > 0);
  setTags(metadata, attributes, song, false);
  metadata.title ??= recording.info.title;
  setTags(metadata, attributes, album, hasSong);
  metadata.title ??= recording.info.title;
  if (metadata.title === undefined) delete metadata.title;
  const left = whole.filter(({ targetType, tags }) => targetType > ALBUM && tags.length > 0);
  if (left.length > 0) warnings.push(`Tags of a collection are not carried over: ${namesOf(left)}`);

  for (const tag of recording.tags) {
    if (isOfWhole(tag)) continue;
    const own = tag.tags.filter(({ name }) => !COMPUTED.test(name));
    if (own.length === 0) continue;
    const numbers = tag.trackUids.map((uid) => streams.get(uid)).filter((number) => number !== undefined);
    if (numbers.length === 0) {
      const what = tag.chapterUids.length > 0 ? "a chapter" : tag.trackUids.length > 0 ? "a track" : "a part";
      warnings.push(`Tags of ${what} are not carried over: ${own.map(({ name }) => name).join(", ")}`);
    }
    for (const streamNumber of numbers) {
      for (const { name, text } of own) {
        if (text) records.push({ name: attributeName(name), value: text, streamNumber });
      }
    }
  }
  if (Object.keys(attributes).length > 0) metadata.attributes = attributes;
  if (records.length > 0) metadata.records = records;
  if (recording.info.date !== undefined) metadata.encodingTime = recording.info.date;
  setPictures(metadata, recording, warnings);
  setMarkers(metadata, recording, zero, warnings);
  return { metadata, warnings };
}

function isOfWhole({ trackUids, chapterUids, editionUids, attachmentUids }: MatroskaTag): boolean {
  return trackUids.length + chapterUids.length + editionUids.length + attachmentUids.length === 0;
}

function namesOf(tags: readonly MatroskaTag[]): string {
  return tags.flatMap((tag) => tag.tags.map(({ name }) => name)).join(", ");
}

function attributeName(name: string): string {
  return ATTRIBUTES[name.toUpperCase()] ?? name;
}

/** @param isAbove There is a song of which these are the album's. */
function setTags(
  metadata: Metadata,
  attributes: Record<string, string>,
  tags: readonly MatroskaTag[],
  isAbove: boolean,
): void {
  const texts = tags.flatMap((tag) => tag.tags).map((tag) => [tag.name.toUpperCase(), textOf(tag), tag] as const);
  for (const [name, text, { name: own }] of texts) {
    if (text === undefined || COMPUTED.test(name)) continue;
    if (name === "TITLE" && isAbove) metadata.albumTitle ??= text;
    else if (name === "ARTIST" && isAbove) {
      metadata.albumArtist ??= text;
      metadata.author ??= text;
    } else if (name in FIELDS) metadata[FIELDS[name]!] ??= text;
    else if (DATES.includes(name)) continue;
    else if (name === "PART_NUMBER" && !isAbove || name === "TRACK" || name === "TRACKNUMBER") {
      const number = parseInt(text, 10);
      if (number > 0) metadata.trackNumber ??= number;
      if (text.includes("/")) attributes["WM/TrackNumber"] ??= text;
    } else if (name === "DISC" || name === "PART_NUMBER") attributes["WM/PartOfSet"] ??= text;
    else if (name !== "TOTAL_PARTS" && own !== "") attributes[attributeName(own)] ??= text;
  }
  const date = DATES.map((name) => texts.find((text) => text[0] === name)?.[1]).find((text) => text !== undefined);
  const year = leadingYear(date);
  if (year !== undefined) metadata.year ??= year;
}

function textOf({ text }: SimpleTag): string | undefined {
  const trimmed = text?.replaceAll("\0", "").trim();
  return trimmed ? trimmed : undefined;
}

function setPictures(metadata: Metadata, { attachments }: Recording, warnings: string[]): void {
  const pictures: Picture[] = [];
  for (const { name, mediaType, description, data } of attachments) {
    const mimeType = PICTURES[mediaType.toLowerCase()];
    if (mimeType === undefined || data.byteLength === 0) {
      warnings.push(
        `The attachment ${JSON.stringify(name)} (${mediaType}, ${data.byteLength} bytes) is not carried over`,
      );
      continue;
    }
    const isCover = /^cover\./i.test(name);
    const picture: Picture = { data, mimeType, type: isCover ? FRONT_COVER : OTHER };
    if (description !== undefined) picture.description = description;
    if (isCover) pictures.unshift(picture);
    else pictures.push(picture);
  }
  if (pictures.length > 0) metadata.pictures = pictures;
}

function setMarkers(metadata: Metadata, { editions }: Recording, zero: number, warnings: string[]): void {
  const shown = editions.filter(({ isHidden }) => !isHidden);
  const edition = shown.find(({ isDefault }) => isDefault) ?? shown[0] ?? editions[0];
  if (edition === undefined) return;
  if (edition.isOrdered) {
    warnings.push("Its chapters say an order of their own: what is there comes as it is stored");
  }
  const others = editions.length - 1;
  if (others > 0) warnings.push(`Chapters of ${others} more edition${others > 1 ? "s" : ""} are not carried over`);
  const markers: Marker[] = [];
  let hiddenCount = 0;
  const add = (chapters: readonly MatroskaChapter[]) => {
    for (const { start, names, isHidden, isEnabled, children } of chapters) {
      const timestamp = Math.min(MAX_PLACE_US, Math.max(0, Math.round(start / 1000) - zero));
      if (isHidden || !isEnabled) hiddenCount++;
      else markers.push({ timestamp, name: names[0]?.text ?? "" });
      add(children);
    }
  };
  add(edition.chapters);
  if (hiddenCount > 0) warnings.push(`${hiddenCount} hidden chapters are not carried over`);
  if (markers.length > 0) metadata.markers = markers;
}
