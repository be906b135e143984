import { type Column, Columns } from "../../bytes/columns.ts";
import type { Slice } from "./slice.ts";

const EMPTY = 0xffff_ffff;

/** What is known by now: not touched by what comes later, but for cells that are not complete. */
export interface CellTable {
  readonly intervalMs: number;
  readonly count: number;
  readonly times: Column;
  readonly firsts: Column;
  readonly lasts: Column;
}

/**
 * The last object of one stream in each interval of presentation time, in whatever order they are stored. Memory is
 * bounded: where there are too many intervals, each becomes twice as long.
 *
 * Cell k is about the times above (k - 1) · interval, up to k · interval.
 */
export class TimeCells {
  /** Times, and first and last packets. */
  readonly #cells: Columns;
  #intervalMs: number;

  constructor(intervalMs: number, capacity?: number) {
    this.#intervalMs = intervalMs;
    this.#cells = new Columns(3, capacity);
  }

  /** What is known by now. Its interval is as asked for, or that times a power of two. */
  get table(): CellTable {
    const { arrays: [times, firsts, lasts], count } = this.#cells;
    return { intervalMs: this.#intervalMs, count, times: times!, firsts: firsts!, lasts: lasts! };
  }

  /** @param timeMs Preroll included. @param packet The first of its `span` packets. */
  note(timeMs: number, packet: number, span: number): void {
    const cells = this.#cells;
    let cell = Math.ceil(timeMs / this.#intervalMs);
    while (cell >= cells.capacity) {
      this.#coarsen();
      cell = Math.ceil(timeMs / this.#intervalMs);
    }
    cells.reserve(cell + 1);
    const [times, firsts, lasts] = cells.arrays;
    while (cells.count <= cell) firsts![cells.count++] = EMPTY;
    if (firsts![cell] !== EMPTY && times![cell]! > timeMs) return;
    times![cell] = timeMs;
    firsts![cell] = packet;
    lasts![cell] = packet + span - 1;
  }

  #coarsen(): void {
    const { count, arrays } = this.#cells;
    const firsts = arrays[1]!;
    this.#intervalMs *= 2;
    this.#cells.coarsen(count === 0 ? 0 : Math.ceil((count + 1) / 2), (cell) => {
      if (cell === 0) return 0;
      // The later half comes first: its times are later.
      return 2 * cell >= count || firsts[2 * cell] === EMPTY ? 2 * cell - 1 : 2 * cell;
    });
  }
}

/**
 * Packets of an output for times that are so far apart, without an end; -1 if it has no object of the stream.
 *
 * @param isLast Whether they are those with the last fragment of an object instead of the first.
 */
export function* cellPackets(
  table: CellTable,
  { firstPacket, packetCount, timeBaseMs }: Slice,
  intervalMs: number,
  isLast: boolean,
): Generator<number, never> {
  const { count, firsts, lasts } = table;
  const end = firstPacket + packetCount;
  const isThere = (cell: number) => firsts[cell]! !== EMPTY && firsts[cell]! >= firstPacket && lasts[cell]! < end;
  let next = 0;
  while (next < count && !isThere(next)) next++;
  let packet = next < count ? 0 : -1; // before the first one Windows leads to the first packet
  for (let timeMs = timeBaseMs;; timeMs += intervalMs) {
    for (; next < count && next * table.intervalMs <= timeMs; next++) {
      if (isThere(next)) packet = (isLast ? lasts : firsts)[next]! - firstPacket;
    }
    yield packet;
  }
}

/** Packet of the output in which the last object up to a stored time begins; 0 if there is none. */
export function cellPacketAt(
  table: CellTable,
  { firstPacket, packetCount, timeBaseMs }: Slice,
  timeMs: number,
): number {
  const last = Math.min(table.count - 1, Math.floor((timeMs + timeBaseMs) / table.intervalMs));
  for (let cell = last; cell >= 0; cell--) {
    const packet = table.firsts[cell]! - firstPacket;
    if (table.firsts[cell] !== EMPTY && packet >= 0 && packet < packetCount) return packet;
  }
  return 0;
}
