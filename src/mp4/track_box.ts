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

import type { ByteWriter } from "../bytes/byte_writer.ts";
import { box, fullBox } from "./box.ts";
import { FIXED_1, turned } from "./matrix.ts";
import { type MediaFacts, writeMedia } from "./media_box.ts";
import { toTicks } from "./time_base.ts";

/** Enabled, and part of the presentation. */
const TRACK_ENABLED_IN_MOVIE = 3;
const VOLUME_FULL = 0x0100;

/** What a track is made of. */
export interface HeaderTrack extends MediaFacts {
  readonly id: number;
  /** In ticks, how far all its times lie behind the presentation's. */
  readonly delay: number;
  /** Degrees that its pictures are to be turned clockwise. */
  readonly rotation?: number;
}

/** When things are in a track, microseconds. */
export interface TrackTimes {
  /** Length of its media. */
  readonly media: number;
  /** Length of what is shown of them. */
  readonly shown: number;
  /** Where the presentation begins in them. */
  readonly start: number;
}

/** Writes `trak`; `time` is seconds since 1904. */
export function writeTrack(w: ByteWriter, track: HeaderTrack, time: number, { media, shown, start }: TrackTimes): void {
  const { timeScale, delay } = track;
  box(w, "trak", () => {
    writeTrackHeader(w, track, time, shown);
    if (start > 0 || delay > 0) writeEdits(w, delay + toTicks(start, timeScale));
    writeMedia(w, track, time, toTicks(media, timeScale));
  });
}

function writeTrackHeader(w: ByteWriter, track: HeaderTrack, time: number, shown: number): void {
  const { id, description, rotation } = track;
  const [width, height] = displaySize(track);
  fullBox(w, "tkhd", 1, TRACK_ENABLED_IN_MOVIE, () => {
    w.u64(time);
    w.u64(time);
    w.u32(id);
    w.u32(0);
    w.u64(Math.round(shown));
    w.zeros(12); // reserved, layer, alternate group
    w.u16(description.kind === "video" ? 0 : VOLUME_FULL);
    w.u16(0);
    for (const value of turned(rotation, width, height)) w.u32(value);
    w.u32(width);
    w.u32(height);
  });
}

/** Of its pictures, in fixed-point numbers. */
function displaySize({ description }: HeaderTrack): [width: number, height: number] {
  if (description.kind !== "video") return [0, 0];
  const { codedWidth, codedHeight, pixelAspectWidth, pixelAspectHeight } = description;
  const width = Math.round(codedWidth * pixelAspectWidth * FIXED_1 / pixelAspectHeight);
  return [Math.min(0xFFFF_FFFF, width), codedHeight * FIXED_1];
}

/** One edit, from `mediaTime` to the end. */
function writeEdits(w: ByteWriter, mediaTime: number): void {
  box(w, "edts", () =>
    fullBox(w, "elst", 1, 0, () => {
      w.u32(1);
      w.u64(0); // to the end
      w.u64(mediaTime);
      w.u32(FIXED_1);
    }));
}
