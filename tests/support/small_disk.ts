/**
 * A disk that gets full.
 *
 * @module
 */

import type { Sink } from "../../src/sinks/sink.ts";

/** A file on a disk of so many bytes. */
export class SmallDisk implements Sink {
  readonly calls: string[] = [];
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array();
  readonly #capacity: number;
  readonly durable: boolean;

  constructor(capacity: number, durable = true) {
    this.#capacity = capacity;
    this.durable = durable;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  header(bytes: Uint8Array): void {
    this.#append("header", bytes);
  }

  async data(bytes: Uint8Array): Promise<void> {
    await undefined;
    this.#append("data", bytes);
  }

  trailer(bytes: Uint8Array): void {
    this.#append("trailer", bytes);
  }

  patch(offset: number, bytes: Uint8Array): void {
    this.calls.push("patch");
    this.#bytes.set(bytes, offset);
  }

  truncate(length: number): void {
    this.calls.push("truncate");
    this.#bytes = this.#bytes.slice(0, length);
  }

  close(): void {
    this.calls.push("close");
  }

  abort(): void {
    this.calls.push("abort");
  }

  /** Takes what there is room for, as a disk does. */
  #append(call: string, bytes: Uint8Array): void {
    this.calls.push(call);
    const taken = bytes.subarray(0, Math.max(0, this.#capacity - this.#bytes.byteLength));
    const longer = new Uint8Array(this.#bytes.byteLength + taken.byteLength);
    longer.set(this.#bytes);
    longer.set(taken, this.#bytes.byteLength);
    this.#bytes = longer;
    if (taken.byteLength < bytes.byteLength) {
      const cause = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      throw new Error(`disk: ${cause.message}`, { cause });
    }
  }
}
