/**
 * The Clusters of a session: samples in, chunks out, each a whole Cluster.
 *
 * ```text
 * chunk:   │ Cluster · size │ CRC-32 │ Timestamp │ SimpleBlock · SimpleBlock · BlockGroup … │ unused │
 * ```
 *
 * Samples are copied once, to where they are handed out. A block states its time in 16 bits, counted from the Cluster's,
 * which is the earliest of its blocks: that and the size are set when it is cut. Where Clusters are cut depends on the samples
 * and the calls alone, never on the sinks: when there is no memory for a sample, it waits.
 *
 * @module
 */

import { BufferPool } from "../container/buffer_pool.ts";
import type { Chunk, MuxSample, Packetizer } from "../container/container.ts";
import { KeptSample } from "../container/kept_sample.ts";
import {
  CHECKSUM_BYTES,
  CLUSTER_HEAD_BYTES,
  setClusterChecksum,
  setClusterTime,
  TIMESTAMP_BYTES,
} from "./cluster_head.ts";
import { CueTable } from "./cue_table.ts";
import * as ID from "./ids.ts";
import { type MatroskaTrack, TICK_US } from "./track.ts";

/** Of chunks that are not released. */
const POOL_BYTES = 0x60_0000;
/** The memory of a chunk is a multiple of this, so that others can use it again. */
const STEP_BYTES = 256 << 10;
/** A Cluster that would become larger is cut. */
const MAX_CLUSTER_BYTES = 0x20_0000;
/** Microseconds after which a Cluster is cut, and after which it is cut before a key frame. */
const MAX_DURATION = 2_000_000;
const KEY_FRAME_DURATION = 1_000_000;
/** Ticks between a Cluster's earliest block and its latest. */
const MAX_SPAN = 0x7FFF;
/** What a block has beside its sample, at most: a BlockGroup with three more elements. */
export const BLOCK_EXTRA_BYTES = 64;
const KEY = 0x80;

/** How Clusters are made. */
export interface ClusterOptions {
  /** Each begins with a checksum. */
  readonly hasChecksums: boolean;
  /** Blocks are in the order of their times, as Media Source Extensions want them in WebM. */
  readonly isSorted: boolean;
  /** Bytes a Cluster may have, head and all, if a sink limits it. */
  readonly maxUnitBytes?: number;
}

/** See the module's text. */
export class Clusters implements Packetizer {
  /** Clusters cut so far. */
  unitCount = 0;
  /** Bytes of them. */
  byteLength = 0;
  /** The track whose key frames are places to begin: the first video, or simply the first. */
  readonly mainTrack: MatroskaTrack;
  readonly cues = new CueTable();
  /** In the caller's order. */
  readonly #all: readonly MatroskaTrack[];
  /** Those of the header. */
  readonly #tracks: readonly MatroskaTrack[];
  readonly #options: ClusterOptions;
  readonly #maxBytes: number;
  readonly #bodyAt: number;
  readonly #pool = new BufferPool(POOL_BYTES);
  readonly #ready: Chunk[] = [];
  readonly #kept = new KeptSample();
  /** Where Clusters begin that are not released, by number. */
  readonly #offsets = new Map<number, number>();
  /** The open Cluster. */
  #memory: Uint8Array<ArrayBuffer> | undefined;
  #used = 0;
  /** Size of the last one. */
  #lastBytes = 0;
  /** Of each of its blocks: where it begins, where its time stands, and that time. */
  readonly #starts: number[] = [];
  readonly #timeFields: number[] = [];
  readonly #times: number[] = [];
  #count = 0;
  #isOrdered = true;
  #earliestTime = 0;
  #latestTime = 0;
  /** Decode time of its first sample, and the earliest presentation time. */
  #start = 0;
  #earliest = Infinity;
  /** Whether a reader may begin in it; settled by the main track's first sample. */
  #isClean: boolean | undefined;
  /** Blocks that the index tells of. */
  readonly #cued: number[] = [];

  /** @param all By index of the stream. @param tracks Those of them that are in the header, at least one. */
  constructor(all: readonly MatroskaTrack[], tracks: readonly MatroskaTrack[], options: ClusterOptions) {
    this.#all = all;
    this.#tracks = tracks;
    this.#options = options;
    this.#maxBytes = Math.min(MAX_CLUSTER_BYTES, options.maxUnitBytes ?? Infinity);
    this.#bodyAt = CLUSTER_HEAD_BYTES + TIMESTAMP_BYTES + (options.hasChecksums ? CHECKSUM_BYTES : 0);
    this.mainTrack = tracks.find((track) => track.isVideo) ?? tracks[0]!;
  }

  write(sample: MuxSample): boolean {
    const track = this.#all[sample.stream]!;
    track.count(sample);
    return this.#take(track, sample) || this.#kept.keep(sample);
  }

  resume(): boolean {
    const { sample } = this.#kept;
    if (sample === undefined) return true;
    if (!this.#take(this.#all[sample.stream]!, sample)) return false;
    this.#kept.clear();
    return true;
  }

  closeUnit(): void {
    if (this.#count > 0) this.#cut();
  }

  finish(): void {
    this.closeUnit();
  }

  get duration(): number {
    return Math.max(0, ...this.#tracks.map(({ extent }) => extent.end));
  }

  get hasRoom(): boolean {
    return this.#kept.sample === undefined && this.#pool.hasRoom(this.#nextBytes, this.#memory?.byteLength);
  }

  get hasChunk(): boolean {
    return this.#ready.length > 0;
  }

  nextChunk(): Chunk | undefined {
    return this.#ready.shift();
  }

  get heldTimestamp(): number {
    const earliest = this.#ready[0]?.info.timestamp ?? this.#earliest;
    return earliest === Infinity ? this.#kept.sample?.timestamp ?? -1 : earliest;
  }

  /** Where a Cluster begins, counted from the first; of those that sinks still have to get. */
  offsetOf(unit: number): number | undefined {
    return this.#offsets.get(unit);
  }

  /** Appends a sample, in a new Cluster where that is due. False: there is no memory for it; to be called again. */
  #take(track: MatroskaTrack, sample: MuxSample): boolean {
    const time = track.blockTime(sample);
    const needed = sample.pieces.byteLength + BLOCK_EXTRA_BYTES;
    if (this.#count > 0 && this.#isDue(track, sample, time, needed)) this.#cut();
    if (!this.#reserve(needed)) return false;
    this.#append(track, sample, time);
    return true;
  }

  #isDue(track: MatroskaTrack, { decodeTimestamp, isKey }: MuxSample, time: number, needed: number): boolean {
    if (this.#used + needed > this.#maxBytes) return true;
    if (Math.max(time, this.#latestTime) - Math.min(time, this.#earliestTime) > MAX_SPAN) return true;
    const span = decodeTimestamp - this.#start;
    if (span >= MAX_DURATION) return true;
    return isKey && track === this.mainTrack && track.isVideo &&
      (span >= KEY_FRAME_DURATION || this.#isClean === false);
  }

  /** What the next Cluster is likely to take. */
  get #nextBytes(): number {
    return Math.min(MAX_CLUSTER_BYTES, roundUp(Math.max(1, this.#lastBytes + (this.#lastBytes >> 3))));
  }

  /** Sees to memory for so many bytes more in the open Cluster. */
  #reserve(needed: number): boolean {
    const memory = this.#memory;
    if (memory === undefined) {
      const fresh = this.#pool.acquire(Math.max(this.#nextBytes, roundUp(this.#bodyAt + needed)));
      if (fresh === undefined) return false;
      this.#memory = fresh;
      this.#used = this.#bodyAt;
      return true;
    }
    const end = this.#used + needed;
    if (end <= memory.byteLength) return true;
    const byteLength = Math.max(roundUp(end), Math.min(MAX_CLUSTER_BYTES, 2 * memory.byteLength));
    const larger = this.#pool.acquire(byteLength, memory.byteLength);
    if (larger === undefined) return false;
    larger.set(memory.subarray(0, this.#used));
    this.#pool.release(memory);
    this.#memory = larger;
    return true;
  }

  #append(track: MatroskaTrack, sample: MuxSample, time: number): void {
    const index = this.#count++;
    const { timestamp, isKey } = sample;
    if (index === 0) {
      this.#start = sample.decodeTimestamp;
      this.#earliestTime = this.#latestTime = time;
    } else {
      if (time < this.#latestTime) this.#isOrdered = false;
      if (time < this.#earliestTime) this.#earliestTime = time;
      else if (time > this.#latestTime) this.#latestTime = time;
    }
    if (timestamp < this.#earliest) this.#earliest = timestamp;
    if (track === this.mainTrack) this.#cue(track, isKey, index);
    this.#starts[index] = this.#used;
    this.#times[index] = time;
    const isGroup = track.isText || (sample.trimEnd ?? 0) > 0 || track.trimLeft > 0;
    this.#used = isGroup ? this.#writeGroup(track, sample, index) : this.#writeSimple(track, sample, index);
  }

  /** Whether the main track's sample is a place to begin, in the Cluster and by the index. */
  #cue(track: MatroskaTrack, isKey: boolean, index: number): void {
    const isFirst = this.#isClean === undefined;
    this.#isClean ??= isKey;
    if (isKey && (isFirst || track.isVideo)) this.#cued.push(index);
  }

  #writeSimple({ id }: MatroskaTrack, { pieces, isKey }: MuxSample, index: number): number {
    const memory = this.#memory!;
    memory[this.#used] = ID.SimpleBlock;
    const at = writeSize(memory, this.#used + 1, pieces.byteLength + blockHeadBytes(id));
    return this.#writeBlock(at, id, isKey ? KEY : 0, pieces, index);
  }

  /** A block that says more than SimpleBlock can: how long it lasts, what of it is not shown. */
  #writeGroup(track: MatroskaTrack, { pieces, isKey, duration, trimEnd = 0 }: MuxSample, index: number): number {
    const memory = this.#memory!;
    const view = new DataView(memory.buffer, memory.byteOffset);
    const blockBytes = pieces.byteLength + blockHeadBytes(track.id);
    const trimStart = Math.min(track.trimLeft, Math.max(0, duration));
    track.trimLeft = duration > 0 ? track.trimLeft - trimStart : 0;
    const discardedNs = Math.round((trimEnd > 0 ? trimEnd : -trimStart) * 1000);
    const durationBytes = track.isText && duration >= 0 ? 2 + 4 : 0;
    const discardBytes = discardedNs === 0 ? 0 : 3 + 8;
    const referenceBytes = isKey ? 0 : 2 + 2;
    const bodyBytes = 1 + sizeBytes(blockBytes) + blockBytes + durationBytes + discardBytes + referenceBytes;
    memory[this.#used] = ID.BlockGroup;
    let at = writeSize(memory, this.#used + 1, bodyBytes);
    memory[at] = ID.Block;
    at = writeSize(memory, at + 1, blockBytes);
    at = this.#writeBlock(at, track.id, 0, pieces, index);
    if (durationBytes > 0) {
      view.setUint16(at, ID.BlockDuration << 8 | 0x84);
      view.setUint32(at + 2, Math.min(0xFFFF_FFFF, Math.round(duration / TICK_US)));
      at += durationBytes;
    }
    if (referenceBytes > 0) {
      view.setUint16(at, ID.ReferenceBlock << 8 | 0x82);
      view.setInt16(at + 2, -1); // to some block before
      at += referenceBytes;
    }
    if (discardBytes > 0) {
      view.setUint16(at, ID.DiscardPadding);
      view.setUint8(at + 2, 0x88);
      view.setBigInt64(at + 3, BigInt(discardedNs));
      at += discardBytes;
    }
    return at;
  }

  #writeBlock(at: number, id: number, flags: number, pieces: MuxSample["pieces"], index: number): number {
    const memory = this.#memory!;
    if (id > MAX_SHORT_ID) memory[at++] = 0x40;
    memory[at++] = id > MAX_SHORT_ID ? id : 0x80 | id;
    this.#timeFields[index] = at;
    memory[at + 2] = flags;
    at += 3;
    const { sources, starts, ends, count } = pieces;
    for (let i = 0; i < count; i++) {
      const source = sources[i]!;
      const [start, end] = [starts[i]!, ends[i]!];
      memory.set(start === 0 && end === source.byteLength ? source : source.subarray(start, end), at);
      at += end - start;
    }
    return at;
  }

  /** Closes the open Cluster, which has blocks. */
  #cut(): void {
    const memory = this.#memory!;
    const used = this.#used;
    if (this.#options.isSorted && !this.#isOrdered) this.#sort();
    const base = this.#earliestTime;
    for (let i = 0; i < this.#count; i++) {
      const relative = this.#times[i]! - base;
      const at = this.#timeFields[i]!;
      memory[at] = relative >> 8;
      memory[at + 1] = relative;
    }
    this.#writeHead(memory, used, base);
    const unit = this.unitCount++;
    const offset = this.byteLength;
    this.#offsets.set(unit, offset);
    for (const index of this.#cued) {
      this.cues.add({
        unit,
        offset,
        time: this.#times[index]!,
        relative: this.#starts[index]! - CLUSTER_HEAD_BYTES,
      });
    }
    this.#ready.push({
      bytes: memory.subarray(0, used),
      info: { unitCount: 1, firstUnit: unit, timestamp: this.#earliest, cleanPoints: this.#isClean ? [0] : [] },
      sampleCount: this.#count,
      release: () => {
        this.#offsets.delete(unit);
        this.#pool.release(memory);
      },
    });
    this.byteLength += used;
    this.#lastBytes = used;
    this.#memory = undefined;
    this.#count = 0;
    this.#isOrdered = true;
    this.#earliest = Infinity;
    this.#isClean = undefined;
    this.#cued.length = 0;
  }

  #writeHead(memory: Uint8Array<ArrayBuffer>, used: number, time: number): void {
    const view = new DataView(memory.buffer, memory.byteOffset);
    view.setUint32(0, ID.Cluster);
    view.setBigUint64(4, 0x0100_0000_0000_0000n | BigInt(used - CLUSTER_HEAD_BYTES));
    setClusterTime(view, this.#bodyAt - TIMESTAMP_BYTES, time);
    if (this.#options.hasChecksums) setClusterChecksum(memory);
  }

  /** Brings the blocks into the order of their times, those of one time as they came. */
  #sort(): void {
    const memory = this.#memory!;
    const count = this.#count;
    const [starts, fields, times] = [this.#starts, this.#timeFields, this.#times]
      .map((list) => list.slice(0, count)) as [number[], number[], number[]];
    const bytes = memory.slice(this.#bodyAt, this.#used);
    const places: number[] = [];
    let at = this.#bodyAt;
    const order = Array.from({ length: count }, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);
    order.forEach((from, to) => {
      const start = starts[from]!;
      const end = from + 1 < count ? starts[from + 1]! : this.#used;
      memory.set(bytes.subarray(start - this.#bodyAt, end - this.#bodyAt), at);
      places[from] = to;
      this.#starts[to] = at;
      this.#timeFields[to] = at + fields[from]! - start;
      this.#times[to] = times[from]!;
      at += end - start;
    });
    this.#cued.forEach((from, i) => this.#cued[i] = places[from]!);
  }
}

/** Track numbers above take two bytes. */
const MAX_SHORT_ID = 0x7E;

function blockHeadBytes(id: number): number {
  return id > MAX_SHORT_ID ? 5 : 4;
}

function roundUp(byteLength: number): number {
  return Math.ceil(byteLength / STEP_BYTES) * STEP_BYTES;
}

function sizeBytes(size: number): number {
  return size < 0x7F ? 1 : size < 0x3FFF ? 2 : size < 0x1F_FFFF ? 3 : size < 0xFFF_FFFF ? 4 : 5;
}

/** Writes the size of an element. Answers where its body begins. */
function writeSize(memory: Uint8Array, at: number, size: number): number {
  const count = sizeBytes(size);
  if (count === 5) memory[at++] = 0x08;
  else if (count === 4) memory[at++] = 0x10 | size >>> 24;
  else if (count === 3) memory[at++] = 0x20 | size >>> 16;
  else if (count === 2) memory[at++] = 0x40 | size >>> 8;
  else memory[at++] = 0x80 | size;
  for (let shift = 8 * (count - 2); shift >= 0; shift -= 8) memory[at++] = size >>> shift;
  return at;
}
