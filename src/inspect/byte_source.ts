/**
 * Where a reader's bytes come from.
 *
 * @module
 */

import { GrowingBytes } from "../bytes/growing_bytes.ts";

/** Bytes at positions: a file, an HTTP resource with ranges, a database field. */
export interface RandomAccess {
  /** How many bytes there are. Only a claim: fewer may come. */
  readonly size: number;
  /**
   * Reads up to `length` bytes from `offset`; fewer are asked for again, none means the end. The bytes belong to the
   * source, which may reuse them when it is asked again.
   */
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
}

/** What can be read: bytes in memory, a `Blob` or `File`, a stream that is read once and never sought, or positions. */
export type ByteSource = Uint8Array | Blob | ReadableStream<Uint8Array> | RandomAccess;

/**
 * A source as the reader uses it. Answers come at once wherever the bytes are there already, and are views that are dead
 * when the next one is asked for.
 */
export interface Input {
  /** How many bytes there are, if it is known beforehand. */
  readonly size: number | undefined;
  /** Whether any offset can be read at any time; if not, offsets may never step back. */
  readonly canSeek: boolean;
  /** The `length` bytes at `offset`; fewer only where the input ends. */
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
  /** As many whole units of `unitBytes` from `offset` as come cheaply, at least one; less than one where the input ends. */
  readUnits(offset: number, unitBytes: number, unitCount: number): Promise<Uint8Array> | Uint8Array;
  /** Gives a stream up; other sources belong to the caller. */
  close(): Promise<void>;
}

/** How much is asked for in one go. */
export const PIECE_BYTES = 1 << 20;

/** The input for a source. */
export function openInput(source: ByteSource): Input {
  if (source instanceof Uint8Array) return new MemoryInput(source);
  if (source instanceof ReadableStream) return new StreamInput(source);
  if (source instanceof Blob) {
    return new RandomAccessInput({
      size: source.size,
      read: async (offset, length) => new Uint8Array(await source.slice(offset, offset + length).arrayBuffer()),
    });
  }
  if (typeof source?.read === "function" && typeof source.size === "number") {
    if (!(source.size >= 0)) throw new RangeError(`Cannot read source: size must be 0 or more, got ${source.size}`);
    return new RandomAccessInput(source);
  }
  throw new TypeError(
    "Cannot read source: must be a Uint8Array, a Blob, a ReadableStream or have size and read()",
  );
}

class MemoryInput implements Input {
  readonly canSeek = true;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  read(offset: number, length: number): Uint8Array {
    return this.#bytes.subarray(offset, offset + length);
  }

  readUnits(offset: number, unitBytes: number, unitCount: number): Uint8Array {
    return this.read(offset, unitsInPiece(unitBytes, unitCount) * unitBytes);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

class RandomAccessInput implements Input {
  readonly canSeek = true;
  readonly #source: RandomAccess;

  constructor(source: RandomAccess) {
    this.#source = source;
  }

  get size(): number {
    return this.#source.size;
  }

  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array {
    const wanted = Math.min(length, Math.max(0, this.#source.size - offset));
    if (wanted === 0) return EMPTY;
    const answer = this.#source.read(offset, Math.min(wanted, PIECE_BYTES));
    if (answer instanceof Uint8Array && answer.byteLength >= wanted) return answer.subarray(0, wanted);
    return this.#gather(offset, wanted, answer);
  }

  readUnits(offset: number, unitBytes: number, unitCount: number): Promise<Uint8Array> | Uint8Array {
    return this.read(offset, unitsInPiece(unitBytes, unitCount) * unitBytes);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #gather(offset: number, wanted: number, first: Promise<Uint8Array> | Uint8Array): Promise<Uint8Array> {
    let piece = await first;
    if (piece.byteLength >= wanted) return piece.subarray(0, wanted);
    const gathered = new GrowingBytes();
    while (piece.byteLength > 0) {
      gathered.append(piece.subarray(0, wanted - gathered.byteLength));
      const missing = wanted - gathered.byteLength;
      if (missing === 0) break;
      piece = await this.#source.read(offset + gathered.byteLength, Math.min(missing, PIECE_BYTES));
    }
    return gathered.view();
  }
}

/**
 * Invariants
 * - `#held` begins at `#offset` of the stream, `#tail` (possibly empty) follows it; nothing before is kept.
 * - Nothing is copied while a chunk holds what is asked for: views of whole units go straight to the reader.
 */
class StreamInput implements Input {
  readonly canSeek = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #offset = 0;
  #held: Uint8Array = EMPTY;
  #tail: Uint8Array = EMPTY;
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** Known when the stream has ended. */
  get size(): number | undefined {
    return this.#ended ? this.#offset + this.#held.byteLength + this.#tail.byteLength : undefined;
  }

  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array {
    this.#dropBefore(offset);
    if (this.#offset === offset && this.#held.byteLength >= length) return this.#held.subarray(0, length);
    return this.#gather(offset, length);
  }

  readUnits(offset: number, unitBytes: number, unitCount: number): Promise<Uint8Array> | Uint8Array {
    this.#dropBefore(offset);
    if (this.#offset === offset && this.#held.byteLength >= unitBytes) return this.#units(unitBytes, unitCount);
    return this.#nextUnits(offset, unitBytes, unitCount);
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
    this.#reader.releaseLock();
  }

  #units(unitBytes: number, unitCount: number): Uint8Array {
    const count = Math.min(unitCount, Math.floor(this.#held.byteLength / unitBytes));
    return this.#held.subarray(0, count * unitBytes);
  }

  async #nextUnits(offset: number, unitBytes: number, unitCount: number): Promise<Uint8Array> {
    await this.#skipTo(offset);
    if (this.#held.byteLength === 0) await this.#pull();
    if (this.#held.byteLength >= unitBytes) return this.#units(unitBytes, unitCount);
    return this.read(offset, unitBytes);
  }

  async #gather(offset: number, length: number): Promise<Uint8Array> {
    await this.#skipTo(offset);
    const gathered = new GrowingBytes();
    gathered.append(this.#held.subarray(0, length));
    this.#held = this.#held.subarray(gathered.byteLength);
    while (gathered.byteLength < length) {
      if (this.#held.byteLength === 0 && !await this.#pull()) break;
      const missing = length - gathered.byteLength;
      gathered.append(this.#held.subarray(0, missing));
      this.#held = this.#held.subarray(missing);
    }
    this.#tail = this.#held;
    this.#held = gathered.view();
    return this.#held;
  }

  async #skipTo(offset: number): Promise<void> {
    while (this.#offset < offset) {
      if (!await this.#pull()) break;
      this.#dropBefore(offset);
    }
  }

  /** Puts the next bytes into the empty `#held`; false at the end. */
  async #pull(): Promise<boolean> {
    if (this.#tail.byteLength > 0) {
      this.#held = this.#tail;
      this.#tail = EMPTY;
      return true;
    }
    while (!this.#ended) {
      const { done, value } = await this.#reader.read();
      if (done) {
        this.#ended = true;
      } else if (!(value instanceof Uint8Array)) {
        throw new TypeError("Cannot read source: the stream must give Uint8Array chunks");
      } else if (value.byteLength > 0) {
        this.#held = value;
        return true;
      }
    }
    return false;
  }

  #dropBefore(offset: number): void {
    while (this.#offset < offset && this.#held.byteLength > 0) {
      const dropped = Math.min(offset - this.#offset, this.#held.byteLength);
      this.#offset += dropped;
      this.#held = this.#held.subarray(dropped);
      if (this.#held.byteLength === 0) {
        this.#held = this.#tail;
        this.#tail = EMPTY;
      }
    }
  }
}

const EMPTY = new Uint8Array(0);

function unitsInPiece(unitBytes: number, unitCount: number): number {
  return Math.min(unitCount, Math.max(1, Math.floor(PIECE_BYTES / unitBytes)));
}
