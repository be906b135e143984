/**
 * The sample table of a track ([ISO 14496-12] 8.5): what its samples are, and where and when.
 *
 * ```text
 * stbl ─┬─ stsd                        the codec
 *       ├─ stts · ctts · cslg          decode times; presentation times where they are others
 *       ├─ stss                        key frames, unless all are
 *       ├─ stsc · stsz · stco or co64  chunks, sizes, places
 *       └─ sgpd · sbgp                 how many samples to decode before sound is right
 *
 *       ┌─ stsd
 * stbl ─┴─ stts · stsc · stsz · stco   empty, where the samples are in fragments
 * ```
 *
 * @module
 */

import type { IsoDescription } from "../media/mappings/isobmff.ts";
import { box, fullBox } from "./box.ts";
import type { BoxWriter, Table } from "./box_writer.ts";
import type { PieceWriter } from "./piece_writer.ts";
import { writeSampleEntry } from "./sample_entry.ts";
import type { ColumnSlice, SampleSlice } from "./sample_index.ts";

/** The last place that a chunk offset of 32 bits reaches. */
const MAX_OFFSET = 0xFFFF_FFFF;
const NUMBER_BYTES = 4;

/** The samples of a track, and where they are in the file. */
export interface PlacedSamples {
  readonly samples: SampleSlice;
  /** What is added to the place of a chunk. */
  readonly placeShift: number;
}

/** Writes `stbl`; empty without `placed`. */
export function writeSampleTable(w: BoxWriter, description: IsoDescription, placed: PlacedSamples | undefined): void {
  box(w, "stbl", () => {
    writeSampleDescription(w, description);
    if (placed === undefined) writeNoSamples(w);
    else writeSamples(w, description, placed);
  });
}

function writeSampleDescription(w: BoxWriter, description: IsoDescription): void {
  fullBox(w, "stsd", 0, 0, () => {
    w.u32(1);
    writeSampleEntry(w, description);
  });
}

// ── In fragments ──

function writeNoSamples(w: BoxWriter): void {
  for (const type of ["stts", "stsc"]) fullBox(w, type, 0, 0, () => w.u32(0));
  fullBox(w, "stsz", 0, 0, () => {
    w.u32(0); // each has its own
    w.u32(0);
  });
  fullBox(w, "stco", 0, 0, () => w.u32(0));
}

// ── In one piece ──

function writeSamples(w: BoxWriter, description: IsoDescription, { samples, placeShift }: PlacedSamples): void {
  fullBox(w, "stts", 0, 0, () => {
    w.u32(samples.steps.length);
    w.table(samples.steps);
  });
  writeCompositionOffsets(w, samples);
  writeKeys(w, samples.keys);
  writeChunkMap(w, samples.ends, samples.firstSample);
  writeSizes(w, samples);
  writePlaces(w, samples.places, placeShift);
  writeRoll(w, description, samples);
}

function writeCompositionOffsets(w: BoxWriter, { offsets, shownStart, shownEnd, decodeStart }: SampleSlice): void {
  const { least, most } = offsets.bounds;
  if (least === 0 && most === 0) return;
  const isSigned = least < 0;
  fullBox(w, "ctts", isSigned ? 1 : 0, 0, () => {
    w.u32(offsets.length);
    w.table(offsets);
  });
  if (!isSigned) return;
  fullBox(w, "cslg", 1, 0, () => {
    for (const value of [-least, least, most, shownStart - decodeStart, shownEnd - decodeStart]) w.u64(value);
  });
}

function writeKeys(w: BoxWriter, keys: SampleSlice["keys"]): void {
  if (keys === undefined) return;
  fullBox(w, "stss", 0, 0, () => {
    w.u32(keys.leadingCount + keys.to - keys.from);
    w.table(new KeyTable(keys));
  });
}

/** How many samples chunks have: where that changes, first chunk u32 · samples u32 · sample entry u32. */
function writeChunkMap(w: BoxWriter, { column, from, to }: ColumnSlice, firstSample: number): void {
  fullBox(w, "stsc", 0, 0, () => {
    const countAt = w.offset;
    w.u32(0);
    let entryCount = 0;
    let latest = 0;
    let start = firstSample;
    for (let chunk = from; chunk < to; chunk++) {
      const end = column.at(chunk);
      if (end - start !== latest) {
        latest = end - start;
        entryCount++;
        w.u32(chunk - from + 1);
        w.u32(latest);
        w.u32(1);
      }
      start = end;
    }
    w.setU32(countAt, entryCount);
  });
}

function writeSizes(w: BoxWriter, { sizes, sampleCount }: SampleSlice): void {
  fullBox(w, "stsz", 0, 0, () => {
    w.u32(typeof sizes === "number" ? sizes : 0);
    w.u32(sampleCount);
    if (typeof sizes !== "number") w.table(new SizeTable(sizes));
  });
}

function writePlaces(w: BoxWriter, { column, from, to }: ColumnSlice, shift: number): void {
  const isLong = column.at(to - 1) + shift > MAX_OFFSET;
  fullBox(w, isLong ? "co64" : "stco", 0, 0, () => {
    w.u32(to - from);
    for (let chunk = from; chunk < to; chunk++) {
      const place = column.at(chunk) + shift;
      if (isLong) w.u64(place);
      else w.u32(place);
    }
  });
}

/** How many samples before one have to be decoded with it ([ISO 14496-12] 10.1): all are in one group. */
function writeRoll(w: BoxWriter, description: IsoDescription, { sampleCount, steps }: SampleSlice): void {
  const distance = rollDistance(description, steps.first);
  if (distance === 0) return;
  fullBox(w, "sgpd", 1, 0, () => {
    w.text("roll");
    w.u32(2); // bytes an entry
    w.u32(1);
    w.u16(-distance);
  });
  fullBox(w, "sbgp", 0, 0, () => {
    w.text("roll");
    w.u32(1);
    w.u32(sampleCount);
    w.u32(1);
  });
}

/** What Opus wants decoded before, ticks of its 48 kHz ([Opus in ISO BMFF] 4.3.6.2). */
const OPUS_ROLL = 3840;

function rollDistance({ id }: IsoDescription, step: number): number {
  if (id === "mp4a") return 1;
  return id === "Opus" && step > 0 ? Math.ceil(OPUS_ROLL / step) : 0;
}

/** Sizes, u32 each. */
class SizeTable implements Table {
  readonly byteLength: number;
  readonly #sizes: ColumnSlice;

  constructor(sizes: ColumnSlice) {
    this.#sizes = sizes;
    this.byteLength = NUMBER_BYTES * (sizes.to - sizes.from);
  }

  *write(out: PieceWriter): Generator<Uint8Array<ArrayBuffer>> {
    const { column, to } = this.#sizes;
    for (let { from } = this.#sizes; from < to;) {
      if (out.room < NUMBER_BYTES) yield out.take();
      const end = Math.min(to, from + Math.floor(out.room / NUMBER_BYTES));
      column.forEachBlock(from, end, (block, start, blockEnd) => out.numbers(block, start, blockEnd));
      from = end;
    }
  }
}

/** Numbers of key frames, u32 each, from 1. */
class KeyTable implements Table {
  readonly #keys: NonNullable<SampleSlice["keys"]>;

  constructor(keys: NonNullable<SampleSlice["keys"]>) {
    this.#keys = keys;
  }

  get #count(): number {
    const { leadingCount, from, to } = this.#keys;
    return leadingCount + to - from;
  }

  get byteLength(): number {
    return NUMBER_BYTES * this.#count;
  }

  *write(out: PieceWriter): Generator<Uint8Array<ArrayBuffer>> {
    const { leadingCount, column, from, base } = this.#keys;
    for (let i = 0; i < this.#count; i++) {
      if (out.room < NUMBER_BYTES) yield out.take();
      out.u32(i < leadingCount ? i + 1 : column.at(from + i - leadingCount) - base + 1);
    }
  }
}
