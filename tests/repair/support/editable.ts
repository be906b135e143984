/** A file in memory that can be killed at any of its operations. */

import type { Editable, Sink } from "../../../src/repair/mod.ts";
import { concat } from "../../core/harness.ts";

export class Killed extends Error {}

export class MemoryFile implements Editable {
  bytes: Uint8Array<ArrayBuffer>;
  /** Changes made so far. */
  operations = 0;
  readonly #killAt: number;

  /** @param killAt The operation that is not done any more, or for a write only by half. */
  constructor(bytes: Uint8Array, killAt = Infinity) {
    this.bytes = bytes.slice();
    this.#killAt = killAt;
  }

  get size(): number {
    return this.bytes.byteLength;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.slice(offset, offset + length);
  }

  write(offset: number, bytes: Uint8Array): void {
    // A write over what is there is done or not; what is appended may be there in part.
    this.#count(() => offset >= this.size && this.#set(offset, bytes.subarray(0, bytes.byteLength >> 1)));
    this.#set(offset, bytes);
  }

  truncate(length: number): void {
    this.#count(() => {});
    this.bytes = this.bytes.slice(0, length);
  }

  flush(): void {}

  replacement(): Sink {
    const parts: Uint8Array[] = [];
    const take = (bytes: Uint8Array) => {
      this.#count(() => {});
      parts.push(bytes.slice());
    };
    return {
      header: take,
      data: take,
      trailer: take,
      close: () => {
        this.#count(() => {});
        this.bytes = concat(parts); // not a Blob: Deno holds the parts of one for as long as it runs
      },
      abort() {},
    };
  }

  #count(dying: () => void): void {
    if (++this.operations !== this.#killAt) return;
    dying();
    throw new Killed("killed");
  }

  #set(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.byteLength > this.bytes.byteLength) {
      const grown = new Uint8Array(offset + bytes.byteLength);
      grown.set(this.bytes);
      this.bytes = grown;
    }
    this.bytes.set(bytes, offset);
  }
}
