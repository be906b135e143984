/**
 * What an ASF header says about the file, as {@linkcode Metadata}.
 *
 * @module
 */

import type { AsfHeader } from "../inspect/header.ts";
import type { AsfAttribute } from "../inspect/objects/metadata.ts";
import { leadingYear } from "./tags.ts";
import type { AttributeValue, Metadata, Picture } from "../media/metadata.ts";

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

/** Maps what is said of the file; `warnings` gets a line for what has no place. */
export function asfMetadata(header: AsfHeader, warnings: string[]): Metadata {
  const metadata: Metadata = {};
  const attributes: Record<string, AttributeValue> = {};
  const pictures: { picture: Picture; isCover: boolean }[] = [];
  const { contentDescription } = header;
  for (const field of ["title", "author", "copyright", "description"] as const) {
    if (contentDescription?.[field]) metadata[field] = contentDescription[field];
  }
  if (contentDescription?.rating) attributes.Rating = contentDescription.rating;

  for (const attribute of header.attributes) {
    const { name, streamNumber, type, value } = attribute;
    const isUsable = name !== "" && streamNumber === 0 && type !== "unknown" && !LEFT_BEHIND.has(name);
    if (!isUsable || matchesType(attribute) === false) continue;
    const field = FIELDS[name.toLowerCase()];
    if (name === "WM/Picture" && value instanceof Uint8Array) {
      const picture = readPicture(value);
      if (picture !== undefined) pictures.push(picture);
    } else if (name === "WM/TrackNumber") {
      const number = typeof value === "string" ? parseInt(value, 10) : Number(value);
      if (Number.isSafeInteger(number) && number > 0) metadata.trackNumber ??= number;
    } else if (field !== undefined && typeof value === "string") {
      const text = field === "year" ? leadingYear(value) ?? value : value;
      if (metadata[field] !== undefined && metadata[field] !== text) warnings.push(onlyFirst(name));
      metadata[field] ??= text;
    } else if (Object.hasOwn(attributes, name)) warnings.push(onlyFirst(name));
    else attributes[name] = value instanceof Uint8Array ? value.slice() : value;
  }
  if (pictures.length > 0) {
    metadata.pictures = pictures.sort((a, b) => Number(b.isCover) - Number(a.isCover)).map(({ picture }) => picture);
  }
  if (Object.keys(attributes).length > 0) metadata.attributes = attributes;
  return metadata;
}

/** A value whose size contradicts its type comes as bytes. */
function matchesType({ type, value }: AsfAttribute): boolean {
  return type === "bytes" || !(value instanceof Uint8Array);
}

function onlyFirst(name: string): string {
  return `Only the first value of ${name} is carried over`;
}

const FRONT_COVER = 3;

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
  const [, start] = text(descriptionStart);
  // "-->" says that a link stands in place of the image.
  if (size === 0 || start + size > value.byteLength || mimeType === "-->") return undefined;
  return { picture: { data: value.slice(start, start + size), mimeType }, isCover: value[0] === FRONT_COVER };
}
