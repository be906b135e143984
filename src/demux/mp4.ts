/**
 * MP4, MOV, M4A and 3GP, whole or in fragments, read by our own reader.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { type Input, openInput } from "../inspect/byte_source.ts";
import { childOf, numberIn } from "../inspect/mp4/box.ts";
import type { Mp4Track } from "../inspect/mp4/movie.ts";
import { type FragmentPlace, Mp4Reader } from "../inspect/mp4/reader.ts";
import { END, SAMPLE, WAIT } from "../inspect/mp4/sample_cursor.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamSample } from "../media/sample.ts";
import type { CodedStream, StreamConfig } from "../media/stream_config.ts";
import { BlockReader } from "./block_reader.ts";
import type { RandomBytes, SourceBytes } from "./bytes.ts";
import { carry } from "./carry.ts";
import { badMedia } from "./failure.ts";
import type { OpenedMedia, SkippedStream, Sought } from "./media.ts";
import { DescriptionChange } from "./mp4_descriptions.ts";
import { partsOf } from "./mp4_edits.ts";
import { Mp4Lane } from "./mp4_lane.ts";
import { mp4Stream } from "./mp4_streams.ts";
import { mp4Metadata } from "./mp4_tags.ts";
import { PcmRegroup } from "./pcm_regroup.ts";
import { wavePcm } from "./pcm_form.ts";
import { StreamWindow } from "./stream_window.ts";
import { formatSeconds, isPossibleTime } from "./time.ts";

/** Samples handed out together, where they need not come one by one. */
const BATCH_COUNT = 128;
/** Streams have seven bits for their numbers. */
const MAX_STREAM_COUNT = 127;
/** How much of fragments' tables waits for a track that has none. */
const MAX_QUEUED_BYTES = 1 << 22;
/** Samples may lie over each other, but not so often. */
const MAX_OVERLAP = 4;
const OVERLAP_BASE_BYTES = 1 << 24;

/** Opens a source that begins as MP4 or MOV. */
export async function openMp4(source: SourceBytes): Promise<OpenedMedia> {
  const media = new Mp4Media(source);
  try {
    await media.open();
    return media;
  } catch (cause) {
    await media.close();
    if (!(cause instanceof MuxError) || cause.action !== "read MP4") throw cause;
    throw new MuxError(cause.code, { action: `open ${source.name}`, reason: cause.reason }, { cause });
  }
}

/** Where samples' bytes come from. */
type SampleBytes = Pick<BlockReader, "view" | "load" | "release">;

class Mp4Media implements OpenedMedia {
  readonly streams: StreamConfig[] = [];
  readonly skipped: SkippedStream[] = [];
  readonly warnings: string[] = [];
  readonly reusesBytes: boolean;
  readonly seek: OpenedMedia["seek"];
  metadata: Metadata = {};
  duration?: number;

  readonly #source: SourceBytes;
  readonly #input: Input;
  readonly #window: StreamWindow | undefined;
  readonly #lanes: Mp4Lane[] = [];
  #bytes!: SampleBytes;
  #reader!: Mp4Reader;
  #promisedBytes = 0;
  #failure: { cause: unknown } | undefined;

  constructor(source: SourceBytes) {
    this.#source = source;
    this.#window = source.kind === "streamed" ? new StreamWindow(source) : undefined;
    this.#input = this.#window ?? openInput(positionsOf(source as RandomBytes));
    if (this.#window === undefined) this.seek = (time) => this.#seek(time);
    this.reusesBytes = source.kind === "random" && source.memory === undefined;
  }

  get format(): string {
    const brand = this.#reader.fileType?.fields.majorBrand;
    const name = brand === undefined || brand === "qt  " ? "QuickTime" : "MP4";
    return this.#reader.movie.isFragmented ? `${name} in fragments` : name;
  }

  readonly framerate = (streamNumber: number): number | undefined => {
    const track = this.#lanes.find((lane) => lane.streamNumber === streamNumber)?.cursor.track;
    const { duration = 0, tables, timescale } = track ?? {};
    const count = tables?.sizes?.sampleCount ?? 0;
    return duration > 0 && count > 1 ? count * timescale! / duration : undefined;
  };

  get droppedCount(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.droppedCount, 0);
  }

  async open(): Promise<void> {
    const reader = this.#reader = await Mp4Reader.open(this.#input);
    const { movie } = reader;
    this.#bytes = this.#window ?? new BlockReader(this.#source as RandomBytes, movie.tracks.length);
    const chapterTracks = new Set(movie.tracks.flatMap(({ references }) => references.chap ?? []));
    for (const track of movie.tracks) {
      if (chapterTracks.has(track.trackId) && isChapterText(track)) continue; // its text becomes markers
      const reason = await this.#add(track);
      if (reason !== undefined) this.skipped.push({ index: track.index, reason });
    }
    this.metadata = await mp4Metadata(reader, this.#input, chapterTracks, this.warnings);
    this.#warnOfRelations();
    const duration = this.#statedDuration();
    if (duration > 0) this.duration = duration;
  }

  /** What tracks are to each other, which a stream cannot say. */
  #warnOfRelations(): void {
    const groups = new Map<string, number[]>();
    for (const { cursor, options, streamNumber } of this.#lanes) {
      const { alternateGroup } = cursor.track;
      if (alternateGroup === 0) continue;
      const group = `${options.config.kind} ${alternateGroup}`;
      groups.set(group, [...groups.get(group) ?? [], streamNumber]);
    }
    for (const numbers of groups.values()) {
      if (numbers.length === 1) continue;
      this.warnings.push(`Streams ${numbers.join(", ")} are alternatives to each other: that is not carried over`);
    }
    for (const { cursor, streamNumber } of this.#lanes) {
      if (!cursor.track.isEnabled) {
        this.warnings.push(`Stream ${streamNumber} is not enabled by default: that is not carried over`);
      }
    }
  }

  /** As the headers say; 0: they do not. */
  #statedDuration(): number {
    const { movie } = this.#reader;
    if (movie.isFragmented) {
      const ticks = numberIn(childOf(movie.box, "mvex", "mehd"), "fragmentDuration");
      return movie.timescale > 0 ? Math.round(ticks * 1e6 / movie.timescale) : 0;
    }
    return Math.max(...this.#lanes.map((lane) => lane.statedEnd));
  }

  async *batches(): AsyncGenerator<StreamSample[], void, undefined> {
    const lanes = [...this.#lanes];
    const batchCount = this.#window === undefined ? BATCH_COUNT : 1;
    let batch: StreamSample[] = [];
    for (;;) {
      const lane = this.#nextLane(lanes);
      if (lane === undefined) {
        // Only reading on says which sample is next: what is there already need not wait for it.
        if (batch.length > 0 && this.#window !== undefined) {
          yield batch;
          batch = [];
        }
        if (!await this.#readOn(lanes)) break;
        continue;
      }
      let data = this.#bytes.view(lane.offset, lane.byteLength);
      if (data === undefined) {
        if (batch.length > 0) {
          yield batch;
          batch = [];
        }
        this.#window?.keepFrom(this.#lowestOffset(lanes));
        this.#bytes.release();
        data = await this.#load(lane);
        if (data === undefined) {
          lanes.splice(lanes.indexOf(lane), 1);
          continue;
        }
      } else if (data.byteLength < lane.byteLength) {
        this.#fail(lane, `its sample at byte ${lane.offset} is cut short`);
        lanes.splice(lanes.indexOf(lane), 1);
        continue;
      }
      this.#emit(lane, data, batch);
      lane.hasSample = false;
      if (batch.length >= batchCount) {
        yield batch;
        batch = [];
        this.#window?.keepFrom(this.#lowestOffset(lanes));
        this.#bytes.release();
      }
    }
    for (const { options } of this.#lanes) options.pcmRegroup?.flush((sample) => batch.push(sample));
    if (batch.length > 0) yield batch;
    this.#checkEnd();
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  async close(): Promise<void> {
    await this.#input.close();
  }

  /** Lets every lane stand at the key frame where a part begins. */
  async #seek(time: number): Promise<Sought> {
    const lanes = this.#lanes;
    const isVideo = ({ options: { config } }: Mp4Lane) => config.kind === "video";
    const leading = lanes.some(isVideo) ? lanes.filter(isVideo) : lanes;
    if (this.#reader.movie.isFragmented) return { start: await this.#seekFragment(time, leading), isBeginning: true };
    let start = await earliestKey(leading, time);
    if (start === undefined && leading.length < lanes.length) {
      start = await earliestKey(lanes.filter((lane) => !isVideo(lane)), time);
    }
    for (const lane of lanes) if (start !== undefined && !leading.includes(lane)) await lane.seek(start);
    return { start, isBeginning: true };
  }

  /** Looks through the fragments' tables, and lets the lanes stand before the first one that is needed. */
  async #seekFragment(time: number, leading: readonly Mp4Lane[]): Promise<number | undefined> {
    const reader = this.#reader.again();
    /** From the first one that is needed on, with when each lane ends in it. */
    let places: { from: FragmentPlace | undefined; ends: number[] }[] = [];
    const keys = leading.map(() => NaN);
    const passed = leading.map(() => false);
    let start = NaN;
    let from: FragmentPlace | undefined;
    for (;;) {
      const ends: number[] = [];
      for (const lane of this.#lanes) {
        const cursor = reader.cursors[lane.cursor.track.index]!;
        const at = leading.indexOf(lane);
        for (let state = cursor.advance(); state !== END; state = cursor.advance()) {
          if (state === WAIT && cursor.wantsRun) break;
          if (state === WAIT) await cursor.fill();
          else if (at >= 0) {
            const shown = lane.shownAt(cursor.decodeTime + cursor.compositionOffset);
            if (shown > time) passed[at] ||= cursor.isKey || lane.shownAt(cursor.decodeTime) > time;
            else if (cursor.isKey) keys[at] = shown;
          }
        }
        ends.push(lane.shownAt(cursor.nextDecodeTime));
      }
      places.push({ from, ends });
      start = Math.min(...keys.filter((key) => !Number.isNaN(key)));
      const needed = places.findIndex(({ ends }) => ends.some((end) => end > start));
      if (needed > 0 && start < Infinity) places = places.slice(needed);
      if (passed.every((isPassed) => isPassed)) break;
      const decodeTimes = reader.cursors.map(({ nextDecodeTime }) => nextDecodeTime);
      const head = await reader.readFragment();
      if (head === undefined) break;
      from = { offset: head.offset, decodeTimes };
    }
    this.#reader = reader.again(places[0]!.from);
    for (const lane of this.#lanes) lane.restart(this.#reader.cursors[lane.cursor.track.index]!);
    return start === Infinity ? undefined : start;
  }

  /** Takes a track in; answers why not, if not. */
  async #add(track: Mp4Track): Promise<string | undefined> {
    const streamNumber = this.streams.length + 1;
    const described = mp4Stream(track, track.entries[0]);
    if (typeof described === "string") return described;
    if (streamNumber > MAX_STREAM_COUNT) return `there are ${MAX_STREAM_COUNT} before it, and no room for more`;
    if (track.timescale === 0) return "its media header says no timescale";
    const config: CodedStream & { streamNumber: number } = { ...described.config, streamNumber };
    const { movie, cursors } = this.#reader;
    const { parts, warnings } = partsOf(track, movie);
    const { pcm } = described;
    const lane = new Mp4Lane({
      config,
      parts,
      pcm,
      cursor: cursors[track.index]!,
      movieTimescale: movie.timescale,
      again: movie.isFragmented ? undefined : () => this.#reader.cursorOf(track),
      pcmRegroup: pcm && config.kind === "audio"
        ? new PcmRegroup(streamNumber, config.blockBytes!, config.sampleRate)
        : undefined,
    });
    const data = await this.#findFirst(lane);
    if (data === undefined) {
      return lane.hasSample
        ? "its first sample is not there"
        : lane.droppedCount > 0
        ? "it has no key frame"
        : "it has no samples";
    }
    const times = carry(config, data);
    if (typeof times === "string") return times;
    lane.times = times;
    this.streams.push(config);
    this.#lanes.push(lane);
    if (track.entries.length > 1) lane.descriptions = new DescriptionChange(track, described);
    this.warnings.push(...[...described.warnings, ...warnings].map((text) => `Stream ${streamNumber} ${text}`));
    if (movie.isFragmented && parts.length > 1) {
      this.warnings.push(`Stream ${streamNumber} has ${parts.length} edits of fragments: only the first is followed`);
    }
    return undefined;
  }

  /** Lets a lane stand at its first key frame; answers its bytes. */
  async #findFirst(lane: Mp4Lane): Promise<Uint8Array | undefined> {
    await lane.begin();
    for (;;) {
      const state = lane.advance();
      if (state === END) {
        this.#checkTables(lane);
        return undefined;
      }
      if (state === WAIT) {
        if (!lane.cursor.wantsRun) await lane.fill();
        else if (!this.#canReadOn([lane])) return undefined;
        else await this.#reader.readFragment();
        continue;
      }
      if (lane.byteLength === 0 || !lane.isKey) {
        lane.droppedCount++;
        continue;
      }
      this.#bytes.release();
      const data = this.#bytes.view(lane.offset, lane.byteLength) ??
        await this.#bytes.load(lane.offset, lane.byteLength);
      if (data.byteLength === lane.byteLength) return data.slice();
      this.#fail(lane, `its sample at byte ${lane.offset} is not there`);
      return undefined;
    }
  }

  /** The lane whose sample is next; `undefined`: not before more is read. */
  #nextLane(lanes: Mp4Lane[]): Mp4Lane | undefined {
    let best: Mp4Lane | undefined;
    let waitsUntil = Infinity;
    for (let i = 0; i < lanes.length; i++) {
      const lane = lanes[i]!;
      while (!lane.hasSample) {
        const state = lane.advance();
        if (state !== SAMPLE) {
          if (state === END) lanes.splice(i--, 1);
          else waitsUntil = Math.min(waitsUntil, lane.cursor.wantsRun ? lane.nextDue : -Infinity);
          break;
        }
        if (lane.byteLength > 0 && (lane.isKey || lane.hasBegun)) break;
        lane.hasSample = false;
        if (lane.options.pcmRegroup === undefined) lane.droppedCount++;
      }
      if (lane.hasSample && (best === undefined || lane.due < best.due)) best = lane;
    }
    if (best === undefined || best.due <= waitsUntil) return best;
    return this.#canReadOn(lanes) ? undefined : best;
  }

  /** Whether what waits leaves room for more. */
  #canReadOn(lanes: readonly Mp4Lane[]): boolean {
    if (lanes.some(({ hasSample, cursor }) => !hasSample && !cursor.wantsRun)) return true; // tables alone
    const { cursors, hasFragments } = this.#reader;
    if (!hasFragments) return true;
    const queued = cursors.reduce((sum, { queuedBytes }) => sum + queuedBytes, 0);
    return queued < MAX_QUEUED_BYTES && this.#window?.hasRoom !== false;
  }

  /** Reads tables or a fragment; false when there is nothing that waits. */
  async #readOn(lanes: readonly Mp4Lane[]): Promise<boolean> {
    const waiting = lanes.filter(({ hasSample, hasEnded }) => !hasSample && !hasEnded);
    if (waiting.length === 0) return false;
    let wantsFragment = false;
    try {
      for (const lane of waiting) {
        if (lane.cursor.wantsRun) wantsFragment = true;
        else await lane.fill();
      }
      if (wantsFragment) await this.#reader.readFragment();
      return true;
    } catch (cause) {
      this.#failure ??= { cause };
      for (const { cursor } of this.#lanes) cursor.endRuns();
      for (const lane of waiting) if (!lane.cursor.wantsRun) return false;
      return true;
    }
  }

  async #load(lane: Mp4Lane): Promise<Uint8Array | undefined> {
    try {
      const data = await this.#bytes.load(lane.offset, lane.byteLength);
      if (data.byteLength === lane.byteLength) return data;
      this.#fail(lane, `its sample at byte ${lane.offset} is not there`);
    } catch (cause) {
      const { name } = this.#source;
      const from = Number.isNaN(lane.lastTimestamp) ? "" : ` behind ${formatSeconds(lane.lastTimestamp)}`;
      const place = `${name}, stream ${lane.streamNumber}${from}`;
      this.#failure ??= { cause: badMedia("read", place, cause, lane.streamNumber) };
    }
    return undefined;
  }

  #emit(lane: Mp4Lane, data: Uint8Array, batch: StreamSample[]): void {
    const { streamNumber, timestamp, isKey, duration } = lane;
    lane.lastTimestamp = timestamp;
    if (!this.#isPossible(lane)) {
      lane.droppedCount++;
      return;
    }
    const { pcm, pcmRegroup } = lane.options;
    if (pcmRegroup !== undefined) {
      pcmRegroup.push(wavePcm(data, pcm!), timestamp, (sample) => batch.push(sample));
      return;
    }
    const carried = lane.descriptions === undefined ? data : lane.descriptions.carry(
      data,
      lane.descriptionIndex,
      isKey,
      timestamp,
      (text) => this.warnings.push(`Stream ${streamNumber} ${text}`),
    );
    if (carried === undefined) {
      lane.droppedCount++;
      return;
    }
    lane.hasBegun = true;
    const decodeTimestamp = lane.times.advance(timestamp, isKey, carried);
    batch.push({
      streamNumber,
      data: carried,
      timestamp,
      decodeTimestamp,
      duration: duration > 0 ? duration : null,
      type: isKey ? "key" : "delta",
    });
  }

  /** Damage makes times beyond all numbers, and tables that lead to the same bytes over and over, without end. */
  #isPossible(lane: Mp4Lane): boolean {
    if (!isPossibleTime(lane.timestamp) || !isPossibleTime(lane.duration)) {
      this.#fail(lane, `its sample at byte ${lane.offset} has no possible time`);
      return false;
    }
    this.#promisedBytes += lane.byteLength;
    const { size } = this.#source;
    if (size === undefined || this.#promisedBytes <= MAX_OVERLAP * size + OVERLAP_BASE_BYTES) return true;
    this.#fail(lane, `its tables promise more than ${MAX_OVERLAP} times the bytes that there are`);
    for (const { cursor } of this.#lanes) cursor.end();
    return false;
  }

  #lowestOffset(lanes: readonly Mp4Lane[]): number {
    let lowest = this.#reader.hasFragments ? this.#reader.nextOffset : Infinity;
    for (const { cursor, hasSample, offset } of lanes) {
      // What comes next of a lane that does not wait for a fragment lies behind what it stood at.
      if ((hasSample || !cursor.wantsRun) && offset < lowest) lowest = offset;
    }
    return lowest === Infinity ? 0 : lowest;
  }

  #fail(lane: Mp4Lane, reason: string): void {
    if (this.#failure !== undefined) return;
    const { reached, whole } = lane.progress;
    const part = whole > reached && reached > 0 ? `${formatSeconds(reached)} of ${formatSeconds(whole)}` : "part";
    const failure = {
      action: `read all of ${this.#source.name}`,
      reason: `${part} of stream ${lane.streamNumber} is there: ${reason}`,
    };
    this.#failure = { cause: new MuxError("bad-media", failure, { streamNumber: lane.streamNumber }) };
  }

  /** Notes what a lane's tables say and lack. */
  #checkTables(lane: Mp4Lane): void {
    const { isCutShort, number, sampleCount, tableCount, unusedChunks } = lane.cursor;
    if (isCutShort) {
      this.#fail(lane, `its tables have places for ${Math.max(0, number + sampleCount)} of ${tableCount} samples`);
    } else if (unusedChunks > 0) this.#fail(lane, `its tables leave ${unusedChunks} of its chunks out`);
  }

  #checkEnd(): void {
    for (const lane of this.#lanes) this.#checkTables(lane);
    const cut = this.#reader.problems.find(({ rule }) => rule === "M03" || rule === "M02" || rule === "M06");
    if (cut !== undefined && this.#failure === undefined) {
      const { name } = this.#source;
      const failure = {
        action: `read all of ${name}`,
        reason: `it is damaged at byte ${cut.offset}: ${cut.message}`,
      };
      this.#failure = { cause: new MuxError("bad-media", failure) };
    }
  }
}

/** Sends lanes to a time; answers when the earliest of them begins. */
async function earliestKey(lanes: readonly Mp4Lane[], time: number): Promise<number | undefined> {
  let earliest: number | undefined;
  for (const lane of lanes) {
    const start = await lane.seek(time);
    if (start !== undefined && !(start >= earliest!)) earliest = start;
  }
  return earliest;
}

function positionsOf({ memory, size, read }: RandomBytes): Parameters<typeof openInput>[0] {
  return memory ?? { size, read: (offset, length) => read(offset, Math.min(size, offset + length)) };
}

function isChapterText({ handlerType }: Mp4Track): boolean {
  return handlerType === "text" || handlerType === "sbtl";
}
