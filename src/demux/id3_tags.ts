/**
 * ID3 and APE tags as {@linkcode Metadata}.
 *
 * @module
 */

import { type Id3Frame, id3Text, readApe, readId3, readId3v1 } from "../inspect/tags/id3.ts";
import type { TagCollector } from "./tag_collector.ts";
import { FRONT_COVER } from "./tags.ts";
import { setComment } from "./vorbis_tags.ts";

/** Fields by frames of versions 2.3 and 2.4, and 2.2. */
const FIELDS = {
  TIT2: "title",
  TT2: "title",
  TPE1: "author",
  TP1: "author",
  TALB: "albumTitle",
  TAL: "albumTitle",
  TPE2: "albumArtist",
  TP2: "albumArtist",
  TCOP: "copyright",
  TCR: "copyright",
} as const;

/** Attributes by Windows' names. */
const ATTRIBUTES: Readonly<Record<string, string>> = {
  TCOM: "WM/Composer",
  TCM: "WM/Composer",
  TEXT: "WM/Writer",
  TXT: "WM/Writer",
  TPE3: "WM/Conductor",
  TP3: "WM/Conductor",
  TPE4: "WM/ModifiedBy",
  TP4: "WM/ModifiedBy",
  TPUB: "WM/Publisher",
  TPB: "WM/Publisher",
  TPOS: "WM/PartOfSet",
  TPA: "WM/PartOfSet",
  TBPM: "WM/BeatsPerMinute",
  TBP: "WM/BeatsPerMinute",
  TKEY: "WM/InitialKey",
  TKE: "WM/InitialKey",
  TLAN: "WM/Language",
  TLA: "WM/Language",
  TSRC: "WM/ISRC",
  TRC: "WM/ISRC",
  TENC: "WM/EncodedBy",
  TEN: "WM/EncodedBy",
  TIT1: "WM/ContentGroupDescription",
  TT1: "WM/ContentGroupDescription",
  TIT3: "WM/SubTitle",
  TT3: "WM/SubTitle",
  TMOO: "WM/Mood",
  TSOT: "WM/TitleSortOrder",
  TSOA: "WM/AlbumSortOrder",
  TSOP: "WM/ArtistSortOrder",
  TOAL: "WM/OriginalAlbumTitle",
  TOT: "WM/OriginalAlbumTitle",
  TOPE: "WM/OriginalArtist",
  TOA: "WM/OriginalArtist",
  TOLY: "WM/OriginalLyricist",
  TOL: "WM/OriginalLyricist",
  TOFN: "WM/OriginalFilename",
  TOF: "WM/OriginalFilename",
  TORY: "WM/OriginalReleaseYear",
  TOR: "WM/OriginalReleaseYear",
  TDOR: "WM/OriginalReleaseYear",
  TRSN: "WM/RadioStationName",
  TRSO: "WM/RadioStationOwner",
  TSST: "WM/SetSubTitle",
  WOAR: "WM/AuthorURL",
  WAR: "WM/AuthorURL",
  WOAF: "WM/AudioFileURL",
  WOAS: "WM/AudioSourceURL",
  WCOP: "WM/CopyrightURL",
  WPUB: "WM/PromotionURL",
};

const DATES: ReadonlySet<string> = new Set(["TDRC", "TYER", "TYE", "TDRL", "TDAT", "TDA", "TRDA"]);
const GENRES_FRAMES: ReadonlySet<string> = new Set(["TCON", "TCO"]);
const TRACKS: ReadonlySet<string> = new Set(["TRCK", "TRK"]);
/** About the file as it was, or its transport. */
const INTERNAL: ReadonlySet<string> = new Set(
  [
    "TSSE",
    "TSS",
    "TLEN",
    "TLE",
    "TSIZ",
    "TSI",
    "TFLT",
    "TFT",
    "TDTG",
    "TDEN",
    "TDLY",
    "TIME",
    "TIM",
    "CTOC",
    "SEEK",
    "MLLT",
  ],
);
const LATIN1 = 0;

/** Genres by number ([ID3v1]); programs write numbers in text, too. */
const GENRES =
  ("Blues,Classic Rock,Country,Dance,Disco,Funk,Grunge,Hip-Hop,Jazz,Metal,New Age,Oldies,Other,Pop,R&B,Rap," +
    "Reggae,Rock,Techno,Industrial,Alternative,Ska,Death Metal,Pranks,Soundtrack,Euro-Techno,Ambient,Trip-Hop,Vocal," +
    "Jazz+Funk,Fusion,Trance,Classical,Instrumental,Acid,House,Game,Sound Clip,Gospel,Noise,AlternRock,Bass,Soul,Punk," +
    "Space,Meditative,Instrumental Pop,Instrumental Rock,Ethnic,Gothic,Darkwave,Techno-Industrial,Electronic,Pop-Folk," +
    "Eurodance,Dream,Southern Rock,Comedy,Cult,Gangsta,Top 40,Christian Rap,Pop/Funk,Jungle,Native American,Cabaret," +
    "New Wave,Psychadelic,Rave,Showtunes,Trailer,Lo-Fi,Tribal,Acid Punk,Acid Jazz,Polka,Retro,Musical,Rock & Roll," +
    "Hard Rock").split(",");

/** Takes what an ID3v2 tag says. */
export function collectId3(bytes: Uint8Array, to: TagCollector, warnings: string[]): void {
  const { frames, problem } = readId3(bytes);
  if (problem !== undefined) warnings.push(`The ID3 tag is not read whole: ${problem}`);
  for (const frame of frames) collectFrame(frame, to);
}

function collectFrame({ id, data, problem }: Id3Frame, to: TagCollector): void {
  if (problem !== undefined || data.byteLength === 0) return problem === undefined ? undefined : to.leave(id);
  const encoding = data[0]!;
  if (id === "TXXX" || id === "TXX") {
    const name = id3Text(data, encoding, 1, false);
    return setComment(to, name.text, id3Text(data, encoding, name.next, true).text);
  }
  if (id.startsWith("T") || id === "GRP1" || id === "MVNM") return collectText(id, texts(data, encoding), to);
  if (id.startsWith("W") && id in ATTRIBUTES) {
    return to.attribute(ATTRIBUTES[id]!, id3Text(data, LATIN1, 0, false).text);
  }
  switch (id) {
    case "COMM":
    case "COM":
    case "USLT":
    case "ULT": {
      const about = id3Text(data, encoding, 4, false);
      const { text } = id3Text(data, encoding, about.next, true);
      if (id.startsWith("U")) return to.attribute("WM/Lyrics", text);
      if (about.text === "") return to.field("description", text);
      if (!about.text.startsWith("iTun")) to.attribute(`Comment: ${about.text}`, text);
      return;
    }
    case "APIC":
    case "PIC":
      return collectPicture(id, data, to);
    case "CHAP":
      return collectChapter(data, to);
    case "UFID":
    case "UFI": {
      const owner = id3Text(data, LATIN1, 0, false);
      const text = id3Text(data, LATIN1, owner.next, true).text;
      return to.attribute("WM/UniqueFileIdentifier", `${owner.text};${text}`);
    }
    case "PRIV": {
      const owner = id3Text(data, LATIN1, 0, false);
      if (owner.text.startsWith("com.apple.streaming.")) return;
      if (owner.text.startsWith("WM/")) return to.attribute(owner.text, data.slice(owner.next));
      return to.leave(`PRIV (${owner.text})`);
    }
    default:
      if (!INTERNAL.has(id)) to.leave(id);
  }
}

/** Version 2.4 has several values of a text. */
function texts(data: Uint8Array, encoding: number): string {
  const { text } = id3Text(data, encoding, 1, true);
  return text.split("\0").map((part) => part.replace(/^\uFEFF/, "").trim()).filter((part) => part !== "").join("; ");
}

function collectText(id: string, text: string, to: TagCollector): void {
  if (id in FIELDS) return to.field(FIELDS[id as keyof typeof FIELDS], text);
  if (id in ATTRIBUTES) return to.attribute(ATTRIBUTES[id]!, text);
  if (GENRES_FRAMES.has(id)) return to.field("genre", genreText(text));
  if (TRACKS.has(id)) return to.track(text);
  if (id === "TDAT" || id === "TDA") return; // day and month without a year
  if (DATES.has(id)) return to.date(text);
  if (!INTERNAL.has(id)) to.attribute(id, text);
}

/** Numbers in brackets, or bare, are names from a list. */
function genreText(text: string): string {
  const rest = text.match(/^\(\d+\)(.+)$/s)?.[1];
  if (rest !== undefined && !rest.startsWith("(")) return rest;
  const number = text.match(/^\(?(\d{1,3})\)?$/)?.[1];
  return number === undefined ? text : GENRES[Number(number)] ?? text;
}

function collectPicture(id: string, data: Uint8Array, to: TagCollector): void {
  const encoding = data[0]!;
  const kind = id === "PIC"
    ? { text: String.fromCharCode(...data.subarray(1, 4)), next: 4 }
    : id3Text(data, LATIN1, 1, false);
  const type = data[kind.next] ?? 0;
  const about = id3Text(data, encoding, kind.next + 1, false);
  const picture = data.slice(about.next);
  if (kind.text === "-->" || picture.byteLength === 0) return to.leave(`${id} (a link)`);
  to.picture({
    data: picture,
    mimeType: mimeType(kind.text, picture),
    type,
    ...about.text && { description: about.text },
  });
}

function mimeType(said: string, data: Uint8Array): string {
  if (data[0] === 0xFF && data[1] === 0xD8) return "image/jpeg";
  if (data[0] === 0x89 && data[1] === 0x50) return "image/png";
  const name = said.toLowerCase();
  return name.includes("/")
    ? name
    : name === "png"
    ? "image/png"
    : name === ""
    ? "image/jpeg"
    : `image/${name.replace("jpg", "jpeg")}`;
}

/** Name · 0 · start and end in ms · two places in bytes · frames. */
function collectChapter(data: Uint8Array, to: TagCollector): void {
  const { next } = id3Text(data, LATIN1, 0, false);
  if (next + 16 > data.byteLength) return to.leave("CHAP");
  const start = new DataView(data.buffer, data.byteOffset + next).getUint32(0);
  let name = "";
  for (let at = next + 16; at + 10 < data.byteLength;) {
    const id = String.fromCharCode(...data.subarray(at, at + 4));
    const length = new DataView(data.buffer, data.byteOffset + at).getUint32(4);
    const body = data.subarray(at + 10, at + 10 + length);
    if (id === "TIT2" && body.byteLength > 0) name = texts(body, body[0]!);
    at += 10 + length;
  }
  to.marker({ timestamp: 1000 * start, name });
}

/** Takes what an APE tag says. */
export function collectApe(bytes: Uint8Array, to: TagCollector): void {
  for (const { key, value, isText } of readApe(bytes)) {
    if (isText) {
      setComment(
        to,
        key.replaceAll(" ", "").toUpperCase() === "ALBUMARTIST" ? "ALBUMARTIST" : key,
        new TextDecoder().decode(value),
      );
    } else if (/^cover art/i.test(key)) {
      const { text, next } = id3Text(value, 3, 0, false);
      const data = value.slice(next);
      if (data.byteLength > 0) {
        to.picture({
          data,
          mimeType: mimeType(text.split(".").at(-1) ?? "", data),
          type: /front/i.test(key) ? FRONT_COVER : 0,
        });
      }
    } else to.leave(key);
  }
}

/** Takes what an ID3v1 tag says that nothing better said. */
export function collectId3v1(bytes: Uint8Array, to: TagCollector): void {
  const { title, artist, album, year, comment, track, genre } = readId3v1(bytes);
  to.field("title", title);
  to.field("author", artist);
  to.field("albumTitle", album);
  to.field("description", comment);
  if (year !== undefined) to.date(year);
  if (track !== undefined) to.track(String(track));
  if (genre !== undefined) to.field("genre", GENRES[genre]);
}
