/**
 * Changes that can be taken back.
 *
 * @module
 */

import type { Input } from "../inspect/byte_source.ts";
import type { Editable } from "../sinks/editable_file.ts";
import type { Patch } from "./copy.ts";
import { readAll } from "./reading.ts";

/** What is kept to be put back: more is gone. */
const MAX_COUNT = 1 << 16;
const MAX_TAIL_BYTES = 1 << 24;

/** Changes a file, and keeps what was there: should the disk be full, all of that is put back. */
export class UndoLog {
  readonly #file: Editable;
  readonly #input: Input;
  readonly #patches: Patch[] = [];
  #size: number;

  constructor(file: Editable, input: Input) {
    this.#file = file;
    this.#input = input;
    this.#size = file.size;
  }

  /** Overwrites bytes. */
  async write({ offset, bytes }: Patch): Promise<void> {
    const before = await readAll(this.#input, offset, bytes.byteLength);
    if (this.#patches.length < MAX_COUNT) this.#patches.push({ offset, bytes: before });
    await this.#file.write(offset, bytes);
  }

  /** Cuts off what is behind `end`, if anything is. */
  async truncate(end: number): Promise<void> {
    const { size } = this.#file;
    if (size <= end) return;
    if (size - end <= MAX_TAIL_BYTES) {
      this.#patches.push({ offset: end, bytes: await readAll(this.#input, end, size - end) });
    } else this.#size = end;
    await this.#file.truncate(end);
  }

  /** Puts everything back, as far as that can be. */
  async restore(): Promise<void> {
    try {
      if (this.#file.size > this.#size) await this.#file.truncate(this.#size);
      for (const { offset, bytes } of this.#patches.reverse()) await this.#file.write(offset, bytes);
    } catch {
      // The error that led here is the one to tell.
    }
  }
}
