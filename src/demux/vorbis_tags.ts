/**
 * Vorbis comments as {@linkcode Metadata}.
 *
 * @module
 */

import { readFlacPicture, readVorbisComments } from "../inspect/tags/vorbis_comment.ts";
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

/** Takes a comment header. */
export function collectComments(bytes: Uint8Array, to: TagCollector, warnings: string[]): void {
  const { comments, problem } = readVorbisComments(bytes);
  if (problem !== undefined) warnings.push(`The comments are not read whole: ${problem}`);
  const of = (name: string) => comments.find(([key]) => key.toUpperCase() === name)?.[1];
  setPair(of("TRACKNUMBER"), of("TRACKTOTAL") ?? of("TOTALTRACKS"), (text) => to.track(text));
  setPair(of("DISCNUMBER"), of("DISCTOTAL") ?? of("TOTALDISCS"), (text) => to.attribute("WM/PartOfSet", text));
  const names = new Map(
    comments.flatMap(([key, text]) => {
      const number = /^CHAPTER(\d{2,3})NAME$/i.exec(key)?.[1];
      return number === undefined ? [] : [[number, text] as const];
    }),
  );
  for (const [key, text] of comments) {
    if (/^METADATA_BLOCK_PICTURE$/i.test(key)) collectPicture(fromBase64(text), to);
    else if (/^CHAPTER\d{2,3}(NAME|URL)$/i.test(key)) continue;
    else if (/^CHAPTER\d{2,3}$/i.test(key)) {
      const timestamp = clockTime(text);
      if (timestamp !== undefined) to.marker({ timestamp, name: names.get(key.slice(7)) ?? "" });
    } else setComment(to, key, text);
  }
}

/** Takes one comment by its name, as APE and ID3's own texts have them, too. */
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

function setPair(number: string | undefined, total: string | undefined, set: (text: string) => void): void {
  if (number !== undefined) set(total === undefined || number.includes("/") ? number : `${number}/${total}`);
}

/** Takes a picture as FLAC has it. */
export function collectPicture(bytes: Uint8Array, to: TagCollector): void {
  const picture = readFlacPicture(bytes);
  if (picture === undefined || picture.mimeType === "-->" || picture.data.byteLength === 0) {
    return to.leave(picture?.mimeType === "-->" ? "a link to a picture" : "a damaged picture");
  }
  const { type, mimeType, description, data } = picture;
  to.picture({ data: data.slice(), mimeType, type, ...description && { description } });
}

/** Hours, minutes and seconds as microseconds. */
function clockTime(text: string): number | undefined {
  const match = /^(\d+):(\d{1,2}):(\d{1,2}(?:\.\d+)?)$/.exec(text.trim());
  return match === null ? undefined : Math.round(1e6 * (3600 * +match[1]! + 60 * +match[2]! + +match[3]!));
}

function fromBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  } catch {
    return new Uint8Array(0);
  }
}
