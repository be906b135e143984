/**
 * What is said about a file as a whole.
 *
 * @module
 */

import type { AttributeValue } from "./attribute_value.ts";
import type { StandardAttributes } from "./standard_attributes.ts";

/** A picture, such as a cover. */
export interface Picture {
  /** The encoded image. */
  data: Uint8Array;
  /** Such as `"image/jpeg"`. */
  mimeType: string;
  /** What it shows, as ID3v2 counts: 0 other, 3 front cover, 4 back cover, … 20; default 3 for the first, else 0. */
  type?: number;
  /** What it shows, in words; default none. */
  description?: string;
}

/** A place to jump to, such as the beginning of a chapter. */
export interface Marker {
  /** Microseconds from the beginning, 0 and up. */
  timestamp: number;
  /** What it is called. */
  name: string;
}

/** Something a player does at a time. */
export interface ScriptCommand {
  /** Microseconds from the beginning, 0 and up. */
  timestamp: number;
  /** What to do: players know `"URL"`, `"FILENAME"`, `"CAPTION"`, `"EVENT"`, `"OPENEVENT"` and `"TEXT"`. */
  type: string;
  /** What to do it with. */
  text: string;
}

/** An attribute of a stream, in a language, or one more value of a name that others have too. */
export interface AttributeRecord {
  /** Such as `"WM/Composer"`. */
  name: string;
  /** Its value. */
  value: AttributeValue;
  /** The stream it is about; absent: the file as a whole. */
  streamNumber?: number;
  /** BCP 47 tag of the value's language. */
  language?: string;
}

/** Title and friends; every field is optional. */
export interface Metadata extends StandardAttributes {
  /** Title. */
  title?: string;
  /** Author or performing artist. */
  author?: string;
  /** Copyright notice. */
  copyright?: string;
  /** Free text. */
  description?: string;
  /** Album. */
  albumTitle?: string;
  /** Artist of the whole album. */
  albumArtist?: string;
  /** Genre. */
  genre?: string;
  /** Year, as text. */
  year?: string;
  /** Track number, 1 and up. */
  trackNumber?: number;
  /** Pictures; the first is the cover. */
  pictures?: Picture[];
  /** Attributes by their own names, such as `"WM/Publisher"`. */
  attributes?: Record<string, AttributeValue>;
  /** Attributes of streams, in languages, and several values of one name. */
  records?: AttributeRecord[];
  /** Chapters, in any order. Where a sink can be patched; the live form has none. */
  markers?: Marker[];
  /** Commands, in any order. */
  scripts?: ScriptCommand[];
}
