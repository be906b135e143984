/**
 * Metadata as iTunes keeps them and everything reads them.
 *
 * ```text
 * udta ─┬─ ©nam, …                             in QuickTime, texts as it reads them
 *       ├─ chpl                                chapters
 *       └─ meta (full) ─┬─ hdlr "mdir" "appl"
 *                       └─ ilst ─ ©nam, ©ART, … ─ data: type u32 · locale u32 · value
 *                               ---- ─ mean · name · data                  attributes by their own names
 * ```
 *
 * @module
 */

import type { BoxWriter } from "./box_writer.ts";
import { type AttributeValue, plainValue } from "../media/attribute_value.ts";
import type { Metadata } from "../media/metadata.ts";
import { attributesOf, textTags } from "../media/tags.ts";
import { box, BOX_HEAD_BYTES, fullBox } from "./box.ts";
import { shortText } from "./short_text.ts";

/** Types of values. */
const TYPE_BINARY = 0;
const TYPE_UTF8 = 1;
const TYPE_JPEG = 13;
const TYPE_PNG = 14;
const TYPE_INTEGER = 21;
const VENDOR = "com.apple.iTunes";

/** Texts, by their item's type. */
const TEXT_ITEMS = {
  title: "\u00A9nam",
  author: "\u00A9ART",
  albumTitle: "\u00A9alb",
  albumArtist: "aART",
  genre: "\u00A9gen",
  year: "\u00A9day",
  copyright: "cprt",
  description: "\u00A9cmt",
};

/** The same for QuickTime, as far as it has names for them. */
const QUICKTIME_TEXTS = {
  title: "\u00A9nam",
  author: "\u00A9ART",
  albumTitle: "\u00A9alb",
  genre: "\u00A9gen",
  year: "\u00A9day",
  copyright: "\u00A9cpy",
  description: "\u00A9cmt",
};

/** Attributes that have an item of their own, by the names Windows gives them. */
const ATTRIBUTE_ITEMS: Readonly<Record<string, string>> = {
  "WM/Composer": "\u00A9wrt",
  "WM/Lyrics": "\u00A9lyr",
  "WM/EncodedBy": "\u00A9too",
};

/** Writes `udta`; nothing when there is nothing to say. */
export function writeMetadata(w: BoxWriter, metadata: Metadata, isQuickTime: boolean): void {
  const start = w.offset;
  box(w, "udta", () => {
    if (isQuickTime) writeTexts(w, metadata);
    writeChapters(w, metadata);
    writeItemList(w, metadata);
  });
  if (w.offset === start + BOX_HEAD_BYTES) w.offset = start;
}

function writeItemList(w: BoxWriter, metadata: Metadata): void {
  const start = w.offset;
  let hasItems = false;
  fullBox(w, "meta", 0, 0, () => {
    fullBox(w, "hdlr", 0, 0, () => {
      w.u32(0);
      w.text("mdirappl");
      w.zeros(9);
    });
    box(w, "ilst", () => {
      const itemsAt = w.offset;
      writeItems(w, metadata);
      hasItems = w.offset > itemsAt;
    });
  });
  if (!hasItems) w.offset = start;
}

/** Chapters as Nero lists them: version 1, reserved u32, count u8, then each time u64 in 100 ns, length u8, name. */
function writeChapters(w: BoxWriter, { markers = [] }: Metadata): void {
  if (markers.length === 0) return;
  const listed = markers.toSorted((a, b) => a.timestamp - b.timestamp).slice(0, MAX_CHAPTERS);
  fullBox(w, "chpl", 1, 0, () => {
    w.u32(0);
    w.u8(listed.length);
    for (const { timestamp, name } of listed) {
      const bytes = shortText(name, MAX_CHAPTER_BYTES);
      w.u64(Math.round(timestamp * 10));
      w.u8(bytes.byteLength);
      w.bytes(bytes);
    }
  });
}

/** Chapters are counted in a byte, and so are the bytes of their names. */
export const MAX_CHAPTERS = 255;
const MAX_CHAPTER_BYTES = 255;

/** What a text's size has room for. */
const MAX_TEXT_BYTES = 0xFFFF;
/** "und", five bits a letter. */
const UNDETERMINED = 0x55C4;

/** Texts as QuickTime reads them ([QTFF] "User Data Text Strings and Language Codes"): size u16 · language u16 · text. */
function writeTexts(w: BoxWriter, metadata: Metadata): void {
  for (const [type, text] of textTags(metadata, QUICKTIME_TEXTS)) {
    const bytes = new TextEncoder().encode(text);
    if (bytes.byteLength > MAX_TEXT_BYTES) continue; // the item below has room for it
    box(w, type, () => {
      w.u16(bytes.byteLength);
      w.u16(UNDETERMINED);
      w.bytes(bytes);
    });
  }
}

function writeItems(w: BoxWriter, metadata: Metadata): void {
  for (const [type, text] of textTags(metadata, TEXT_ITEMS)) writeTextItem(w, type, text);
  if (metadata.trackNumber !== undefined) writeNumberItem(w, "trkn", metadata.trackNumber, 0, 2);
  for (const [name, value] of attributesOf(metadata)) writeAttribute(w, name, value);
  const { pictures = [] } = metadata;
  if (pictures.length === 0) return;
  box(w, "covr", () => {
    for (const { data, mimeType } of pictures) {
      writeData(w, mimeType === "image/png" ? TYPE_PNG : TYPE_JPEG, () => w.bytes(data));
    }
  });
}

function writeAttribute(w: BoxWriter, name: string, typed: AttributeValue): void {
  const value = plainValue(typed);
  const type = Object.hasOwn(ATTRIBUTE_ITEMS, name) ? ATTRIBUTE_ITEMS[name] : undefined;
  if (type !== undefined && typeof value === "string") return writeTextItem(w, type, value);
  if (name === "WM/PartOfSet" && typeof value === "string") {
    const [number, total] = value.split("/").map((part) => parseInt(part, 10));
    if (number! > 0) return writeNumberItem(w, "disk", number!, total! > 0 ? total! : 0, 0);
  }
  if (name === "WM/BeatsPerMinute" && Number(value) >= 1) {
    return box(w, "tmpo", () => writeData(w, TYPE_INTEGER, () => w.u16(Math.round(Number(value)))));
  }
  box(w, "----", () => {
    fullBox(w, "mean", 0, 0, () => w.text(VENDOR));
    fullBox(w, "name", 0, 0, () => w.text(name));
    if (value instanceof Uint8Array) writeData(w, TYPE_BINARY, () => w.bytes(value));
    else writeData(w, TYPE_UTF8, () => w.text(String(value)));
  });
}

function writeTextItem(w: BoxWriter, type: string, text: string): void {
  box(w, type, () => writeData(w, TYPE_UTF8, () => w.text(text)));
}

/** Which of how many. */
function writeNumberItem(w: BoxWriter, type: string, number: number, total: number, padding: number): void {
  box(w, type, () =>
    writeData(w, TYPE_BINARY, () => {
      w.u16(0);
      w.u16(number);
      w.u16(total);
      w.zeros(padding);
    }));
}

function writeData(w: BoxWriter, type: number, writeValue: () => void): void {
  box(w, "data", () => {
    w.u32(type);
    w.u32(0);
    writeValue();
  });
}
