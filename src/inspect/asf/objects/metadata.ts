/**
 * What is said about a file in words: Content Description ([ASF] 3.10), Extended Content Description ([ASF] 3.11),
 * Metadata ([ASF] 4.7), Metadata Library ([ASF] 4.8), Content Branding ([ASF] 3.13).
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";

/** Content Description Object ([ASF] 3.10). */
export interface ContentDescription {
  /** Title. */
  readonly title: string;
  /** Author. */
  readonly author: string;
  /** Copyright notice. */
  readonly copyright: string;
  /** Description. */
  readonly description: string;
  /** Rating. */
  readonly rating: string;
}

/** Reads the body of a Content Description Object. */
export function readContentDescription(c: Cursor): ContentDescription {
  const lengths = [c.u16(), c.u16(), c.u16(), c.u16(), c.u16()];
  const [title, author, copyright, description, rating] = lengths.map((length) => c.text(length));
  return { title: title!, author: author!, copyright: copyright!, description: description!, rating: rating! };
}

/** What an attribute's value is. `string` is text, `bytes` anything; the numbers are unsigned. */
export type AttributeType = "string" | "bytes" | "bool" | "dword" | "qword" | "word" | "guid" | "unknown";

/** One named value about the file or a stream. */
export interface AsfAttribute {
  /** Such as `"WM/AlbumTitle"`. */
  readonly name: string;
  /** The stream it is about; 0: the file. */
  readonly streamNumber: number;
  /** Index into the Language List. */
  readonly languageIndex: number;
  /** How the value is stored. */
  readonly type: AttributeType;
  /** Text and GUIDs: string; numbers: number, QWORDs bigint; bool: boolean; the rest: bytes as stored. */
  readonly value: string | number | bigint | boolean | Uint8Array;
}

const TYPES: readonly AttributeType[] = ["string", "bytes", "bool", "dword", "qword", "word", "guid"];

/** Records of an Extended Content Description, Metadata or Metadata Library Object. */
export interface AttributeList {
  /** The records in stored order. */
  readonly attributes: readonly AsfAttribute[];
}

/** Reads the body of an Extended Content Description Object ([ASF] 3.11). */
export function readExtendedContentDescription(c: Cursor): AttributeList {
  return {
    attributes: c.list(c.u16(), () => {
      const name = c.text(c.u16());
      const type = c.u16();
      return { name, streamNumber: 0, languageIndex: 0, ...readValue(c, type, c.u16()) };
    }),
  };
}

/** Reads the body of a Metadata Object ([ASF] 4.7) or a Metadata Library Object ([ASF] 4.8). */
export function readMetadata(c: Cursor): AttributeList {
  return {
    attributes: c.list(c.u16(), () => {
      const languageIndex = c.u16();
      const streamNumber = c.u16();
      const nameBytes = c.u16();
      const type = c.u16();
      const valueBytes = c.u32();
      return { name: c.text(nameBytes), streamNumber, languageIndex, ...readValue(c, type, valueBytes) };
    }),
  };
}

/** A value whose size contradicts its type comes out as bytes; a BOOL may have any of the widths in use. */
function readValue(c: Cursor, typeCode: number, length: number): Pick<AsfAttribute, "type" | "value"> {
  const type = TYPES[typeCode] ?? "unknown";
  if (length > c.remaining) return { type, value: c.bytes(length) };
  if (type === "string") return { type, value: c.text(length) };
  if (type === "bool" && length === 2) return { type, value: c.u16() !== 0 };
  if (type === "bool" && length === 4) return { type, value: c.u32() !== 0 };
  if (type === "dword" && length === 4) return { type, value: c.u32() };
  if (type === "qword" && length === 8) return { type, value: c.bigU64() };
  if (type === "word" && length === 2) return { type, value: c.u16() };
  if (type === "guid" && length === 16) return { type, value: c.guid() };
  return { type, value: c.bytes(length) };
}

/** Content Branding Object ([ASF] 3.13). */
export interface ContentBranding {
  /** 0 none, 1 BMP, 2 JPEG, 3 GIF. */
  readonly bannerType: number;
  /** The banner image. */
  readonly banner: Uint8Array;
  /** Where a click on it leads. */
  readonly bannerUrl: string;
  /** Where the copyright is explained. */
  readonly copyrightUrl: string;
}

/** Reads the body of a Content Branding Object. */
export function readContentBranding(c: Cursor): ContentBranding {
  return {
    bannerType: c.u32(),
    banner: c.bytes(c.u32()),
    bannerUrl: c.ascii(c.u32()),
    copyrightUrl: c.ascii(c.u32()),
  };
}
