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
import type { IsoDescription } from "../media/mappings/isobmff.ts";
import type { Metadata } from "../media/metadata.ts";
import { box, BOX_HEAD_BYTES, fullBox } from "./box.ts";
import { packLanguage, threeLetters } from "./language.ts";
import { writeMetadata } from "./metadata.ts";
import { writeSampleEntry } from "./sample_entry.ts";
import { toTicks } from "./time_base.ts";

/** Ticks a second of what is said of the whole. */
export const MOVIE_SCALE = 1_000_000;
/** Depends on no other sample. */
export const FLAGS_KEY = 0x0200_0000;
/** Depends on others, and is no place to begin. */
export const FLAGS_DELTA = 0x0101_0000;

/** Seconds from 1904 to 1970. */
const MAC_EPOCH = 2_082_844_800;
const FIXED_1 = 0x0001_0000;
const TRACK_ENABLED_IN_MOVIE = 3;
const URL_IS_THIS_FILE = 1;
const FIXED_1_W = 0x4000_0000;
const UNTURNED = [FIXED_1, 0, 0, 0, FIXED_1, 0, 0, 0, FIXED_1_W];

/** One track of the header. */
export interface HeaderTrack {
  readonly id: number;
  readonly description: IsoDescription;
  /** Ticks a second. */
  readonly timeScale: number;
  /** In these, how far all its times lie behind the presentation's. */
  readonly delay: number;
  readonly language?: string;
  /** Degrees that its pictures are to be turned clockwise. */
  readonly rotation?: number;
}

/** What is known at the end. Readers that look at no fragment find the durations in the boxes of the movie. */
export interface HeaderOutcome {
  /** Length of the presentation, in {@linkcode MOVIE_SCALE}. */
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
  box(w, "moov", () => writeMovie(w, facts));
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

function writeMovie(w: ByteWriter, facts: HeaderFacts): void {
  const { tracks, outcome, metadata, start } = facts;
  const time = Math.floor(facts.creationTime.getTime() / 1000) + MAC_EPOCH;
  fullBox(w, "mvhd", 1, 0, () => {
    w.u64(time);
    w.u64(time);
    w.u32(MOVIE_SCALE);
    w.u64(outcome?.duration ?? 0);
    w.u32(FIXED_1); // rate
    w.u16(0x0100); // volume
    w.zeros(10);
    for (const value of UNTURNED) w.u32(value);
    w.zeros(24);
    w.u32(Math.max(...tracks.map(({ id }) => id)) + 1);
  });
  tracks.forEach((track, i) => {
    const { media = 0, shown = 0 } = outcome?.lengths[i] ?? {};
    box(w, "trak", () => writeTrack(w, track, time, { media, shown, start: outcome?.start ?? start }));
  });
  box(w, "mvex", () => {
    if (outcome) fullBox(w, "mehd", 1, 0, () => w.u64(outcome.duration));
    for (const { id, description } of tracks) {
      fullBox(w, "trex", 0, 0, () => {
        w.u32(id);
        w.u32(1);
        w.u32(0);
        w.u32(0);
        w.u32(description.kind === "video" ? FLAGS_DELTA : FLAGS_KEY);
      });
    }
  });
  writeMetadata(w, metadata);
}

function writeTrack(
  w: ByteWriter,
  track: HeaderTrack,
  time: number,
  { media, shown, start }: { media: number; shown: number; start: number },
): void {
  const { id, description, timeScale, language, rotation, delay } = track;
  const isVideo = description.kind === "video";
  fullBox(w, "tkhd", 1, TRACK_ENABLED_IN_MOVIE, () => {
    w.u64(time);
    w.u64(time);
    w.u32(id);
    w.u32(0);
    w.u64(Math.round(shown));
    w.zeros(12); // reserved, layer, alternate group
    w.u16(isVideo ? 0 : 0x0100);
    w.u16(0);
    const [width, height] = isVideo ? [displayWidth(description), description.codedHeight * FIXED_1] : [0, 0];
    for (const value of turned(rotation, width, height)) w.u32(value);
    w.u32(width);
    w.u32(height);
  });
  if (start > 0 || delay > 0) {
    box(w, "edts", () =>
      fullBox(w, "elst", 1, 0, () => {
        w.u32(1);
        w.u64(0); // to the end
        w.u64(delay + toTicks(start, timeScale));
        w.u32(FIXED_1);
      }));
  }
  box(w, "mdia", () => {
    fullBox(w, "mdhd", 1, 0, () => {
      w.u64(time);
      w.u64(time);
      w.u32(timeScale);
      w.u64(toTicks(media, timeScale));
      w.u16(packLanguage(threeLetters(language)));
      w.u16(0);
    });
    fullBox(w, "hdlr", 0, 0, () => {
      w.u32(0);
      w.text(isVideo ? "vide" : "soun");
      w.zeros(12);
      w.text(isVideo ? "VideoHandler" : "SoundHandler");
      w.u8(0);
    });
    if (language !== undefined) {
      fullBox(w, "elng", 0, 0, () => {
        w.text(language);
        w.u8(0);
      });
    }
    box(w, "minf", () => writeMediaInformation(w, description));
  });
}

/** The matrix that turns a picture of this size clockwise, and moves it back to where it began ([ISO 14496-12] 8.3.2). */
function turned(rotation: number | undefined, width: number, height: number): readonly number[] {
  if (rotation === 90) return [0, FIXED_1, 0, -FIXED_1, 0, 0, height, 0, FIXED_1_W];
  if (rotation === 180) return [-FIXED_1, 0, 0, 0, -FIXED_1, 0, width, height, FIXED_1_W];
  if (rotation === 270) return [0, -FIXED_1, 0, FIXED_1, 0, 0, 0, width, FIXED_1_W];
  return UNTURNED;
}

function displayWidth(
  { codedWidth, pixelAspectWidth, pixelAspectHeight }: IsoDescription & { kind: "video" },
): number {
  return Math.min(0xFFFF_FFFF, Math.round(codedWidth * pixelAspectWidth * FIXED_1 / pixelAspectHeight));
}

function writeMediaInformation(w: ByteWriter, description: IsoDescription): void {
  if (description.kind === "video") fullBox(w, "vmhd", 0, 1, () => w.zeros(8));
  else fullBox(w, "smhd", 0, 0, () => w.zeros(4));
  box(w, "dinf", () =>
    fullBox(w, "dref", 0, 0, () => {
      w.u32(1);
      fullBox(w, "url ", 0, URL_IS_THIS_FILE, () => {});
    }));
  box(w, "stbl", () => {
    fullBox(w, "stsd", 0, 0, () => {
      w.u32(1);
      writeSampleEntry(w, description);
    });
    fullBox(w, "stts", 0, 0, () => w.u32(0));
    fullBox(w, "stsc", 0, 0, () => w.u32(0));
    fullBox(w, "stsz", 0, 0, () => w.zeros(8));
    fullBox(w, "stco", 0, 0, () => w.u32(0));
  });
}
