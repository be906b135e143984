/**
 * The samples of a track, one after the other.
 *
 * @module
 */

import type { Positions } from "./box_reader.ts";
import type { Mp4Track } from "./movie.ts";
import { type TablePlace, TableWindow } from "./table.ts";

/** Answers of {@linkcode SampleCursor.advance}. */
export const SAMPLE = 1;
export const END = 0;
export const WAIT = -1;

/** Samples of a fragment that lie behind each other ([ISO 14496-12] 8.8.8). */
export interface FragmentRun {
  /** The entries of the samples. */
  readonly view: DataView;
  /** Where the next one begins there. */
  at: number;
  /** Samples left. */
  left: number;
  /** Flags of the box: which fields an entry has. */
  readonly fields: number;
  readonly version: number;
  /** Where the next sample lies in the file. */
  offset: number;
  /** Decode time of the first one, in ticks; `undefined`: behind the one before. */
  decodeTime: number | undefined;
  readonly defaultDuration: number;
  readonly defaultSize: number;
  readonly defaultFlags: number;
  /** Flags of the first sample; `undefined`: as the others. */
  firstFlags: number | undefined;
  readonly descriptionIndex: number;
}

/** Sample flags: it cannot be decoded alone ([ISO 14496-12] 8.8.3.1). */
const IS_NON_SYNC = 0x10000;
const TRUN = { DURATION: 0x100, SIZE: 0x200, FLAGS: 0x400, COMPOSITION: 0x800 } as const;

/** How many bytes of equal samples are put together: sound without compression has tens of thousands a second. */
const MERGED_BYTES = 1 << 14;

/** Sample entries of sound whose samples are single values. */
const UNCOMPRESSED: ReadonlySet<string> = new Set(
  ["raw ", "NONE", "twos", "sowt", "in24", "in32", "fl32", "fl64", "lpcm", "ipcm", "fpcm", "alaw", "ulaw"],
);

/** So small is no sample of compressed sound. */
const MAX_VALUE_BYTES = 8;

/** How a track's samples are laid out where their tables count something else than bytes (QuickTime's sound). */
export interface PacketLayout {
  /** Samples of a packet, which is not split. */
  readonly samples: number;
  /** Its size. */
  readonly bytes: number;
}

/**
 * The samples of a track in the order of its tables, then of its fragments. It is itself the sample it stands at: nothing
 * is made for each. Tables are read in windows, so that memory stays flat whatever their length.
 *
 * ```text
 * for (;;) {
 *   const state = cursor.advance();
 *   if (state === END) break;
 *   if (state === WAIT) await cursor.fill();  // or push a run, or endRuns()
 *   else use(cursor.offset, cursor.byteLength, cursor.decodeTime, …);
 * }
 * ```
 */
export class SampleCursor {
  /** The track. */
  readonly track: Mp4Track;
  /** Its number among the track's samples, from 0. */
  number = -1;
  /** Where its bytes lie. */
  offset = 0;
  byteLength = 0;
  /** Ticks of the track. */
  decodeTime = 0;
  compositionOffset = 0;
  duration = 0;
  /** Whether it can be decoded alone. */
  isKey = false;
  /** Which sample entry it belongs to, from 1. */
  descriptionIndex = 1;
  /** How many samples of the tables it is: equal ones of sound without compression are put together. */
  sampleCount = 0;
  /** Samples of the tables, if all of them are there. */
  readonly tableCount: number;
  /** Where decoding goes on behind it. */
  nextDecodeTime = 0;
  /** How much later it is decoded than what is before it ends, where a fragment says so, ticks. */
  jump = 0;
  /** Chunks that no sample lies in, once the tables are read. */
  unusedChunks = 0;
  /** Whether the tables end before their last sample. */
  isCutShort = false;

  readonly #times: TableWindow | undefined;
  readonly #offsets: TableWindow | undefined;
  readonly #chunkMap: TableWindow | undefined;
  readonly #chunks: TableWindow | undefined;
  readonly #sizes: TableWindow | undefined;
  readonly #syncs: TableWindow | undefined;
  readonly #partialSyncs: TableWindow | undefined;
  readonly #groups: TableWindow | undefined;
  readonly #windows: TableWindow[] = [];
  readonly #isLong: boolean;
  readonly #constantBytes: number;
  readonly #entryBits: number;
  readonly #packet: PacketLayout | undefined;
  readonly #canMerge: boolean;

  #next = 0;
  #timeIndex = -1;
  #timeLeft = 0;
  #delta = 0;
  #offsetIndex = -1;
  #offsetLeft = 0;
  #mapIndex = -1;
  #chunkIndex = -1;
  #perChunk = 0;
  #leftInChunk = 0;
  #chunkDescription = 1;
  #chunkAt = 0;
  #syncIndex = 0;
  #partialIndex = 0;
  #groupIndex = -1;
  #groupLeft = 0;
  #group = 0;
  #isInRuns = false;
  readonly #runs: FragmentRun[] = [];
  #runsEnded = false;
  /** Bytes of the runs that wait. */
  queuedBytes = 0;

  constructor(track: Mp4Track, positions: Positions, packet?: PacketLayout) {
    const { tables } = track;
    const open = (place: TablePlace | undefined) => {
      if (place === undefined) return undefined;
      const window = new TableWindow(positions, place);
      this.#windows.push(window);
      return window;
    };
    this.track = track;
    this.#times = open(tables.timeToSample);
    this.#offsets = open(tables.compositionOffsets?.entryCount ? tables.compositionOffsets : undefined);
    this.#chunkMap = open(tables.samplesToChunks);
    this.#chunks = open(tables.chunkOffsets);
    this.#isLong = tables.chunkOffsets?.entryBytes === 8;
    this.#sizes = open(tables.sizes?.place);
    this.#constantBytes = tables.sizes?.constantBytes ?? 0;
    this.#entryBits = tables.sizes?.entryBits ?? 32;
    this.#syncs = open(tables.syncSamples);
    this.#partialSyncs = open(tables.partialSyncSamples);
    this.#groups = this.#syncs && open(tables.randomAccessGroups);
    this.tableCount = tables.sizes?.sampleCount ?? 0;
    this.#packet = packet;
    const isSmall = track.handlerType === "soun" && this.#constantBytes <= MAX_VALUE_BYTES;
    this.#canMerge = (isSmall || UNCOMPRESSED.has(track.entries[0]?.type ?? "")) && this.#offsets === undefined;
  }

  /** Goes on to the next sample. {@linkcode WAIT}: not before {@linkcode SampleCursor.fill} or another run has come. */
  advance(): number {
    if (!this.#isInRuns) {
      const state = this.#advanceTables();
      if (state !== END) return state;
      this.#isInRuns = true;
    }
    return this.#advanceRun();
  }

  /** Whether it waits for a fragment, not for its tables. */
  get wantsRun(): boolean {
    return this.#isInRuns && this.#runs.length === 0 && !this.#runsEnded;
  }

  /** Reads on in the tables. */
  async fill(): Promise<void> {
    // Where each stands, the next entry and the one behind it are wanted.
    await this.#times?.fill(this.#timeIndex + 1);
    await this.#offsets?.fill(this.#offsetIndex + 1);
    await this.#chunkMap?.fill(this.#mapIndex + 1);
    await this.#chunks?.fill(this.#chunkIndex + 1);
    await this.#sizes?.fill(this.#sizeIndex(this.#next));
    await this.#syncs?.fill(this.#syncIndex);
    await this.#partialSyncs?.fill(this.#partialIndex);
    await this.#groups?.fill(this.#groupIndex + 1);
  }

  /** Samples of a fragment, in their order. */
  pushRun(run: FragmentRun): void {
    this.#runs.push(run);
    this.queuedBytes += run.view.byteLength;
  }

  /** No fragments follow. */
  endRuns(): void {
    this.#runsEnded = true;
  }

  /** Leaves the tables out, as fragments behind them are to be read from the middle on. */
  skipTables(nextDecodeTime: number): void {
    this.#isInRuns = true;
    this.nextDecodeTime = nextDecodeTime;
  }

  /** Lets nothing follow. */
  end(): void {
    this.#isInRuns = true;
    this.#runs.length = 0;
    this.#runsEnded = true;
  }

  #sizeIndex(sample: number): number {
    return this.#entryBits === 4 ? sample >> 1 : sample;
  }

  #advanceTables(): number {
    const sample = this.#next;
    if (sample >= this.tableCount) {
      this.unusedChunks = Math.max(0, (this.#chunks?.count ?? 0) - this.#chunkIndex - 1);
      return END;
    }
    const sizes = this.#sizes;
    if (sizes !== undefined && !sizes.has(this.#sizeIndex(sample))) {
      return this.#sizeIndex(sample) < sizes.count ? WAIT : this.#endTables();
    }
    while (this.#leftInChunk === 0) {
      const state = this.#nextChunk();
      if (state !== SAMPLE) return state;
    }
    while (this.#timeLeft === 0) {
      const times = this.#times;
      const index = this.#timeIndex + 1;
      if (times === undefined || index >= times.count) {
        this.#timeLeft = Infinity; // the last distance goes on
        break;
      }
      if (!times.has(index)) return WAIT;
      this.#timeLeft = times.u32(index);
      this.#delta = times.u32(index, 4);
      this.#timeIndex = index;
    }
    const offsets = this.#offsets;
    if (offsets !== undefined) {
      while (this.#offsetLeft === 0) {
        const index = this.#offsetIndex + 1;
        if (index >= offsets.count) {
          this.#offsetLeft = Infinity;
          this.compositionOffset = 0;
          break;
        }
        if (!offsets.has(index)) return WAIT;
        this.#offsetLeft = offsets.u32(index);
        this.compositionOffset = offsets.i32(index, 4);
        this.#offsetIndex = index;
      }
      this.#offsetLeft--;
    }
    const keyState = this.#findKey(sample + 1);
    if (keyState === WAIT) {
      if (offsets !== undefined) this.#offsetLeft++;
      return WAIT;
    }
    this.isKey = keyState === SAMPLE;

    let count = 1;
    let byteLength: number;
    if (sizes === undefined) {
      count = this.#mergedCount();
      byteLength = this.#packet === undefined
        ? count * this.#constantBytes
        : Math.ceil(count / this.#packet.samples) * this.#packet.bytes;
    } else if (this.#entryBits === 32) byteLength = sizes.u32(sample);
    else if (this.#entryBits === 16) byteLength = sizes.u8(sample) * 256 + sizes.u8(sample, 1);
    else if (this.#entryBits === 8) byteLength = sizes.u8(sample);
    else byteLength = sizes.u8(sample >> 1) >> (sample & 1 ? 0 : 4) & 15;

    this.number = sample;
    this.sampleCount = count;
    this.byteLength = byteLength;
    this.offset = this.#chunkAt;
    this.#chunkAt += byteLength;
    this.decodeTime = this.nextDecodeTime;
    this.duration = count * this.#delta;
    this.nextDecodeTime += this.duration;
    this.descriptionIndex = this.#chunkDescription;
    this.#timeLeft -= count;
    this.#leftInChunk -= count;
    this.#next = sample + count;
    return SAMPLE;
  }

  #endTables(): number {
    this.isCutShort = this.#next < this.tableCount;
    this.#next = this.tableCount;
    return END;
  }

  #nextChunk(): number {
    const chunks = this.#chunks;
    const map = this.#chunkMap;
    const index = this.#chunkIndex + 1;
    if (chunks === undefined || map === undefined || index >= chunks.count) return this.#endTables();
    if (!chunks.has(index)) return WAIT;
    // An entry holds from its first chunk to the first of the next entry.
    for (let next = this.#mapIndex + 1; next < map.count; next = this.#mapIndex + 1) {
      if (!map.has(next)) return WAIT;
      if (this.#mapIndex >= 0 && map.u32(next) > index + 1) break;
      this.#perChunk = map.u32(next, 4);
      this.#chunkDescription = map.u32(next, 8);
      this.#mapIndex = next;
    }
    this.#chunkIndex = index;
    this.#leftInChunk = this.#perChunk;
    this.#chunkAt = this.#isLong ? chunks.u64(index) : chunks.u32(index);
    return SAMPLE;
  }

  /** Whether a sample is a key: {@linkcode SAMPLE} yes, {@linkcode END} no. */
  #findKey(number: number): number {
    const syncs = this.#syncs;
    if (syncs === undefined) return SAMPLE;
    let isKey = false;
    while (this.#syncIndex < syncs.count) {
      if (!syncs.has(this.#syncIndex)) return WAIT;
      const next = syncs.u32(this.#syncIndex);
      isKey = next === number;
      if (next >= number) break;
      this.#syncIndex++;
    }
    const partial = this.#partialSyncs;
    while (partial !== undefined && !isKey && this.#partialIndex < partial.count) {
      if (!partial.has(this.#partialIndex)) return WAIT;
      const next = partial.u32(this.#partialIndex);
      isKey = next === number;
      if (next >= number) break;
      this.#partialIndex++;
    }
    const groups = this.#groups;
    if (groups !== undefined) {
      while (this.#groupLeft === 0 && this.#groupIndex + 1 < groups.count) {
        if (!groups.has(this.#groupIndex + 1)) return WAIT;
        this.#groupLeft = groups.u32(++this.#groupIndex);
        this.#group = groups.u32(this.#groupIndex, 4);
      }
      if (this.#groupLeft > 0) {
        this.#groupLeft--;
        isKey ||= this.#group !== 0;
      }
    }
    return isKey ? SAMPLE : END;
  }

  #mergedCount(): number {
    const { samples, bytes } = this.#packet ?? { samples: 1, bytes: this.#constantBytes };
    if (!this.#canMerge && samples === 1) return 1;
    const most = Math.max(samples, Math.floor(MERGED_BYTES / bytes) * samples);
    return Math.min(most, this.#leftInChunk, this.#timeLeft, this.tableCount - this.#next);
  }

  #advanceRun(): number {
    let run = this.#runs[0];
    while (run !== undefined && run.left === 0) {
      this.queuedBytes -= run.view.byteLength;
      this.#runs.shift();
      run = this.#runs[0];
    }
    if (run === undefined) return this.#runsEnded ? END : WAIT;
    const { view, fields } = run;
    this.jump = 0;
    if (run.decodeTime !== undefined) {
      this.jump = run.decodeTime - this.nextDecodeTime;
      this.nextDecodeTime = run.decodeTime;
      run.decodeTime = undefined;
    }
    let { at } = run;
    let duration = run.defaultDuration;
    let byteLength = run.defaultSize;
    let flags = run.defaultFlags;
    let compositionOffset = 0;
    if (fields & TRUN.DURATION) duration = view.getUint32(at), at += 4;
    if (fields & TRUN.SIZE) byteLength = view.getUint32(at), at += 4;
    if (fields & TRUN.FLAGS) flags = view.getUint32(at), at += 4;
    if (fields & TRUN.COMPOSITION) compositionOffset = view.getInt32(at), at += 4;
    if (run.firstFlags !== undefined) {
      flags = run.firstFlags;
      run.firstFlags = undefined;
    }
    run.at = at;
    run.left--;
    this.number++;
    this.sampleCount = 1;
    this.offset = run.offset;
    this.byteLength = byteLength;
    run.offset += byteLength;
    this.decodeTime = this.nextDecodeTime;
    this.duration = duration;
    this.nextDecodeTime += duration;
    this.compositionOffset = compositionOffset;
    this.isKey = (flags & IS_NON_SYNC) === 0;
    this.descriptionIndex = run.descriptionIndex;
    return SAMPLE;
  }
}
