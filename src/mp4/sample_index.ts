/**
 * What the samples of a track are and where they lie, kept while they come for the tables behind them: what repeats is
 * counted, numbers go into columns that never move. All sinks of a session share it; each gets the slice that it has.
 *
 * ```text
 * samples   sizes (none while all have one) · runs of steps between decode times · runs of composition offsets ·
 *           numbers of key frames (none while all are)
 * chunks    the unit that each is in · samples up to its end · place · times: first decoded, first shown, end of what is shown
 * ```
 *
 * @module
 */

import { LongColumn } from "../bytes/long_column.ts";
import { Runs } from "./runs.ts";

/** A step between two decode times has 32 bits in a table. */
export const MAX_STEP = 0xFFFF_FFFF;

/** As a size of all samples this one means another thing in QuickTime: that of PCM by its format. */
const QUICKTIME_SIZE = 1;

/** See the module's text. Times are ticks. */
export class SampleIndex {
  sampleCount = 0;
  /** Of all samples so far, if they have one. */
  #commonSize = 0;
  readonly #sizes = new LongColumn("u32");
  /** Steps to the next sample: one less than there are samples. */
  readonly #steps = new Runs();
  readonly #offsets = new Runs();
  /** How many samples came before the first that is no key frame, and the key frames behind it, from 0. */
  #leadingKeys = 0;
  readonly #keys = new LongColumn("u32");
  #lastDecodeTime = 0;
  /** Where the last sample ends that is decoded. */
  #decodeEnd = 0;
  /** The first step that a table cannot say. */
  #tooLong = 0;

  readonly #chunkUnits = new LongColumn("u32");
  readonly #chunkEnds = new LongColumn("u32");
  readonly #chunkPlaces = new LongColumn("f64");
  readonly #chunkDecodeTimes = new LongColumn("f64");
  readonly #chunkShown = new LongColumn("f64");
  readonly #chunkShownEnds = new LongColumn("f64");
  #earliest = Infinity;
  /** Of all but the last sample, and of that. */
  #latestEnd = -Infinity;
  #lastEnd = -Infinity;

  /** The next sample. @param end Where it ends, as its fragment has it. */
  add(size: number, decodeTime: number, presentationTime: number, end: number, isKey: boolean): void {
    const number = this.sampleCount++;
    if (number > 0) this.#step(decodeTime - this.#lastDecodeTime);
    this.#lastDecodeTime = decodeTime;
    this.#decodeEnd = end;
    if (this.#sizes.length > 0) this.#sizes.push(size);
    else if (number === 0 && size !== QUICKTIME_SIZE) this.#commonSize = size;
    else if (size !== this.#commonSize) this.#listSizes(number, size);
    this.#offsets.push(presentationTime - decodeTime);
    if (this.#leadingKeys < number) {
      if (isKey) this.#keys.push(number);
    } else if (isKey) this.#leadingKeys++;
    if (presentationTime < this.#earliest) this.#earliest = presentationTime;
    if (this.#lastEnd > this.#latestEnd) this.#latestEnd = this.#lastEnd;
    this.#lastEnd = presentationTime + end - decodeTime;
  }

  #step(step: number): void {
    this.#steps.push(step);
    if (step > MAX_STEP && this.#tooLong === 0) this.#tooLong = step;
  }

  #listSizes(count: number, size: number): void {
    for (let i = 0; i < count; i++) this.#sizes.push(this.#commonSize);
    this.#sizes.push(size);
  }

  /**
   * The samples since the last chunk are one.
   *
   * @param place Behind the session's first header.
   * @param decodeTime Of the first one.
   * @param shownFrom Nothing is shown before.
   * @param trimEnd What of the last one's end is not shown.
   */
  closeChunk(unit: number, place: number, decodeTime: number, shownFrom: number, trimEnd: number): void {
    this.#chunkUnits.push(unit);
    this.#chunkEnds.push(this.sampleCount);
    this.#chunkPlaces.push(place);
    this.#chunkDecodeTimes.push(decodeTime);
    this.#chunkShown.push(Math.max(this.#earliest, shownFrom));
    this.#chunkShownEnds.push(Math.max(this.#latestEnd, this.#lastEnd - trimEnd));
    this.#earliest = Infinity;
    this.#latestEnd = this.#lastEnd = -Infinity;
  }

  /** What lies in some units, as it stands; `undefined` if that is nothing. */
  slice(firstUnit: number, unitCount: number): SampleSlice | undefined {
    const from = this.#chunkUnits.findFirst(firstUnit);
    const to = this.#chunkUnits.findFirst(firstUnit + unitCount);
    return from === to ? undefined : this.#slice(from, to);
  }

  #slice(from: number, to: number): SampleSlice {
    const firstSample = from === 0 ? 0 : this.#chunkEnds.at(from - 1);
    const endSample = this.#chunkEnds.at(to - 1);
    const decodeStart = this.#chunkDecodeTimes.at(from);
    const isLast = endSample === this.sampleCount;
    const lastStep = Math.min(MAX_STEP, this.#decodeEnd - this.#lastDecodeTime);
    const decodeEnd = isLast ? this.#lastDecodeTime + lastStep : this.#chunkDecodeTimes.at(to);
    let [shownStart, shownEnd] = [Infinity, -Infinity];
    for (let chunk = from; chunk < to; chunk++) {
      shownStart = Math.min(shownStart, this.#chunkShown.at(chunk));
      shownEnd = Math.max(shownEnd, this.#chunkShownEnds.at(chunk));
    }
    const steps = isLast
      ? this.#steps.slice(firstSample, endSample - 1, lastStep)
      : this.#steps.slice(firstSample, endSample);
    const hasAllKeys = endSample <= this.#leadingKeys;
    return {
      sampleCount: endSample - firstSample,
      chunkCount: to - from,
      decodeStart,
      decodeEnd,
      shownStart,
      shownEnd,
      steps,
      offsets: this.#offsets.slice(firstSample, endSample),
      tooLongStep: this.#tooLong,
      sizes: this.#sizes.length === 0 ? this.#commonSize : { column: this.#sizes, from: firstSample, to: endSample },
      keys: hasAllKeys ? undefined : {
        leadingCount: Math.max(0, this.#leadingKeys - firstSample),
        column: this.#keys,
        from: this.#keys.findFirst(firstSample),
        to: this.#keys.findFirst(endSample),
        base: firstSample,
      },
      places: { column: this.#chunkPlaces, from, to },
      ends: { column: this.#chunkEnds, from, to },
      firstSample,
    };
  }
}

/** Some numbers of a column. */
export interface ColumnSlice {
  readonly column: LongColumn;
  readonly from: number;
  readonly to: number;
}

/** What a sink has of a track. Times are ticks. */
export interface SampleSlice {
  readonly sampleCount: number;
  readonly chunkCount: number;
  /** Where the first sample is decoded, and where the last one ends that is. */
  readonly decodeStart: number;
  readonly decodeEnd: number;
  /** Where the first sample is shown, and where the last one ends that is. */
  readonly shownStart: number;
  readonly shownEnd: number;
  readonly steps: ReturnType<Runs["slice"]>;
  readonly offsets: ReturnType<Runs["slice"]>;
  /** A step that no table can say; 0: there is none. */
  readonly tooLongStep: number;
  /** Each, or the one that all have. */
  readonly sizes: ColumnSlice | number;
  /**
   * Key frames: so many at the beginning, then those of the column, which count from `base`. Absent: all of them are.
   */
  readonly keys: ColumnSlice & { readonly leadingCount: number; readonly base: number } | undefined;
  /** Of chunks: behind the session's first header. */
  readonly places: ColumnSlice;
  /** Of chunks: samples up to their ends, counted as `firstSample` is. */
  readonly ends: ColumnSlice;
  readonly firstSample: number;
}
