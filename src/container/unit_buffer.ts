/**
 * Chunks for containers whose units are written as they come: each sample is a unit, its bytes alone or laid out.
 *
 * @module
 */

import { BufferPool } from "./buffer_pool.ts";
import type { Chunk, MuxSample, Packetizer } from "./container.ts";
import { Extent } from "./extent.ts";
import { KeptSample } from "./kept_sample.ts";

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
  /** Of these units, those that a reader may start at; empty without a layout, as all of them are. */
  cleanPoints: number[];
  isFull: boolean;
}

/** What fills the time before samples, where only the bytes in front of one say when it begins. */
export interface Filler {
  /** Filler of one unit. */
  readonly unit: Uint8Array;
  /** Where the next sample would begin without any, microseconds. */
  readonly end: number;
  /** Counts a sample that comes in. Answers how many bytes of filler go in front of it. */
  add(sample: MuxSample): number;
}

/** Makes units that are more than their samples' bytes. */
export interface UnitLayout {
  /** Whether a reader may start at the unit last written. */
  readonly isClean: boolean;
  /** Most bytes that a sample's unit takes. */
  maxUnitBytes(sample: MuxSample): number;
  /** Writes a unit at `offset`; answers where it ends. Called once a sample, in order. */
  write(sample: MuxSample, memory: Uint8Array<ArrayBuffer>, offset: number): number;
  /** A sink may begin with the next unit. */
  closeUnit(): void;
}

/** What differs from container to container. */
export interface UnitBufferOptions {
  /** Fills gaps, and says how long it all is; absent: samples lie where they say. */
  readonly filler?: Filler;
  /** Lays units out; absent: a unit is its sample's bytes, and a reader may start at each. */
  readonly layout?: UnitLayout;
  /** Is told of each sample before it is laid out. */
  readonly log?: { add(sample: MuxSample): void };
  /** How large a chunk is; default 256 KiB. A larger sample gets one of its size. */
  readonly blockBytes?: number;
  /** How many of them there are; default 8. */
  readonly blockCount?: number;
}

/**
 * Units in, chunks out.
 *
 * @example
 * ```ts
 * import { type Packetizer, Pieces, UnitBuffer } from "@muxwell/muxwell/container";
 *
 * const packetizer: Packetizer = new UnitBuffer();
 * const pieces = new Pieces();
 * pieces.add(Uint8Array.of(1, 2, 3));
 * const times = { timestamp: 0, decodeTimestamp: 0, duration: 40_000 };
 * packetizer.write({ stream: 0, pieces, isKey: true, ...times });
 * console.log(packetizer.nextChunk(true)?.bytes); // 1, 2, 3
 * ```
 */
export class UnitBuffer implements Packetizer {
  /** One that is kept does not count yet. */
  unitCount = 0;
  readonly #filler: Filler | undefined;
  readonly #layout: UnitLayout | undefined;
  readonly #log: UnitBufferOptions["log"];
  readonly #pool: BufferPool;
  readonly #blockBytes: number;
  /** By stream. */
  readonly #extents: Extent[] = [];
  readonly #full: Block[] = [];
  #open: Block | undefined;
  readonly #kept = new KeptSample();
  /** Filler that the sample at hand waits for: so many bytes, shown from then on. */
  #fillBytes = 0;
  #fillStart = 0;
  #handedUnitCount = 0;

  /** Memory is taken when it is needed. */
  constructor({ filler, layout, log, blockBytes = BLOCK_BYTES, blockCount = BLOCK_COUNT }: UnitBufferOptions = {}) {
    this.#filler = filler;
    this.#layout = layout;
    this.#log = log;
    this.#blockBytes = blockBytes;
    this.#pool = new BufferPool(blockBytes * blockCount);
  }

  /** Lays out one sample as a unit. False: there is no memory for it, and `resume` has to answer true first. */
  write(sample: MuxSample): boolean {
    (this.#extents[sample.stream] ??= new Extent()).add(sample);
    this.#log?.add(sample);
    if (this.#filler !== undefined) {
      this.#fillStart = this.#filler.end;
      this.#fillBytes = this.#filler.add(sample);
    }
    return this.#append(sample) || this.#kept.keep(sample);
  }

  /** Goes on with what was kept. True: nothing is kept any more. */
  resume(): boolean {
    const { sample } = this.#kept;
    if (sample === undefined) return true;
    if (!this.#append(sample)) return false;
    this.#kept.clear();
    return true;
  }

  /** Every unit is closed as it comes. */
  closeUnit(): void {
    this.#layout?.closeUnit();
  }

  /** Every unit is closed as it comes. */
  finish(): void {}

  /** Where the last sample ends, microseconds. */
  get duration(): number {
    if (this.#filler !== undefined) return Math.max(0, Math.round(this.#filler.end) || 0);
    return this.#extents.reduce((end, extent) => Math.max(end, extent.end), 0);
  }

  /** Whether a chunk is free behind the one being filled. */
  get hasRoom(): boolean {
    return this.#kept.sample === undefined && this.#pool.hasRoom(this.#blockBytes, this.#open?.memory.byteLength);
  }

  /** Whether a chunk is full. */
  get hasChunk(): boolean {
    return this.#full.length > 0;
  }

  /** When the first sample that is not handed out is shown, microseconds; -1 if there is none. */
  get heldTimestamp(): number {
    const first = this.#full[0] ?? this.#open;
    if (first !== undefined && first.unitCount > 0) return first.timestamp;
    return this.#kept.sample?.timestamp ?? -1;
  }

  /** The next full chunk, or with `partial` what there is. */
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
    const cleanPoints = this.#layout ? block.cleanPoints : Array.from({ length: unitCount }, (_, unit) => unit);
    block.cleanPoints = [];
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

  /** Copies a sample, behind the filler that it waits for. False: there is no memory for the rest. */
  #append(sample: MuxSample): boolean {
    const layout = this.#layout;
    if (layout !== undefined) {
      const block = this.#blockFor(layout.maxUnitBytes(sample));
      if (block === undefined) return false;
      const end = layout.write(sample, block.memory, block.used);
      if (layout.isClean) block.cleanPoints.push(block.unitCount);
      this.#count(block, end, sample.timestamp, 1);
      return true;
    }
    const { pieces, timestamp } = sample;
    while (this.#fillBytes > 0) {
      const unit = this.#filler!.unit;
      const fillBytes = Math.min(unit.byteLength, this.#fillBytes);
      const block = this.#blockFor(fillBytes);
      if (block === undefined) return false;
      block.memory.set(fillBytes === unit.byteLength ? unit : unit.subarray(0, fillBytes), block.used);
      this.#count(block, block.used + fillBytes, this.#fillStart, 0);
      this.#fillBytes -= fillBytes;
    }
    const block = this.#blockFor(pieces.byteLength);
    if (block === undefined) return false;
    const { sources, starts, ends, count } = pieces;
    let at = block.used;
    for (let i = 0; i < count; i++) {
      const source = sources[i]!;
      const [start, end] = [starts[i]!, ends[i]!];
      block.memory.set(start === 0 && end === source.byteLength ? source : source.subarray(start, end), at);
      at += end - start;
    }
    this.#count(block, at, timestamp, 1);
    return true;
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
      cleanPoints: [],
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
