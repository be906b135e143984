/**
 * Tables of samples, which are read in small windows: there may be millions of entries.
 *
 * @module
 */

import { type Mp4Box, numberIn } from "./box.ts";
import type { Positions } from "./box_reader.ts";

/** Where a table lies. */
export interface TablePlace {
  /** Type of its box. */
  readonly type: string;
  /** Offset in the file of its box. */
  readonly boxOffset: number;
  /** Offset in the file of the first entry. */
  readonly offset: number;
  /** Bytes of an entry. */
  readonly entryBytes: number;
  /** Entries that there is room for. */
  readonly entryCount: number;
  /** Entries that it says it has. */
  readonly statedCount: number;
}

/** The place of a table of: version and flags, number of entries, entries. */
export function tableIn(box: Mp4Box | undefined, entryBytes: number, frontBytes = 8): TablePlace | undefined {
  if (box === undefined) return undefined;
  const room = Math.max(0, Math.floor((box.size - box.headBytes - frontBytes) / entryBytes));
  const statedCount = numberIn(box, "entryCount");
  return {
    type: box.type,
    boxOffset: box.offset,
    offset: box.offset + box.headBytes + frontBytes,
    entryBytes,
    entryCount: Math.min(room, statedCount),
    statedCount,
  };
}

/** How much of a table is in memory at a time. */
const WINDOW_BYTES = 1 << 14;

/** Some entries of a table. */
export class TableWindow {
  readonly #positions: Positions;
  readonly #place: TablePlace;
  readonly #windowBytes: number;
  #view = new DataView(new ArrayBuffer(0));
  #first = 0;
  #end = 0;
  /** How many entries there are. */
  count: number;

  constructor(positions: Positions, place: TablePlace, windowBytes = WINDOW_BYTES) {
    this.#positions = positions;
    this.#place = place;
    this.#windowBytes = windowBytes;
    this.count = place.entryCount;
  }

  /** Whether an entry can be read at once. */
  has(index: number): boolean {
    return index >= this.#first && index < this.#end;
  }

  /** A field of an entry that is there, 32 bits. */
  u32(index: number, field = 0): number {
    return this.#view.getUint32((index - this.#first) * this.#place.entryBytes + field);
  }

  /** A field of an entry that is there, 32 bits signed. */
  i32(index: number, field: number): number {
    return this.#view.getInt32((index - this.#first) * this.#place.entryBytes + field);
  }

  /** A field of an entry that is there, 64 bits. */
  u64(index: number): number {
    const at = (index - this.#first) * this.#place.entryBytes;
    return this.#view.getUint32(at) * 4294967296 + this.#view.getUint32(at + 4);
  }

  /** A byte of an entry that is there. */
  u8(index: number, field = 0): number {
    return this.#view.getUint8((index - this.#first) * this.#place.entryBytes + field);
  }

  /** Puts an entry and those behind it into memory. A table that ends early has fewer from then on. */
  fill(index: number): Promise<void> | undefined {
    if (this.has(index) || index >= this.count) return undefined;
    const { offset, entryBytes } = this.#place;
    const wanted = Math.min(this.count - index, Math.max(1, Math.floor(this.#windowBytes / entryBytes)));
    const bytes = this.#positions.read(offset + index * entryBytes, wanted * entryBytes);
    if (bytes instanceof Promise) return bytes.then((bytes) => this.#take(index, bytes, wanted));
    this.#take(index, bytes, wanted);
    return undefined;
  }

  #take(index: number, bytes: Uint8Array, wanted: number): void {
    const copy = bytes.slice();
    this.#view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
    this.#first = index;
    const found = Math.floor(copy.byteLength / this.#place.entryBytes);
    this.#end = index + found;
    if (found < wanted) this.count = this.#end;
  }
}
