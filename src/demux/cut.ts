/**
 * A part of a source: from a key frame on, to a time.
 *
 * @module
 */

import type { Marker, Metadata } from "../media/metadata.ts";
import type { StreamSample } from "../media/sample.ts";
import type { AudioStream, StreamConfig } from "../media/stream_config.ts";
import type { OpenedMedia } from "./media.ts";
import { isPcm } from "./pcm_form.ts";

/** What a part is, µs. */
export interface CutRange {
  /** It begins at the key frame at or before this. */
  readonly from?: number;
  /** It ends before this. */
  readonly until?: number;
}

/** How much may wait for the last key frame before the wanted time; it begins at an earlier one then. */
const MAX_SEARCH_BYTES = 64 << 20;
/** What of a stream has not come so long after others is not waited for, µs. */
const MAX_SILENCE_US = 10_000_000;
/** How much earlier than wanted a reader is sent that knows places by time alone, µs; twice as much each time. */
const FIRST_STEP_US = 5_000_000;
/** No codec reorders farther: what is shown after the end, and needed before it, comes within so many pictures. */
const MAX_REORDER = 16;

interface Lane {
  readonly config: StreamConfig;
  /** Its key frames say where the part begins. */
  isLeading: boolean;
  /** The last key frame at or before the wanted time; NaN: none has come. */
  keyTime: number;
  /** It has passed the wanted time. */
  hasPassed: boolean;
  /** When its first sample of the part is shown; NaN: it has not begun. */
  firstTime: number;
  hasEnded: boolean;
  /** Bytes of all channels' values at a time, where it is sound without compression; else 0. */
  readonly blockBytes: number;
  /** Shown after the end, but perhaps needed by one that is shown before it. */
  readonly late: StreamSample[];
}

/** Passes on the samples of a part. */
export class Cut {
  /** When its first key frame is shown, µs; `undefined`: it begins where the source does, which has none so early. */
  start: number | undefined;

  readonly #media: OpenedMedia;
  readonly #from: number | undefined;
  readonly #until: number;
  readonly #lanes = new Map<number, Lane>();
  #source: AsyncGenerator<StreamSample[], void, undefined> | undefined;
  /** Read to find where to begin. */
  #held: StreamSample[] = [];
  #heldBytes = 0;
  /** What reading ahead threw, which is told in its place. */
  #failure: { cause: unknown } | undefined;
  #hasEnded = false;

  constructor(media: OpenedMedia, { from, until = Infinity }: CutRange) {
    this.#media = media;
    this.#from = from;
    this.#until = until;
    const hasVideo = media.streams.some(({ kind }) => kind === "video");
    for (const config of media.streams) {
      this.#lanes.set(config.streamNumber!, {
        config,
        isLeading: config.kind === (hasVideo ? "video" : "audio"),
        keyTime: NaN,
        hasPassed: false,
        firstTime: NaN,
        hasEnded: false,
        blockBytes: config.kind === "audio" && isPcm(config.codec) ? config.blockBytes ?? 0 : 0,
        late: [],
      });
    }
  }

  /** Where the source ends, µs, if that is before the part begins. */
  get endBefore(): number | undefined {
    const { duration } = this.#media;
    if (duration === undefined || this.#from === undefined) return undefined;
    const end = duration + Math.max(0, this.#zero);
    return end <= this.#from ? end : undefined;
  }

  /** Finds where it begins. */
  async begin(): Promise<void> {
    const from = this.#from;
    if (from === undefined) return;
    const { seek } = this.#media;
    if (seek === undefined) {
      await this.#findKey(from);
      return;
    }
    for (let step = 0, target = from;; step = Math.max(FIRST_STEP_US, 2 * step), target = from - step) {
      await this.#source?.return();
      const { isBeginning, start } = await seek(target);
      if (start !== undefined) {
        this.start = start;
        return;
      }
      if (await this.#findKey(from) || isBeginning) return;
    }
  }

  get #zero(): number {
    return this.#media.zero ?? 0;
  }

  /** Markers and commands of the part, from its first sample. */
  metadata(metadata: Metadata): Metadata {
    const { start } = this;
    const shift = start === undefined ? 0 : start - this.#zero;
    const end = this.#until - this.#zero;
    if (shift === 0 && end === Infinity) return metadata;
    const { markers, scripts, ...rest } = metadata;
    const inside = <T extends { timestamp: number }>(places: readonly T[]) =>
      places.filter(({ timestamp }) => timestamp >= shift && timestamp < end).map((place) => ({
        ...place,
        timestamp: place.timestamp - shift,
      }));
    const part: Metadata = { ...rest };
    if (markers !== undefined) {
      const kept: Marker[] = inside(markers);
      // The chapter that it begins in.
      const before = markers.filter(({ timestamp }) => timestamp < shift).at(-1);
      if (before !== undefined && kept[0]?.timestamp !== 0) kept.unshift({ ...before, timestamp: 0 });
      if (kept.length > 0) part.markers = kept;
    }
    const commands = inside(scripts ?? []);
    if (commands.length > 0) part.scripts = commands;
    return part;
  }

  /** Length of the part as the source declares it, µs. */
  get duration(): number | undefined {
    const { duration } = this.#media;
    if (duration === undefined && this.#until === Infinity) return undefined;
    const end = Math.min(this.#until, duration === undefined ? Infinity : duration + this.#zero);
    return Math.max(0, end - (this.start ?? this.#zero));
  }

  /** The samples of the part; asked for once. */
  async *batches(): AsyncGenerator<StreamSample[], void, undefined> {
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) {
      const batch = this.#cut(held);
      if (batch.length > 0) yield batch;
    }
    if (this.#failure !== undefined) throw this.#failure.cause;
    if (this.#hasEnded) return;
    for await (const samples of this.#source ?? this.#media.batches()) {
      const batch = this.#cut(samples);
      if (batch.length > 0) yield batch;
      if (this.#isOver()) break;
    }
  }

  /** Reads until it is known where to begin. Answers whether that is at or before the wanted time. */
  async #findKey(from: number): Promise<boolean> {
    this.#held = [];
    this.#heldBytes = 0;
    this.#failure = undefined;
    this.#hasEnded = false;
    for (const lane of this.#lanes.values()) Object.assign(lane, { keyTime: NaN, hasPassed: false });
    const source = this.#source = this.#media.batches();
    let latest = -Infinity;
    let prunedBytes = 0;
    let prunedTime = -Infinity;
    while (!this.#knowsKey(latest, from) && this.#heldBytes < MAX_SEARCH_BYTES) {
      try {
        const { done, value } = await source.next();
        if (done) this.#hasEnded = true;
        if (done) break;
        for (const sample of value) {
          this.#hold(sample, from);
          latest = Math.max(latest, sample.timestamp);
        }
      } catch (cause) {
        this.#failure = { cause };
        break;
      }
      // What stands before the last key frame is let go of, but not looked through too often.
      const time = this.#keyTime();
      if (Number.isNaN(time) || time === prunedTime || this.#heldBytes < 2 * prunedBytes) continue;
      this.#prune(time);
      [prunedBytes, prunedTime] = [this.#heldBytes, time];
    }
    const time = this.#keyTime();
    this.start = Number.isNaN(time) ? undefined : time;
    return this.start !== undefined;
  }

  #hold(sample: StreamSample, from: number): void {
    const lane = this.#lanes.get(sample.streamNumber)!;
    if (lane.isLeading) {
      if (sample.timestamp > from) lane.hasPassed = true;
      else if (sample.type === "key" && !lane.hasPassed) lane.keyTime = sample.timestamp;
    }
    this.#held.push(this.#media.reusesBytes ? { ...sample, data: sample.data.slice() } : sample);
    this.#heldBytes += sample.data.byteLength;
  }

  #knowsKey(latest: number, from: number): boolean {
    if (latest > from + MAX_SILENCE_US) return true;
    for (const { hasPassed, isLeading } of this.#lanes.values()) if (isLeading && !hasPassed) return false;
    return true;
  }

  /** The earliest of the last key frames, so that every stream has one; NaN: there is none. */
  #keyTime(): number {
    let time = NaN;
    for (const { isLeading, keyTime } of this.#lanes.values()) {
      if (isLeading && !(keyTime >= time) && !Number.isNaN(keyTime)) time = keyTime;
    }
    return time;
  }

  #prune(time: number): void {
    this.#held = this.#held.filter(({ timestamp }) => timestamp >= time);
    this.#heldBytes = this.#held.reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  #cut(samples: readonly StreamSample[]): StreamSample[] {
    const batch: StreamSample[] = [];
    for (const given of samples) {
      const lane = this.#lanes.get(given.streamNumber)!;
      const sample = lane.blockBytes > 0 ? this.#trimmed(lane, given) : given;
      if (!lane.hasEnded && this.#hasBegun(lane, sample)) this.#pass(lane, sample, batch);
    }
    return batch;
  }

  /** Sound without compression is cut where the part begins and ends. */
  #trimmed({ blockBytes, config }: Lane, sample: StreamSample): StreamSample {
    const { data, timestamp } = sample;
    const blocksPerUs = (config as AudioStream).sampleRate / 1e6;
    const count = Math.floor(data.byteLength / blockBytes);
    const blockAt = (time: number) => Math.min(count, Math.max(0, Math.round((time - timestamp) * blocksPerUs)));
    const first = blockAt(this.start ?? -Infinity);
    const end = blockAt(this.#until);
    if (first === 0 && end === count || first >= end) return sample;
    return {
      ...sample,
      data: data.subarray(first * blockBytes, end * blockBytes),
      timestamp: timestamp + Math.round(first / blocksPerUs),
      duration: Math.round((end - first) / blocksPerUs),
    };
  }

  /** Whether a sample belongs to the part by its beginning. */
  #hasBegun(lane: Lane, { timestamp, type }: StreamSample): boolean {
    const { start } = this;
    if (start === undefined) return true;
    if (Number.isNaN(lane.firstTime)) {
      if (timestamp < start || type !== "key") return false;
      lane.firstTime = timestamp;
    }
    return timestamp >= lane.firstTime; // pictures that lead need what is not there
  }

  #pass(lane: Lane, sample: StreamSample, batch: StreamSample[]): void {
    const { timestamp, type } = sample;
    if (timestamp < this.#until) {
      batch.push(...lane.late, sample);
      lane.late.length = 0;
    } else if (lane.config.kind !== "video" || type === "key" || lane.late.length === MAX_REORDER) {
      lane.hasEnded = true;
      lane.late.length = 0;
    } else lane.late.push(this.#media.reusesBytes ? { ...sample, data: sample.data.slice() } : sample);
  }

  /** Whether nothing follows: what comes seldom is not waited for. */
  #isOver(): boolean {
    if (this.#until === Infinity) return false;
    let hasMedia = false;
    for (const { config: { kind }, hasEnded } of this.#lanes.values()) {
      if (kind !== "video" && kind !== "audio") continue;
      if (!hasEnded) return false;
      hasMedia = true;
    }
    return hasMedia || [...this.#lanes.values()].every(({ hasEnded }) => hasEnded);
  }
}
