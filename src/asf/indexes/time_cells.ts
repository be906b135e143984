import type { Slice } from "./slice.ts";

/** More of them take more than 1.5 MB a stream: then each is made to span twice the time. */
const CAPACITY = 1 << 17;
const EMPTY = 0xffff_ffff;

/** What is known by now: not touched by what comes later, but for cells that are not complete. */
export interface CellTable {
  readonly intervalMs: number;
  readonly count: number;
  readonly times: Uint32Array<ArrayBuffer>;
  readonly firsts: Uint32Array<ArrayBuffer>;
  readonly lasts: Uint32Array<ArrayBuffer>;
}

/**
 * The last object of one stream in each interval of presentation time, in whatever order they are stored. Memory is
 * bounded: where there are too many intervals, each becomes twice as long.
 *
 * Cell k is about the times above (k - 1) · interval, up to k · interval.
 */
export class TimeCells {
  readonly #capacity: number;
  #intervalMs: number;
  #count = 0;
  #times = new Uint32Array(0);
  #firsts = new Uint32Array(0);
  #lasts = new Uint32Array(0);

  constructor(intervalMs: number, capacity = CAPACITY) {
    this.#intervalMs = intervalMs;
    this.#capacity = capacity;
  }

  /** What is known by now. Its interval is as asked for, or that times a power of two. */
  get table(): CellTable {
    return {
      intervalMs: this.#intervalMs,
      count: this.#count,
      times: this.#times,
      firsts: this.#firsts,
      lasts: this.#lasts,
    };
  }

  /** @param timeMs Preroll included. @param packet The first of its `span` packets. */
  note(timeMs: number, packet: number, span: number): void {
    let cell = Math.ceil(timeMs / this.#intervalMs);
    while (cell >= this.#capacity) {
      this.#coarsen();
      cell = Math.ceil(timeMs / this.#intervalMs);
    }
    if (cell >= this.#times.length) this.#resize(Math.max(1024, 2 * this.#times.length, cell + 1));
    while (this.#count <= cell) this.#firsts[this.#count++] = EMPTY;
    if (this.#firsts[cell] !== EMPTY && this.#times[cell]! > timeMs) return;
    this.#times[cell] = timeMs;
    this.#firsts[cell] = packet;
    this.#lasts[cell] = packet + span - 1;
  }

  #resize(length: number): void {
    const most = Math.min(this.#capacity, length);
    this.#times = resized(this.#times, most);
    this.#firsts = resized(this.#firsts, most);
    this.#lasts = resized(this.#lasts, most);
  }

  #coarsen(): void {
    const count = this.#count;
    this.#resize(this.#times.length); // a table given out keeps the old ones
    this.#intervalMs *= 2;
    this.#count = count === 0 ? 0 : Math.ceil((count + 1) / 2);
    for (let cell = 1; cell < this.#count; cell++) {
      // The later half comes first: its times are later.
      const isLaterEmpty = 2 * cell >= count || this.#firsts[2 * cell] === EMPTY;
      const from = isLaterEmpty ? 2 * cell - 1 : 2 * cell;
      this.#times[cell] = this.#times[from]!;
      this.#firsts[cell] = this.#firsts[from]!;
      this.#lasts[cell] = this.#lasts[from]!;
    }
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

/** A copy with room for more. */
export function resized(array: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(length);
  copy.set(array);
  return copy;
}
