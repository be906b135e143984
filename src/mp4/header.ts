/**
 * What stands in front of the samples.
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
import { writeFreeRoom, writeOpenMediaData } from "./media_data.ts";
import { type MovieFacts, writeMovie } from "./movie_box.ts";

/** Whether a header can be made larger by `spare` bytes. */
export function isPaddable(spare: number): boolean {
  return spare === 0 || spare >= BOX_HEAD_BYTES;
}

/** What stands in front of fragments. */
export interface HeaderForm {
  readonly family: Mp4Family;
  /** There is room for the head of what they become. */
  readonly hasRoom: boolean;
  /** Of all of it; as small as it gets where that is too little. */
  readonly byteLength?: number;
}

/** A header in front of fragments. */
export function encodeHeader(
  facts: MovieFacts,
  { family, hasRoom, byteLength = 0 }: HeaderForm,
): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  writeFileType(w, facts.tracks, family, true);
  if (hasRoom) writeFreeRoom(w);
  writeMovie(w, facts);
  const spare = byteLength - w.offset;
  if (spare >= BOX_HEAD_BYTES) box(w, "free", () => w.zeros(spare - BOX_HEAD_BYTES));
  return w.toUint8Array();
}

/** A header in front of samples. */
export function encodePlainHeader(tracks: readonly NamedTrack[], family: Mp4Family): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  writeFileType(w, tracks, family, false);
  writeOpenMediaData(w);
  return w.toUint8Array();
}

/** The name of an ordinary file. */
export function encodeFileType(tracks: readonly NamedTrack[], family: Mp4Family): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  writeFileType(w, tracks, family, false);
  return w.toUint8Array();
}
