/**
 * Metadata as containers walk them to make their tags: text, attributes and pictures.
 *
 * @module
 */

import type { AttributeValue } from "./attribute_value.ts";
import type { Metadata, Picture } from "./metadata.ts";
import { standardAttributes } from "./standard_attributes.ts";

/** The fields of metadata that are a text, and the track's number, which is one in most containers. */
export type TextField =
  | "title"
  | "author"
  | "copyright"
  | "description"
  | "albumTitle"
  | "albumArtist"
  | "genre"
  | "year"
  | "trackNumber";

const PICTURE_OTHER = 0;
/** Type of a picture. */
export const PICTURE_FRONT_COVER = 3;

/** The texts that are given, by a container's names for them, in the order of these. An empty text is none. */
export function textTags(
  metadata: Metadata,
  names: Readonly<Partial<Record<TextField, string>>>,
): [name: string, text: string][] {
  return Object.entries(names).flatMap(([field, name]): [string, string][] => {
    const value = metadata[field as TextField];
    return value ? [[name, String(value)]] : [];
  });
}

/** Attributes by Windows' names, those with names of ours among them. */
export function attributesOf(metadata: Metadata): [name: string, value: AttributeValue][] {
  return [...standardAttributes(metadata), ...Object.entries(metadata.attributes ?? {})];
}

/** What pictures show, as ID3v2 counts: the first is the cover where nothing is said, the others are something else. */
export function picturesOf({ pictures = [] }: Metadata): (Picture & { readonly type: number })[] {
  return pictures.map((picture, position) => ({
    ...picture,
    type: picture.type ?? (position === 0 ? PICTURE_FRONT_COVER : PICTURE_OTHER),
  }));
}
