/**
 * Numbers of which many that follow each other are alike: how often, and which. Tables of times are written that way
 * ([ISO 14496-12] 8.6.1).
 *
 * @module
 */

import { LongColumn } from "../bytes/long_column.ts";
import type { Table } from "./box_writer.ts";
import type { PieceWriter } from "./piece_writer.ts";

const RUN_BYTES = 8;

/** Numbers of 32 bits, with or without a sign, as they come. */
export class Runs {
  /** How many numbers there are. */
  length = 0;
  readonly #counts = new LongColumn("u32");
  readonly #values = new LongColumn("u32");
  /** The last run. */
  #count = 0;
  #value = 0;

  /** Appends a number. */
  push(value: number): void {
    this.length++;
    if (value === this.#value) {
      this.#count++;
    } else {
      this.#close();
      this.#count = 1;
      this.#value = value;
    }
  }

  #close(): void {
    if (this.#count === 0) return;
    this.#counts.push(this.#count);
    this.#values.push(this.#value);
  }

  /** The runs of the numbers in [from, to), with `last` behind them where that is given. */
  slice(from: number, to: number, last?: number): RunSlice {
    const total = this.#counts.length + 1;
    const countOf = (run: number) => run < total - 1 ? this.#counts.at(run) : this.#count;
    const valueOf = (run: number) => run < total - 1 ? this.#values.at(run) : this.#value | 0;
    let first = 0;
    let start = 0;
    while (first < total && start + countOf(first) <= from) start += countOf(first++);
    let end = first;
    let reached = start;
    while (from < to && end < total && reached < to) reached += countOf(end++);
    // Runs [first, end), of which the first lacks what is before `from`, and the last one what is behind `to`.
    const count = (run: number) =>
      countOf(run) - (run === first ? from - start : 0) - (run === end - 1 ? Math.max(0, reached - to) : 0);
    const joins = last !== undefined && end > first && (valueOf(end - 1) | 0) === (last | 0);
    return new RunSlice({
      length: end - first + (last === undefined || joins ? 0 : 1),
      countOf: (i) => {
        const run = first + i;
        return run === end ? 1 : count(run) + (joins && run === end - 1 ? 1 : 0);
      },
      valueOf: (i) => first + i === end ? last! : valueOf(first + i),
    });
  }
}

/** Where the runs of a slice come from. */
interface RunSource {
  readonly length: number;
  countOf(run: number): number;
  valueOf(run: number): number;
}

/** Some runs, as a table: count u32 · value u32 each. */
export class RunSlice implements Table {
  readonly #source: RunSource;

  constructor(source: RunSource) {
    this.#source = source;
  }

  /** Of runs. */
  get length(): number {
    return this.#source.length;
  }

  /** The first value; 0 where there is none. */
  get first(): number {
    return this.length === 0 ? 0 : this.#source.valueOf(0);
  }

  get byteLength(): number {
    return RUN_BYTES * this.length;
  }

  /** The smallest and the largest value, taken with their sign. */
  get bounds(): { readonly least: number; readonly most: number } {
    let least = 0x7FFF_FFFF;
    let most = -0x8000_0000;
    for (let i = 0; i < this.length; i++) {
      const value = this.#source.valueOf(i) | 0;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    return { least, most };
  }

  *write(out: PieceWriter): Generator<Uint8Array<ArrayBuffer>> {
    for (let at = 0; at < this.length;) {
      if (out.room < RUN_BYTES) yield out.take();
      at = this.#writeSome(out, at);
    }
  }

  /** As many runs as there is room for. Answers which one is next. */
  #writeSome(out: PieceWriter, from: number): number {
    const source = this.#source;
    const end = Math.min(source.length, from + Math.floor(out.room / RUN_BYTES));
    for (let at = from; at < end; at++) {
      out.u32(source.countOf(at));
      out.u32(source.valueOf(at));
    }
    return end;
  }
}
