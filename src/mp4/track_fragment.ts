/**
 * What one track has in the open fragment: its samples, their bytes and its boxes.
 *
 * ```text
 * traf ─┬─ tfhd        track, and what its samples have in common
 *       ├─ tfdt        decode time of the first one
 *       └─ trun        what they do not: a column each for durations, sizes, flags and composition offsets
 *
 * memory:  │ samples of the fragment, back to back │ the pending sample │ unused │
 * ```
 *
 * Decode times. Where several samples have one decode time they are spread up to the next one. A sample whose follower
 * was not known when it was handed out may have been given too much time: what follows then begins where it ends.
 * Presentation times are exact in any case: a composition offset may be negative.
 *
 * @module
 */

import type { BoxWriter } from "./box_writer.ts";
import type { Pieces } from "../bytes/pieces.ts";
import { box, fullBox } from "./box.ts";
import { sampleFlags } from "./sample_flags.ts";
import type { SampleIndex } from "./sample_index.ts";

/** Most bytes that a track and each of its samples add to a fragment's head. */
export const TRACK_BYTES = 8 + 28 + 20 + 24;
export const SAMPLE_BYTES = 16;

/** A duration has 32 bits. */
const MAX_DURATION = 0xFFFF_FFFF;

const BASE_IS_MOOF = 0x02_0000;
const DEFAULT_DURATION = 0x08;
const DEFAULT_SIZE = 0x10;
const DEFAULT_FLAGS = 0x20;
const DATA_OFFSET = 0x001;
const FIRST_FLAGS = 0x004;
const HAS_DURATIONS = 0x100;
const HAS_SIZES = 0x200;
const HAS_FLAGS = 0x400;
const HAS_OFFSETS = 0x800;

/** Samples of one track, in ticks. */
export class TrackFragment {
  readonly #sizes: number[] = [];
  /** Decode times; those that are written once `settle` was called. */
  readonly #decodeTimes: number[] = [];
  readonly #presentationTimes: number[] = [];
  readonly #keys: boolean[] = [];
  /** See the module's text. */
  #memory = new Uint8Array(0);
  #byteLength = 0;
  #pendingBytes = 0;
  /** Of the last sample: what of its end is not shown. */
  #lastTrim = 0;
  /** Where the data offset stands, which is known last. */
  #offsetField = 0;
  /** Where the last sample ends that was handed out before this fragment. */
  #handedOutEnd = 0;

  get count(): number {
    return this.#sizes.length;
  }

  /** Of its samples, without the pending one. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Presentation time of the first sample, if that is a place to begin. */
  get keyTime(): number | undefined {
    return this.#keys[0] === true ? this.#presentationTimes[0] : undefined;
  }

  /** Copies the pending sample behind the others. */
  hold({ sources, starts, ends, count, byteLength }: Pieces): void {
    let at = this.#byteLength;
    const needed = at + byteLength;
    if (needed > this.#memory.byteLength) this.#grow(needed);
    for (let i = 0; i < count; i++) {
      const source = sources[i]!;
      const start = starts[i]!;
      const length = ends[i]! - start;
      this.#memory.set(length === source.byteLength ? source : source.subarray(start, start + length), at);
      at += length;
    }
    this.#pendingBytes = byteLength;
  }

  /** The pending sample becomes one of the fragment's. @param trimEnd Ticks at its end that are not shown. */
  add(decodeTime: number, presentationTime: number, isKey: boolean, trimEnd: number): void {
    this.#sizes.push(this.#pendingBytes);
    this.#byteLength += this.#pendingBytes;
    this.#pendingBytes = 0;
    this.#decodeTimes.push(decodeTime);
    this.#presentationTimes.push(presentationTime);
    this.#keys.push(isKey);
    this.#lastTrim = trimEnd;
  }

  /** Settles decode times; `end` is where the next sample begins, as far as that is known. */
  settle(end: number): void {
    const times = this.#decodeTimes;
    const count = times.length;
    for (let i = 0; i < count; i++) times[i] = Math.max(times[i]!, this.#handedOutEnd);
    end = Math.max(end, times[count - 1]!);
    for (let from = 0; from < count;) {
      let to = from + 1;
      while (to < count && times[to] === times[from]) to++;
      const start = times[from]!;
      const step = ((to < count ? times[to]! : end) - start) / (to - from);
      for (let i = from + 1; i < to; i++) times[i] = start + Math.round((i - from) * step);
      from = to;
    }
    this.#handedOutEnd = end;
  }

  /** Writes `traf`; the data offset comes by {@linkcode setDataOffset}. */
  write(w: BoxWriter, trackId: number, isVideo: boolean): void {
    const { count } = this;
    const duration = this.#duration(0);
    const size = this.#sizes[0]!;
    const rest = this.#keys[1] ?? this.#keys[0]!; // whether those behind the first are places to begin
    const hasFirstFlags = this.#keys[0] !== rest;
    let [hasDurations, hasSizes, hasFlags, hasOffsets, isNegative] = [false, false, false, false, false];
    for (let i = 0; i < count; i++) {
      const offset = this.#compositionOffset(i);
      if (this.#duration(i) !== duration) hasDurations = true;
      if (this.#sizes[i] !== size) hasSizes = true;
      if (i > 0 && this.#keys[i] !== rest) hasFlags = true;
      if (offset !== 0) hasOffsets = true;
      if (offset < 0) isNegative = true;
    }
    const hasDefaultFlags = !hasFlags && sampleFlags(rest) !== sampleFlags(!isVideo);
    const defaults = (hasDurations ? 0 : DEFAULT_DURATION) | (hasSizes ? 0 : DEFAULT_SIZE) |
      (hasDefaultFlags ? DEFAULT_FLAGS : 0);
    const columns = (hasDurations ? HAS_DURATIONS : 0) | (hasSizes ? HAS_SIZES : 0) |
      (hasFlags ? HAS_FLAGS : hasFirstFlags ? FIRST_FLAGS : 0) | (hasOffsets ? HAS_OFFSETS : 0);
    box(w, "traf", () => {
      fullBox(w, "tfhd", 0, BASE_IS_MOOF | defaults, () => {
        w.u32(trackId);
        if (!hasDurations) w.u32(duration);
        if (!hasSizes) w.u32(size);
        if (hasDefaultFlags) w.u32(sampleFlags(rest));
      });
      fullBox(w, "tfdt", 1, 0, () => w.u64(this.#decodeTimes[0]!));
      fullBox(w, "trun", isNegative ? 1 : 0, DATA_OFFSET | columns, () => {
        w.u32(count);
        this.#offsetField = w.offset;
        w.u32(0);
        if (hasFirstFlags && !hasFlags) w.u32(sampleFlags(this.#keys[0]!));
        for (let i = 0; i < count; i++) {
          if (hasDurations) w.u32(this.#duration(i));
          if (hasSizes) w.u32(this.#sizes[i]!);
          if (hasFlags) w.u32(sampleFlags(this.#keys[i]!));
          if (hasOffsets) w.u32(this.#compositionOffset(i));
        }
      });
    });
  }

  /** The samples, settled, are listed as a chunk. @param shownFrom Before that nothing of it is shown. */
  list(index: SampleIndex, unit: number, place: number, shownFrom: number): void {
    const times = this.#decodeTimes;
    const { count } = this;
    for (let i = 0; i < count; i++) {
      const time = times[i]!;
      const end = i + 1 < count ? times[i + 1]! : this.#handedOutEnd;
      index.add(this.#sizes[i]!, time, this.#presentationTimes[i]!, end, this.#keys[i]!);
    }
    index.closeChunk(unit, place, times[0]!, shownFrom, this.#lastTrim);
  }

  /** Says where the samples begin, counted from `moof`. */
  setDataOffset(w: BoxWriter, offset: number): void {
    w.setU32(this.#offsetField, offset);
  }

  /** Copies the samples to where they are handed out. */
  copyTo(target: Uint8Array, offset: number): void {
    target.set(this.#memory.subarray(0, this.#byteLength), offset);
  }

  /** The next fragment begins; a pending sample stays. */
  clear(): void {
    for (const list of [this.#sizes, this.#decodeTimes, this.#presentationTimes, this.#keys]) list.length = 0;
    this.#memory.copyWithin(0, this.#byteLength, this.#byteLength + this.#pendingBytes);
    this.#byteLength = 0;
  }

  #grow(needed: number): void {
    const memory = new Uint8Array(Math.max(needed, 2 * this.#memory.byteLength));
    memory.set(this.#memory.subarray(0, this.#byteLength));
    this.#memory = memory;
  }

  #duration(i: number): number {
    // The next fragment says its time itself, however long this one's last sample lasts.
    return Math.min(MAX_DURATION, (this.#decodeTimes[i + 1] ?? this.#handedOutEnd) - this.#decodeTimes[i]!);
  }

  #compositionOffset(i: number): number {
    return this.#presentationTimes[i]! - this.#decodeTimes[i]!;
  }
}
