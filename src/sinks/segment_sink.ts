/**
 * One recording in many files.
 *
 * @module
 */

import type { Sink } from "./sink.ts";

/** How long a file of a recording is. One of them is given, or both: whichever comes first. */
export interface SegmentOptions {
  /** Media of each file, milliseconds: the next one begins at the first clean point at or after a multiple of this. */
  everyMs?: number;
  /** Samples of each file, bytes: the next one begins at the first clean point at which it has as much. */
  everyBytes?: number;
}

/** What a session takes for a sink and that makes them, one after the other. */
export interface SegmentSink extends SegmentOptions {
  /** Makes the sink of the next file; `index` counts from 0. */
  make(index: number): Sink | WritableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * Makes one recording of many files, for cameras, courts and radio logs. Each file is complete: its own header, its times
 * from zero, its index where it can have one; it is finished while the next one is being written. Files are cut at clean
 * points: before a key frame of video, or where there is none before any sample; nothing is lost between two of them, and
 * nothing is in both. The report lists them all.
 *
 * A file fails as a sink does; after the one that is being written no other follows then. One that comes later is opened
 * while samples go on (which wait for it, in bounded memory), so what it can do is looked at before its `open()`.
 *
 * @example
 * ```ts
 * import { asf, bufferSink, segmentSink, Writer } from "@muxwell/muxwell";
 *
 * const files = [bufferSink(), bufferSink(), bufferSink()]; // or (index) => fileSink(`camera_${index}.wmv`)
 * await using writer = new Writer({
 *   container: asf(),
 *   sinks: [segmentSink((index) => files[index]!, { everyMs: 1000 })],
 *   streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }],
 * });
 * await writer.beginWriting();
 * for (let i = 0; i < 30; i++) {
 *   await writer.writeSample(1, { data: new Uint8Array(1600), timestamp: i * 100_000, duration: 100_000 });
 * }
 * console.log((await writer.endWriting()).sinks.map(({ startTime }) => startTime / 1e6)); // 0, 1, 2
 * ```
 *
 * @param make Makes the sink of each file; called for the first one at once.
 * @throws {TypeError} If `make` is no function, or a limit no number.
 * @throws {RangeError} If a limit is not above 0, or none is given.
 */
export function segmentSink(make: SegmentSink["make"], options: SegmentOptions): SegmentSink {
  if (typeof make !== "function") throw new TypeError(`Cannot make a segment sink: make must be a function`);
  const { everyMs, everyBytes } = options;
  if (everyMs === undefined && everyBytes === undefined) {
    throw new RangeError("Cannot make a segment sink: everyMs or everyBytes must be given");
  }
  for (const [name, value] of [["everyMs", everyMs], ["everyBytes", everyBytes]] as const) {
    if (value === undefined) continue;
    if (typeof value !== "number") {
      throw new TypeError(`Cannot make a segment sink: ${name} must be a number, got ${typeof value}`);
    }
    if (!(value > 0 && value < Infinity)) {
      throw new RangeError(`Cannot make a segment sink: ${name} must be above 0, got ${value}`);
    }
  }
  return { make, everyMs, everyBytes };
}
