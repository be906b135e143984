import { resized } from "./time_cells.ts";

/** More of them take more than 1.5 MB a stream: then every second one goes. */
const CAPACITY = 1 << 17;
const NO_KEY = 0xffff_ffff;

/** What is known by now: not touched by what comes later. */
export interface ObjectTable {
  /** Objects from one row to the next. */
  readonly interval: number;
  readonly count: number;
  /** Packets with the first fragment … */
  readonly firsts: Uint32Array<ArrayBuffer>;
  /** … with the last one … */
  readonly lasts: Uint32Array<ArrayBuffer>;
  /** … and with the first one of the last key frame up to there; 2^32 - 1: there is none. */
  readonly keys: Uint32Array<ArrayBuffer>;
}

/**
 * Every n-th object of one stream in stored order, and the key frame to begin at for it. Memory is bounded: where there are
 * too many, n becomes twice as large.
 */
export class ObjectRows {
  readonly #capacity: number;
  #interval: number;
  #objectCount = 0;
  #count = 0;
  #key = NO_KEY;
  #firsts = new Uint32Array(0);
  #lasts = new Uint32Array(0);
  #keys = new Uint32Array(0);

  constructor(interval: number, capacity = CAPACITY) {
    this.#interval = interval;
    this.#capacity = capacity;
  }

  /** What is known by now. Its interval is as asked for, or that times a power of two. */
  get table(): ObjectTable {
    return {
      interval: this.#interval,
      count: this.#count,
      firsts: this.#firsts,
      lasts: this.#lasts,
      keys: this.#keys,
    };
  }

  /** The next object. @param packet The first of its `span` packets. */
  note(packet: number, span: number, isKey: boolean): void {
    if (isKey) this.#key = packet;
    const ordinal = this.#objectCount++;
    if (ordinal % this.#interval !== 0) return;
    if (this.#count === this.#capacity) this.#coarsen();
    if (ordinal % this.#interval !== 0) return;
    if (this.#count === this.#firsts.length) this.#resize(Math.max(1024, 2 * this.#count));
    this.#firsts[this.#count] = packet;
    this.#lasts[this.#count] = packet + span - 1;
    this.#keys[this.#count++] = this.#key;
  }

  #resize(length: number): void {
    const most = Math.min(this.#capacity, length);
    this.#firsts = resized(this.#firsts, most);
    this.#lasts = resized(this.#lasts, most);
    this.#keys = resized(this.#keys, most);
  }

  #coarsen(): void {
    this.#resize(this.#capacity); // a table given out keeps the old ones
    this.#interval *= 2;
    this.#count = Math.ceil(this.#count / 2);
    for (let row = 0; row < this.#count; row++) {
      this.#firsts[row] = this.#firsts[2 * row]!;
      this.#lasts[row] = this.#lasts[2 * row]!;
      this.#keys[row] = this.#keys[2 * row]!;
    }
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
