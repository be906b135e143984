/**
 * Tags ([RFC 9559] 5.1.8), by what they are about: the whole, or a track. The title is Info's.
 *
 * What is said of an album stands beside the rest, by names that everybody reads. A target of its own for it would be the
 * specification's way: FFmpeg and MediaInfo lose it there, GStreamer takes it for a second title and artist.
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
import type { AttributeRecord, Metadata } from "../media/metadata.ts";
import { attributesOf, textTags } from "../media/tags.ts";
import { binary, checkedMaster, master, text, uint } from "./ebml.ts";
import * as ID from "./ids.ts";
import { writeLanguage } from "./track_entry.ts";

/** Levels: a film, or a piece in an album. */
const WHOLE_LEVEL = 50;
const PIECE_LEVEL = 30;

const NAMES = {
  author: "ARTIST",
  albumTitle: "ALBUM",
  albumArtist: "ALBUM_ARTIST",
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
  "WM/PartOfSet": "DISC",
};

/** One SimpleTag. */
interface SimpleTag {
  readonly name: string;
  readonly value: string | Uint8Array;
  readonly language?: string;
}

/** Writes Tags; nothing when there is nothing to say. @param trackIds Of the tracks that there are. */
export function writeTags(w: ByteWriter, metadata: Metadata, trackIds: readonly number[], isWebm: boolean): void {
  const { records = [], albumTitle } = metadata;
  const whole: SimpleTag[] = [
    ...textTags(metadata, NAMES).map(([name, value]) => ({ name, value })),
    ...attributesOf(metadata).map(([name, value]) => simpleTag(name, value)),
    ...tagsAbout(records, undefined),
  ];
  const tracks = trackIds.map((id) => ({ id, tags: tagsAbout(records, id) })).filter(({ tags }) => tags.length > 0);
  if (whole.length + tracks.length === 0) return;
  checkedMaster(w, ID.Tags, () => {
    if (whole.length > 0) writeTag(w, albumTitle ? PIECE_LEVEL : WHOLE_LEVEL, 0, whole, isWebm);
    for (const { id, tags } of tracks) writeTag(w, WHOLE_LEVEL, id, tags, isWebm);
  });
}

function tagsAbout(records: readonly AttributeRecord[], stream: number | undefined): SimpleTag[] {
  return records.filter(({ streamNumber }) => streamNumber === stream)
    .map(({ name, value, language }) => simpleTag(name, value, language));
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
