/**
 * A header with other attributes: every object that is not about them stays as it is, byte by byte.
 *
 * @module
 */

import { routeAttributes } from "../../asf/attributes.ts";
import { UNFINISHED_MARK_BYTES } from "../../asf/checkpoint.ts";
import { encodeObject, OBJECT_HEAD_BYTES } from "../../asf/object.ts";
import { contentDescription } from "../../asf/objects/content_description.ts";
import { extendedContentDescription } from "../../asf/objects/extended_content_description.ts";
import { HEADER_BODY_OFFSET } from "../../asf/objects/header.ts";
import { metadataLibrary } from "../../asf/objects/metadata_library.ts";
import { padding } from "../../asf/objects/padding.ts";
import { MAX_WORD } from "../../bytes/limits.ts";
import { MuxError } from "../../errors.ts";
import { GUID } from "../../inspect/asf/guid.ts";
import type { AsfHeader } from "../../inspect/asf/header.ts";
import type { PaddingBody } from "../../inspect/asf/objects/layouts.ts";
import { type AsfObject, flatten } from "../../inspect/asf/objects/walk.ts";
import { u16At, u32At } from "../../inspect/cursor.ts";
import type { Metadata } from "../../media/metadata.ts";
import { checkMetadata } from "../../media/metadata_check.ts";
import { slice, wrap, wrapExtension, wrapHeader } from "./header_parts.ts";

const COUNT_BYTES = 2;

/** Names of the Content Description's fields as attributes. */
const FIELDS = {
  title: "Title",
  author: "Author",
  copyright: "Copyright",
  description: "Description",
  rating: "Rating",
} as const;

/** A header being put together. */
export interface TaggedHeader {
  /** Size without padding. */
  readonly leastBytes: number;
  /** The bytes in this size: `leastBytes`, or 24 more at least. */
  encode(byteLength: number): Uint8Array<ArrayBuffer>;
  /** Whether a Digital Signature was left out, which would not hold any more. */
  readonly droppedSignature: boolean;
}

/** The header with these attributes set, and those of these names gone. */
export function tagHeader(
  header: AsfHeader,
  bytes: Uint8Array,
  set: Metadata,
  remove: readonly string[],
): TaggedHeader {
  checkMetadata("tag file", set);
  const routed = routeAttributes(set);
  const setFields = Object.entries(routed.contentDescription).filter(([, text]) => text !== "");
  const gone = new Set([
    ...remove,
    ...setFields.map(([field]) => FIELDS[field as keyof typeof FIELDS]),
    ...emptied(set),
    ...[...routed.extended, ...routed.library].map(({ name }) => name),
    ...set.pictures === undefined ? [] : ["WM/Picture"],
  ]);
  const context: Context = { bytes, gone };

  const { children } = header.object;
  const extension = children.find(({ guid }) => guid === GUID.headerExtension);
  if (extension === undefined) {
    throw new MuxError("bad-media", { action: "tag file", reason: "its header has no Header Extension Object" });
  }
  const all = (guid: string, within: AsfObject) => within.children.filter((one) => one.guid === guid);
  const newRecords = encodeObject(metadataLibrary, routed.library).subarray(OBJECT_HEAD_BYTES + COUNT_BYTES);
  const library = joinRecords(
    GUID.metadataLibrary,
    bytes,
    all(GUID.metadataLibrary, extension),
    keptRecords(all(GUID.metadataLibrary, extension), context),
    [newRecords, routed.library.length],
    () => encodeObject(metadataLibrary, []),
  );
  const newDescriptors = encodeObject(extendedContentDescription, routed.extended)
    .subarray(OBJECT_HEAD_BYTES + COUNT_BYTES);
  const extended = joinRecords(
    GUID.extendedContentDescription,
    bytes,
    all(GUID.extendedContentDescription, header.object),
    keptDescriptors(all(GUID.extendedContentDescription, header.object), context),
    [newDescriptors, routed.extended.length],
    () => encodeObject(extendedContentDescription, []),
  );
  const described = describe(header, Object.fromEntries(setFields), gone);

  const inner = extension.children
    .filter(({ guid }) => guid !== GUID.padding && guid !== GUID.metadataLibrary)
    .map((one) => one.guid === GUID.metadata ? tagMetadata(one, context) : slice(bytes, one));
  const newExtension = wrapExtension(bytes, extension, [...inner, library]);

  const outer: Uint8Array[] = [];
  let droppedSignature = false;
  for (const child of children) {
    if (REPLACED.has(child.guid)) continue;
    if (child.guid === GUID.digitalSignature) droppedSignature = true;
    else if (child !== extension) outer.push(slice(bytes, child));
    else outer.push(newExtension, described, extended);
  }
  const objects = outer.filter(({ byteLength }) => byteLength > 0);
  const mark = unfinishedMark(header, bytes);
  return {
    leastBytes: HEADER_BODY_OFFSET + objects.reduce((sum, { byteLength }) => sum + byteLength, 0),
    droppedSignature,
    encode(byteLength) {
      const spare = byteLength - this.leastBytes;
      const parts = spare > 0 ? [...objects, encodeObject(padding, spare)] : objects;
      const encoded = wrapHeader(bytes, parts);
      if (spare >= OBJECT_HEAD_BYTES + mark.byteLength) encoded.set(mark, byteLength - mark.byteLength);
      return encoded;
    },
  };
}

const REPLACED: ReadonlySet<string> = new Set([
  GUID.padding,
  GUID.contentDescription,
  GUID.extendedContentDescription,
]);

/** The mark of a file that is not finished, which stays; or nothing. */
function unfinishedMark(header: AsfHeader, bytes: Uint8Array): Uint8Array {
  const marked = flatten(header.object).find(({ guid, fields }) =>
    guid === GUID.padding && (fields as PaddingBody).isUnfinished
  );
  if (marked === undefined) return new Uint8Array();
  const end = marked.offset + marked.size;
  return bytes.subarray(end - UNFINISHED_MARK_BYTES, end);
}

interface Context {
  readonly bytes: Uint8Array;
  readonly gone: ReadonlySet<string>;
}

/** The fields of the Content Description that are set to nothing. */
function emptied(set: Metadata): string[] {
  return Object.entries(FIELDS).flatMap(([field, name]) =>
    set[field as keyof Metadata] === "" || set.attributes?.[name] === "" ? [name] : []
  );
}

/** The Content Description with other fields; nothing when all are empty. */
function describe(header: AsfHeader, set: Record<string, string>, gone: ReadonlySet<string>): Uint8Array {
  const old = header.contentDescription;
  const text = (field: keyof typeof FIELDS) => set[field] ?? (gone.has(FIELDS[field]) ? "" : old?.[field] ?? "");
  const fields = {
    title: text("title"),
    author: text("author"),
    copyright: text("copyright"),
    description: text("description"),
    rating: text("rating"),
  };
  return Object.values(fields).some((one) => one !== "") ? encodeObject(contentDescription, fields) : new Uint8Array();
}

/** Records that stay and records that come, in one object; nothing when there are none. */
function joinRecords(
  guid: string,
  bytes: Uint8Array,
  objects: readonly AsfObject[],
  kept: readonly Uint8Array[],
  [added, addedCount]: readonly [Uint8Array, number],
  empty: () => Uint8Array,
): Uint8Array {
  const count = kept.length + addedCount;
  if (count === 0) return new Uint8Array();
  if (count > MAX_WORD) {
    throw new MuxError("too-large", { action: "tag file", reason: `must have at most ${MAX_WORD} attributes` });
  }
  const head = (objects[0]?.guid === guid ? bytes.slice(objects[0].offset, objects[0].offset + 26) : empty()).slice();
  const joined = wrap(head, [...kept, added]);
  new DataView(joined.buffer).setUint16(OBJECT_HEAD_BYTES, count, true);
  return joined;
}

/** The Metadata Object without file-level attributes that are gone; nothing when none are left. */
function tagMetadata(object: AsfObject, context: Context): Uint8Array {
  const kept = keptRecords([object], context);
  if (kept.length === u16At(context.bytes, object.offset + OBJECT_HEAD_BYTES)) return slice(context.bytes, object);
  return joinRecords(GUID.metadata, context.bytes, [object], kept, [new Uint8Array(), 0], () => new Uint8Array());
}

/** Records of Metadata or Metadata Library Objects that stay, as stored. */
function keptRecords(objects: readonly AsfObject[], { bytes, gone }: Context): Uint8Array[] {
  return objects.flatMap(({ offset, size }) => {
    const end = offset + size;
    const kept: Uint8Array[] = [];
    let at = offset + OBJECT_HEAD_BYTES + COUNT_BYTES;
    for (let left = u16At(bytes, at - COUNT_BYTES); left > 0 && at + 12 <= end; left--) {
      const nameBytes = u16At(bytes, at + 4);
      const next = at + 12 + nameBytes + u32At(bytes, at + 8);
      if (next > end) break;
      const isOfFile = u16At(bytes, at + 2) === 0;
      if (!isOfFile || !gone.has(textAt(bytes, at + 12, nameBytes))) kept.push(bytes.subarray(at, next));
      at = next;
    }
    return kept;
  });
}

/** Descriptors of Extended Content Description Objects that stay, as stored. */
function keptDescriptors(objects: readonly AsfObject[], { bytes, gone }: Context): Uint8Array[] {
  return objects.flatMap(({ offset, size }) => {
    const end = offset + size;
    const kept: Uint8Array[] = [];
    let at = offset + OBJECT_HEAD_BYTES + COUNT_BYTES;
    for (let left = u16At(bytes, at - COUNT_BYTES); left > 0 && at + 6 <= end; left--) {
      const nameBytes = u16At(bytes, at);
      const next = at + 6 + nameBytes + u16At(bytes, at + 4 + nameBytes);
      if (next > end) break;
      if (!gone.has(textAt(bytes, at + 2, nameBytes))) kept.push(bytes.subarray(at, next));
      at = next;
    }
    return kept;
  });
}

const decoder = new TextDecoder("utf-16le", { ignoreBOM: true });

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return decoder.decode(bytes.subarray(at, at + (length & ~1))).split("\0", 1)[0]!;
}
