/**
 * Boxes into memory, the large tables among them left out: they stand elsewhere, and are made when their turn comes.
 *
 * ```text
 * memory   moov ─ trak … stsz head │ stco head │ …           what boxes there say of their size counts the tables
 * tables                          ^ 37 MB     ^ 1 MB         each at its place
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import type { PieceWriter } from "./piece_writer.ts";

/** The body of a table, or a part of it. */
export interface Table {
  readonly byteLength: number;
  /** Writes it. What it yields is handed out at once. */
  write(out: PieceWriter): Iterable<Uint8Array<ArrayBuffer>>;
}

/** See the module's text. */
export class BoxWriter extends ByteWriter {
  /** Of the tables so far. */
  tableBytes = 0;
  readonly #tables: { readonly at: number; readonly table: Table }[] = [];

  constructor() {
    super("big");
  }

  /** A table stands here. */
  table(table: Table): void {
    this.#tables.push({ at: this.offset, table });
    this.tableBytes += table.byteLength;
  }

  /** Of all of it, the tables included. */
  get byteLength(): number {
    return this.offset + this.tableBytes;
  }

  /** Everything in order, in pieces that are dead when the next one is asked for. */
  *pieces(out: PieceWriter): Generator<Uint8Array<ArrayBuffer>> {
    const memory = this.written;
    let done = 0;
    for (const { at, table } of this.#tables) {
      yield* out.bytes(memory.subarray(done, at));
      yield* table.write(out);
      done = at;
    }
    yield* out.bytes(memory.subarray(done));
    if (out.used > 0) yield out.take();
  }
}
