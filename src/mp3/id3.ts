/**
 * ID3v2 tags ([ID3v2.3], [ID3v2.4]).
 *
 * ```text
 * "ID3" version 00 · flags u8 · size of the rest in 4 × 7 bits
 * frames: name · size u32 (2.4: in 4 × 7 bits) · flags u16 · body
 * padding: zeros
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import { MuxError } from "../errors.ts";
import { type AttributeValue, plainValue } from "../media/attribute_value.ts";
import type { Metadata } from "../media/metadata.ts";
import { attributesOf, picturesOf, textTags } from "../media/tags.ts";

/** 2.3, which everything reads, or 2.4. */
export type Id3Version = 3 | 4;

const HEAD_BYTES = 10;
const FRAME_HEAD_BYTES = 10;
const MAX_BYTES = 0xFFF_FFFF;
/** `encoding`: UTF-16 with a byte order mark, or UTF-8. */
const ENCODING_UTF16 = 1;
const ENCODING_UTF8 = 3;
const ENCODING_LATIN1 = 0;

/** Attributes that have a frame of their own, by the names Windows gives them. */
const ATTRIBUTE_FRAMES: Readonly<Record<string, string>> = {
  "WM/Composer": "TCOM",
  "WM/Publisher": "TPUB",
  "WM/PartOfSet": "TPOS",
  "WM/BeatsPerMinute": "TBPM",
  "WM/EncodedBy": "TENC",
  "WM/ISRC": "TSRC",
  "WM/Conductor": "TPE3",
  "WM/Language": "TLAN",
};

type Frame = [name: string, write: (w: ByteWriter) => void];

/** The tag, padded to `byteLength`; as small as it gets without. Nothing when there is nothing to say, or to pad. */
export function encodeId3(metadata: Metadata, version: Id3Version, byteLength = 0): Uint8Array<ArrayBuffer> {
  const frames = framesOf(metadata, version);
  if (frames.length === 0 && byteLength < HEAD_BYTES) return new Uint8Array(0);
  const w = new ByteWriter("big");
  w.text("ID3");
  w.u8(version);
  w.zeros(6);
  for (const [name, write] of frames) {
    w.text(name);
    const sizeAt = w.offset;
    w.zeros(6);
    write(w);
    const size = w.offset - sizeAt - 6;
    w.setU32(sizeAt, version === 4 ? toSevens(size) : size);
  }
  w.zeros(Math.max(0, byteLength - w.offset));
  if (w.offset > MAX_BYTES) {
    throw new MuxError("too-large", {
      action: "write metadata",
      reason: `an ID3 tag must have at most ${MAX_BYTES} bytes`,
    });
  }
  w.setU32(6, toSevens(w.offset - HEAD_BYTES));
  return w.toUint8Array();
}

/** Whether a tag can be made larger by `spare` bytes; a tag that is not there only from a head on. */
export function isPaddable(tagBytes: number, spare: number): boolean {
  return spare === 0 || (tagBytes > 0 ? spare > 0 : spare >= HEAD_BYTES + FRAME_HEAD_BYTES);
}

/** 28 bits, seven in a byte. */
function toSevens(value: number): number {
  return (value & 0x7F) | (value & 0x3F80) << 1 | (value & 0x1F_C000) << 2 | (value & 0xFE0_0000) << 3;
}

function framesOf(metadata: Metadata, version: Id3Version): Frame[] {
  const names = {
    title: "TIT2",
    author: "TPE1",
    albumTitle: "TALB",
    albumArtist: "TPE2",
    genre: "TCON",
    year: version === 4 ? "TDRC" : "TYER",
    trackNumber: "TRCK",
    copyright: "TCOP",
  };
  const frames = textTags(metadata, names).map(([name, text]): Frame => textFrame(name, text, version));
  if (metadata.description) frames.push(languageFrame("COMM", metadata.description, version));
  for (const [name, value] of attributesOf(metadata)) {
    frames.push(attributeFrame(name, value, version));
  }
  picturesOf(metadata).forEach(({ data, mimeType, type }) =>
    frames.push(["APIC", (w) => {
      w.u8(ENCODING_LATIN1);
      w.text(mimeType);
      w.u8(0);
      w.u8(type);
      w.u8(0);
      w.bytes(data);
    }])
  );
  return frames;
}

function textFrame(name: string, text: string, version: Id3Version): Frame {
  return [name, (w) => {
    writeEncoding(w, version);
    writeText(w, text, version);
  }];
}

/** A frame with a language, and a description that is left empty. */
function languageFrame(name: string, text: string, version: Id3Version): Frame {
  return [name, (w) => {
    writeEncoding(w, version);
    w.text("XXX"); // not known
    writeText(w, "", version, true);
    writeText(w, text, version);
  }];
}

function attributeFrame(name: string, typed: AttributeValue, version: Id3Version): Frame {
  const value = plainValue(typed);
  if (value instanceof Uint8Array) {
    return ["PRIV", (w) => {
      w.text(name);
      w.u8(0);
      w.bytes(value);
    }];
  }
  const text = String(value);
  if (name === "WM/Lyrics") return languageFrame("USLT", text, version);
  const known = Object.hasOwn(ATTRIBUTE_FRAMES, name) ? ATTRIBUTE_FRAMES[name] : undefined;
  if (known !== undefined) return textFrame(known, text, version);
  return ["TXXX", (w) => {
    writeEncoding(w, version);
    writeText(w, name, version, true);
    writeText(w, text, version);
  }];
}

function writeEncoding(w: ByteWriter, version: Id3Version): void {
  w.u8(version === 4 ? ENCODING_UTF8 : ENCODING_UTF16);
}

function writeText(w: ByteWriter, text: string, version: Id3Version, isClosed = false): void {
  if (version === 4) {
    w.text(text);
    if (isClosed) w.u8(0);
    return;
  }
  w.bytes([0xFF, 0xFE]);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    w.u8(unit);
    w.u8(unit >> 8);
  }
  if (isClosed) w.u16(0);
}
