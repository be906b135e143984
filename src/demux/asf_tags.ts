/**
 * What an ASF header says about the file, as {@linkcode Metadata}.
 *
 * @module
 */

import type { AsfHeader } from "../inspect/asf/header.ts";
import { GUID } from "../inspect/asf/guid.ts";
import type { AsfAttribute, AttributeList } from "../inspect/asf/objects/metadata.ts";
import { flatten } from "../inspect/asf/objects/walk.ts";
import type { AttributeValue } from "../media/attribute_value.ts";
import type { AttributeRecord, Metadata, Picture } from "../media/metadata.ts";
import { FRONT_COVER, leadingYear } from "./tags.ts";

type TextField = "title" | "author" | "copyright" | "description" | "albumTitle" | "albumArtist" | "genre" | "year";

/** Attributes with a field of their own, in lower case; FFmpeg writes some by its own names. */
const FIELDS: Readonly<Record<string, TextField>> = {
  "title": "title",
  "author": "author",
  "copyright": "copyright",
  "description": "description",
  "wm/albumtitle": "albumTitle",
  "wm/albumartist": "albumArtist",
  "wm/genre": "genre",
  "wm/year": "year",
  "date": "year",
};

/** About the file as it was, its writer or its layout: wrong in a copy. */
const LEFT_BEHIND: ReadonlySet<string> = new Set([
  ..."Duration Bitrate CurrentBitrate OptimalBitrate FileSize Seekable Stridable Broadcast Is_Protected Is_Trusted"
    .split(" "),
  ..."Signature_Name HasAudio HasVideo HasScript HasImage HasArbitraryDataStream HasFileTransferStream".split(" "),
  ..."HasAttachedImages Can_Skip_Forward Can_Skip_Backward WM/VideoWidth WM/VideoHeight WM/VideoFrameRate".split(" "),
  ..."WM/PeakBitrate WM/ASFPacketCount WM/ContainerFormat WMFSDKVersion WMFSDKNeeded DeviceConformanceTemplate".split(
    " ",
  ),
  ..."ASFLeakyBucketPairs NumberOfFrames AspectRatioX AspectRatioY".split(" "),
]);

/** BCP 47 for "not known". */
const UNDETERMINED = "und";

/** Maps what is said of the file, and of the streams that are carried. */
export function asfMetadata(header: AsfHeader, carried: ReadonlySet<number>): Metadata {
  const metadata: Metadata = {};
  const attributes = new Map<string, AttributeValue>();
  const records: AttributeRecord[] = [];
  const library = libraryOf(header);
  const pictures: { picture: Picture; isCover: boolean }[] = [];
  const { contentDescription } = header;
  for (const field of ["title", "author", "copyright", "description"] as const) {
    if (contentDescription?.[field]) metadata[field] = contentDescription[field];
  }
  if (contentDescription?.rating) attributes.set("Rating", contentDescription.rating);

  // Further values of a name stand in the library, which comes first in the file.
  const inOrder = [...header.attributes].sort((a, b) => Number(library.has(a)) - Number(library.has(b)));
  for (const attribute of inOrder) {
    const { name, streamNumber, type } = attribute;
    const isUsable = name !== "" && type !== "unknown" && !LEFT_BEHIND.has(name);
    if (!isUsable || matchesType(attribute) === false) continue;
    const value = valueOf(attribute);
    const isPicture = name === "WM/Picture" && streamNumber === 0 && value instanceof Uint8Array;
    const picture = isPicture ? readPicture(value) : undefined;
    // Windows puts large pictures where values have languages, and counts them to the first.
    const isForAll = picture !== undefined && attribute.languageIndex === 0;
    const language = library.has(attribute) && !isForAll ? languageOf(attribute, header) : undefined;
    if (streamNumber !== 0 || language !== undefined) {
      const about = streamNumber === 0 ? {} : { streamNumber };
      if (streamNumber === 0 || carried.has(streamNumber)) {
        records.push({ name, value, ...about, ...language && { language } });
      }
      continue;
    }
    const lower = name.toLowerCase();
    const field = Object.hasOwn(FIELDS, lower) ? FIELDS[lower] : undefined;
    if (picture !== undefined) pictures.push(picture);
    else if (name === "WM/TrackNumber" && metadata.trackNumber === undefined && trackNumberOf(value) > 0) {
      metadata.trackNumber = trackNumberOf(value);
      if (value !== String(metadata.trackNumber)) attributes.set(name, value);
    } else if (field !== undefined && typeof value === "string") {
      const text = field === "year" ? leadingYear(value) ?? value : value;
      if (metadata[field] === undefined) {
        metadata[field] = text;
        if (text !== value) attributes.set("WM/Year", value);
      } else if (metadata[field] !== text) records.push({ name, value });
    } else if (attributes.has(name)) records.push({ name, value });
    else attributes.set(name, value);
  }
  if (pictures.length > 0) {
    metadata.pictures = pictures.sort((a, b) => Number(b.isCover) - Number(a.isCover)).map(({ picture }) => picture);
  }
  if (attributes.size > 0) metadata.attributes = Object.fromEntries(attributes);
  if (records.length > 0) metadata.records = records;
  return Object.assign(metadata, places(header));
}

/** What a writer takes of texts, in UTF-16 code units. */
const MAX_MARKER_LENGTH = 5120;
const MAX_TYPE_LENGTH = 1024;
const MAX_TEXT_LENGTH = 10_240;

/** Markers and commands of the header; their times count as those of samples do, without the preroll. */
function places({ markers, scriptCommands, fileProperties }: AsfHeader): Pick<Metadata, "markers" | "scripts"> {
  const prerollUs = (fileProperties?.prerollMs ?? 0) * 1000;
  const atUs = (stored: number) => Math.max(0, Math.round(stored - prerollUs));
  return {
    ...markers.length > 0 && {
      markers: markers.map(({ timeTicks, description }) => ({
        timestamp: atUs(timeTicks / 10),
        name: description.slice(0, MAX_MARKER_LENGTH),
      })),
    },
    ...scriptCommands.length > 0 && {
      scripts: scriptCommands.map(({ timeMs, type, parameter }) => ({
        timestamp: atUs(timeMs * 1000),
        type: type.slice(0, MAX_TYPE_LENGTH),
        text: parameter.slice(0, MAX_TEXT_LENGTH),
      })),
    },
  };
}

/** What stands in Metadata Library, the one object whose values have languages. */
function libraryOf(header: AsfHeader): ReadonlySet<AsfAttribute> {
  const objects = flatten(header.object).filter(({ guid }) => guid === GUID.metadataLibrary);
  return new Set(objects.flatMap(({ fields }) => (fields as AttributeList).attributes));
}

function languageOf({ languageIndex }: AsfAttribute, { languages }: AsfHeader): string | undefined {
  const language = languages[languageIndex];
  return language === UNDETERMINED || language === "" ? undefined : language;
}

/** "3" and "3/12" are track 3; 0 and NaN are none. */
function trackNumberOf(value: AttributeValue): number {
  const number = typeof value === "string" ? parseInt(value, 10) : typeof value === "number" ? value : NaN;
  return Number.isSafeInteger(number) ? number : NaN;
}

/** The value as a writer takes it. */
function valueOf({ type, value }: AsfAttribute): AttributeValue {
  if (type === "word") return { type, value: value as number };
  if (type === "guid") return { type, value: value as string };
  return value instanceof Uint8Array ? value.slice() : value;
}

/** A value whose size contradicts its type comes as bytes. */
function matchesType({ type, value }: AsfAttribute): boolean {
  return type === "bytes" || !(value instanceof Uint8Array);
}

const MAX_PICTURE_TYPE = 20;

/** WM/Picture: picture type u8 · image size u32 · media type · description · image. */
function readPicture(value: Uint8Array): { picture: Picture; isCover: boolean } | undefined {
  if (value.byteLength < 9) return undefined;
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  const size = view.getUint32(1, true);
  const text = (start: number): [string, number] => {
    let end = start;
    while (end + 2 <= value.byteLength && view.getUint16(end, true) !== 0) end += 2;
    return [new TextDecoder("utf-16le").decode(value.subarray(start, end)), end + 2];
  };
  const [mimeType, descriptionStart] = text(5);
  const [description, start] = text(descriptionStart);
  // "-->" says that a link stands in place of the image.
  if (size === 0 || start + size > value.byteLength || mimeType === "-->" || value[0]! > MAX_PICTURE_TYPE) {
    return undefined;
  }
  const picture: Picture = { data: value.slice(start, start + size), mimeType, type: value[0]! };
  if (description !== "") picture.description = description;
  return { picture, isCover: value[0] === FRONT_COVER };
}
