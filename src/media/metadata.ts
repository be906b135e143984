/**
 * What is said about a file as a whole.
 *
 * @module
 */

/** A value of a custom attribute. */
export type AttributeValue = string | number | bigint | boolean | Uint8Array;

/** A picture, such as a cover. */
export interface Picture {
  /** The encoded image. */
  data: Uint8Array;
  /** Such as `"image/jpeg"`. */
  mimeType: string;
}

/** Title and friends; every field is optional. */
export interface Metadata {
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
}
