import { type Column, Columns } from "../../bytes/columns.ts";
import { NO_KEY } from "./object_rows.ts";
import type { Slice } from "./slice.ts";

/** More of them take more than 4 MB a stream: then every second one goes. */
const CAPACITY = 0x4_0000;
/** So many numbers are let go of at a time. */
const FORGOTTEN_COUNT = 4096;

/** A time code, and where its object is in an output. */
export interface TimecodeRow {
  readonly range: number;
  /** BCD 0xHHMMSSFF. */
  readonly timecode: number;
  /** Packet with the first fragment. */
  readonly first: number;
  /** Packet with the first fragment of the last key frame up to it; -1: there is none. */
  readonly key: number;
}

/** What is known by now: not touched by what comes later. */
export interface TimecodeTable {
  readonly count: number;
  readonly ranges: Column;
  readonly timecodes: Column;
  readonly firsts: Column;
  /** 2^32 - 1: none. */
  readonly keys: Column;
}

/**
 * The time codes of one stream. They come when samples are written, the packets later, when those are laid out; what is
 * between waits. Memory is bounded: where there are too many, only every n-th is kept.
 */
export class TimecodeRows {
  /** Ranges and time codes of objects that are not laid out yet. */
  #waiting: number[] = [];
  #taken = 0;
  #key = NO_KEY;
  readonly #rows: Columns;

  constructor(capacity = CAPACITY) {
    this.#rows = new Columns(4, capacity);
  }

  /** Time codes that are kept for objects to come, or that have just come. */
  get waitingCount(): number {
    return this.#waiting.length / 2;
  }

  /** What is known by now. */
  get table(): TimecodeTable {
    const { arrays: [ranges, timecodes, firsts, keys], count } = this.#rows;
    return { count, ranges: ranges!, timecodes: timecodes!, firsts: firsts!, keys: keys! };
  }

  /** An object with this time code is written. */
  write(range: number, timecode: number): void {
    this.#waiting.push(range, timecode);
  }

  /** The next object is laid out. @param packet With its first fragment. */
  note(packet: number, isKey: boolean): void {
    if (isKey) this.#key = packet;
    const range = this.#waiting[this.#taken++]!;
    const timecode = this.#waiting[this.#taken++]!;
    if (this.#taken === this.#waiting.length || this.#taken >= FORGOTTEN_COUNT) {
      this.#waiting = this.#waiting.slice(this.#taken);
      this.#taken = 0;
    }
    this.#rows.add(range, timecode, packet, this.#key);
  }
}

/** Those of an output, by range and time code; of several objects with the same one the first. */
export function* timecodeRows(
  table: TimecodeTable,
  { firstPacket, packetCount }: Slice,
): Generator<TimecodeRow, undefined> {
  let last: TimecodeRow | undefined;
  for (const row of orderOf(table)) {
    const first = table.firsts[row]! - firstPacket;
    if (first < 0 || first >= packetCount) continue;
    const key = table.keys[row] === NO_KEY ? -1 : Math.max(-1, table.keys[row]! - firstPacket);
    const found = { range: table.ranges[row]!, timecode: table.timecodes[row]!, first, key };
    if (last === undefined || compare(last, found) !== 0) yield found;
    last = found;
  }
}

function orderOf({ count, ranges, timecodes }: TimecodeTable): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, row) => row);
  const compareRows = (a: number, b: number) => ranges[a]! - ranges[b]! || timecodes[a]! - timecodes[b]! || a - b;
  for (let row = 1; row < count; row++) if (compareRows(row - 1, row) > 0) return order.sort(compareRows);
  return order; // as a rule they come in order
}

/** By range, then by time code. */
export function compare(
  a: Pick<TimecodeRow, "range" | "timecode">,
  b: Pick<TimecodeRow, "range" | "timecode">,
): number {
  return a.range - b.range || a.timecode - b.timecode;
}
