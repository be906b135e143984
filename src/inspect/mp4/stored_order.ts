/**
 * The samples of all tracks in the order in which they are stored.
 *
 * @module
 */

import type { Mp4Reader } from "./reader.ts";
import { END, SAMPLE, type SampleCursor } from "./sample_cursor.ts";

/** Goes through a file's samples, fragment by fragment. */
export class StoredOrder {
  readonly #reader: Mp4Reader;
  /** Those that stand at a sample, and those that have to go on. */
  readonly #standing: SampleCursor[] = [];
  readonly #moving: SampleCursor[];

  constructor(reader: Mp4Reader) {
    this.#reader = reader;
    this.#moving = [...reader.cursors];
  }

  /** The cursor that stands at the next sample, until it is asked again; `undefined`: `wait` knows. */
  next(): SampleCursor | undefined {
    const moving = this.#moving;
    const standing = this.#standing;
    for (let i = moving.length - 1; i >= 0; i--) {
      const cursor = moving[i]!;
      const state = cursor.advance();
      if (state === SAMPLE) standing.push(cursor);
      else if (state !== END) {
        if (!cursor.wantsRun) return undefined;
        continue;
      }
      moving.splice(i, 1);
    }
    if (standing.length === 0) return undefined;
    let first = 0;
    for (let i = 1; i < standing.length; i++) if (standing[i]!.offset < standing[first]!.offset) first = i;
    const cursor = standing[first]!;
    standing[first] = standing[standing.length - 1]!;
    standing.pop();
    moving.push(cursor);
    return cursor;
  }

  /** As `next`, after reading on; `undefined` at the end. */
  async wait(): Promise<SampleCursor | undefined> {
    for (;;) {
      if (this.#moving.length === 0 && this.#standing.length === 0) return undefined;
      let needsFragment = this.#standing.length === 0;
      for (const cursor of this.#moving) {
        if (cursor.wantsRun) continue;
        await cursor.fill();
        needsFragment = false;
      }
      if (needsFragment) await this.#reader.readFragment();
      const cursor = this.next();
      if (cursor !== undefined) return cursor;
    }
  }
}

/** Begins at the first sample of a file. */
export function samplesInOrder(reader: Mp4Reader): StoredOrder {
  return new StoredOrder(reader);
}
