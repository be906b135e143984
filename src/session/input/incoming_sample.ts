/**
 * A sample on its way in: whatever the caller handed over, in one shape. One object serves a session, so that a sample
 * costs no allocation.
 *
 * @module
 */

import type { Muxer } from "../../container/container.ts";
import type { SampleExtensions } from "../../media/payload_extension.ts";
import type { SampleLike } from "../../media/sample.ts";

/** Largest time that is still exact: half of the safe integers, so that differences are exact too. */
const MAX_TIME = Number.MAX_SAFE_INTEGER / 2;

/** Encoders that count in other units round both times: a decode time may come out so much later than the presentation. */
const ROUNDING_US = 1;

/** The sample being accepted. */
export class IncomingSample {
  /** The access unit; the caller's bytes, or a copy of a chunk's in memory that the next sample reuses. */
  data: Uint8Array = new Uint8Array(0);
  /** Presentation time, microseconds. */
  timestamp = 0;
  /** Decode time the caller gave, or NaN. */
  decodeTimestamp = NaN;
  /** Duration in microseconds, or -1. */
  duration = -1;
  /** Decodable alone. */
  isKey = true;
  /** What is not shown of its beginning and end, microseconds. */
  trimStart = 0;
  trimEnd = 0;
  /** The first behind a gap. */
  isDiscontinuity = false;
  /** What it carries beside that, as the caller gave it … */
  extensions: SampleExtensions | undefined = undefined;
  /** … and as the container has it. */
  extension: Uint8Array | undefined = undefined;
  /** Of how many configurations that its stream has had by now. */
  configuration = 0;

  #scratch = new Uint8Array(0);

  /**
   * Reads `sample`.
   *
   * @throws {TypeError} If a field has the wrong type. @throws {RangeError} If a time is not a finite number in range.
   */
  read(sample: SampleLike, streamNumber: number): void {
    if (typeof sample !== "object" || sample === null) badShape(streamNumber, `expected a sample, got ${sample}`);
    const { timestamp, type } = sample;
    if (!isWithin(timestamp, -MAX_TIME)) badTime(streamNumber, "timestamp", timestamp);
    if (type !== "delta" && type !== "key" && type !== undefined) {
      badShape(streamNumber, `type must be "key" or "delta", got ${String(type)}`);
    }
    const duration = sample.duration;
    if (duration !== undefined && duration !== null && !isWithin(duration, 0)) {
      badTime(streamNumber, "duration", duration);
    }
    if ("data" in sample) {
      if ("microsecondTimestamp" in sample && sample.microsecondTimestamp !== undefined) {
        badShape(
          streamNumber,
          "this packet counts seconds; pass { data, timestamp: packet.microsecondTimestamp, " +
            "duration: packet.microsecondDuration, type }",
        );
      }
      if (!(sample.data instanceof Uint8Array)) badShape(streamNumber, "data must be a Uint8Array");
      const decode = sample.decodeTimestamp;
      if (decode !== undefined && !isWithin(decode, -MAX_TIME)) {
        badTime(streamNumber, "decodeTimestamp", decode);
      }
      this.trimStart = sample.trimStart ?? 0;
      this.trimEnd = sample.trimEnd ?? 0;
      if (this.trimStart !== 0 || this.trimEnd !== 0) checkTrim(this, duration, streamNumber);
      this.data = sample.data;
      this.decodeTimestamp = decode === undefined ? NaN : decode;
      if (decode! > timestamp && decode! <= timestamp + ROUNDING_US) this.decodeTimestamp = timestamp;
      this.isDiscontinuity = sample.discontinuity === true;
      this.extensions = sample.extensions;
    } else {
      this.data = this.#copyOut(sample, streamNumber);
      this.trimStart = this.trimEnd = 0;
      this.decodeTimestamp = NaN;
      this.isDiscontinuity = false;
      this.extensions = undefined;
    }
    this.timestamp = timestamp;
    this.duration = duration ?? -1;
    this.isKey = type !== "delta";
  }

  /** Has the container say what the sample carries. @throws {TypeError} @throws {RangeError} @throws {MuxError} */
  extend(muxer: Muxer, stream: number, streamNumber: number): void {
    const { extensions } = this;
    if (extensions !== undefined) {
      if (typeof extensions !== "object" || extensions === null) badShape(streamNumber, "extensions must be an object");
      if (muxer.extension === undefined) badShape(streamNumber, "the container has no room for extensions");
    }
    this.extension = muxer.extension?.(stream, extensions, this.duration);
  }

  #copyOut(
    chunk: { readonly byteLength: number; copyTo(destination: Uint8Array<ArrayBuffer>): void },
    streamNumber: number,
  ): Uint8Array {
    const { byteLength } = chunk;
    if (typeof chunk.copyTo !== "function" || !isWithin(byteLength, 0)) {
      badShape(streamNumber, "expected data, or byteLength and copyTo");
    }
    if (this.#scratch.byteLength < byteLength) this.#scratch = new Uint8Array(byteLength + (byteLength >> 1));
    const data = this.#scratch.subarray(0, byteLength);
    chunk.copyTo(data);
    return data;
  }
}

/** Whether it is a number at all, too: strings compare like numbers. */
function isWithin(value: number, least: number): boolean {
  return typeof value === "number" && value >= least && value <= MAX_TIME;
}

/** Refuses what cannot be left out of a sample. */
function checkTrim(
  { trimStart, trimEnd }: IncomingSample,
  duration: number | null | undefined,
  streamNumber: number,
): void {
  if (!isWithin(trimStart, 0)) badTime(streamNumber, "trimStart", trimStart);
  if (!isWithin(trimEnd, 0)) badTime(streamNumber, "trimEnd", trimEnd);
  if (trimEnd <= (duration ?? -1) || trimEnd === 0) return;
  const fact = duration === undefined || duration === null
    ? "a sample with trimEnd must have a duration"
    : `trimEnd must be at most the duration, ${duration} µs, got ${trimEnd}`;
  throw new RangeError(`Cannot write sample to stream ${streamNumber}: ${fact}`);
}

/** Refuses what is no time. @throws {TypeError} If it is no number. @throws {RangeError} If it is not in range. */
export function checkTickTime(streamNumber: number, timestamp: number): void {
  if (isWithin(timestamp, -MAX_TIME)) return;
  badTime(streamNumber, "timestamp", timestamp, `Cannot send stream tick to stream ${streamNumber}`);
}

function badShape(streamNumber: number, fact: string): never {
  throw new TypeError(`Cannot write sample to stream ${streamNumber}: ${fact}`);
}

function badTime(
  streamNumber: number,
  field: string,
  value: unknown,
  action = `Cannot write sample to stream ${streamNumber}`,
): never {
  if (typeof value !== "number") {
    throw new TypeError(`${action}: ${field} must be a number of microseconds, got ${typeof value}`);
  }
  throw new RangeError(`${action}: ${field} must be a finite number of microseconds in range, got ${value}`);
}
