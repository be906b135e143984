/**
 * One stream of a session, as a track.
 *
 * Where pictures overtake each other, a session that was given presentation times alone derives decode times that all begin
 * with the first presentation time, since it cannot look ahead. In the track they get the room that they would have had:
 * all its times are {@linkcode Mp4Track.delay} later, and an edit list takes that back; only the first decode times climb
 * step by step. Presentation times are exact in any case, and no sample is decoded after it is shown.
 *
 * ```text
 * session   decode 0 0 0 40 80    present 0 120 40 80 ...      depth 2, 40 ms a frame
 * track     decode 0 40 80 120    present 80 200 120 160 ...   delay 80, the edit list begins at 80
 * ```
 *
 * @module
 */

import { equalBytes } from "../bytes/bytes.ts";
import type { MuxSample, NumberedStream, StreamFacts } from "../container/container.ts";
import { Extent } from "../container/extent.ts";
import { sampleError } from "../errors.ts";
import { likelyFramerate } from "../media/framerate.ts";
import { describeIso, type IsoDescription } from "../media/mappings/isobmff.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import type { SampleIndex } from "./sample_index.ts";
import { toTicks, videoTimeScale } from "./time_base.ts";
import type { MovieTrack } from "./track_box.ts";
import { TrackFragment } from "./track_fragment.ts";

/** A sample that waits for the one behind it, which says how long it lasts; its bytes are in the track's fragment. */
export class PendingSample {
  isPresent = false;
  /** Times are microseconds. */
  timestamp = 0;
  decodeTimestamp = 0;
  duration = -1;
  isKey = false;
  byteLength = 0;
  trimEnd = 0;
}

/** See the module's text. */
export class Mp4Track {
  /** As the caller gave it, with its number settled. */
  readonly config: NumberedStream;
  readonly extent = new Extent();
  readonly fragment = new TrackFragment();
  /** What its samples are; absent until a sink gets tables of them. */
  index: SampleIndex | undefined;
  readonly pending = new PendingSample();
  /** Microseconds; Infinity without samples. */
  earliestDecodeTimestamp = Infinity;
  /** Ticks a second; settled with the description. */
  timeScale = 0;
  /** See the module's text; ticks, 0 where nothing is reordered. */
  delay = 0;
  /** Of the sample that came in last, microseconds; not a number before the first. */
  latestDecodeTimestamp = NaN;
  /** Where the first sample begins to be shown, in ticks of the track. */
  shownFrom = -Infinity;
  #description: IsoDescription | undefined;
  #facts: StreamFacts | undefined;
  #depth = 0;
  /** Of the last sample in a fragment, microseconds: where it begins and what it says it lasts, and the step before it. */
  #firstDecodeTimestamp = NaN;
  #lastDecodeTimestamp = NaN;
  #lastDecodeTime = 0;
  /** How many samples went before the pending one; as long as decode times climb. */
  #climbed = 0;
  #isClimbing = false;
  #lastDuration = -1;
  #lastStep = 0;

  readonly #isQuickTime: boolean;

  constructor(config: NumberedStream, isQuickTime: boolean) {
    this.config = config;
    this.#isQuickTime = isQuickTime;
  }

  get id(): number {
    return this.config.streamNumber;
  }

  get isVideo(): boolean {
    return this.config.kind === "video";
  }

  get isDescribed(): boolean {
    return this.#description !== undefined;
  }

  /** Its description, which the session has waited for. */
  get description(): IsoDescription {
    if (this.#description !== undefined) return this.#description;
    throw sampleError("missing-description", this.id, "it is not described");
  }

  /** What boxes say of it, whatever its samples are. */
  get facts(): Omit<MovieTrack, "mediaDuration" | "shownDuration" | "edits"> {
    const { config, id, description, timeScale } = this;
    const rotation = config.kind === "video" ? config.rotation : undefined;
    const { language, names = [] } = config;
    return { id, description, timeScale, language, name: names[0]?.name, rotation, isQuickTime: this.#isQuickTime };
  }

  /** As `Muxer.describe`. */
  describe(metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts !== undefined) return this.#facts;
    const description = describeIso(this.config, metadata, data);
    if (description === undefined) return undefined;
    this.#description = description;
    const isVideo = description.kind === "video";
    this.timeScale = isVideo ? videoTimeScale(description.framerate) : description.sampleRate;
    if (isVideo && description.reorderDepth > 0) {
      const { framerate, reorderDepth } = description;
      this.delay = Math.round(reorderDepth * this.timeScale / likelyFramerate(framerate));
      this.#depth = reorderDepth;
    }
    return this.#facts = {
      reorderDepth: isVideo ? description.reorderDepth : 0,
      bitrate: description.bitrate ?? 0,
      sparse: false,
    };
  }

  /** Whether a decoder's metadata say that it is something else than the header says. */
  isChangedBy(metadata: ChunkMetadata, data: Uint8Array): boolean {
    if (metadata.decoderConfig?.description === undefined) return false;
    const { id, privateData } = this.description;
    const now = describeIso({ ...this.config, description: undefined }, metadata, data);
    return now !== undefined && (now.id !== id || !equalBytes(now.privateData, privateData));
  }

  toTicks(microseconds: number): number {
    return toTicks(microseconds, this.timeScale);
  }

  /** Counts a sample that comes in. */
  count(sample: MuxSample): void {
    this.extent.add(sample);
    this.latestDecodeTimestamp = sample.decodeTimestamp;
    if (sample.decodeTimestamp < this.earliestDecodeTimestamp) this.earliestDecodeTimestamp = sample.decodeTimestamp;
  }

  /** The sample becomes the pending one: its bytes are copied. */
  hold({ pieces, timestamp, decodeTimestamp, duration, isKey, trimStart = 0, trimEnd = 0 }: MuxSample): void {
    const { pending } = this;
    this.fragment.hold(pieces);
    pending.isPresent = true;
    pending.timestamp = timestamp;
    pending.decodeTimestamp = decodeTimestamp;
    pending.duration = duration;
    pending.isKey = isKey;
    pending.byteLength = pieces.byteLength;
    pending.trimEnd = trimEnd;
    if (trimStart > 0) this.shownFrom = this.toTicks(timestamp + trimStart) + this.delay;
  }

  /** The pending sample goes into the fragment. */
  addPending(): void {
    const { pending } = this;
    const { timestamp, decodeTimestamp, isKey } = pending;
    const decodeTime = this.#pendingDecodeTime();
    const step = decodeTimestamp - this.#lastDecodeTimestamp;
    if (step > 0) this.#lastStep = step;
    if (Number.isNaN(this.#firstDecodeTimestamp)) {
      this.#firstDecodeTimestamp = decodeTimestamp;
      this.#isClimbing = this.delay > 0 && timestamp === decodeTimestamp;
    }
    this.#climbed++;
    this.#lastDecodeTimestamp = decodeTimestamp;
    this.#lastDecodeTime = decodeTime;
    this.#lastDuration = pending.duration;
    const { trimEnd } = pending;
    const trim = trimEnd > 0
      ? this.toTicks(timestamp + pending.duration) - this.toTicks(timestamp + pending.duration - trimEnd)
      : 0;
    this.fragment.add(decodeTime, this.toTicks(timestamp) + this.delay, isKey, trim);
    pending.isPresent = false;
  }

  #pendingDecodeTime(): number {
    const { timestamp, decodeTimestamp } = this.pending;
    return this.toTicks(decodeTimestamp) + this.#shift(timestamp, decodeTimestamp);
  }

  /** The whole delay, but for the first decode times, which the session cannot tell apart. */
  #shift(timestamp: number, decodeTimestamp: number): number {
    const isFirst = Number.isNaN(this.#firstDecodeTimestamp);
    if (isFirst) return timestamp === decodeTimestamp ? 0 : this.delay;
    const isClimbing = this.#isClimbing && decodeTimestamp === this.#firstDecodeTimestamp &&
      this.#climbed < this.#depth;
    return isClimbing ? Math.round(this.delay * this.#climbed / this.#depth) : this.delay;
  }

  /** How long a sample is taken to last that is the only one, and does not say: microseconds. */
  get #usualDuration(): number {
    const { description } = this;
    return 1e6 / likelyFramerate(description.kind === "video" ? description.framerate : undefined);
  }

  /** Where the next sample begins, in ticks; where none has come yet, where the last one ends as far as it says. */
  get nextDecodeTime(): number {
    if (this.pending.isPresent) return this.#pendingDecodeTime();
    const duration = this.#lastDuration > 0 ? this.#lastDuration : this.#lastStep || this.#usualDuration;
    const begin = this.toTicks(this.#lastDecodeTimestamp);
    return this.#lastDecodeTime + this.toTicks(this.#lastDecodeTimestamp + duration) - begin;
  }
}
