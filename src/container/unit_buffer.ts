/**
 * Chunks for containers whose units are written as they come, with nothing in front: each sample is a unit.
 *
 * @module
 */

import type { Pieces } from "../bytes/pieces.ts";
import { BufferPool } from "./buffer_pool.ts";
import type { Chunk } from "./container.ts";

const BLOCK_BYTES = 256 << 10;
const BLOCK_COUNT = 8;

/** Units back to back; `handed…` counts what left as chunks. */
interface Block {
  readonly memory: Uint8Array<ArrayBuffer>;
  used: number;
  handed: number;
  /** Ranges handed out and not released. */
  pins: number;
  /** Of the units not handed out: their number, that of their samples, the time of the first. */
  unitCount: number;
  sampleCount: number;
  timestamp: number;
  isFull: boolean;
}

interface Kept {
  readonly data: Uint8Array;
  readonly timestamp: number;
  readonly sampleCount: number;
}

/** Units in, chunks out. */
export class UnitBuffer {
  /** Units taken so far; one that is kept does not count yet. */
  unitCount = 0;
  readonly #pool: BufferPool;
  readonly #blockBytes: number;
  readonly #full: Block[] = [];
  #open: Block | undefined;
  #kept: Kept | undefined;
  #handedUnitCount = 0;

  constructor(blockBytes = BLOCK_BYTES, blockCount = BLOCK_COUNT) {
    this.#blockBytes = blockBytes;
    this.#pool = new BufferPool(blockBytes * blockCount);
  }

  /** Takes one unit, copying it. False: there was no memory, it is kept, and nothing may come until `resume` is true. */
  append(pieces: Pieces, timestamp: number, sampleCount = 1): boolean {
    const block = this.#blockFor(pieces.byteLength);
    if (block === undefined) {
      this.#kept = { data: pieces.toUint8Array(), timestamp, sampleCount };
      return false;
    }
    const { sources, starts, ends, count } = pieces;
    let at = block.used;
    for (let i = 0; i < count; i++) {
      const source = sources[i]!;
      const [start, end] = [starts[i]!, ends[i]!];
      block.memory.set(start === 0 && end === source.byteLength ? source : source.subarray(start, end), at);
      at += end - start;
    }
    this.#count(block, at, timestamp, sampleCount);
    return true;
  }

  /** True: nothing is kept any more. */
  resume(): boolean {
    if (this.#kept === undefined) return true;
    const { data, timestamp, sampleCount } = this.#kept;
    const block = this.#blockFor(data.byteLength);
    if (block === undefined) return false;
    this.#kept = undefined;
    block.memory.set(data, block.used);
    this.#count(block, block.used + data.byteLength, timestamp, sampleCount);
    return true;
  }

  get hasRoom(): boolean {
    return this.#kept === undefined && this.#pool.hasRoom(this.#blockBytes, this.#open?.memory.byteLength);
  }

  get hasChunk(): boolean {
    return this.#full.length > 0;
  }

  /** As `Muxer.heldTimestamp`. */
  get heldTimestamp(): number {
    const first = this.#full[0] ?? this.#open;
    if (first !== undefined && first.unitCount > 0) return first.timestamp;
    return this.#kept?.timestamp ?? -1;
  }

  /** As `Muxer.nextChunk`. */
  nextChunk(partial: boolean): Chunk | undefined {
    const block = this.#full.shift() ?? (partial ? this.#open : undefined);
    if (block === undefined || block.unitCount === 0) return undefined;
    const { unitCount, sampleCount, timestamp } = block;
    const bytes = block.memory.subarray(block.handed, block.used);
    const firstUnit = this.#handedUnitCount;
    this.#handedUnitCount += unitCount;
    block.handed = block.used;
    block.unitCount = 0;
    block.sampleCount = 0;
    block.pins++;
    const cleanPoints = Array.from({ length: unitCount }, (_, unit) => unit);
    return {
      bytes,
      info: { unitCount, firstUnit, timestamp, cleanPoints },
      sampleCount,
      release: () => {
        block.pins--;
        this.#recycle(block);
      },
    };
  }

  #count(block: Block, used: number, timestamp: number, sampleCount: number): void {
    if (block.unitCount === 0) block.timestamp = timestamp;
    block.used = used;
    block.unitCount++;
    block.sampleCount += sampleCount;
    this.unitCount++;
  }

  #blockFor(byteLength: number): Block | undefined {
    const open = this.#open;
    if (open !== undefined) {
      if (open.used + byteLength <= open.memory.byteLength) return open;
      this.#open = undefined;
      open.isFull = true;
      if (open.unitCount > 0) this.#full.push(open);
      else this.#recycle(open);
    }
    const memory = this.#pool.acquire(Math.max(this.#blockBytes, byteLength));
    if (memory === undefined) return undefined;
    this.#open = {
      memory,
      used: 0,
      handed: 0,
      pins: 0,
      unitCount: 0,
      sampleCount: 0,
      timestamp: 0,
      isFull: false,
    };
    return this.#open;
  }

  #recycle(block: Block): void {
    if (block.pins > 0 || block.unitCount > 0) return;
    if (block.isFull) {
      this.#pool.release(block.memory);
    } else { // everything in it is out and back: its memory begins anew
      block.used = 0;
      block.handed = 0;
    }
  }
}
