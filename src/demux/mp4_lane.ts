/**
 * The samples of one track of an MP4 file, as its edits show them.
 *
 * @module
 */

import { END, SAMPLE, type SampleCursor, WAIT } from "../inspect/mp4/sample_cursor.ts";
import type { CodedStream } from "../media/stream_config.ts";
import type { StreamTimes } from "./carry.ts";
import type { DescriptionChange } from "./mp4_descriptions.ts";
import type { Part } from "./mp4_edits.ts";
import { PresentationSteps } from "./presentation_steps.ts";
import type { PcmRegroup } from "./pcm_regroup.ts";
import type { PcmForm } from "./pcm_form.ts";

/** How far the beginning of sound may lie behind that of its media and be the decoder's start alone, seconds. */
const PRIMING_SECONDS = 0.1;
/** What must be decoded and is not shown is put just before the part that needs it, or its end, µs. */
const SQUEEZED_US = 1000;

/** What a lane is made of. */
export interface LaneOptions {
  readonly cursor: SampleCursor;
  readonly config: CodedStream & { readonly streamNumber: number };
  readonly parts: readonly Part[];
  readonly movieTimescale: number;
  /** Makes another cursor over the same tables; `undefined` where samples come in fragments. */
  readonly again: (() => SampleCursor) | undefined;
  readonly pcm: PcmForm | undefined;
  readonly pcmRegroup: PcmRegroup | undefined;
}

/** A sample behind a part's end, that may be needed by one behind it. */
interface Held {
  readonly offset: number;
  readonly byteLength: number;
  readonly timestamp: number;
  readonly duration: number;
  readonly isKey: boolean;
  readonly descriptionIndex: number;
}

/**
 * Moves through a track sample by sample. It is itself the sample it stands at: `offset`, `byteLength`, times in
 * microseconds.
 */
export class Mp4Lane {
  readonly options: LaneOptions;
  readonly streamNumber: number;
  /** What its samples' times need; known when its first sample is. */
  times!: StreamTimes;
  offset = 0;
  byteLength = 0;
  timestamp = 0;
  duration = 0;
  isKey = false;
  descriptionIndex = 1;
  /** Where it belongs among the samples of other lanes, µs. */
  due = -Infinity;
  /** Where its next sample will belong, as far as it is known. */
  nextDue = -Infinity;
  /** Samples left out so far. */
  droppedCount = 0;
  /** Whether it stands at a sample. */
  hasSample = false;
  hasBegun = false;
  hasEnded = false;
  /** Time of the last sample that was handed on, µs. */
  lastTimestamp = NaN;
  /** Where it has several sample entries. */
  descriptions: DescriptionChange | undefined;

  #cursor: SampleCursor;
  #partIndex = 0;
  #part: Part;
  /** The sample of the tables that a part begins with; −1: not known yet. */
  #skipTo = 0;
  #keyTime = 0;
  readonly #isVideo: boolean;
  readonly #ticksToUs: number;
  /** Ticks of the track in one of the movie. */
  readonly #ratio: number;
  /** What lies between a time in the media and when it is shown, in ticks of the track, which all readers round to. */
  #shift = 0;
  /** When its first sample is shown, µs: none belongs before it. */
  #first = NaN;
  /** Behind a part's end, and those of them that turned out to be needed. */
  #held: Held[] = [];
  #needed: Held[] = [];
  /** Where pictures are reordered and not shown equally long. */
  #steps: PresentationSteps | undefined;
  /** The sample that made them needed waits. */
  #isCurrentWaiting = false;

  constructor(options: LaneOptions) {
    const { cursor, config, parts, movieTimescale } = options;
    this.options = options;
    this.streamNumber = config.streamNumber;
    this.#cursor = cursor;
    this.#isVideo = config.kind === "video";
    this.#part = parts[0]!;
    this.#ticksToUs = 1e6 / (cursor.track.timescale || 1);
    this.#ratio = movieTimescale > 0 ? cursor.track.timescale / movieTimescale : 0;
    this.#shift = this.#shiftOf(this.#part);
    this.#steps = this.#makeSteps();
  }

  /** The cursor in use. */
  get cursor(): SampleCursor {
    return this.#cursor;
  }

  /** Finds where the first part begins, which needs the tables. */
  async begin(): Promise<void> {
    await this.#findBeginning();
  }

  /**
   * Goes to the last key frame that is shown at or before a time, µs. Answers when it is shown; `undefined` where the track
   * ends before, or has none so early: the lane begins anew then.
   */
  async seek(time: number): Promise<number | undefined> {
    const { parts } = this.options;
    let index = parts.length - 1;
    while (index > 0 && this.#startOf(parts[index]!) > time) index--;
    this.#reset(index);
    const scout = this.options.again!();
    let hasEnded = true;
    let isFound = false;
    for (let state = scout.advance(); state !== END; state = scout.advance()) {
      if (state === WAIT) {
        await scout.fill();
        continue;
      }
      const mediaTime = scout.decodeTime + scout.compositionOffset;
      const isLater = this.#timeOf(mediaTime) > time;
      if (isLater && (scout.isKey || this.#timeOf(scout.decodeTime) > time) || mediaTime >= this.#part.mediaEnd) {
        hasEnded = false;
        break;
      }
      if (!scout.isKey || isLater) continue;
      this.#skipTo = scout.number;
      this.#keyTime = mediaTime;
      isFound = true;
    }
    if (!isFound || hasEnded && this.#timeOf(scout.nextDecodeTime) <= time) {
      this.#reset(0);
      this.#skipTo = hasEnded && isFound ? Infinity : 0;
      return undefined;
    }
    const isBefore = this.#isVideo && this.#keyTime < this.#part.mediaStart && index > 0;
    return isBefore ? this.#squeezedBefore(this.#keyTime) : this.#timeOf(this.#keyTime);
  }

  /** Goes on with another cursor, in the middle of its fragments. */
  restart(cursor: SampleCursor): void {
    this.#reset(0, cursor);
  }

  /** When a time of its media is shown, µs. */
  shownAt(mediaTime: number): number {
    return this.#timeOf(mediaTime);
  }

  /** Goes on to the next sample that is handed on: {@linkcode SAMPLE}, {@linkcode END}, {@linkcode WAIT}. */
  advance(): number {
    if (this.#needed.length > 0) {
      this.#take(this.#needed.shift()!);
      return SAMPLE;
    }
    const cursor = this.#cursor;
    for (;;) {
      if (this.#isCurrentWaiting) this.#isCurrentWaiting = false;
      else {
        if (this.#skipTo < 0 || this.#steps?.isReady(cursor.number + 1) === false) return WAIT;
        const state = cursor.advance();
        if (state === WAIT) return WAIT;
        if (state === END) return this.#endPart();
      }
      if (cursor.number < this.#skipTo) continue;
      const { mediaStart, mediaEnd } = this.#part;
      const time = cursor.decodeTime + cursor.compositionOffset;
      const isLastPart = this.#partIndex === this.options.parts.length - 1;
      if (!this.#isVideo) {
        const inner = this.#partIndex === 0 ? 0 : cursor.duration / 2;
        if (this.options.pcm !== undefined) return this.#takePcm(time);
        if (time + inner < mediaStart && this.#partIndex > 0) continue;
        if (time + (isLastPart ? 0 : cursor.duration / 2) >= mediaEnd) return this.#endPart();
        this.#place(time, this.#timeOf(time));
        return SAMPLE;
      }
      if (time >= mediaEnd) {
        if (cursor.decodeTime >= mediaEnd) return this.#endPart();
        this.#hold(time);
        continue;
      }
      if (this.#held.length > 0) {
        this.#needed = this.#held;
        this.#held = [];
        this.#isCurrentWaiting = true;
        this.#take(this.#needed.shift()!);
        return SAMPLE;
      }
      const isBefore = time < mediaStart && this.#partIndex > 0;
      this.#place(time, isBefore ? this.#squeezedBefore(time) : this.#timeOf(time));
      return SAMPLE;
    }
  }

  /** After {@linkcode WAIT}, where it is not a fragment that is waited for. */
  async fill(): Promise<void> {
    if (this.#skipTo < 0) await this.#findBeginning();
    else await this.#cursor.fill();
    await this.#steps?.fill();
  }

  /** Where its last part ends, as its headers say, µs. */
  get statedEnd(): number {
    const part = this.options.parts.at(-1)!;
    const end = Math.min(part.mediaEnd, Math.max(part.mediaStart, this.#cursor.track.duration ?? 0));
    return Math.round((end + this.#shiftOf(part)) * this.#ticksToUs);
  }

  /** How far it got, of the whole, in microseconds. */
  get progress(): { readonly reached: number; readonly whole: number } {
    const { duration } = this.#cursor.track;
    return {
      reached: this.#timeOf(this.#cursor.nextDecodeTime),
      whole: this.#timeOf(duration ?? this.#cursor.nextDecodeTime),
    };
  }

  #place(time: number, timestamp: number): void {
    const cursor = this.#cursor;
    this.offset = cursor.offset;
    this.byteLength = cursor.byteLength;
    this.isKey = cursor.isKey;
    this.descriptionIndex = cursor.descriptionIndex;
    this.timestamp = timestamp;
    const duration = this.#steps?.step(cursor.number, time, cursor.duration) ?? cursor.duration;
    this.duration = Math.round(duration * this.#ticksToUs);
    if (Number.isNaN(this.#first)) this.#first = timestamp;
    this.due = Math.max(this.#first, this.#timeOf(cursor.decodeTime));
    this.nextDue = Math.max(this.#first, this.#timeOf(cursor.nextDecodeTime));
    this.hasSample = true;
  }

  #take(held: Held): void {
    Object.assign(this, held);
    this.hasSample = true;
  }

  #hold(time: number): void {
    const { offset, byteLength, isKey, descriptionIndex } = this.#cursor;
    const end = this.#timeOf(this.#part.mediaEnd);
    const timestamp = Math.round(end - SQUEEZED_US / (1 + time - this.#part.mediaEnd));
    this.#held.push({ offset, byteLength, isKey, descriptionIndex, timestamp, duration: 0 });
  }

  /** Sound that is cut exactly, as it has no frames. */
  #takePcm(time: number): number {
    const { mediaStart, mediaEnd } = this.#part;
    const cursor = this.#cursor;
    const { pcm, config } = this.options;
    const ticks = cursor.duration / cursor.sampleCount || 1;
    const blockBytes = pcm!.valueBytes * (config.kind === "audio" ? config.numberOfChannels : 1);
    const count = Math.floor(cursor.byteLength / blockBytes);
    const from = Math.min(count, Math.max(0, Math.ceil((mediaStart - time) / ticks)));
    const to = Math.max(from, Math.min(count, Math.ceil((mediaEnd - time) / ticks)));
    if (to === 0 && count > 0) return this.#endPart();
    this.#place(time, this.#timeOf(time + from * ticks));
    this.offset += from * blockBytes;
    this.byteLength = (to - from) * blockBytes;
    return SAMPLE;
  }

  #timeOf(mediaTime: number): number {
    const time = Math.round((mediaTime + this.#shift) * this.#ticksToUs);
    return time === 0 ? 0 : time; // never -0
  }

  /** When a part begins, µs. */
  #startOf({ movieStart }: Part): number {
    return Math.round(movieStart * this.#ratio) * this.#ticksToUs;
  }

  /** Stands before the first sample of a part. */
  #beginPart(index: number, cursor = this.options.again!()): void {
    this.#partIndex = index;
    this.#part = this.options.parts[index]!;
    this.#shift = this.#shiftOf(this.#part);
    this.#cursor = cursor;
    this.#steps = this.#makeSteps();
    this.#skipTo = 0;
    this.#keyTime = 0;
  }

  #reset(index: number, cursor?: SampleCursor): void {
    this.#beginPart(index, cursor);
    this.#first = NaN;
    this.#held = [];
    this.#needed = [];
    this.#isCurrentWaiting = false;
    this.hasSample = this.hasBegun = this.hasEnded = false;
    this.due = this.nextDue = -Infinity;
  }

  #makeSteps(): PresentationSteps | undefined {
    const { compositionOffsets, timeToSample } = this.#cursor.track.tables;
    const isUneven = (timeToSample?.entryCount ?? 0) > 1 && compositionOffsets !== undefined;
    const scout = this.#isVideo && isUneven ? this.options.again?.() : undefined;
    return scout && new PresentationSteps(scout);
  }

  #shiftOf({ movieStart, mediaStart }: Part): number {
    return Math.round(movieStart * this.#ratio) - mediaStart;
  }

  /** Pictures from the key frame on that stands before the part's beginning, in the last millisecond before it. */
  #squeezedBefore(time: number): number {
    const { mediaStart } = this.#part;
    const share = (mediaStart - time) / (mediaStart - this.#keyTime + 1);
    return Math.round(this.#timeOf(mediaStart) - 1 - SQUEEZED_US * share);
  }

  #endPart(): number {
    this.#held = [];
    const next = this.options.parts[this.#partIndex + 1];
    if (next === undefined || this.options.again === undefined) {
      this.hasEnded = true;
      return END;
    }
    this.#beginPart(this.#partIndex + 1);
    this.#skipTo = -1;
    return WAIT;
  }

  /** Looks for the last key frame at or before the part's beginning. */
  async #findBeginning(): Promise<void> {
    const { mediaStart } = this.#part;
    const { again } = this.options;
    this.#skipTo = 0;
    this.#keyTime = 0;
    if (again === undefined || mediaStart <= 0 || this.options.pcm !== undefined) return;
    const isFirst = this.#partIndex === 0;
    const priming = this.#isVideo ? 0 : PRIMING_SECONDS * this.#cursor.track.timescale;
    if (isFirst && mediaStart <= priming) return;
    const scout = again();
    for (;;) {
      const state = scout.advance();
      if (state === END) return;
      if (state === WAIT) {
        await scout.fill();
        continue;
      }
      const time = scout.decodeTime + scout.compositionOffset;
      if (scout.number === 0 && isFirst && mediaStart - time <= priming) return;
      if (!scout.isKey) continue;
      if (time > mediaStart) return;
      this.#skipTo = scout.number;
      this.#keyTime = time;
    }
  }
}
