import { TICKS_PER_SECOND } from "../bytes/ticks.ts";
import type { NumberedStream, StreamFacts } from "../container/container.ts";
import { sampleError } from "../errors.ts";
import { describeRiff, type RiffDescription } from "../media/mappings/riff/mod.ts";
import type { Pieces } from "../bytes/pieces.ts";
import type { SampleExtensions } from "../media/payload_extension.ts";
import type { ChunkMetadata } from "../media/sample.ts";
import { isCodedStream, isDataStream } from "../media/stream_config.ts";
import { objectId } from "../packets/cut_packet.ts";
import type { HeaderStream } from "./header.ts";
import { StreamExtensions } from "./payload_extensions.ts";
import { expectedOverhead, knownBitrate, wholeRate } from "./rates.ts";
import { StreamStats } from "./stream_stats.ts";
import { toTicks } from "./timing.ts";

/**
 * H.264 and HEVC: FFmpeg takes the payload's time for a decode time and then knows no presentation time, whether the
 * stream reorders or not. Copied to another container, its samples have no times.
 */
const MAY_REORDER: readonly string[] = ["H264", "X264", "AVC1", "DAVC", "HEVC", "H265", "HVC1", "HEVS"];

/** What is silent for long is sent at once when its time has come: its average rate would hold the others up. */
const INSTANT_BITRATE = 0xffff_ffff;

/** FFmpeg refuses media objects from here on. */
const OBJECT_BYTES_LIMIT = 0x100_0000;

/** What is measured by the end. */
export interface Measured {
  /** Of the whole presentation, microseconds. */
  readonly duration: number;
  /** How much larger the media has become inside packets. */
  readonly overhead: number;
  readonly largestObjectBytes: number;
}

/** One stream of a session: its configuration, what became known of it, and what was written. */
export class AsfStream {
  /** As the caller gave it, with its number settled. */
  readonly config: NumberedStream;
  /** What was written. */
  readonly stats: StreamStats;
  /** What its samples carry beside bytes and times; absent: nothing. */
  readonly extensions: StreamExtensions | undefined;
  /** Position among the streams of the header; -1 while it has none. */
  slot = -1;
  /** Bit/s promised in the provisional header; 0 before. */
  openingBitrate = 0;
  #description: RiffDescription | undefined;
  #facts: StreamFacts | undefined;

  constructor(config: NumberedStream) {
    this.config = config;
    this.stats = new StreamStats(this.isData);
    const { streamNumber, payloadExtensions = [] } = config;
    if (payloadExtensions.length > 0) this.extensions = new StreamExtensions(streamNumber, payloadExtensions);
  }

  /** 1–127. */
  get number(): number {
    return this.config.streamNumber;
  }

  /** Its latest sample, as {@linkcode objectId} names it. */
  get lastObject(): number {
    return objectId(this.number, this.stats.sampleCount);
  }

  get isVideo(): boolean {
    return this.config.kind === "video";
  }

  /** Neither video nor audio: others never wait for it. */
  get isData(): boolean {
    return isDataStream(this.config);
  }

  /** Bit/s at which it is sent. */
  get sendBitrate(): number {
    return this.isData ? INSTANT_BITRATE : this.openingBitrate;
  }

  /** Whether a reader cannot begin at any sample of it. */
  get hasKeys(): boolean {
    return this.isVideo || this.isData;
  }

  /** Whether its samples have time codes. */
  get hasTimecode(): boolean {
    return this.extensions !== undefined && this.extensions.timecodeAt >= 0;
  }

  /** What it is, once that is known. */
  get description(): RiffDescription | undefined {
    return this.#description;
  }

  /** Whether readers need the timing extension to tell when it is shown. */
  get needsTiming(): boolean {
    const description = this.#description;
    return description?.kind === "video" &&
      (description.reorderDepth > 0 || MAY_REORDER.includes(description.id.toUpperCase()));
  }

  /** As `Muxer.describe`. */
  describe(metadata?: ChunkMetadata, data?: Uint8Array): StreamFacts | undefined {
    if (this.#facts !== undefined) return this.#facts;
    const description = describeRiff(this.config, metadata, data);
    if (description === undefined) return undefined;
    this.#description = description;
    this.#facts = {
      reorderDepth: description.kind === "video" ? description.reorderDepth : 0,
      bitrate: knownBitrate(description),
      sparse: description.kind === "data",
      wantsMeasuring: description.kind !== "data" && knownBitrate(description) === 0,
    };
    return this.#facts;
  }

  /** Its description. @throws {MuxError} `missing-description` before it is known. */
  requireDescription(): RiffDescription {
    if (this.#description !== undefined) return this.#description;
    throw sampleError("missing-description", this.number, "it is not described");
  }

  /** Takes a sample apart as its codec is framed. @throws {MuxError} `bad-media`, `too-large`. */
  frame(data: Uint8Array, isKey: boolean, pieces: Pieces): void {
    const { framing } = this.requireDescription();
    pieces.clear();
    if (framing === undefined) pieces.add(data);
    else framing(data, isKey, pieces);
    const { byteLength } = pieces;
    if (byteLength > 0 && byteLength < OBJECT_BYTES_LIMIT) return;
    throw byteLength === 0
      ? sampleError("bad-media", this.number, "it has no bytes")
      : sampleError("too-large", this.number, `must be smaller than ${OBJECT_BYTES_LIMIT} bytes, got ${byteLength}`);
  }

  /** As `Muxer.extension`. @param mostBytes What has room in a packet. */
  extension(values: SampleExtensions, duration: number, mostBytes: number): Uint8Array | undefined {
    if (this.extensions !== undefined) return this.extensions.encode(values, duration, mostBytes);
    if (Object.values(values).every((value) => value === undefined)) return undefined;
    throw new TypeError(`Cannot write sample to stream ${this.number}: it declares no payloadExtensions`);
  }

  /** What the header says of it: promised rates at first, measured ones at the end. */
  headerStream(packetBytes: number, measured?: Measured): HeaderStream {
    const description = this.requireDescription();
    // Its own, so that a late stream's rate is not understated; of what is silent for long it would say little.
    const span = this.isData ? measured?.duration ?? 0 : this.stats.span;
    const isTimed = measured !== undefined && span > 0 && this.stats.byteCount > 0;
    const rate = isTimed ? this.stats.byteCount * 8e6 / span : this.openingBitrate;
    const overhead = isTimed ? measured.overhead : expectedOverhead(packetBytes);
    return {
      streamNumber: this.number,
      description,
      language: this.config.language,
      names: this.config.names,
      ...isCodedStream(this.config) &&
        { codecName: this.config.codecName, codecDescription: this.config.codecDescription },
      extensions: this.extensions?.systems ?? [],
      mediaBitsPerSecond: wholeRate(rate),
      ...(isTimed && !this.isData ? this.#buckets(wholeRate(rate)) : this.#promised),
      bitsPerSecond: wholeRate(rate * overhead),
      largestObjectBytes: measured?.largestObjectBytes ?? this.config.demand?.maxSampleBytes ?? 0,
      ticksPerFrame: this.#ticksPerFrame(description, measured !== undefined),
    };
  }

  /** What the media has turned out to need; a peak below the average is one of less than a second. */
  #buckets(average: number): Pick<HeaderStream, "bufferMs" | "peak"> {
    const bitsPerSecond = Math.max(average, wholeRate(this.stats.peakBitsPerSecond));
    return {
      bufferMs: this.stats.bufferMs(average),
      peak: { bitsPerSecond, bufferMs: this.stats.bufferMs(bitsPerSecond) },
    };
  }

  /** What its configuration says about that. */
  get #promised(): Pick<HeaderStream, "bufferMs" | "peak"> {
    const { demand } = this.config;
    if (demand === undefined) return {};
    return { bufferMs: demand.bufferMs, peak: { bitsPerSecond: demand.peakBitrate, bufferMs: demand.peakBufferMs } };
  }

  /** All of it, as a configuration says it; nothing where there is nothing to tell. */
  get measured(): Pick<NumberedStream, "bitrate" | "demand"> {
    const { stats } = this;
    const span = stats.span;
    if (this.isData || !(span > 0) || stats.byteCount === 0) return {};
    const bitrate = wholeRate(stats.byteCount * 8e6 / span);
    const { bufferMs, peak } = this.#buckets(bitrate);
    const demand = {
      bufferMs: bufferMs!,
      peakBitrate: peak!.bitsPerSecond,
      peakBufferMs: peak!.bufferMs,
      maxSampleBytes: stats.largestBytes,
    };
    return { bitrate, demand };
  }

  #ticksPerFrame(description: RiffDescription, isFinal: boolean): number {
    if (description.kind !== "video") return 0;
    if (description.framerate !== undefined) return Math.round(TICKS_PER_SECOND / description.framerate);
    return isFinal ? toTicks(this.stats.meanStep) : 0;
  }
}
