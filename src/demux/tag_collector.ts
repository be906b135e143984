/**
 * Gathers what tags say, field by field: the first that says something counts.
 *
 * @module
 */

import type { AttributeValue } from "../media/attribute_value.ts";
import type { Marker, Metadata, Picture } from "../media/metadata.ts";
import type { TextField } from "../media/tags.ts";
import { FRONT_COVER, leadingYear } from "./tags.ts";

/** What programs compute about the file that they write, which is not so of another. */
const COMPUTED =
  /^(encoder|encoded-by-lame|major_brand|minor_version|compatible_brands|handler_name|vendor_id|duration)$/i;

/** Tags on their way to {@linkcode Metadata}. */
export class TagCollector {
  readonly #metadata: Metadata = {};
  readonly #attributes: Record<string, AttributeValue> = {};
  readonly #pictures: Picture[] = [];
  readonly #markers: Marker[] = [];
  /** Names of what is left out. */
  readonly #left = new Set<string>();

  /** A text that has a field of its own. */
  field(name: Exclude<TextField, "year" | "trackNumber">, text: string | undefined): void {
    const value = cleaned(text);
    if (value !== undefined) this.#metadata[name] ??= value;
  }

  /** A text that goes by Windows' name, or by the one that it has. */
  attribute(name: string, value: string | Uint8Array | undefined): void {
    const clean = typeof value === "string" ? cleaned(value) : value;
    if (clean === undefined || name === "" || COMPUTED.test(name)) return;
    this.#attributes[name] ??= clean;
  }

  /** A date: its year, and all of it where it says more. */
  date(text: string | undefined): void {
    const value = cleaned(text);
    const year = leadingYear(value);
    if (year !== undefined) this.#metadata.year ??= year;
    if (value !== undefined && value !== year) this.attribute("DATE", value);
  }

  /** Such as `"3"` or `"3/9"`. */
  track(text: string | undefined): void {
    const number = parseInt(text ?? "", 10);
    if (number > 0) this.#metadata.trackNumber ??= number;
    if (text?.includes("/")) this.attribute("WM/TrackNumber", text);
  }

  /** A picture; the front cover comes first. */
  picture(picture: Picture): void {
    if (picture.type === FRONT_COVER) this.#pictures.unshift(picture);
    else this.#pictures.push(picture);
  }

  /** A chapter; times in microseconds. */
  marker(marker: Marker): void {
    this.#markers.push(marker);
  }

  /** Something has no place in what is carried. */
  leave(name: string): void {
    this.#left.add(name);
  }

  /** All of it; `warnings` gets a line for what is left out. */
  finish(warnings: string[]): Metadata {
    const metadata = this.#metadata;
    if (Object.keys(this.#attributes).length > 0) metadata.attributes = this.#attributes;
    if (this.#pictures.length > 0) metadata.pictures = this.#pictures;
    if (this.#markers.length > 0) metadata.markers = this.#markers;
    if (this.#left.size > 0) warnings.push(`Tags are not carried over: ${[...this.#left].join(", ")}`);
    return metadata;
  }
}

function cleaned(text: string | undefined): string | undefined {
  const trimmed = text?.replaceAll("\0", "").trim();
  return trimmed ? trimmed : undefined;
}
