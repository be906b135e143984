/**
 * A part of a stream that can be read at any position in it, and moves on.
 *
 * @module
 */

import type { Input } from "../inspect/byte_source.ts";
import type { StreamedBytes } from "./bytes.ts";

/** How far a pipe may be read ahead of what is still wanted. */
const MAX_HELD_BYTES = 64 << 20;
/** So much is kept behind what is wanted: streams may lie a little out of order. */
const KEPT_BYTES = 1 << 20;

interface Chunk {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Holds what came and was not let go of. Views of it stay good as long as anybody has them. */
export class StreamWindow implements Input {
  readonly canSeek = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunks: Chunk[] = [];
  #end = 0;
  #keptFrom = 0;
  #isEnded = false;
  #failure: { cause: unknown } | undefined;

  constructor({ stream }: StreamedBytes) {
    this.#reader = stream.getReader();
  }

  /** Known when the stream has ended. */
  get size(): number | undefined {
    return this.#isEnded ? this.#end : undefined;
  }

  /** How much is held. */
  get heldBytes(): number {
    return this.#end - (this.#chunks[0]?.offset ?? this.#end);
  }

  /** Whether there is room to read on. */
  get hasRoom(): boolean {
    return this.heldBytes < MAX_HELD_BYTES / 2;
  }

  /** Nothing before `offset` will be asked for. */
  keepFrom(offset: number): void {
    this.#keptFrom = Math.max(this.#keptFrom, offset - KEPT_BYTES);
    this.#drop();
  }

  /** The bytes, where they are there in one piece. */
  view(offset: number, length: number): Uint8Array | undefined {
    const chunk = this.#find(offset);
    if (chunk === undefined) return undefined;
    const at = offset - chunk.offset;
    return at + length <= chunk.bytes.byteLength ? chunk.bytes.subarray(at, at + length) : undefined;
  }

  /** Nothing is used again. */
  release(): void {}

  /** As `read`. */
  load(offset: number, length: number): Promise<Uint8Array> {
    return this.read(offset, length);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    while (this.#end < offset + length && await this.#pull()) { /* until it is there */ }
    const there = Math.max(0, Math.min(length, this.#end - offset));
    const whole = this.view(offset, there);
    if (whole !== undefined || there === 0) return whole ?? new Uint8Array(0);
    const first = this.#chunks[0];
    if (first === undefined || offset < first.offset) {
      throw new Error("it must be read out of order, farther than a pipe allows; give it as a file");
    }
    const bytes = new Uint8Array(there);
    for (let at = 0; at < there;) {
      const chunk = this.#find(offset + at)!;
      const part = chunk.bytes.subarray(offset + at - chunk.offset, offset + there - chunk.offset);
      bytes.set(part, at);
      at += part.byteLength;
    }
    return bytes;
  }

  readUnits(offset: number, unitBytes: number): Promise<Uint8Array> {
    return this.read(offset, unitBytes);
  }

  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {}); // the source closes it, too
  }

  #find(offset: number): Chunk | undefined {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const chunk = chunks[middle]!;
      if (offset < chunk.offset) high = middle - 1;
      else if (offset >= chunk.offset + chunk.bytes.byteLength) low = middle + 1;
      else return chunk;
    }
    return undefined;
  }

  async #pull(): Promise<boolean> {
    if (this.#isEnded) return false;
    if (this.#failure !== undefined) throw this.#failure.cause;
    if (this.heldBytes > MAX_HELD_BYTES) {
      throw new Error("it must be read out of order, farther than a pipe allows; give it as a file");
    }
    try {
      const { done, value } = await this.#reader.read();
      if (done) {
        this.#isEnded = true;
        return false;
      }
      this.#chunks.push({ offset: this.#end, bytes: value });
      this.#end += value.byteLength;
      this.#drop();
      return true;
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    }
  }

  #drop(): void {
    const chunks = this.#chunks;
    let count = 0;
    while (count < chunks.length && chunks[count]!.offset + chunks[count]!.bytes.byteLength <= this.#keptFrom) count++;
    if (count > 0) chunks.splice(0, count);
  }
}
