/**
 * Vorbis comments, which FLAC and every codec in Ogg have, and pictures as FLAC has them ([Vorbis I] 5, [RFC 9639] 8.6,
 * 8.8).
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import { type AttributeValue, plainValue } from "./attribute_value.ts";
import type { Metadata } from "./metadata.ts";
import { attributesOf, picturesOf, textTags } from "./tags.ts";

/** Who wrote it. */
const VENDOR = "Muxwell";

const NAMES = {
  title: "TITLE",
  author: "ARTIST",
  albumTitle: "ALBUM",
  albumArtist: "ALBUMARTIST",
  genre: "GENRE",
  year: "DATE",
  trackNumber: "TRACKNUMBER",
  copyright: "COPYRIGHT",
  description: "DESCRIPTION",
} as const;

/** Attributes that are known by another name, by those Windows gives them. */
const ATTRIBUTE_NAMES: Readonly<Record<string, string>> = {
  "WM/Composer": "COMPOSER",
  "WM/Conductor": "CONDUCTOR",
  "WM/Writer": "LYRICIST",
  "WM/ModifiedBy": "REMIXER",
  "WM/Producer": "PRODUCER",
  "WM/Publisher": "PUBLISHER",
  "WM/Lyrics": "LYRICS",
  "WM/Mood": "MOOD",
  "WM/ISRC": "ISRC",
  "WM/BeatsPerMinute": "BPM",
  "WM/Language": "LANGUAGE",
  "WM/SubTitle": "SUBTITLE",
  "WM/ContentGroupDescription": "GROUPING",
  "WM/SetSubTitle": "DISCSUBTITLE",
  "WM/EncodedBy": "ENCODED-BY",
  "WM/TitleSortOrder": "TITLESORT",
  "WM/AlbumSortOrder": "ALBUMSORT",
  "WM/ArtistSortOrder": "ARTISTSORT",
  "WM/PartOfSet": "DISCNUMBER",
};

/** Printable ASCII but for "=". */
const FIELD_NAME = /^[\x20-\x3C\x3E-\x7D]+$/;
/** Chapters have two or three digits. */
const MAX_CHAPTERS = 1000;

/** Whether a field of the metadata has a place there; pictures have one beside. */
export function hasComment(field: string): boolean {
  return field !== "scripts";
}

/** All comments, behind the vendor; without a frame around. */
export function encodeComments(metadata: Metadata, pictures: readonly Uint8Array[] = []): Uint8Array<ArrayBuffer> {
  const comments = commentsOf(metadata);
  for (const picture of pictures) comments.push(["METADATA_BLOCK_PICTURE", toBase64(picture)]);
  const w = new ByteWriter("little");
  writeText(w, VENDOR);
  w.u32(comments.length);
  for (const [name, text] of comments) writeText(w, `${name}=${text}`);
  return w.toUint8Array();
}

function commentsOf(metadata: Metadata): [name: string, text: string][] {
  const comments = textTags(metadata, NAMES);
  const add = (name: string, typed: AttributeValue) => {
    const value = plainValue(typed);
    const known = Object.hasOwn(ATTRIBUTE_NAMES, name) ? ATTRIBUTE_NAMES[name]! : name;
    if (FIELD_NAME.test(known)) comments.push([known, value instanceof Uint8Array ? toBase64(value) : String(value)]);
  };
  for (const [name, value] of attributesOf(metadata)) add(name, value);
  for (const { name, value } of metadata.records ?? []) add(name, value);
  const markers = [...metadata.markers ?? []].sort((a, b) => a.timestamp - b.timestamp).slice(0, MAX_CHAPTERS);
  markers.forEach(({ timestamp, name }, i) => {
    const chapter = `CHAPTER${String(i).padStart(3, "0")}`;
    comments.push([chapter, clockTime(timestamp)], [`${chapter}NAME`, name]);
  });
  return comments;
}

/** `HH:MM:SS.mmm`. */
function clockTime(microseconds: number): string {
  const ms = Math.round(microseconds / 1000);
  const [hours, minutes, seconds] = [
    Math.floor(ms / 3_600_000),
    Math.floor(ms / 60_000) % 60,
    Math.floor(ms / 1000) % 60,
  ];
  const pad = (value: number, digits: number) => String(value).padStart(digits, "0");
  return `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}.${pad(ms % 1000, 3)}`;
}

/** The pictures, each as a block without its head; how large they are is not looked for. */
export function encodePictures(metadata: Metadata): Uint8Array<ArrayBuffer>[] {
  return picturesOf(metadata).map(({ data, mimeType, type, description = "" }) => {
    const w = new ByteWriter("big");
    w.u32(type);
    writeText(w, mimeType);
    writeText(w, description);
    w.zeros(16); // width, height, depth, colours
    w.u32(data.byteLength);
    w.bytes(data);
    return w.toUint8Array();
  });
}

function writeText(w: ByteWriter, text: string): void {
  const at = w.offset;
  w.u32(0);
  w.text(text);
  w.setU32(at, w.offset - at - 4);
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.byteLength; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}
