/**
 * Bytes one after the other, from a source of either kind.
 *
 * @module
 */

import type { SourceBytes } from "./bytes.ts";

/** How much is asked for at a time. */
export const READ_BYTES = 1 << 18;

/** Reads forward; never holds more than it was asked for plus one piece. */
export class ByteCursor {
  /** Position of the next byte. */
  position = 0;
  readonly #source: SourceBytes;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Bytes read from the source and not yet handed out. */
  #held: Uint8Array = new Uint8Array(0);
  #failure: { cause: unknown } | undefined;

  constructor(source: SourceBytes) {
    this.#source = source;
    this.#reader = source.kind === "streamed" ? source.stream.getReader() : undefined;
  }

  /** The next `count` bytes; fewer only at the end, or before the source fails: then the next call throws. */
  async read(count: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let length = 0;
    while (length < count) {
      if (this.#held.byteLength === 0 && !await this.#pull(length > 0)) break;
      const part = this.#held.subarray(0, count - length);
      this.#held = this.#held.subarray(part.byteLength);
      this.position += part.byteLength;
      length += part.byteLength;
      parts.push(part);
    }
    if (parts.length === 1) return parts[0]!;
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.byteLength;
    }
    return bytes;
  }

  /** Passes over `count` bytes; false when there are fewer. */
  async skip(count: number): Promise<boolean> {
    const source = this.#source;
    if (source.kind === "random" && count > this.#held.byteLength) {
      this.position += count;
      this.#held = new Uint8Array(0);
      return this.position <= source.size;
    }
    while (count > 0) {
      if (this.#held.byteLength === 0 && !await this.#pull(false)) return false;
      const passed = Math.min(count, this.#held.byteLength);
      this.#held = this.#held.subarray(passed);
      this.position += passed;
      count -= passed;
    }
    return true;
  }

  /** Fetches more; false at the end. A failure waits for the next call, if it is to. */
  async #pull(mayWait: boolean): Promise<boolean> {
    if (this.#failure !== undefined) throw this.#failure.cause;
    try {
      this.#held = await this.#next();
    } catch (cause) {
      this.#failure = { cause };
      if (!mayWait) throw cause;
    }
    return this.#held.byteLength > 0;
  }

  async #next(): Promise<Uint8Array> {
    const source = this.#source;
    if (this.#reader !== undefined) return (await this.#reader.read()).value ?? new Uint8Array(0);
    const { size, read } = source as Extract<SourceBytes, { kind: "random" }>;
    return this.position >= size
      ? new Uint8Array(0)
      : await read(this.position, Math.min(size, this.position + READ_BYTES));
  }
}
