/**
 * One stream of a session, as a track.
 *
 * @module
 */

import type { MuxSample, NumberedStream, StreamFacts } from "../container/container.ts";
import { Extent } from "../container/extent.ts";
import { MuxError } from "../errors.ts";
import type { IsoDescription } from "../media/iso/description.ts";
import { describeIso } from "../media/iso/mod.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { toTicks, videoTimeScale } from "./time_base.ts";
import { TrackFragment } from "./track_fragment.ts";

/** A sample that waits for the one behind it, which says how long it lasts. Times are microseconds. */
export class PendingSample {
  isPresent = false;
  timestamp = 0;
  decodeTimestamp = 0;
  duration = -1;
  isKey = false;
  byteLength = 0;
  #memory = new Uint8Array(0);

  /** Takes a copy. */
  take({ gather, timestamp, decodeTimestamp, duration, isKey }: MuxSample): void {
    const { sources, starts, ends, count, byteLength } = gather;
    if (this.#memory.byteLength < byteLength) this.#memory = new Uint8Array(byteLength + (byteLength >> 2));
    for (let i = 0, at = 0; i < count; i++) {
      this.#memory.set(sources[i]!.subarray(starts[i], ends[i]), at);
      at += ends[i]! - starts[i]!;
    }
    Object.assign(this, { isPresent: true, timestamp, decodeTimestamp, duration, isKey, byteLength });
  }

  get bytes(): Uint8Array {
    return this.#memory.subarray(0, this.byteLength);
  }
}

/** See the module's text. */
export class Mp4Track {
  /** As the caller gave it, with its number settled. */
  readonly config: NumberedStream;
  readonly extent = new Extent();
  readonly fragment = new TrackFragment();
  readonly pending = new PendingSample();
  /** Earliest presentation and decode time, microseconds; Infinity without samples. */
  earliestTimestamp = Infinity;
  earliestDecodeTimestamp = Infinity;
  /** Ticks a second; settled with the description. */
  timeScale = 0;
  #description: IsoDescription | undefined;
  #facts: StreamFacts | undefined;
  /** Of the last sample in a fragment, microseconds: where it begins and what it says it lasts, and the step before it. */
  #lastDecodeTimestamp = NaN;
  #lastDuration = -1;
  #lastStep = 0;

  constructor(config: NumberedStream) {
    this.config = config;
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
    throw new MuxError("missing-description", `Cannot write sample to stream ${this.id}: it is not described`, {
      streamNumber: this.id,
    });
  }

  /** As `Muxer.describe`. */
  describe(metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts !== undefined) return this.#facts;
    const description = describeIso(this.config, metadata, data);
    if (description === undefined) return undefined;
    this.#description = description;
    const isVideo = description.kind === "video";
    this.timeScale = isVideo ? videoTimeScale(description.framerate) : description.sampleRate;
    return this.#facts = {
      reorderDepth: isVideo ? description.reorderDepth : 0,
      bitrate: description.bitrate ?? 0,
      sparse: false,
    };
  }

  toTicks(microseconds: number): number {
    return toTicks(microseconds, this.timeScale);
  }

  /** Counts a sample that comes in. */
  count(sample: MuxSample): void {
    this.extent.add(sample);
    if (sample.timestamp < this.earliestTimestamp) this.earliestTimestamp = sample.timestamp;
    if (sample.decodeTimestamp < this.earliestDecodeTimestamp) this.earliestDecodeTimestamp = sample.decodeTimestamp;
  }

  /** The pending sample goes into the fragment, at `offset`. */
  addPending(offset: number): void {
    const { pending } = this;
    const { timestamp, decodeTimestamp, byteLength, isKey } = pending;
    const step = decodeTimestamp - this.#lastDecodeTimestamp;
    if (step > 0) this.#lastStep = step;
    this.#lastDecodeTimestamp = decodeTimestamp;
    this.#lastDuration = pending.duration;
    this.fragment.add(offset, byteLength, this.toTicks(decodeTimestamp), this.toTicks(timestamp), isKey);
    pending.isPresent = false;
  }

  /** Where the next sample begins, in ticks; where none has come yet, where the last one ends as far as it says. */
  get nextDecodeTime(): number {
    if (this.pending.isPresent) return this.toTicks(this.pending.decodeTimestamp);
    const duration = this.#lastDuration > 0 ? this.#lastDuration : this.#lastStep;
    return this.toTicks(this.#lastDecodeTimestamp + duration);
  }
}
