/**
 * One track of the header ([ISO 14496-12] 8.3).
 *
 * ```text
 * trak ─┬─ tkhd            size, rotation, length of what is shown
 *       ├─ edts ── elst    where the presentation begins in it
 *       └─ mdia
 * ```
 *
 * @module
 */

import type { BoxWriter } from "./box_writer.ts";
import { box, fullBox } from "./box.ts";
import { FIXED_1, turned } from "./matrix.ts";
import { type MediaFacts, writeMedia } from "./media_box.ts";

/** Enabled, and part of the presentation. */
const TRACK_ENABLED_IN_MOVIE = 3;
const VOLUME_FULL = 0x0100;

/** A stretch of a presentation ([ISO 14496-12] 8.6.6). */
export interface Edit {
  /** Ticks of the movie; 0: to the end, where the samples are in fragments. */
  readonly duration: number;
  /** Where its media begin, ticks of the track; -1: nothing is shown. */
  readonly mediaTime: number;
}

/** What a track is made of. */
export interface MovieTrack extends MediaFacts {
  readonly id: number;
  /** Degrees that its pictures are to be turned clockwise. */
  readonly rotation?: number;
  /** Length of its media, in its own ticks. */
  readonly mediaDuration: number;
  /** Length of what is shown of them, in ticks of the movie. */
  readonly shownDuration: number;
  /** Empty: all of it is shown, from the start. */
  readonly edits: readonly Edit[];
}

/** Writes `trak`; `time` is seconds since 1904. */
export function writeTrack(w: BoxWriter, track: MovieTrack, time: number): void {
  box(w, "trak", () => {
    writeTrackHeader(w, track, time);
    if (track.edits.length > 0) writeEdits(w, track.edits);
    writeMedia(w, track, time, track.mediaDuration);
  });
}

function writeTrackHeader(w: BoxWriter, track: MovieTrack, time: number): void {
  const { id, description, rotation, shownDuration } = track;
  const [width, height] = displaySize(track);
  fullBox(w, "tkhd", 1, TRACK_ENABLED_IN_MOVIE, () => {
    w.u64(time);
    w.u64(time);
    w.u32(id);
    w.u32(0);
    w.u64(shownDuration);
    w.zeros(12); // reserved, layer, alternate group
    w.u16(description.kind === "video" ? 0 : VOLUME_FULL);
    w.u16(0);
    for (const value of turned(rotation, width, height)) w.u32(value);
    w.u32(width);
    w.u32(height);
  });
}

/** Of its pictures, in fixed-point numbers. */
function displaySize({ description }: MovieTrack): [width: number, height: number] {
  if (description.kind !== "video") return [0, 0];
  const { codedWidth, codedHeight, pixelAspectWidth, pixelAspectHeight } = description;
  const width = Math.round(codedWidth * pixelAspectWidth * FIXED_1 / pixelAspectHeight);
  return [Math.min(0xFFFF_FFFF, width), codedHeight * FIXED_1];
}

function writeEdits(w: BoxWriter, edits: readonly Edit[]): void {
  box(w, "edts", () =>
    fullBox(w, "elst", 1, 0, () => {
      w.u32(edits.length);
      for (const { duration, mediaTime } of edits) {
        w.u64(duration);
        w.u64(mediaTime);
        w.u32(FIXED_1);
      }
    }));
}
