/**
 * Names of Vorbis comments, as APE and ID3's own texts have them, too.
 *
 * @module
 */

import type { TagCollector } from "./tag_collector.ts";

const FIELDS = {
  TITLE: "title",
  ARTIST: "author",
  COPYRIGHT: "copyright",
  DESCRIPTION: "description",
  COMMENT: "description",
  ALBUM: "albumTitle",
  ALBUMARTIST: "albumArtist",
  ALBUM_ARTIST: "albumArtist",
  GENRE: "genre",
} as const;

/** Attributes by Windows' names. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  COMPOSER: "WM/Composer",
  CONDUCTOR: "WM/Conductor",
  LYRICIST: "WM/Writer",
  REMIXER: "WM/ModifiedBy",
  PRODUCER: "WM/Producer",
  PUBLISHER: "WM/Publisher",
  ORGANIZATION: "WM/Publisher",
  LYRICS: "WM/Lyrics",
  UNSYNCEDLYRICS: "WM/Lyrics",
  MOOD: "WM/Mood",
  ISRC: "WM/ISRC",
  BPM: "WM/BeatsPerMinute",
  LANGUAGE: "WM/Language",
  SUBTITLE: "WM/SubTitle",
  GROUPING: "WM/ContentGroupDescription",
  DISCSUBTITLE: "WM/SetSubTitle",
  "ENCODED-BY": "WM/EncodedBy",
  ENCODEDBY: "WM/EncodedBy",
  TITLESORT: "WM/TitleSortOrder",
  ALBUMSORT: "WM/AlbumSortOrder",
  ARTISTSORT: "WM/ArtistSortOrder",
};

/** Takes one text by its name. */
export function setComment(to: TagCollector, key: string, text: string): void {
  const name = key.toUpperCase();
  if (name in FIELDS) to.field(FIELDS[name as keyof typeof FIELDS], text);
  else if (name in ATTRIBUTES) to.attribute(ATTRIBUTES[name]!, text);
  else if (name === "DATE" || name === "YEAR") to.date(text);
  else if (name === "TRACKNUMBER" || name === "TRACK") to.track(text);
  else if (name === "DISCNUMBER" || name === "DISC") to.attribute("WM/PartOfSet", text);
  else if (!/^(TRACKTOTAL|TOTALTRACKS|DISCTOTAL|TOTALDISCS|WAVEFORMATEXTENSIBLE_CHANNEL_MASK)$/.test(name)) {
    to.attribute(key, text);
  }
}
