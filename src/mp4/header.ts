/**
 * What stands in front of the samples. The room is for the head of what they become, and for the movie where that is to
 * stand in front.
 *
 * ```text
 * plain        ftyp · room │ samples
 * crash-safe   ftyp · room · moov · free │ fragments
 * fragmented   ftyp · moov · free │ fragments          without `free` where nothing is known at the end
 * ```
 *
 * @module
 */

import { box, BOX_HEAD_BYTES } from "./box.ts";
import { BoxWriter } from "./box_writer.ts";
import { type Mp4Family, type NamedTrack, writeFileType } from "./file_type.ts";
import { type MovieFacts, writeMovie } from "./movie_box.ts";

/** Whether a header can be made larger by `spare` bytes. */
export function isPaddable(spare: number): boolean {
  return spare === 0 || spare >= BOX_HEAD_BYTES;
}

/** The movie in front of fragments, padded to `byteLength`; as small as it gets without. */
export function encodeMovieHeader(facts: MovieFacts, byteLength = 0): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  writeMovie(w, facts);
  const spare = byteLength - w.offset;
  if (spare >= BOX_HEAD_BYTES) box(w, "free", () => w.zeros(spare - BOX_HEAD_BYTES));
  return w.toUint8Array();
}

/** The name of a file. */
export function encodeFileType(
  tracks: readonly NamedTrack[],
  family: Mp4Family,
  isFragmented: boolean,
): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  writeFileType(w, tracks, family, isFragmented);
  return w.toUint8Array();
}
