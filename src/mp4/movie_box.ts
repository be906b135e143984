/**
 * The movie ([ISO 14496-12] 8.2).
 *
 * ```text
 * moov ─┬─ mvhd
 *       ├─ trak              one for each stream
 *       ├─ mvex ─┬─ mehd     where the samples are in fragments: how long it is, once that is known
 *       │        └─ trex     one for each stream
 *       └─ udta              metadata
 * ```
 *
 * @module
 */

import type { Metadata } from "../media/metadata.ts";
import { box, fullBox } from "./box.ts";
import type { BoxWriter } from "./box_writer.ts";
import { FIXED_1, UNTURNED } from "./matrix.ts";
import { writeMetadata } from "./metadata.ts";
import { sampleFlags } from "./sample_flags.ts";
import { type MovieTrack, writeTrack } from "./track_box.ts";

/** Seconds from 1904 to 1970. */
const MAC_EPOCH = 2_082_844_800;

/** What a movie is made of. */
export interface MovieFacts {
  readonly tracks: readonly MovieTrack[];
  readonly creationTime: Date;
  readonly metadata: Metadata;
  /** Ticks a second of what is said of the whole. */
  readonly timeScale: number;
  /** Length of the presentation, in these; absent: it is not known yet. */
  readonly duration?: number;
  /** Whether the samples are in fragments. */
  readonly isFragmented: boolean;
  /** QuickTime has texts of its own. */
  readonly isQuickTime: boolean;
}

/** Writes `moov`. */
export function writeMovie(w: BoxWriter, facts: MovieFacts): void {
  const { tracks, metadata, creationTime, isFragmented, isQuickTime } = facts;
  const time = Math.floor(creationTime.getTime() / 1000) + MAC_EPOCH;
  box(w, "moov", () => {
    writeMovieHeader(w, facts, time);
    for (const track of tracks) writeTrack(w, track, time);
    if (isFragmented) writeMovieExtends(w, facts);
    writeMetadata(w, metadata, isQuickTime);
  });
}

function writeMovieHeader(w: BoxWriter, { tracks, timeScale, duration = 0 }: MovieFacts, time: number): void {
  fullBox(w, "mvhd", 1, 0, () => {
    w.u64(time);
    w.u64(time);
    w.u32(timeScale);
    w.u64(duration);
    w.u32(FIXED_1); // rate
    w.u16(0x0100); // volume
    w.zeros(10);
    for (const value of UNTURNED) w.u32(value);
    w.zeros(24);
    w.u32(Math.max(...tracks.map(({ id }) => id)) + 1); // the next track's
  });
}

function writeMovieExtends(w: BoxWriter, { tracks, duration }: MovieFacts): void {
  box(w, "mvex", () => {
    if (duration !== undefined) fullBox(w, "mehd", 1, 0, () => w.u64(duration));
    for (const track of tracks) writeTrackExtends(w, track);
  });
}

/** What the fragments of a track leave unsaid. */
function writeTrackExtends(w: BoxWriter, { id, description }: MovieTrack): void {
  fullBox(w, "trex", 0, 0, () => {
    w.u32(id);
    w.u32(1);
    w.u32(0);
    w.u32(0);
    w.u32(sampleFlags(description.kind !== "video"));
  });
}
