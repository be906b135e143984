/**
 * The bytes of samples, wherever they lie in a source.
 *
 * @module
 */

import type { RandomBytes } from "./bytes.ts";

/** What all blocks together take, bytes. */
const MEMORY_BYTES = 12 << 20;
/** Size of a block: two are enough for a file whose streams are interleaved, one more is read ahead. */
const MAX_BLOCK_BYTES = 1 << 20;
const MIN_BLOCK_BYTES = 1 << 14;
/** How much is read and never asked for, beside what is, before blocks are given up for exact reads. */
const MAX_WASTE_BYTES = 64 << 20;
const MAX_WASTE_FACTOR = 8;

interface Block {
  /** Which block of the source; −1: none. */
  index: number;
  bytes: Uint8Array;
  memory: Uint8Array<ArrayBuffer> | undefined;
  /** While it is being read. */
  reading: Promise<void> | undefined;
  lastUse: number;
  /** The batch whose samples are views of it. */
  batch: number;
}

/**
 * Reads a source in large blocks, one ahead of the one in use, into memory that is used again. What lies inside a block is
 * handed out as a view, what spans two is copied once. A source whose samples lie so that blocks are mostly wasted is read
 * exactly, so that its reading takes time by what is asked for.
 */
export class BlockReader {
  readonly #source: RandomBytes;
  readonly #blocks: Block[] = [];
  readonly #blockBytes: number;
  readonly #blockCount: number;
  #clock = 0;
  #batch = 0;
  #readBytes = 0;
  #askedBytes = 0;
  #takesMemory = true;
  /** The block used last: most samples lie in it. */
  #last: Block | undefined;

  /** @param laneCount How many places of the source are read at a time: the streams that may lie one behind the other. */
  constructor(source: RandomBytes, laneCount = 1) {
    this.#source = source;
    const wanted = MEMORY_BYTES / (2 * laneCount + 2);
    this.#blockBytes = Math.max(MIN_BLOCK_BYTES, Math.min(MAX_BLOCK_BYTES, 2 ** Math.floor(Math.log2(wanted))));
    this.#blockCount = Math.max(4, Math.min(2 * laneCount + 2, Math.floor(MEMORY_BYTES / this.#blockBytes)));
  }

  /** What was handed out before is dead: its memory may be used again. */
  release(): void {
    this.#batch++;
  }

  /** The bytes, where they are at hand; `undefined` where `load` must fetch them. */
  view(offset: number, length: number): Uint8Array | undefined {
    const { memory } = this.#source;
    if (memory !== undefined) return memory.subarray(offset, offset + length);
    const blockBytes = this.#blockBytes;
    const index = Math.floor(offset / blockBytes);
    let block = this.#last;
    if (block === undefined || block.index !== index) block = this.#find(index);
    if (block === undefined || block.reading !== undefined) return undefined;
    const at = offset - index * blockBytes;
    if (at + length > block.bytes.byteLength) return undefined;
    if (block !== this.#last) {
      this.#last = block;
      block.lastUse = ++this.#clock;
      if (this.#find(index - 1) !== undefined) this.#readAhead(index + 1);
    }
    block.batch = this.#batch;
    this.#askedBytes += length;
    return block.bytes.subarray(at, at + length);
  }

  /** The bytes; fewer where the source ends. Calls must not overlap. */
  async load(offset: number, length: number): Promise<Uint8Array> {
    const there = Math.max(0, Math.min(length, this.#source.size - offset));
    const isWasteful = this.#readBytes - MAX_WASTE_BYTES > MAX_WASTE_FACTOR * this.#askedBytes;
    if (there === 0) return new Uint8Array(0);
    if (isWasteful || there >= this.#blockBytes) {
      this.#askedBytes += there;
      return await this.#source.read(offset, offset + there);
    }
    const first = Math.floor(offset / this.#blockBytes);
    const last = Math.floor((offset + there - 1) / this.#blockBytes);
    const begun = this.#block(first);
    await begun.reading;
    if (first === last) {
      return this.view(offset, there) ?? begun.bytes.subarray(offset - first * this.#blockBytes); // it has shrunk
    }
    const bytes = new Uint8Array(there);
    const head = begun.bytes.subarray(offset - first * this.#blockBytes);
    bytes.set(head);
    if (first * this.#blockBytes + begun.bytes.byteLength < last * this.#blockBytes) {
      return bytes.subarray(0, head.byteLength);
    }
    const next = this.#block(last);
    await next.reading;
    const tail = next.bytes.subarray(0, there - head.byteLength);
    bytes.set(tail, head.byteLength);
    this.#askedBytes += there;
    return bytes.subarray(0, head.byteLength + tail.byteLength);
  }

  #find(index: number): Block | undefined {
    for (const block of this.#blocks) if (block.index === index) return block;
    return undefined;
  }

  #block(index: number): Block {
    const block = this.#find(index) ?? this.#read(index, this.#free() ?? this.#add());
    block.lastUse = ++this.#clock;
    return block;
  }

  #readAhead(index: number): void {
    if (index * this.#blockBytes >= this.#source.size || this.#find(index) !== undefined) return;
    const block = this.#free();
    if (block === undefined) return;
    this.#read(index, block);
    block.lastUse = ++this.#clock;
  }

  /** A block to be used anew: not one that is in anybody's hands. */
  #free(): Block | undefined {
    if (this.#blocks.length < this.#blockCount) return this.#add();
    let oldest: Block | undefined;
    for (const block of this.#blocks) {
      if (block.batch === this.#batch || block.reading !== undefined) continue;
      if (oldest === undefined || block.lastUse < oldest.lastUse) oldest = block;
    }
    return oldest;
  }

  #add(): Block {
    const block: Block = {
      index: -1,
      bytes: NOT_READ,
      memory: undefined,
      reading: undefined,
      lastUse: 0,
      batch: -1,
    };
    this.#blocks.push(block);
    return block;
  }

  #read(index: number, block: Block): Block {
    const start = index * this.#blockBytes;
    const end = Math.min(this.#source.size, start + this.#blockBytes);
    block.index = index;
    block.bytes = NOT_READ;
    if (this.#takesMemory) block.memory ??= new Uint8Array(Math.min(this.#blockBytes, this.#source.size));
    this.#readBytes += end - start;
    block.reading = this.#source.read(start, end, block.memory).then((bytes) => {
      if (bytes.buffer !== block.memory?.buffer) {
        this.#takesMemory = false; // it brings its own, as blobs do
        block.memory = undefined;
      }
      block.bytes = bytes;
      block.reading = undefined;
    }, (cause) => {
      block.index = -1; // whoever needs it tries again
      block.reading = undefined;
      throw cause;
    });
    block.reading.catch(() => {}); // told to whoever waits for it
    return block;
  }
}

const NOT_READ = new Uint8Array(0);
