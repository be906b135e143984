/**
 * What one track has in the open fragment, and its boxes.
 *
 * ```text
 * traf ─┬─ tfhd        track, what all samples have in common
 *       ├─ tfdt        decode time of the first one
 *       └─ trun        one for each stretch of samples that lie back to back
 * ```
 *
 * Decode times. Where several samples have one decode time they are spread up to the next one. A sample whose follower
 * was not known when it was handed out may have been given too much time: what follows then begins where it ends.
 * Presentation times are exact in any case: a composition offset may be negative.
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import { box, fullBox } from "./box.ts";
import { FLAGS_DELTA, FLAGS_KEY } from "./header.ts";

/** Most bytes that a track, a run of samples, and a sample add to a fragment's head. */
export const TRACK_BYTES = 8 + 24 + 20;
export const RUN_BYTES = 24;
export const SAMPLE_BYTES = 16;

/** A duration has 32 bits. */
const MAX_DURATION = 0xFFFF_FFFF;

const BASE_IS_MOOF = 0x02_0000;
const DEFAULT_DURATION = 0x08;
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
  /** Of each run: its first sample, and where its data begin behind the fragment's first. */
  readonly #runStarts: number[] = [];
  readonly #runOffsets: number[] = [];
  /** Where the data offsets stand that are known last. */
  readonly #offsetFields: number[] = [];
  #nextRun = -1;
  /** Where the last sample ends that was handed out before this fragment. */
  #handedOutEnd = 0;

  get count(): number {
    return this.#sizes.length;
  }

  /** Presentation time of the first sample, if that is a place to begin. */
  get keyTime(): number | undefined {
    return this.#keys[0] === true ? this.#presentationTimes[0] : undefined;
  }

  /** Whether a sample whose data begin at `offset` begins a run. */
  beginsRun(offset: number): boolean {
    return offset !== this.#nextRun || this.count === 0;
  }

  add(offset: number, byteLength: number, decodeTime: number, presentationTime: number, isKey: boolean): void {
    if (this.beginsRun(offset)) {
      this.#runStarts.push(this.count);
      this.#runOffsets.push(offset);
    }
    this.#nextRun = offset + byteLength;
    this.#sizes.push(byteLength);
    this.#decodeTimes.push(decodeTime);
    this.#presentationTimes.push(presentationTime);
    this.#keys.push(isKey);
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

  /** Writes `traf`; data offsets come by {@linkcode setDataOffsets}. */
  write(w: ByteWriter, trackId: number, isVideo: boolean): void {
    const times = this.#decodeTimes;
    const duration = this.#duration(0);
    const isUniform = times.every((_, i) => this.#duration(i) === duration);
    this.#offsetFields.length = 0;
    box(w, "traf", () => {
      fullBox(w, "tfhd", 0, BASE_IS_MOOF | (isUniform ? DEFAULT_DURATION : 0), () => {
        w.u32(trackId);
        if (isUniform) w.u32(duration);
      });
      fullBox(w, "tfdt", 1, 0, () => w.u64(times[0]!));
      this.#runStarts.forEach((from, run) => {
        const to = this.#runStarts[run + 1] ?? this.count;
        this.#writeRun(w, from, to, isUniform, isVideo);
      });
    });
  }

  #writeRun(w: ByteWriter, from: number, to: number, isUniform: boolean, isVideo: boolean): void {
    const usual = !isVideo; // whether a sample is a place to begin where nothing is said
    let oddCount = 0;
    let hasOffsets = false;
    for (let i = from; i < to; i++) {
      if (this.#keys[i] !== usual) oddCount++;
      if (this.#presentationTimes[i] !== this.#decodeTimes[i]) hasOffsets = true;
    }
    const onlyFirst = oddCount === 1 && this.#keys[from] !== usual;
    const hasFlags = oddCount > 0 && !onlyFirst;
    const flags = DATA_OFFSET | HAS_SIZES | (isUniform ? 0 : HAS_DURATIONS) | (onlyFirst ? FIRST_FLAGS : 0) |
      (hasFlags ? HAS_FLAGS : 0) | (hasOffsets ? HAS_OFFSETS : 0);
    fullBox(w, "trun", 1, flags, () => {
      w.u32(to - from);
      this.#offsetFields.push(w.offset);
      w.u32(0);
      if (onlyFirst) w.u32(sampleFlags(this.#keys[from]!));
      for (let i = from; i < to; i++) {
        if (!isUniform) w.u32(this.#duration(i));
        w.u32(this.#sizes[i]!);
        if (hasFlags) w.u32(sampleFlags(this.#keys[i]!));
        if (hasOffsets) w.u32(this.#presentationTimes[i]! - this.#decodeTimes[i]!);
      }
    });
  }

  /** Completes the runs: their data count from the fragment's head, which has `headBytes`. */
  setDataOffsets(w: ByteWriter, headBytes: number): void {
    this.#offsetFields.forEach((at, run) => w.setU32(at, headBytes + this.#runOffsets[run]!));
  }

  /** The next fragment begins. */
  clear(): void {
    for (
      const list of [
        this.#sizes,
        this.#decodeTimes,
        this.#presentationTimes,
        this.#keys,
        this.#runStarts,
        this.#runOffsets,
      ]
    ) list.length = 0;
    this.#nextRun = -1;
  }

  #duration(i: number): number {
    // The next fragment says its time itself, however long this one's last sample lasts.
    return Math.min(MAX_DURATION, (this.#decodeTimes[i + 1] ?? this.#handedOutEnd) - this.#decodeTimes[i]!);
  }
}

function sampleFlags(isKey: boolean): number {
  return isKey ? FLAGS_KEY : FLAGS_DELTA;
}
