/**
 * What `--title` and its like say, and `--set NAME=VALUE`.
 *
 * @module
 */

import type { Metadata } from "../../mod.ts";
import { definedOnly, UsageError } from "./arguments.ts";

/** Fields of metadata, and the attributes of ASF that say the same: `--set` knows them by both names. */
const FIELDS = {
  title: "Title",
  author: "Author",
  copyright: "Copyright",
  description: "Description",
  albumTitle: "WM/AlbumTitle",
  albumArtist: "WM/AlbumArtist",
  genre: "WM/Genre",
  year: "WM/Year",
  trackNumber: "WM/TrackNumber",
} as const;

type Field = keyof typeof FIELDS;

/** Options that every command has which sets something. */
interface Values {
  title?: string;
  author?: string;
  copyright?: string;
  description?: string;
  set?: string[];
}

/** What is to be set; the last of a name counts, and an option of its own before `--set`. @throws {UsageError} */
export function tagsFrom({ title, author, copyright, description, set = [] }: Values): Metadata {
  const fields: Pick<Metadata, Field> = {};
  const attributes: Record<string, string> = {};
  for (const text of set) {
    const at = text.indexOf("=");
    if (at < 1) throw new UsageError(`--set must be NAME=VALUE, got ${JSON.stringify(text)}`);
    const [name, value] = [text.slice(0, at), text.slice(at + 1)];
    const field = fieldOf(name);
    if (field === undefined) attributes[name] = value;
    else if (field !== "trackNumber") fields[field] = value;
    else if (/^[1-9]\d{0,8}$/.test(value)) fields.trackNumber = Number(value);
    else attributes[FIELDS.trackNumber] = value; // "3/12" is common
  }
  return { ...fields, ...definedOnly({ title, author, copyright, description }), attributes };
}

/** The name under which ASF stores what is called so here. */
export function storedName(name: string): string {
  const field = fieldOf(name);
  return field === undefined ? name : FIELDS[field];
}

/** What is set stands alone: what was there of the same name goes. */
export function withTags(found: Metadata, tags: Metadata): Metadata {
  const names = new Set(Object.keys(tags.attributes ?? {}));
  for (const field of Object.keys(FIELDS) as Field[]) if (field in tags) names.add(FIELDS[field]);
  const fields = Object.entries(found).filter(([key]) => !names.has(FIELDS[key as Field]));
  const attributes = Object.entries(found.attributes ?? {}).filter(([name]) => !names.has(name));
  return {
    ...Object.fromEntries(fields),
    ...tags,
    attributes: { ...Object.fromEntries(attributes), ...tags.attributes },
    records: found.records?.filter(({ name }) => !names.has(name)),
  };
}

function fieldOf(name: string): Field | undefined {
  const wanted = name.toLowerCase();
  return (Object.keys(FIELDS) as Field[]).find((field) =>
    [field, FIELDS[field]].some((one) => one.toLowerCase() === wanted)
  );
}
