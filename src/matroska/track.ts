/**
 * One stream of a session, as a track: its description, and when its blocks are.
 *
 * ```text
 * block's time = sample's time - presentation's start + CodecDelay + what keeps all of them from lying below zero
 * ```
 *
 * Readers take CodecDelay off again, and what a decoder gives in it.
 *
 * @module
 */

import type { MuxSample, NumberedStream, StreamFacts } from "../container/container.ts";
import { Extent } from "../container/extent.ts";
import { MuxError, sampleError } from "../errors.ts";
import { equalBytes } from "../bytes/bytes.ts";
import { describeIn, missingIn } from "../media/mappings/codec_table.ts";
import type { MatroskaAudio, MatroskaCodecs, MatroskaVideo } from "../media/mappings/matroska.ts";
import { type ChunkMetadata, toUint8Array } from "../media/sample.ts";
import type { TextStream } from "../media/stream_config.ts";

/** TimestampScale: fine enough for sound, and a Cluster may still be three seconds long. */
export const TICK_NS = 100_000;
/** The same in microseconds. */
export const TICK_US = TICK_NS / 1000;
const NO_BYTES = new Uint8Array(0);

/** A described text stream. */
export interface MatroskaText {
  readonly kind: "text";
  readonly id: string;
  readonly privateData: Uint8Array;
  readonly framing?: undefined;
}

/** A described stream. */
export type MatroskaDescription = MatroskaVideo | MatroskaAudio | MatroskaText;

/** See the module's text. */
export class MatroskaTrack {
  /** As the caller gave it, with its number settled. */
  readonly config: NumberedStream;
  readonly extent = new Extent();
  /** CodecDelay in nanoseconds. */
  delayNs = 0;
  /** What is left of a trim at the beginning that CodecDelay does not say, microseconds. */
  trimLeft = 0;
  /** What is not shown of the latest sample. */
  #trimEnd = 0;
  readonly #codecs: MatroskaCodecs;
  #description: MatroskaDescription | undefined;
  #facts: StreamFacts | undefined;
  #offsetUs = 0;
  /** The decoder's description that was last found to say nothing new. */
  #lastSaid: Uint8Array | undefined;
  /** Steps from one decode time to the next. */
  readonly #steps = { first: NaN, last: NaN, least: Infinity, most: 0, count: 0 };

  constructor(config: NumberedStream, codecs: MatroskaCodecs) {
    this.config = config;
    this.#codecs = codecs;
  }

  get id(): number {
    return this.config.streamNumber;
  }

  get isVideo(): boolean {
    return this.config.kind === "video";
  }

  get isText(): boolean {
    return this.config.kind === "text";
  }

  get isDescribed(): boolean {
    return this.#description !== undefined;
  }

  /** Its description, which the session has waited for. */
  get description(): MatroskaDescription {
    if (this.#description !== undefined) return this.#description;
    throw sampleError("missing-description", this.id, "it is not described");
  }

  /** As `Muxer.describe`. */
  describe(metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts !== undefined) return this.#facts;
    const description = this.#makeDescription(this.config, metadata, data);
    if (description === undefined) return undefined;
    this.#description = description;
    const isText = description.kind === "text";
    return this.#facts = {
      reorderDepth: description.kind === "video" ? description.reorderDepth : 0,
      bitrate: isText ? 0 : description.bitrate ?? 0,
      sparse: isText,
    };
  }

  #makeDescription(
    config: NumberedStream,
    metadata?: ChunkMetadata,
    data?: Uint8Array,
  ): MatroskaDescription | undefined {
    const { video, audio, text } = this.#codecs;
    if (config.kind === "video") return describeIn(video, config, metadata, data) as MatroskaVideo | undefined;
    if (config.kind === "audio") return describeIn(audio, config, metadata, data) as MatroskaAudio | undefined;
    const { codec, description } = config as TextStream;
    return {
      kind: "text",
      id: text[codec]!,
      privateData: description === undefined ? NO_BYTES : toUint8Array(description).slice(),
    };
  }

  /** As `Muxer.missing`. */
  missing(): string {
    const { config } = this;
    const { video, audio } = this.#codecs;
    if (config.kind === "video") return missingIn(video, config);
    return config.kind === "audio" ? missingIn(audio, config) : "nothing is missing";
  }

  /**
   * Another configuration that CodecPrivate cannot say any more is refused; what the bit stream says itself may change.
   *
   * @throws {MuxError} `unsupported`
   */
  checkChange(metadata: ChunkMetadata): void {
    const { config } = this;
    const said = metadata.decoderConfig?.description;
    if (said === undefined) return;
    const bytes = toUint8Array(said);
    if (this.#lastSaid !== undefined && equalBytes(this.#lastSaid, bytes)) return;
    const fresh = this.#makeDescription({ ...config, description: said }, metadata);
    if (fresh === undefined || equalBytes(fresh.privateData, this.description.privateData)) {
      this.#lastSaid = bytes.slice();
      return;
    }
    throw new MuxError("unsupported", {
      action: `write sample to stream ${this.id}`,
      reason: "its decoder has another configuration from here on, which Matroska cannot say: begin another file",
    }, { streamNumber: this.id });
  }

  /**
   * When the first block would be without anything that keeps it from lying below zero, microseconds.
   *
   * @param firstTimestamp Infinity for a stream that has not begun.
   */
  begin(firstTimestamp: number, trimStart: number, presentationStart: number): number {
    const { description } = this;
    if (description.kind === "audio") {
      const { codecDelay, sampleRate } = description;
      const hidden = Math.max(trimStart, presentationStart - firstTimestamp);
      const samples = codecDelay ?? Math.round(hidden * sampleRate / 1e6);
      this.delayNs = Math.round(samples * 1e9 / sampleRate);
      if (codecDelay !== undefined) this.trimLeft = Math.max(0, Math.round(hidden - this.delayNs / 1000));
    }
    this.#offsetUs = this.delayNs / 1000 - presentationStart;
    return firstTimestamp + this.#offsetUs;
  }

  /** All of its blocks are so much later, microseconds. */
  shift(microseconds: number): void {
    this.#offsetUs += microseconds;
  }

  /** Counts a sample that comes in. */
  count(sample: MuxSample): void {
    this.extent.add(sample);
    this.#trimEnd = sample.trimEnd ?? 0;
    const steps = this.#steps;
    const step = sample.decodeTimestamp - steps.last;
    if (step > 0) {
      if (step < steps.least) steps.least = step;
      if (step > steps.most) steps.most = step;
    } else if (steps.count === 0) steps.first = sample.decodeTimestamp;
    steps.last = sample.decodeTimestamp;
    steps.count++;
  }

  /** When a sample's block is, in ticks. */
  blockTime({ timestamp, decodeTimestamp }: MuxSample): number {
    const description = this.#description!;
    const time = description.kind === "video" && description.hasDecodeTimes ? decodeTimestamp : timestamp;
    return Math.max(0, Math.round((time + this.#offsetUs) / TICK_US));
  }

  /** Where its blocks end, microseconds, without what is not shown of the last. */
  get end(): number {
    return this.extent.end - this.#trimEnd + this.#offsetUs;
  }

  /**
   * DefaultDuration in nanoseconds, 0: there is none. What pictures had in fact goes first, what is said of them counts while
   * nothing is known.
   */
  frameNs(isOver: boolean): number {
    const { description } = this;
    if (description.kind === "text") return 0;
    if (description.kind === "audio") {
      const { samplesPerFrame, sampleRate } = description;
      return samplesPerFrame === undefined ? 0 : Math.round(samplesPerFrame * 1e9 / sampleRate);
    }
    const { framerate = 0 } = description;
    const saidNs = framerate >= 1 && framerate <= MAX_FRAMERATE ? Math.round(1e9 / framerate) : 0;
    if (!isOver) return saidNs;
    const { first, last, least, most, count } = this.#steps;
    if (count < 3 || most - least > JITTER_US) return count < 3 ? saidNs : 0;
    const measuredNs = (last - first) * 1000 / (count - 1);
    return Math.abs(measuredNs - saidNs) < JITTER_NS ? saidNs : Math.round(measuredNs);
  }
}

/** Beyond, a rate is that of a clock. */
const MAX_FRAMERATE = 240;
/** Steps of a constant rate differ by so much where times were whole milliseconds. */
const JITTER_US = 1001;
/** A measured rate is the one that is said. */
const JITTER_NS = 20_000;
