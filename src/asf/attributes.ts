/**
 * Where metadata goes: Content Description for the five classic fields, Extended Content Description for what is small
 * and the first of its name, Metadata for what is that of a stream, Metadata Library for the rest.
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import { MAX_DWORD, MAX_WORD } from "../bytes/limits.ts";
import { cannot, MuxError } from "../errors.ts";
import { type AttributeValue, plainValue } from "../media/attribute_value.ts";
import type { Metadata } from "../media/metadata.ts";
import { attributesOf, picturesOf, textTags } from "../media/tags.ts";
import { type Attribute, attributeBytes, type TypedValue } from "./attribute_value.ts";
import { guidBytes } from "./guid.ts";
import { textBytes, writeText } from "./object.ts";
import type { ContentDescription } from "./objects/content_description.ts";
import type { MetadataRecord } from "./objects/metadata.ts";

/** Metadata of the file, object by object. */
export interface RoutedAttributes {
  readonly contentDescription: ContentDescription;
  readonly extended: readonly Attribute[];
  readonly library: readonly LibraryRecord[];
  /** Attributes of streams. */
  readonly streams: readonly MetadataRecord[];
}

/** A record whose language has no place in a list yet. */
export interface LibraryRecord extends MetadataRecord {
  readonly language?: string;
}

/** Sizes of names, and of values outside the Metadata Library, are stored in a WORD; text is even. */
const MAX_SIZE = 65_535;
const MAX_TEXT_SIZE = 65_534;

/** Texts that have a field of ours, by the names Windows gives them; Content Description holds the others. */
const TEXT_NAMES = {
  albumTitle: "WM/AlbumTitle",
  albumArtist: "WM/AlbumArtist",
  genre: "WM/Genre",
  year: "WM/Year",
  trackNumber: "WM/TrackNumber",
};

/** Attributes that Content Description holds, by the names Windows gives them. */
const DESCRIPTION_FIELDS: Readonly<Record<string, keyof ContentDescription>> = {
  Title: "title",
  Author: "author",
  Copyright: "copyright",
  Description: "description",
  Rating: "rating",
};

/** Readers compute these from the file; a stored one would contradict it. */
const COMPUTED =
  "Duration Bitrate CurrentBitrate OptimalBitrate FileSize Seekable Stridable Broadcast Is_Protected Is_Trusted " +
  "Signature_Name HasAudio HasVideo HasScript HasImage HasArbitraryDataStream HasFileTransferStream " +
  "HasAttachedImages Can_Skip_Forward Can_Skip_Backward WM/VideoWidth WM/VideoHeight WM/VideoFrameRate " +
  "WM/PeakBitrate WM/ASFPacketCount WM/ContainerFormat";

/**
 * Routes metadata to its objects.
 *
 * @param metadata What is wrong in any container (`metadataProblems`) has been refused by now.
 * @throws {RangeError} If a value cannot be what it is meant to be.
 * @throws {MuxError} `too-large` if a text or a name is longer than its field.
 */
export function routeAttributes(metadata: Metadata): RoutedAttributes {
  const fields = {
    title: metadata.title ?? "",
    author: metadata.author ?? "",
    copyright: metadata.copyright ?? "",
    description: metadata.description ?? "",
    rating: "",
  };
  const extended: Attribute[] = [];
  const library: LibraryRecord[] = [];
  const streams: MetadataRecord[] = [];
  const taken = new Set<string>();
  const add = ({ name, value }: Attribute) => {
    if (taken.has(name) || isLibrarys({ name, value })) library.push({ name, value, streamNumber: 0 });
    else extended.push({ name, value });
    taken.add(name);
  };

  for (const attribute of namedAttributes(metadata)) if (!isSaidAgain(attribute, metadata)) add(attribute);
  for (const [name, value] of attributesOf(metadata)) {
    checkName(name);
    const field = Object.hasOwn(DESCRIPTION_FIELDS, name) ? DESCRIPTION_FIELDS[name] : undefined;
    if (field !== undefined && typeof value === "string" && fields[field] === "") fields[field] = value;
    else add({ name, value: typedValue(name, value) });
  }
  const streamTaken = new Set<string>();
  for (const { name, value, streamNumber = 0, language } of metadata.records ?? []) {
    checkName(name);
    const attribute = { name, value: typedValue(name, value) };
    const key = `${streamNumber} ${name}`;
    if (streamNumber === 0 && language === undefined) add(attribute);
    else if (language !== undefined || streamTaken.has(key) || isLibrarys(attribute)) {
      library.push({ ...attribute, streamNumber, language });
    } else {
      streamTaken.add(key);
      streams.push({ ...attribute, streamNumber });
    }
  }
  for (const attribute of pictureAttributes(metadata)) add(attribute);

  checkFields(fields);
  for (const records of [extended, library, streams]) {
    if (records.length > MAX_WORD) {
      const reason = `must have at most ${MAX_WORD} attributes`;
      throw new MuxError("too-large", { action: "write metadata", reason });
    }
  }
  // FFmpeg reads no further in this object once it has met a value above 65 535 bytes: those go last.
  library.sort((a, b) => Number(isLarge(a)) - Number(isLarge(b)));
  return { contentDescription: fields, extended, library, streams };
}

/** Whether an attribute says what a field does, and more, or in another type: `"3/12"` for track 3. */
function isSaidAgain({ name, value }: Attribute, { attributes = {} }: Metadata): boolean {
  return Object.hasOwn(attributes, name) && `${plainValue(attributes[name]!)}`.startsWith(`${value.value}`);
}

/** Whether no other object has room or a type for it. */
function isLibrarys(attribute: Attribute): boolean {
  return attribute.value.type === "guid" || isLarge(attribute);
}

function isLarge(attribute: Attribute): boolean {
  return attributeBytes(attribute.value, 4) > MAX_SIZE;
}

function namedAttributes(metadata: Metadata): Attribute[] {
  return textTags(metadata, TEXT_NAMES).map(([name, value]) => ({ name, value: { type: "text", value } }));
}

function pictureAttributes(metadata: Metadata): Attribute[] {
  return picturesOf(metadata).map((picture) => ({
    name: "WM/Picture",
    value: { type: "binary", value: pictureValue(picture) },
  }));
}

/** WM/Picture: picture type u8 · image size u32 · media type · description · image. */
function pictureValue(picture: ReturnType<typeof picturesOf>[number]): Uint8Array {
  const { description = "" } = picture;
  const byteLength = 5 + textBytes(picture.mimeType) + textBytes(description) + picture.data.byteLength;
  const w = new ByteWriter("little", new Uint8Array(byteLength));
  w.u8(picture.type);
  w.u32(picture.data.byteLength);
  writeText(w, picture.mimeType);
  writeText(w, description);
  w.bytes(picture.data);
  return w.written;
}

function typedValue(name: string, value: AttributeValue): TypedValue {
  switch (typeof value) {
    case "string":
      return { type: "text", value };
    case "boolean":
      return { type: "bool", value };
    case "number":
      if (Number.isInteger(value) && value >= 0 && value <= MAX_DWORD) return { type: "dword", value };
      throw cannotWrite(name, `a number must be whole and within 0–${MAX_DWORD} (larger as bigint), got ${value}`);
    case "bigint":
      if (value >= 0n && value <= 0xffff_ffff_ffff_ffffn) return { type: "qword", value };
      throw cannotWrite(name, `a bigint must be within 0–2^64 - 1, got ${value}`);
    default:
      if (value instanceof Uint8Array) return { type: "binary", value };
      return value.type === "guid" ? { type: "guid", value: guidBytes(value.value) } : value;
  }
}

function cannotWrite(name: string, reason: string): Error {
  return cannot(RangeError, `write attribute ${name}`, reason, `attribute ${name}`);
}

function checkName(name: string): void {
  if (COMPUTED.split(" ").includes(name)) throw cannotWrite(name, "readers compute it from the file");
  if (textBytes(name) > MAX_TEXT_SIZE) {
    const field = `attribute ${name.slice(0, 32)}…`;
    const reason = `name must have at most ${MAX_TEXT_SIZE / 2 - 1} characters, got ${name.length}`;
    throw new MuxError("too-large", { action: `write ${field}`, reason }, { field });
  }
}

function checkFields(fields: ContentDescription): void {
  for (const [field, text] of Object.entries(fields)) {
    if (textBytes(text) > MAX_TEXT_SIZE) {
      const reason = `${field} must have at most ${MAX_TEXT_SIZE / 2 - 1} characters, got ${text.length}`;
      throw new MuxError("too-large", { action: "write metadata", reason });
    }
  }
}
