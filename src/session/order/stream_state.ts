/**
 * One stream inside a {@linkcode MuxSink}: what is known of it, and where it stands.
 *
 * @module
 */

import type { NumberedStream, StreamFacts } from "../../container/container.ts";
import { MuxError, type Problem, sampleError } from "../../errors.ts";
import { DecodeClock } from "../../media/decode_clock.ts";
import { pcmBytesPerSecond } from "../../media/pcm_rate.ts";
import type { IncomingSample } from "../input/incoming_sample.ts";
import { emptyStream, type StreamCounters } from "../input/stream_counters.ts";
import type { HeldSample } from "./held_sample.ts";

/** A stream on its way into the container. */
export class StreamState {
  readonly index: number;
  readonly config: NumberedStream;
  readonly counters: StreamCounters;
  readonly isVideo: boolean;
  /** Of uncompressed audio, which tells by its bytes how long it lasts; else 0. */
  readonly pcmBytesPerSecond: number;
  /** Known once the stream is described. */
  facts: StreamFacts | undefined;
  /** How often its decoder's configuration has changed. */
  configuration = 0;
  /** Its samples went on for the whole window without saying what it is. */
  staysUndescribed = false;
  /** Left out of the header: it was neither described nor begun in time. */
  isAbsent = false;
  hasEnded = false;
  /** Nothing comes before this time, though nothing has come: the opening need not wait for the stream. */
  #quietUntil = -Infinity;
  /** With `startTime: "rebase-each"` the time of its first sample, which becomes 0; else 0. */
  base = 0;
  /** Samples that came before the stream was described, as they came. */
  raw: HeldSample[] = [];
  /** Earliest decode time seen, while the session has not opened. */
  firstTime = NaN;
  /** Presentation time of the first sample. */
  firstTimestamp = NaN;
  /** What is not shown at its beginning, microseconds: its first sample says so. */
  trimStart = 0;
  /** What is not shown at the ends of its samples altogether. */
  trimEnd = 0;
  /** Latest decode time taken. */
  lastTime = NaN;
  /** Its next sample in the container does not come before this; NaN without one. */
  packetizedUntil = NaN;
  /** Latest presentation time taken. */
  latestTimestamp = -Infinity;
  /** Bytes taken, and the latest sample's share of them: together with the times they measure the bit rate. */
  bytes = 0;
  lastBytes = 0;
  /** Samples that came after the others had stopped waiting. */
  lateCount = 0;
  #clock: DecodeClock | undefined;

  constructor(index: number, config: NumberedStream, counters: StreamCounters) {
    this.index = index;
    this.config = config;
    this.counters = counters;
    this.isVideo = config.kind === "video";
    this.pcmBytesPerSecond = pcmBytesPerSecond(config);
  }

  /** Whether a sample was taken. */
  get hasBegun(): boolean {
    return this.bytes > 0;
  }

  /**
   * Whether the session can open at `first` as far as this stream goes: nothing that it may still say changes that. What
   * it says of its bit rate matters where latency is bounded.
   */
  isReady(first: number, isLive: boolean): boolean {
    if (this.hasEnded || this.facts?.sparse) return true;
    if (this.facts === undefined) return false;
    return this.hasBegun ? !(isLive && this.facts.wantsMeasuring) : this.#quietUntil >= first;
  }

  /** Whether a sample may still say what it is. */
  get mayBeDescribed(): boolean {
    return this.facts === undefined && !this.hasEnded && !this.staysUndescribed;
  }

  /** Nothing comes before `time`. */
  setQuiet(time: number): void {
    if (time > this.#quietUntil) this.#quietUntil = time;
  }

  /** Whether its first sample is on its way out of an encoder: the session opens with the stream. */
  get isComing(): boolean {
    const { hasEncoder, samplesReceived, samplesEncoded } = this.counters;
    return hasEncoder && samplesReceived > 0 && samplesEncoded === 0 && !this.hasEnded;
  }

  /** Shifts a sample so that the stream's first is at 0. */
  rebase(sample: IncomingSample): void {
    const { timestamp, decodeTimestamp } = sample;
    if (!this.hasBegun && this.raw.length === 0) this.base = decodeTimestamp < timestamp ? decodeTimestamp : timestamp;
    sample.timestamp = timestamp - this.base;
    sample.decodeTimestamp = decodeTimestamp - this.base;
  }

  /** The stream is described now. */
  setFacts(facts: StreamFacts): void {
    this.facts = facts;
    if (facts.reorderDepth > 0) this.#clock = new DecodeClock(facts.reorderDepth);
  }

  /**
   * Decode time of the next sample: the caller's, else derived within the reorder depth. The only step that moves the
   * stream on, so it comes after all that may refuse the sample.
   *
   * @throws {MuxError} `time-order` when the presentation time contradicts the reorder depth.
   */
  takeTime(sample: IncomingSample | HeldSample): number {
    const { timestamp, decodeTimestamp } = sample;
    let time: number;
    if (decodeTimestamp === decodeTimestamp) {
      time = decodeTimestamp;
    } else if (this.#clock) {
      if (!this.#clock.advance(timestamp)) throw this.#contradiction(timestamp);
      time = this.#clock.decodeTimestamp;
    } else {
      if (timestamp < this.lastTime) throw this.#contradiction(timestamp);
      time = timestamp;
    }
    if (!(time >= this.lastTime)) { // also the first
      if (this.lastTime === this.lastTime) time = this.lastTime; // derived and given times were mixed
      else [this.firstTime, this.firstTimestamp, this.trimStart] = [time, timestamp, sample.trimStart];
    }
    this.lastTime = time;
    if (sample.trimEnd > 0) this.trimEnd += sample.trimEnd;
    if (timestamp > this.latestTimestamp) this.latestTimestamp = timestamp;
    this.lastBytes = sample.data.byteLength;
    this.bytes += this.lastBytes;
    return time;
  }

  /** As if nothing had come: all of it was discarded before the session opened. */
  restart(): void {
    this.firstTime = this.firstTimestamp = this.lastTime = NaN;
    this.bytes =
      this.lastBytes =
      this.trimStart =
      this.trimEnd =
        0;
    if (this.facts) this.setFacts(this.facts);
  }

  /** What the stream lacked, once everything is laid out. */
  finalWarning(): MuxError | undefined {
    const { samplesTaken, samplesProcessed } = this.counters;
    if (samplesTaken === 0 && this.facts?.sparse) return undefined; // silent all the time
    if (samplesTaken === 0 || (samplesProcessed === 0 && !this.isAbsent)) return emptyStream(this.counters);
    if (this.lateCount === 0) return undefined;
    const { streamNumber } = this.config;
    const text = `Stream ${streamNumber} fell behind the others: ${this.lateCount} samples came late`;
    return new MuxError("late-sample", text, { streamNumber });
  }

  /** What is not to be shown of it, where the container cannot say so. */
  lostTrims(container: string): Problem[] {
    const { trimStart, trimEnd, config: { streamNumber: stream } } = this;
    const lost = (field: string, microseconds: number, where: string): Problem[] => {
      const reason = `${container} cannot say that ${microseconds / 1000} ms at its ${where} are not shown`;
      return microseconds > 0 ? [{ stream, field, reason }] : [];
    };
    return [...lost("trimStart", trimStart, "beginning"), ...lost("trimEnd", trimEnd, "end")];
  }

  /** Measured bit/s so far, 0 without two samples at different times. */
  get measuredBitrate(): number {
    const range = this.lastTime - this.firstTime;
    return range > 0 ? (this.bytes - this.lastBytes) * 8e6 / range : 0;
  }

  #contradiction(timestamp: number): MuxError {
    const advice = this.isVideo ? "; a stream with B-frames must be declared with reorders: true" : "";
    const fact = this.#clock
      ? `no more than ${this.facts!.reorderDepth} samples may overtake another`
      : `time went back from ${this.lastTime} µs${advice}`;
    return sampleError("time-order", this.config.streamNumber, `at ${timestamp} µs ${fact}`, timestamp);
  }
}
