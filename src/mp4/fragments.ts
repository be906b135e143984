/**
 * The fragments of a session: samples in, chunks out, each a whole fragment.
 *
 * ```text
 * sample → its track's memory · its track's memory · …          until the fragment is cut
 * chunk:   │ styp · moof · mdat head │ samples of the first track │ of the second │ … │ unused │
 * ```
 *
 * The samples of a track lie together, so that one `trun` tells of them all, and what they have in common is said once.
 * Each track holds its latest sample back, since the one behind it says how long it lasts; `closeUnit` lets it go with
 * what it says of itself. Where fragments are cut depends on the samples and the calls alone, never on the sinks: when there is
 * no memory for a chunk, the sample waits that cuts the fragment.
 *
 * @module
 */

import { LongColumn } from "../bytes/long_column.ts";
import { BufferPool } from "../container/buffer_pool.ts";
import { BoxWriter } from "./box_writer.ts";
import type { Chunk, MuxSample, Packetizer } from "../container/container.ts";
import { KeptSample } from "../container/kept_sample.ts";
import { box, BOX_HEAD_BYTES, fullBox } from "./box.ts";
import type { Mp4Track } from "./track.ts";
import { SAMPLE_BYTES, TRACK_BYTES } from "./track_fragment.ts";

/** Of chunks that are not released. */
const BUDGET_BYTES = 0x60_0000;
/** The memory of a chunk is a multiple of this, so that others can use it again. */
const STEP_BYTES = 64 << 10;
/** A fragment that would become larger is cut, and one whose head would. */
const MAX_BYTES = 0x20_0000;
const MAX_HEAD_BYTES = 32 << 10;
/** styp, moof with mfhd, and the head of mdat. */
const FIXED_BYTES = 24 + 8 + 16 + 8;

/** What the index keeps of a fragment in which a reader may start. */
export interface EntryPoint {
  readonly unit: number;
  /** Presentation time of the sample, in ticks. */
  readonly time: number;
  /** Place of the track among those of the fragment, from 1. */
  readonly trafNumber: number;
}

/** How fragments are cut. */
export interface FragmentOptions {
  /** Microseconds. */
  readonly duration: number;
  /** Bytes a fragment may have, head and all, if a sink limits it. */
  readonly maxUnitBytes?: number;
  /** Whether they have heads; without, they are runs of samples alone. */
  readonly hasHeads: boolean;
  /** Whether places to begin are kept. */
  readonly hasIndex: boolean;
}

/** See the module's text. */
export class Fragments implements Packetizer {
  /** Fragments cut so far. */
  unitCount = 0;
  /** Places to begin, in order; none without an index. */
  readonly entryPoints: EntryPoint[] = [];
  /** Of each fragment, and of the next one: where it begins behind the header. */
  readonly offsets = new LongColumn("f64");
  /** The track whose key frames are places to begin: the first video, or simply the first. */
  readonly mainTrack: Mp4Track;
  /** In the caller's order. */
  readonly #all: readonly Mp4Track[];
  /** Those of the header. */
  readonly #tracks: readonly Mp4Track[];
  readonly #options: FragmentOptions;
  readonly #maxBytes: number;
  readonly #pool = new BufferPool(BUDGET_BYTES);
  readonly #ready: Chunk[] = [];
  readonly #head = new BoxWriter();
  #dataBytes = 0;
  #headBytes = FIXED_BYTES;
  #sampleCount = 0;
  /** Decode time of the open fragment's first sample. */
  #start = 0;
  #earliest = Infinity;
  readonly #kept = new KeptSample();

  /** @param all By index of the stream. @param tracks Those of them that are in the header, at least one. */
  constructor(all: readonly Mp4Track[], tracks: readonly Mp4Track[], options: FragmentOptions) {
    this.offsets.push(0);
    this.#all = all;
    this.#tracks = tracks;
    this.#options = options;
    this.#maxBytes = Math.min(MAX_BYTES, options.maxUnitBytes ?? Infinity);
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

  /** Cuts, with every sample that came. */
  closeUnit(): void {
    const waiting = this.#tracks.filter(({ pending }) => pending.isPresent);
    waiting.sort((a, b) => a.pending.decodeTimestamp - b.pending.decodeTimestamp);
    for (const track of waiting) this.#release(track, true);
    if (this.#sampleCount > 0) this.#cut(this.#acquire(true)!);
  }

  finish(): void {
    this.closeUnit();
  }

  get duration(): number {
    return Math.max(0, ...this.#tracks.map(({ extent }) => extent.end));
  }

  get hasRoom(): boolean {
    return this.#kept.sample === undefined && this.#pool.hasRoom(this.#chunkBytes);
  }

  get hasChunk(): boolean {
    return this.#ready.length > 0;
  }

  nextChunk(): Chunk | undefined {
    return this.#ready.shift();
  }

  get heldTimestamp(): number {
    let earliest = this.#ready[0]?.info.timestamp ?? this.#earliest;
    for (const { pending } of this.#tracks) {
      if (pending.isPresent && pending.decodeTimestamp < earliest) earliest = pending.decodeTimestamp;
    }
    return earliest === Infinity ? -1 : earliest;
  }

  /**
   * The sample becomes its track's latest; what came before it is cut off where that is due. False: there is no memory for
   * that; to be called again with the same.
   */
  #take(track: Mp4Track, sample: MuxSample): boolean {
    if (!this.#release(track, false)) return false;
    const isDue = this.#isDue(track, sample);
    const memory = isDue ? this.#acquire(false) : undefined;
    if (isDue && memory === undefined) return false;
    track.hold(sample); // it says how long the one before it lasts
    if (memory !== undefined) this.#cut(memory);
    return true;
  }

  /**
   * A fragment is cut in front of the main track's key frames, unless these are denser than half its duration, and when
   * it has its duration: by the main track, or by another when that has stalled.
   */
  #isDue(track: Mp4Track, { decodeTimestamp, isKey }: MuxSample): boolean {
    if (this.#sampleCount === 0) return false;
    const span = decodeTimestamp - this.#start;
    const { duration } = this.#options;
    if (track !== this.mainTrack) return span >= 2 * duration;
    if (span >= duration) return true;
    const hasDeltaFirst = track.fragment.count > 0 && !this.#isClean;
    return isKey && track.isVideo && (span >= duration / 2 || hasDeltaFirst);
  }

  /** Whether a reader may start in the open fragment. */
  get #isClean(): boolean {
    return this.mainTrack.fragment.keyTime !== undefined;
  }

  /** The track's latest sample goes into the fragment. False: there is no memory; with `force` there always is. */
  #release(track: Mp4Track, force: boolean): boolean {
    const { pending, fragment } = track;
    if (!pending.isPresent) return true;
    const { byteLength, decodeTimestamp } = pending;
    if (this.#sampleCount > 0) {
      const headBytes = this.#headBytes + TRACK_BYTES + SAMPLE_BYTES;
      const isFull = headBytes > MAX_HEAD_BYTES || headBytes + this.#dataBytes + byteLength > this.#maxBytes;
      if (isFull) {
        const memory = this.#acquire(force);
        if (memory === undefined) return false;
        this.#cut(memory);
      }
    }
    this.#headBytes += SAMPLE_BYTES + (fragment.count === 0 ? TRACK_BYTES : 0);
    this.#dataBytes += byteLength;
    if (this.#sampleCount++ === 0) this.#start = decodeTimestamp;
    if (decodeTimestamp < this.#earliest) this.#earliest = decodeTimestamp;
    track.addPending();
    return true;
  }

  /** Memory that the open fragment takes when it is cut. */
  get #chunkBytes(): number {
    return Math.ceil((this.#headBytes + this.#dataBytes) / STEP_BYTES) * STEP_BYTES;
  }

  /** Memory for the open fragment; undefined until a chunk is released, but not with `force`. */
  #acquire(force: boolean): Uint8Array<ArrayBuffer> | undefined {
    return this.#pool.acquire(this.#chunkBytes, force ? Infinity : 0);
  }

  /** Closes the open fragment, which has samples. */
  #cut(memory: Uint8Array<ArrayBuffer>): void {
    const isClean = this.#isClean;
    const present = this.#tracks.filter(({ fragment }) => fragment.count > 0);
    if (isClean && this.#options.hasIndex) {
      const trafNumber = present.indexOf(this.mainTrack) + 1;
      this.entryPoints.push({ unit: this.unitCount, time: this.mainTrack.fragment.keyTime!, trafNumber });
    }
    for (const { fragment, nextDecodeTime } of present) fragment.settle(nextDecodeTime);
    const unit = this.unitCount++;
    const start = this.offsets.at(unit);
    let end = 0;
    if (this.#options.hasHeads) {
      const head = this.#writeHead(present, isClean);
      memory.set(head);
      end = head.byteLength;
    }
    for (const { fragment, index, shownFrom } of present) {
      if (index !== undefined) fragment.list(index, unit, start + end, shownFrom);
      fragment.copyTo(memory, end);
      end += fragment.byteLength;
      fragment.clear();
    }
    this.#ready.push({
      bytes: memory.subarray(0, end),
      info: {
        unitCount: 1,
        firstUnit: unit,
        timestamp: this.#earliest,
        cleanPoints: isClean ? [0] : [],
      },
      sampleCount: this.#sampleCount,
      release: () => this.#pool.release(memory),
    });
    this.offsets.push(start + end);
    this.#dataBytes = 0;
    this.#headBytes = FIXED_BYTES;
    this.#sampleCount = 0;
    this.#earliest = Infinity;
  }

  /** A segment type where a segment may begin, the fragment's boxes, and the head of the samples' box. */
  #writeHead(present: readonly Mp4Track[], isClean: boolean): Uint8Array {
    const w = this.#head;
    w.offset = 0;
    if (isClean) writeSegmentType(w);
    const moofAt = w.offset;
    box(w, "moof", () => {
      fullBox(w, "mfhd", 0, 0, () => w.u32(this.unitCount));
      for (const { fragment, id, isVideo } of present) fragment.write(w, id, isVideo);
    });
    w.u32(BOX_HEAD_BYTES + this.#dataBytes);
    w.text("mdat");
    let dataOffset = w.offset - moofAt;
    for (const { fragment } of present) {
      fragment.setDataOffset(w, dataOffset);
      dataOffset += fragment.byteLength;
    }
    return w.written;
  }
}

/** Size of `styp`. */
export const SEGMENT_TYPE_BYTES = 24;

function writeSegmentType(w: BoxWriter): void {
  box(w, "styp", () => {
    w.text("msdh");
    w.u32(0);
    for (const brand of ["msdh", "iso6"]) w.text(brand); // the first once more: readers look among these
  });
}
