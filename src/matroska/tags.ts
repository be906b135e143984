/**
 * Tags ([RFC 9559] 5.1.8), by what they are about: the album, the piece in it, a track.
 *
 * ```text
 * Tags ─ Tag ─┬─ Targets ─ TargetTypeValue · TagTrackUID
 *             └─ SimpleTag ─ TagName · TagLanguage · TagString or TagBinary
 * ```
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import { type AttributeValue, plainValue } from "../media/attribute_value.ts";
import type { Metadata } from "../media/metadata.ts";
import { attributesOf, textTags } from "../media/tags.ts";
import { binary, checkedMaster, master, text, uint } from "./ebml.ts";
import * as ID from "./ids.ts";
import { writeLanguage } from "./track_entry.ts";

/** Levels: the album or the film, and the piece in an album. */
const ALBUM_LEVEL = 50;
const PIECE_LEVEL = 30;

const ALBUM_NAMES = { albumTitle: "TITLE", albumArtist: "ARTIST" };
const PIECE_NAMES = {
  title: "TITLE",
  author: "ARTIST",
  genre: "GENRE",
  year: "DATE_RELEASED",
  copyright: "COPYRIGHT",
  description: "DESCRIPTION",
  trackNumber: "PART_NUMBER",
} as const;

/** Names of attributes, by those Windows gives them. */
const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = {
  "WM/Composer": "COMPOSER",
  "WM/Conductor": "CONDUCTOR",
  "WM/Writer": "LYRICIST",
  "WM/Producer": "PRODUCER",
  "WM/Director": "DIRECTOR",
  "WM/Publisher": "PUBLISHER",
  "WM/Lyrics": "LYRICS",
  "WM/Mood": "MOOD",
  "WM/ISRC": "ISRC",
  "WM/BeatsPerMinute": "BPM",
  "WM/InitialKey": "INITIAL_KEY",
  "WM/SubTitle": "SUBTITLE",
  "WM/EncodedBy": "ENCODED_BY",
  "WM/EncodingSettings": "ENCODER_SETTINGS",
  "WM/ModifiedBy": "REMIXED_BY",
  "WM/ParentalRating": "LAW_RATING",
  "WM/ContentDistributor": "DISTRIBUTED_BY",
};
const PART_OF_SET = "WM/PartOfSet";

/** One SimpleTag. */
interface SimpleTag {
  readonly name: string;
  readonly value: string | Uint8Array;
  readonly language?: string;
}

/** Writes Tags; nothing when there is nothing to say. @param trackIds Of the tracks that there are. */
export function writeTags(w: ByteWriter, metadata: Metadata, trackIds: readonly number[], isWebm: boolean): void {
  const album = tagsOf(textTags(metadata, ALBUM_NAMES));
  const piece = tagsOf(textTags(metadata, PIECE_NAMES));
  for (const [name, value] of attributesOf(metadata)) {
    if (name === PART_OF_SET) album.push(simpleTag("PART_NUMBER", value));
    else piece.push(simpleTag(name, value));
  }
  const { records = [] } = metadata;
  for (const { name, value, language, streamNumber } of records) {
    if (streamNumber === undefined) piece.push(simpleTag(name, value, language));
  }
  const tracks = trackIds.map((id) => ({
    id,
    tags: records.filter(({ streamNumber }) => streamNumber === id)
      .map(({ name, value, language }) => simpleTag(name, value, language)),
  })).filter(({ tags }) => tags.length > 0);
  if (album.length + piece.length + tracks.length === 0) return;
  checkedMaster(w, ID.Tags, () => {
    if (album.length > 0) writeTag(w, ALBUM_LEVEL, 0, album, isWebm);
    if (piece.length > 0) writeTag(w, album.length > 0 ? PIECE_LEVEL : ALBUM_LEVEL, 0, piece, isWebm);
    for (const { id, tags } of tracks) writeTag(w, ALBUM_LEVEL, id, tags, isWebm);
  });
}

function tagsOf(texts: readonly (readonly [name: string, value: string])[]): SimpleTag[] {
  return texts.map(([name, value]) => ({ name, value }));
}

function simpleTag(name: string, typed: AttributeValue, language?: string): SimpleTag {
  const value = plainValue(typed);
  return {
    name: Object.hasOwn(ATTRIBUTE_NAMES, name) ? ATTRIBUTE_NAMES[name]! : name,
    value: value instanceof Uint8Array ? value : String(value),
    language,
  };
}

function writeTag(w: ByteWriter, level: number, trackId: number, tags: readonly SimpleTag[], isWebm: boolean): void {
  master(w, ID.Tag, () => {
    master(w, ID.Targets, () => {
      uint(w, ID.TargetTypeValue, level);
      if (trackId > 0) uint(w, ID.TagTrackUID, trackId);
    });
    for (const { name, value, language } of tags) {
      master(w, ID.SimpleTag, () => {
        text(w, ID.TagName, name);
        writeLanguage(w, ID.TagLanguage, ID.TagLanguageBCP47, language, isWebm);
        if (typeof value === "string") text(w, ID.TagString, value);
        else binary(w, ID.TagBinary, value);
      });
    }
  });
}
