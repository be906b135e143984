/**
 * Matroska and WebM, read by our own reader.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import type { MatroskaBlock } from "../inspect/matroska/block.ts";
import { type MatroskaTrack, TRACK_TYPE } from "../inspect/matroska/description.ts";
import { ID, nameOf } from "../inspect/matroska/elements.ts";
import { type CuePlace, MatroskaReader, type Recording } from "../inspect/matroska/reader.ts";
import { type SegmentCursor, STEP } from "../inspect/matroska/segment_cursor.ts";
import type { Metadata } from "../media/metadata.ts";
import type { StreamSample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { SourceBytes } from "./bytes.ts";
import { carry, type StreamTimes } from "./carry.ts";
import { reasonOf } from "./failure.ts";
import { type FrameDuration, frameDurations } from "./frame_durations.ts";
import { encodingProblem, type FrameDecoder, frameDecoder, withCodecPrivate } from "./matroska_encodings.ts";
import { matroskaMetadata } from "./matroska_tags.ts";
import { matroskaTrackConfig, trackNotes } from "./matroska_tracks.ts";
import { inputOf } from "./input_of.ts";
import { BATCH_COUNT, type OpenedMedia, type SkippedStream, type Sought } from "./media.ts";
import { isPcm, type PcmForm, wavePcm } from "./pcm_form.ts";
import { PcmRegroup } from "./pcm_regroup.ts";
import { formatSeconds, isPossibleTime } from "./time.ts";

/** Streams have seven bits for their numbers. */
const MAX_STREAM_COUNT = 127;
/** How much is read ahead for the first samples of all tracks. */
const MAX_AHEAD_BYTES = 64 << 20;
/** How much later than the first a stream's first sample may come, where the source cannot be read twice. */
const MAX_WAIT_US = 2_000_000;
/** How much earlier than stated a source may end. */
const ODD_US = 1_000_000;

/** Opens a source that begins with an EBML header. */
export async function openMatroska(source: SourceBytes): Promise<OpenedMedia> {
  const reader = new MatroskaReader(inputOf(source));
  let recording: Recording;
  try {
    recording = await reader.readHead();
  } catch (cause) {
    if (!(cause instanceof MuxError)) throw cause;
    throw new MuxError(cause.code, { action: `open ${source.name}`, reason: cause.reason }, { cause });
  }
  const media = new MatroskaMedia(reader, recording, source);
  await media.open();
  return media;
}

/** What is kept of a track while its frames pass. */
class Lane {
  readonly index: number;
  /** With its private data as they were before they were compressed. */
  readonly track: MatroskaTrack;
  readonly decode: FrameDecoder | undefined;
  /** Nanoseconds of a tick. */
  tick: number;
  /** Why it is left out; empty: it is not. */
  reason: string;
  /** The first frame that can be decoded alone; absent: none has come. */
  first: Uint8Array | undefined;
  hasFrames = false;
  streamNumber = 0;
  config: StreamConfig | undefined;
  times: StreamTimes | undefined;
  pcm: PcmRegroup | undefined;
  pcmForm: PcmForm | undefined;
  duration: FrameDuration | undefined;
  hasBegun = false;
  /** Its blocks have data beside their frames. */
  hasAdditions = false;
  /** That has been said. */
  saysAdditions = false;

  constructor(index: number, track: MatroskaTrack, timestampScale: number, reason: string) {
    this.index = index;
    this.track = track;
    this.tick = timestampScale * track.timestampScale;
    this.decode = frameDecoder(track);
    this.reason = reason;
    // Vorbis needs to see every packet: each lasts as long as it and the one before say together.
    const { audio, codecId, codecPrivate } = track;
    const codec = LACED_CODECS[codecId];
    if (audio !== undefined && codec !== undefined) {
      this.duration = frameDurations(codec, audio.samplingFrequency, codecPrivate);
    }
  }

  get isVideo(): boolean {
    return this.track.type === TRACK_TYPE.video;
  }
}

/** Codecs whose frames say how long they last. */
const LACED_CODECS: Readonly<Record<string, string>> = {
  "A_OPUS": "opus",
  "A_VORBIS": "vorbis",
  "A_MPEG/L3": "mp3",
  "A_AC3": "ac-3",
  "A_AAC": "mp4a.40.2",
};

/** A frame that was read before it was asked for. */
interface HeldFrame {
  readonly lane: Lane;
  readonly data: Uint8Array;
  readonly timestamp: number;
  readonly duration: number | null;
  readonly isKey: boolean;
}

class MatroskaMedia implements OpenedMedia {
  readonly streams: StreamConfig[] = [];
  readonly skipped: SkippedStream[] = [];
  readonly warnings: string[] = [];
  readonly reusesBytes = true;
  readonly framerate = (streamNumber: number): number | undefined => {
    const lane = [...this.#lanes.values()].find((one) => one.streamNumber === streamNumber);
    const nanoseconds = lane?.track.defaultDuration ?? 0;
    return nanoseconds > 0 ? 1e9 / nanoseconds : undefined;
  };
  metadata: Metadata = {};
  duration?: number;
  droppedCount = 0;
  zero = 0;
  readonly seek: OpenedMedia["seek"];

  readonly #reader: MatroskaReader;
  readonly #source: SourceBytes;
  readonly #cursor: SegmentCursor;
  #recording: Recording;
  /** By track number. */
  #lanes = new Map<number, Lane>();
  /** Read while the media was opened. */
  #held: HeldFrame[] = [];
  #heldBytes = 0;
  /** Times of the first frame read and of the end of the last sample, µs. */
  #firstTimestamp = Infinity;
  #endTimestamp = 0;
  /** What is added to the times of another recording, µs. */
  #shift = 0;
  /** Blocks of tracks that are not described. */
  #strayCount = 0;
  #badFrameCount = 0;
  #badTimeCount = 0;
  #rest = "";
  #cues: readonly CuePlace[] | undefined;

  constructor(reader: MatroskaReader, recording: Recording, source: SourceBytes) {
    this.#reader = reader;
    this.#cursor = reader.cursor;
    this.#recording = recording;
    this.#source = source;
    if (source.kind === "random") this.seek = (time) => this.#seek(time);
  }

  /** Describes the streams, for which the first frame of each is read. */
  async open(): Promise<void> {
    const { info, tracks } = this.#recording;
    for (const [index, track] of tracks.entries()) await this.#addLane(index, track);
    const isWhole = await this.#hold();
    for (const lane of this.#lanes.values()) {
      const reason = lane.reason || this.#describe(lane, isWhole);
      if (reason === "") continue;
      lane.reason = reason;
      this.skipped.push({ index: lane.index, reason });
    }
    this.#held = this.#held.filter(({ lane }) => lane.reason === "");
    if (this.streams.length === 0) {
      const cut = this.#cutMessage();
      if (cut !== "") throw this.#bad(`open ${this.#source.name}`, cut);
    }
    if (info.duration !== undefined) {
      const duration = Math.round(info.duration * info.timestampScale / 1000);
      if (duration > 0 && Number.isSafeInteger(duration)) this.duration = duration;
    }
    const zero = this.zero = this.#firstTimestamp === Infinity ? 0 : this.#firstTimestamp;
    const numbers = new Map(
      [...this.#lanes.values()].filter(({ reason }) => reason === "")
        .map(({ track, streamNumber }) => [track.uid, streamNumber]),
    );
    const { metadata, warnings } = matroskaMetadata(this.#recording, numbers, zero);
    this.metadata = metadata;
    this.warnings.push(...warnings);
    this.#noteFlags();
    if (info.isLinked) this.warnings.push("It is one part of several files: the others are not read");
  }

  get format(): string {
    return this.#recording.ebml?.docType === "webm" ? "WebM" : "Matroska";
  }

  close(): Promise<void> {
    return this.#source.kind === "streamed" ? Promise.resolve() : this.#reader.close();
  }

  async *batches(): AsyncGenerator<StreamSample[], void, undefined> {
    let batch: StreamSample[] = [];
    for (const { lane, data, timestamp, duration, isKey } of this.#held) {
      this.#emit(lane, data, timestamp, duration, isKey, batch);
    }
    this.#held = [];
    if (batch.length > 0) yield batch;
    batch = [];
    const cursor = this.#cursor;
    for (let step = cursor.step(); step !== STEP.end; step = cursor.step()) {
      if (step === STEP.block) {
        const lane = this.#lanes.get(cursor.block.trackNumber);
        if (lane === undefined) this.#strayCount++;
        else if (lane.reason === "") {
          if (cursor.block.hasAdditions) this.#noteAdditions(lane);
          if (lane.decode === undefined) this.#takeBlock(lane, batch);
          else await this.#decodeBlock(lane, lane.decode, batch);
        }
        if (batch.length < BATCH_COUNT) continue;
      } else if (step === STEP.element || step === STEP.segment) {
        if (cursor.element.id === ID.EBML || step === STEP.segment) {
          if (batch.length > 0) yield batch;
          batch = [];
          if (!await this.#nextRecording()) break;
        } else this.#noteLate();
        continue;
      } else if (step !== STEP.fill) continue;
      if (batch.length > 0) yield batch;
      batch = [];
      if (step === STEP.fill) await cursor.fill();
    }
    for (const { pcm } of this.#lanes.values()) pcm?.flush((sample) => batch.push(sample));
    if (batch.length > 0) yield batch;
    this.#checkEnd();
  }

  /** Goes to the Cluster that Cues lead to or, without them, the last one that begins before. */
  async #seek(time: number): Promise<Sought> {
    const recording = this.#recording;
    const { clusterStart, info: { timestampScale } } = recording;
    const lanes = [...this.#lanes.values()].filter(({ reason }) => reason === "");
    const leading = lanes.some(({ isVideo }) => isVideo) ? lanes.filter(({ isVideo }) => isVideo) : lanes;
    this.#cues ??= await this.#reader.cues(recording);
    let offset = Infinity;
    for (const { track: { codecDelay, number } } of leading) {
      const ticks = (time * 1000 + codecDelay) / timestampScale;
      let cue: CuePlace | undefined;
      for (const one of this.#cues) {
        if (one.track === number && one.timestamp <= ticks && !(one.timestamp < cue?.timestamp!)) cue = one;
      }
      offset = Math.min(offset, cue?.offset ?? await this.#reader.clusterBefore(ticks, recording));
    }
    if (offset <= clusterStart || (await this.#cursor.placeAt(offset))?.id !== ID.Cluster) offset = clusterStart;
    this.#cursor.goTo(offset);
    this.#held = [];
    for (const lane of lanes) {
      lane.hasBegun = false;
      lane.times = carry(lane.config!, lane.first) as StreamTimes;
      lane.pcm = pcmRegroupOf(lane.config!);
    }
    return { isBeginning: offset === clusterStart };
  }

  async #addLane(index: number, track: MatroskaTrack): Promise<void> {
    let reason = encodingProblem(track);
    let whole = track;
    if (reason === "") {
      whole = await withCodecPrivate(track).catch((cause) => {
        reason = `its codec data cannot be decompressed: ${reasonOf(cause)}`;
        return track;
      });
    }
    if (this.#lanes.has(track.number)) {
      this.skipped.push({ index, reason: `there is another track of number ${track.number} before it` });
      return;
    }
    if (track.type !== TRACK_TYPE.video && track.type !== TRACK_TYPE.audio && reason === "") {
      reason = matroskaTrackConfig(track) as string;
    }
    this.#lanes.set(track.number, new Lane(index, whole, this.#recording.info.timestampScale, reason));
  }

  /** Takes a track in; answers why not, if not. */
  #describe(lane: Lane, isWhole: boolean): string {
    const streamNumber = this.streams.length + 1;
    if (streamNumber > MAX_STREAM_COUNT) return `there are ${MAX_STREAM_COUNT} before it, and no room for more`;
    const found = matroskaTrackConfig(lane.track, lane.first);
    if (typeof found === "string") return found;
    if (isWhole && !lane.hasFrames) return "it has no samples";
    if (isWhole && lane.first === undefined) return "it has no key frame";
    const config = { ...found.config, streamNumber };
    const times = carry(config, lane.first);
    if (typeof times === "string") return times;
    lane.streamNumber = streamNumber;
    lane.times = times;
    lane.config = config;
    lane.pcmForm = found.pcmForm;
    lane.pcm = pcmRegroupOf(config);
    if (lane.hasAdditions) this.#noteAdditions(lane);
    for (const note of trackNotes(lane.track)) {
      this.warnings.push(`Stream ${streamNumber} ${note}: that is not carried over`);
    }
    if (found.hasDecodeTimes && times.reorderDepth > 0) {
      this.warnings.push(`Stream ${streamNumber} has the times of AVI: pictures that are reordered come at odd times`);
    }
    this.streams.push(config);
    return "";
  }

  /** Browsers say alpha of every recording: what counts is what is there. */
  #noteAdditions(lane: Lane): void {
    if (lane.saysAdditions) return;
    lane.saysAdditions = true;
    const what = lane.track.video?.hasAlpha ? "an alpha channel" : "data beside its frames";
    this.warnings.push(`Stream ${lane.streamNumber} has ${what}: that is not carried over`);
  }

  /** Default flags matter where streams of one kind differ in them. */
  #noteFlags(): void {
    const lanes = [...this.#lanes.values()].filter(({ reason }) => reason === "");
    for (const type of [TRACK_TYPE.video, TRACK_TYPE.audio]) {
      const alike = lanes.filter(({ track }) => track.type === type);
      const chosen = alike.filter(({ track }) => track.isDefault);
      if (chosen.length === 0 || chosen.length === alike.length) continue;
      const names = chosen.map(({ streamNumber }) => streamNumber).join(", ");
      this.warnings.push(`Stream ${names} is marked as default: that is not carried over`);
    }
  }

  /** Reads until every track has come, as far as that is to be expected. Answers whether the source has ended. */
  async #hold(): Promise<boolean> {
    const cursor = this.#cursor;
    const waiting = new Set([...this.#lanes.values()].filter(({ reason }) => reason === ""));
    if (!this.#recording.hasClusters) return true;
    while (waiting.size > 0 && this.#heldBytes < MAX_AHEAD_BYTES) {
      const step = cursor.step();
      if (step === STEP.end) return true;
      if (step === STEP.fill) await cursor.fill();
      else if (step === STEP.block) {
        const lane = this.#lanes.get(cursor.block.trackNumber);
        if (lane === undefined) this.#strayCount++;
        if (lane === undefined || lane.reason !== "") continue;
        await this.#holdBlock(lane);
        if (lane.first !== undefined) waiting.delete(lane);
        if (this.#source.kind === "streamed" && this.#endTimestamp - this.#firstTimestamp > MAX_WAIT_US) return false;
      } else if (step === STEP.element || step === STEP.segment) {
        if (cursor.element.id === ID.EBML || step === STEP.segment) {
          if (!await this.#nextRecording()) return true;
        } else this.#noteLate();
      }
    }
    return false;
  }

  async #holdBlock(lane: Lane): Promise<void> {
    const { block, bytes } = this.#cursor;
    if (block.hasAdditions) lane.hasAdditions = true;
    for (let i = 0, at = 0; i < block.frameCount; i++) {
      let data = bytes.subarray(block.frameStarts[i]!, block.frameStarts[i]! + block.frameBytes[i]!);
      const timestamp = this.#timeOf(lane, block, at);
      if (lane.decode === undefined) data = data.slice();
      else {
        const decoded = await this.#decoded(lane.decode, data);
        if (decoded === undefined) continue;
        data = decoded;
      }
      const duration = this.#durationOf(lane, block, data, i);
      at += duration ?? 0;
      const isKey = block.isKey || !lane.isVideo;
      lane.hasFrames = true;
      if (isKey && data.byteLength > 0) lane.first ??= data;
      if (isPossibleTime(timestamp)) {
        if (lane.first !== undefined) this.#firstTimestamp = Math.min(this.#firstTimestamp, timestamp);
        this.#endTimestamp = Math.max(this.#endTimestamp, timestamp);
      }
      this.#heldBytes += data.byteLength;
      this.#held.push({ lane, data, timestamp, duration: roundedOrNull(duration), isKey });
    }
  }

  #takeBlock(lane: Lane, batch: StreamSample[]): void {
    const { block, bytes } = this.#cursor;
    const { frameBytes, frameCount, frameStarts } = block;
    const isKey = block.isKey || !lane.isVideo;
    for (let i = 0, at = 0; i < frameCount; i++) {
      const start = frameStarts[i]!;
      const data = bytes.subarray(start, start + frameBytes[i]!);
      const timestamp = this.#timeOf(lane, block, at);
      const duration = this.#durationOf(lane, block, data, i);
      at += duration ?? 0;
      this.#emit(lane, data, timestamp, roundedOrNull(duration), isKey, batch);
    }
  }

  async #decodeBlock(lane: Lane, decode: FrameDecoder, batch: StreamSample[]): Promise<void> {
    const { block, bytes } = this.#cursor;
    const isKey = block.isKey || !lane.isVideo;
    for (let i = 0, at = 0; i < block.frameCount; i++) {
      const start = block.frameStarts[i]!;
      const data = await this.#decoded(decode, bytes.subarray(start, start + block.frameBytes[i]!));
      if (data === undefined) continue;
      const timestamp = this.#timeOf(lane, block, at);
      const duration = this.#durationOf(lane, block, data, i);
      at += duration ?? 0;
      this.#emit(lane, data, timestamp, roundedOrNull(duration), isKey, batch);
    }
  }

  async #decoded(decode: FrameDecoder, data: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await decode(data);
    } catch {
      this.#badFrameCount++;
      return undefined;
    }
  }

  /** When a frame is shown, µs: `at` behind its block. */
  #timeOf({ tick, track }: Lane, block: MatroskaBlock, at: number): number {
    return Math.round((block.timestamp * tick - track.codecDelay) / 1000 + at + this.#shift) + 0; // never -0
  }

  /** How long it lasts, µs, not rounded; `undefined`: nothing says it. */
  #durationOf(lane: Lane, block: MatroskaBlock, data: Uint8Array, index: number): number | undefined {
    const own = lane.duration?.(data);
    const { defaultDuration } = lane.track;
    const { frameCount } = block;
    let duration: number | undefined;
    if (block.duration >= 0) duration = block.duration * lane.tick / 1000 / frameCount;
    else if (defaultDuration > 0) duration = defaultDuration / 1000;
    else duration = own;
    if (block.discardPadding > 0 && index === frameCount - 1) {
      const full = own ?? duration;
      if (full !== undefined) return Math.max(0, full - block.discardPadding / 1000);
    }
    return duration;
  }

  #emit(
    lane: Lane,
    data: Uint8Array,
    timestamp: number,
    duration: number | null,
    isKey: boolean,
    batch: StreamSample[],
  ): void {
    if (data.byteLength === 0 || !isKey && !lane.hasBegun) {
      this.droppedCount++;
      return;
    }
    if (!isPossibleTime(timestamp) || !isPossibleTime(duration ?? 0)) {
      this.#badTimeCount++;
      return;
    }
    lane.hasBegun = true;
    const end = timestamp + (duration ?? 0);
    if (end > this.#endTimestamp) this.#endTimestamp = end;
    const { pcm } = lane;
    if (pcm !== undefined) {
      // What waits for more outlives the memory it came in.
      const kept = lane.pcmForm === undefined ? data.slice() : wavePcm(data, lane.pcmForm);
      pcm.push(kept, timestamp, (sample) => batch.push(sample));
      return;
    }
    const decodeTimestamp = lane.times!.advance(timestamp, isKey, data);
    batch.push({
      streamNumber: lane.streamNumber,
      data,
      timestamp,
      decodeTimestamp,
      duration,
      type: isKey ? "key" : "delta",
    });
  }

  /** Something stands behind blocks that should have been known before. */
  #noteLate(): void {
    const { id, offset } = this.#cursor.element;
    if (this.#reader.isKnown) return;
    if (id !== ID.Tags && id !== ID.Chapters && id !== ID.Attachments && id !== ID.Tracks && id !== ID.Info) return;
    this.warnings.push(`${nameOf(id)} at byte ${offset} come behind the media: they are not carried over`);
  }

  /** Goes on with a recording that was put behind; false when it is another kind of one. */
  async #nextRecording(): Promise<boolean> {
    const start = this.#cursor.element.offset;
    const recording = await this.#reader.readHead(this.#recording);
    const { tracks } = recording;
    const goesOn = [...this.#lanes.values()].every(({ reason, track: { number, codecId } }) =>
      reason !== "" || tracks.some((other) => other.number === number && other.codecId === codecId)
    );
    const changed = goesOn ? [...this.#lanes.values()].find((lane) => !this.#isAlike(lane, tracks)) : undefined;
    if (!goesOn || changed !== undefined) {
      this.#rest = `another recording, of other streams, begins at byte ${start}`;
      return false;
    }
    this.#recording = recording;
    for (const lane of this.#lanes.values()) lane.tick = recording.info.timestampScale * lane.track.timestampScale;
    this.#shift = this.#endTimestamp;
    this.warnings.push(`Another recording begins at byte ${start}: its times go on from ${formatSeconds(this.#shift)}`);
    return true;
  }

  #isAlike({ reason, track }: Lane, tracks: readonly MatroskaTrack[]): boolean {
    if (reason !== "" || track.encodings.length > 0) return reason !== "";
    const other = tracks.find(({ number }) => number === track.number);
    const [before, now] = [track.codecPrivate ?? NO_BYTES, other?.codecPrivate ?? NO_BYTES];
    return before.byteLength === now.byteLength && before.every((byte, i) => byte === now[i]);
  }

  /** @throws {MuxError} `bad-media` where not all of the source was read. */
  #checkEnd(): void {
    const { name, size } = this.#source;
    if (this.#strayCount > 0) {
      this.warnings.push(`${this.#strayCount} blocks are of tracks that are not described: they are left out`);
    }
    for (const { hasBegun, reason, streamNumber } of this.#lanes.values()) {
      if (reason === "" && !hasBegun) this.warnings.push(`Stream ${streamNumber} has no samples`);
    }
    if (this.#rest !== "") throw this.#bad(`read ${name} to its end`, `${this.#rest}${size ? ` of ${size}` : ""}`);
    const cut = this.#cutMessage();
    if (cut !== "") throw this.#bad(`read ${name} to its end`, cut);
    const { lostAt, lostBytes } = this.#cursor;
    if (lostBytes > 0) {
      throw this.#bad(`read all of ${name}`, `it is damaged at byte ${lostAt}: ${lostBytes} bytes are lost`);
    }
    if (this.#badFrameCount > 0) {
      throw this.#bad(`read all of ${name}`, `${this.#badFrameCount} of its compressed frames are damaged`);
    }
    if (this.#badTimeCount > 0) {
      throw this.#bad(`read all of ${name}`, `${this.#badTimeCount} of its blocks have times out of range`);
    }
    if (this.duration === undefined || this.#shift > 0 || this.#endTimestamp > this.duration - ODD_US) return;
    const [found, stated] = [formatSeconds(this.#endTimestamp), formatSeconds(this.duration)];
    this.warnings.push(
      `The last sample ends at ${found}, though the source says that it lasts ${stated}: is it damaged?`,
    );
  }

  /** How much of how much there is; empty where all is. */
  #cutMessage(): string {
    const { cutAt, segment } = this.#cursor;
    const size = this.#source.size ?? this.#reader.size;
    const claimed = segment.size < 0 ? Infinity : segment.end;
    const isShort = size !== undefined && claimed < Infinity && size < claimed;
    if (cutAt < 0 && !isShort) return "";
    const bytes = isShort ? `${size} of ${claimed} bytes are there` : `it ends inside what begins at byte ${cutAt}`;
    if (this.duration === undefined || this.#shift > 0) return bytes;
    return `${bytes}, ${formatSeconds(this.#endTimestamp)} of ${formatSeconds(this.duration)}`;
  }

  #bad(action: string, reason: string): MuxError {
    return new MuxError("bad-media", { action, reason });
  }
}

const NO_BYTES = new Uint8Array(0);

function pcmRegroupOf(config: StreamConfig): PcmRegroup | undefined {
  if (config.kind !== "audio" || config.blockBytes === undefined || !isPcm(config.codec)) return undefined;
  return new PcmRegroup(config.streamNumber!, config.blockBytes, config.sampleRate);
}

function roundedOrNull(duration: number | undefined): number | null {
  return duration === undefined || duration <= 0 ? null : Math.round(duration);
}
