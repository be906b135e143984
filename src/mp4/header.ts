/**
 * What stands in front of the fragments.
 *
 * ```text
 * ftyp
 * moov ─┬─ mvhd
 *       ├─ trak ─┬─ tkhd                                          one for each stream
 *       │        ├─ edts ─ elst       where its presentation begins behind the first decode time
 *       │        └─ mdia ─┬─ mdhd · elng · hdlr
 *       │                 └─ minf ─┬─ vmhd or smhd · dinf ─ dref ─ url
 *       │                          └─ stbl ─ stsd · stts · stsc · stsz · stco     empty: samples are in fragments
 *       ├─ mvex ─┬─ mehd                                          known at the end
 *       │        └─ trex                                          one for each stream
 *       └─ udta                                                   metadata
 * free                                                            room for what is known at the end
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import type { Metadata } from "../media/metadata.ts";
import { box, BOX_HEAD_BYTES, fullBox } from "./box.ts";
import { FIXED_1, UNTURNED } from "./matrix.ts";
import { writeMetadata } from "./metadata.ts";
import { sampleFlags } from "./sample_flags.ts";
import { type HeaderTrack, writeTrack } from "./track_box.ts";

/** Ticks a second of what is said of the whole. */
const MOVIE_SCALE = 1_000_000;

/** Seconds from 1904 to 1970. */
const MAC_EPOCH = 2_082_844_800;

/** What is known at the end. Readers that look at no fragment find the durations in the boxes of the movie. */
export interface HeaderOutcome {
  /** Length of the presentation, in microseconds. */
  readonly duration: number;
  /** Of each track, microseconds: length of its media, and of what is shown of them. */
  readonly lengths: readonly { readonly media: number; readonly shown: number }[];
  /** As in {@linkcode HeaderFacts}, which was before the first presentation time was known. */
  readonly start: number;
}

/** What a header is made of. */
export interface HeaderFacts {
  readonly tracks: readonly HeaderTrack[];
  readonly creationTime: Date;
  readonly metadata: Metadata;
  /** Where the presentation begins in the media, microseconds. */
  readonly start: number;
  readonly outcome?: HeaderOutcome;
}

/** Whether a header can be made larger by `spare` bytes. */
export function isPaddable(spare: number): boolean {
  return spare === 0 || spare >= BOX_HEAD_BYTES;
}

/** The header, padded to `byteLength`; as small as it gets without. */
export function encodeHeader(facts: HeaderFacts, byteLength = 0): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter("big");
  writeFileType(w, facts.tracks);
  writeMovie(w, facts);
  const spare = byteLength - w.offset;
  if (spare >= BOX_HEAD_BYTES) box(w, "free", () => w.zeros(spare - BOX_HEAD_BYTES));
  return w.toUint8Array();
}

/** Brands: iso6 for fragments whose offsets count from themselves and may be negative. */
function writeFileType(w: ByteWriter, tracks: readonly HeaderTrack[]): void {
  const isAudio = tracks.every(({ description }) => description.kind === "audio");
  box(w, "ftyp", () => {
    w.text(isAudio ? "M4A " : "mp42");
    w.u32(0);
    for (const brand of isAudio ? ["M4A ", "mp42", "iso6"] : ["mp42", "iso6"]) w.text(brand);
    if (tracks.some(({ description }) => description.id === "av01")) w.text("av01");
  });
}

function writeMovie(w: ByteWriter, { tracks, outcome, metadata, start, creationTime }: HeaderFacts): void {
  const time = Math.floor(creationTime.getTime() / 1000) + MAC_EPOCH;
  box(w, "moov", () => {
    writeMovieHeader(w, time, outcome?.duration ?? 0, Math.max(...tracks.map(({ id }) => id)) + 1);
    tracks.forEach((track, i) => {
      const { media = 0, shown = 0 } = outcome?.lengths[i] ?? {};
      writeTrack(w, track, time, { media, shown, start: outcome?.start ?? start });
    });
    writeMovieExtends(w, tracks, outcome?.duration);
    writeMetadata(w, metadata);
  });
}

function writeMovieHeader(w: ByteWriter, time: number, duration: number, nextTrackId: number): void {
  fullBox(w, "mvhd", 1, 0, () => {
    w.u64(time);
    w.u64(time);
    w.u32(MOVIE_SCALE);
    w.u64(duration);
    w.u32(FIXED_1); // rate
    w.u16(0x0100); // volume
    w.zeros(10);
    for (const value of UNTURNED) w.u32(value);
    w.zeros(24);
    w.u32(nextTrackId);
  });
}

function writeMovieExtends(w: ByteWriter, tracks: readonly HeaderTrack[], duration: number | undefined): void {
  box(w, "mvex", () => {
    if (duration !== undefined) fullBox(w, "mehd", 1, 0, () => w.u64(duration));
    for (const track of tracks) writeTrackExtends(w, track);
  });
}

/** What the fragments of a track leave unsaid. */
function writeTrackExtends(w: ByteWriter, { id, description }: HeaderTrack): void {
  fullBox(w, "trex", 0, 0, () => {
    w.u32(id);
    w.u32(1);
    w.u32(0);
    w.u32(0);
    w.u32(sampleFlags(description.kind !== "video"));
  });
}
