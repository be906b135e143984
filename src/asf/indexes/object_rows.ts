import { type Column, Columns } from "../../bytes/columns.ts";

/** In a column of packets: there is none. */
export const NO_KEY = 0xffff_ffff;

/** What is known by now: not touched by what comes later. */
export interface ObjectTable {
  /** Objects from one row to the next. */
  readonly interval: number;
  readonly count: number;
  /** Packets with the first fragment … */
  readonly firsts: Column;
  /** … with the last one … */
  readonly lasts: Column;
  /** … and with the first one of the last key frame up to there; 2^32 - 1: there is none. */
  readonly keys: Column;
}

/**
 * Every n-th object of one stream in stored order, and the key frame to begin at for it. Memory is bounded: where there are
 * too many, n becomes twice as large.
 */
export class ObjectRows {
  readonly #wanted: number;
  readonly #rows: Columns;
  #objectCount = 0;
  #key = NO_KEY;

  constructor(interval: number, capacity?: number) {
    this.#wanted = interval;
    this.#rows = new Columns(3, capacity);
  }

  /** What is known by now. Its interval is as asked for, or that times a power of two. */
  get table(): ObjectTable {
    const { arrays: [firsts, lasts, keys], count, step } = this.#rows;
    return { interval: this.#wanted * step, count, firsts: firsts!, lasts: lasts!, keys: keys! };
  }

  /** The next object. @param packet The first of its `span` packets. */
  note(packet: number, span: number, isKey: boolean): void {
    if (isKey) this.#key = packet;
    if (this.#objectCount++ % this.#wanted !== 0) return;
    this.#rows.add(packet, packet + span - 1, this.#key);
  }
}

/** How many rows, so far apart, an output of so many packets from the first one on has. */
export function objectRowCount(table: ObjectTable, interval: number, packetCount: number): number {
  const step = interval / table.interval;
  let count = Math.ceil(table.count / step);
  while (count > 0 && table.lasts[(count - 1) * step]! >= packetCount) count--;
  return count;
}

/** A packet of one row; -1: none. @param from Which packets. */
export function objectPacket(
  table: ObjectTable,
  row: number,
  interval: number,
  from: "firsts" | "lasts" | "keys",
): number {
  const packet = table[from][row * (interval / table.interval)]!;
  return packet === NO_KEY ? -1 : packet;
}
