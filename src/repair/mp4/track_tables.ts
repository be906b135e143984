/**
 * Makes the tables of a track from its samples ([ISO 14496-12] 8.6, 8.7).
 *
 * @module
 */

import type { Mp4Track } from "../../inspect/mp4/movie.ts";
import type { SampleCursor } from "../../inspect/mp4/sample_cursor.ts";
import { EntryTable, fullBox, SHORT_SIZE_LIMIT, u32, u64 } from "./boxes.ts";

/** Where samples of a track lie behind each other. */
export interface Chunk {
  /** Where they begin. */
  readonly offset: number;
  readonly sampleCount: number;
  /** Which sample entry they belong to, from 1. */
  readonly descriptionIndex: number;
}

/** What is to be known of a sample, or of several that are alike. */
export type TimedSample = Pick<
  SampleCursor,
  "decodeTime" | "duration" | "sampleCount" | "compositionOffset" | "isKey"
>;

const MAX_DELTA = 2 ** 31 - 1;

/** What is known of the samples of a track that stay. */
export class TrackTables {
  readonly track: Mp4Track;
  /** How many there are. */
  sampleCount = 0;
  /** When the first one is decoded, ticks of the track. */
  firstDecodeTime = 0;
  /** What their distances add up to. */
  duration = 0;
  /** When the last one that is shown ends, from the first decode time. */
  shownEnd = 0;
  /** Runs of samples and their distance. */
  readonly #times = new EntryTable();
  /** Runs of samples and their offset. */
  readonly #offsets = new EntryTable();
  readonly #sizes = new EntryTable();
  readonly #keys = new EntryTable();
  #hasNegativeOffset = false;
  #constantBytes = -1;
  // The last sample, whose distance to the next is not known yet.
  #isPending = false;
  #pendingDuration = 0;

  constructor(track: Mp4Track) {
    this.track = track;
  }

  /** Takes the sample a cursor stands at, or the first of those that it has put together. @param sizeOfEach Bytes of one. */
  add(cursor: TimedSample, count: number, sizeOfEach: number): void {
    if (this.sampleCount === 0) this.firstDecodeTime = cursor.decodeTime;
    const decodeTime = cursor.decodeTime - this.firstDecodeTime;
    if (this.#isPending) this.#addTimes(1, Math.min(MAX_DELTA, Math.max(0, decodeTime - this.duration)));
    const each = cursor.sampleCount > 0 ? cursor.duration / cursor.sampleCount : cursor.duration;
    if (count > 1) this.#addTimes(count - 1, Math.round(each));
    this.#isPending = true;
    this.#pendingDuration = Math.round(each);
    const end = decodeTime + cursor.compositionOffset + cursor.duration * (count / Math.max(1, cursor.sampleCount));
    this.shownEnd = Math.max(this.shownEnd, end);
    if (cursor.compositionOffset < 0) this.#hasNegativeOffset = true;
    addRun(this.#offsets, count, cursor.compositionOffset);
    this.#addSizes(count, sizeOfEach);
    if (cursor.isKey) { for (let i = 0; i < count; i++) this.#keys.add(this.sampleCount + i + 1); }
    this.sampleCount += count;
  }

  /** Ends the last sample. */
  finish(): void {
    if (!this.#isPending) return;
    const last = this.#times.count > 0 ? this.#times.at(this.#times.count - 1) : 0;
    this.#addTimes(1, Math.min(MAX_DELTA, this.#pendingDuration || last));
    this.#isPending = false;
  }

  /** Makes the last sample longer, so that all of them last as long as this. */
  stretchTo(duration: number): void {
    if (duration <= this.duration || this.sampleCount === 0) return;
    const last = this.#times.count - 2;
    const [count, delta] = [this.#times.at(last), this.#times.at(last + 1)];
    const longer = Math.min(MAX_DELTA, delta + duration - this.duration);
    if (count === 1) this.#times.set(last + 1, longer);
    else {
      this.#times.set(last, count - 1);
      addRun(this.#times, 1, longer);
    }
    this.duration += longer - delta;
  }

  /** All boxes of the Sample Table Box but its descriptions. @param isLong Whether chunks may lie above 4 GiB. */
  boxes(chunks: Iterable<Chunk>, isLong: boolean): Uint8Array<ArrayBuffer>[] {
    const boxes = [fullBox("stts", 0, u32(this.#times.count / 2), this.#times.view())];
    if (this.#offsets.count > 2 || this.#offsets.count === 2 && this.#offsets.at(1) !== 0) {
      const version = this.#hasNegativeOffset ? 1 : 0;
      boxes.push(fullBox("ctts", version, u32(this.#offsets.count / 2), this.#offsets.view()));
    }
    if (this.#keys.count < this.sampleCount) {
      boxes.push(fullBox("stss", 0, u32(this.#keys.count), this.#keys.view()));
    }
    const map = new EntryTable();
    const offsets = new EntryTable();
    let chunkCount = 0;
    for (const { offset, sampleCount, descriptionIndex } of chunks) {
      chunkCount++;
      const last = map.count - 3;
      if (last < 0 || map.at(last + 1) !== sampleCount || map.at(last + 2) !== descriptionIndex) {
        for (const value of [chunkCount, sampleCount, descriptionIndex]) map.add(value);
      }
      if (isLong) offsets.add(Math.floor(offset / SHORT_SIZE_LIMIT));
      offsets.add(offset % SHORT_SIZE_LIMIT);
    }
    boxes.push(fullBox("stsc", 0, u32(map.count / 3), map.view()), this.#sizeBox());
    boxes.push(fullBox(isLong ? "co64" : "stco", 0, u32(chunkCount), offsets.view()));
    return boxes;
  }

  #addTimes(count: number, delta: number): void {
    addRun(this.#times, count, delta);
    this.duration += count * delta;
  }

  /** As long as all are of one size, they are not listed. */
  #addSizes(count: number, size: number): void {
    if (this.sampleCount === 0) this.#constantBytes = size;
    if (size === this.#constantBytes && size > 0) return;
    if (this.#constantBytes > 0) {
      for (let i = 0; i < this.sampleCount; i++) this.#sizes.add(this.#constantBytes);
    }
    this.#constantBytes = 0;
    for (let i = 0; i < count; i++) this.#sizes.add(size);
  }

  #sizeBox(): Uint8Array<ArrayBuffer> {
    return fullBox("stsz", 0, u32(Math.max(0, this.#constantBytes), this.sampleCount), this.#sizes.view());
  }
}

function addRun(table: EntryTable, count: number, value: number): void {
  const last = table.count - 1;
  if (last > 0 && table.at(last) === value >>> 0) return table.set(last - 1, table.at(last - 1) + count);
  table.add(count);
  table.add(value >>> 0);
}

/** An Edit List Box ([ISO 14496-12] 8.6.6). */
export function editList(edits: readonly { segmentDuration: number; mediaTime: number }[]): Uint8Array<ArrayBuffer> {
  const isLong = edits.some((edit) => edit.segmentDuration >= SHORT_SIZE_LIMIT || edit.mediaTime >= 2 ** 31);
  const entries = edits.flatMap(({ segmentDuration, mediaTime }) => {
    const time = mediaTime < 0
      ? u32(...isLong ? [0xFFFFFFFF] : [], 0xFFFFFFFF)
      : isLong
      ? u64(mediaTime)
      : u32(mediaTime);
    return [isLong ? u64(segmentDuration) : u32(segmentDuration), time, u32(0x10000)];
  });
  return fullBox("elst", isLong ? 1 : 0, u32(edits.length), ...entries);
}
