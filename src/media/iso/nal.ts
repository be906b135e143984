/**
 * NAL units of H.264 and HEVC behind lengths of four bytes, as sample entries of type avc1 and hvc1 want them.
 *
 * @module
 */

import { equalBytes } from "../../bytes/bytes.ts";
import { badSample } from "../codecs/common.ts";
import { detectFormat, type NalFormat } from "../codecs/h264_framing.ts";
import { findStartCode, readLength } from "../codecs/h264_nal.ts";
import type { Pieces } from "../../bytes/pieces.ts";

const LENGTH_BYTES = 4;

/** Calls `visit` with each NAL unit of a byte stream, without the zeros behind it; empty ones are left out. */
export function walkStartCodes(data: Uint8Array, visit: (start: number, end: number) => void): void {
  for (let start = findStartCode(data, 0) + 3; start < data.byteLength;) {
    const next = findStartCode(data, start);
    let end = next;
    while (end > start && data[end - 1] === 0) end--;
    if (end > start) visit(start, end);
    start = next + 3;
  }
}

/** Calls `visit` with each NAL unit behind lengths; false, perhaps after some, when they do not add up. */
export function walkLengths(
  data: Uint8Array,
  lengthBytes: number,
  visit: (start: number, end: number) => void,
): boolean {
  for (let at = 0; at < data.byteLength;) {
    const start = at + lengthBytes;
    if (start > data.byteLength) return false;
    at = start + readLength(data, at, lengthBytes);
    if (at > data.byteLength) return false;
    if (at > start) visit(start, at);
  }
  return true;
}

/** What is fixed for a stream. */
export interface LengthFramerOptions {
  readonly streamNumber: number | undefined;
  /** For messages. */
  readonly codecName: string;
  /** Size of lengths that the record says; undefined without a record. */
  readonly recordLengthBytes: number | undefined;
  /** Parameter sets of the sample entry: in a byte stream they are left out. */
  readonly knownSets: readonly Uint8Array[];
}

/** Re-frames the units of one stream, from start codes or from lengths of any size. */
export class LengthFramer {
  readonly #options: LengthFramerOptions;
  /** Settled by the first unit. */
  #format: NalFormat | undefined;
  /** The lengths of the unit at hand. */
  #lengths = new Uint8Array(64 * LENGTH_BYTES);
  #lengthCount = 0;

  constructor(options: LengthFramerOptions) {
    this.#options = options;
  }

  /** As `Framing`. */
  frame(data: Uint8Array, out: Pieces): void {
    const { recordLengthBytes, codecName } = this.#options;
    const format = this.#format ?? detectFormat(data, recordLengthBytes);
    if (format === undefined) throw this.#bad(`it holds neither start codes nor lengths of ${codecName} NAL units`);
    this.#lengthCount = 0;
    if (format === "lengths") this.#frameLengths(data, recordLengthBytes ?? LENGTH_BYTES, out);
    else walkStartCodes(data, (start, end) => this.#isKnown(data, start, end) || this.#add(data, start, end, out));
    if (out.count === 0) throw this.#bad(`it holds no ${codecName} NAL unit`);
    this.#format = format;
  }

  #frameLengths(data: Uint8Array, lengthBytes: number, out: Pieces): void {
    const isWhole = lengthBytes === LENGTH_BYTES
      ? walkLengths(data, lengthBytes, () => {})
      : walkLengths(data, lengthBytes, (start, end) => this.#add(data, start, end, out));
    if (!isWhole) throw this.#bad(`its ${this.#options.codecName} NAL units claim more bytes than are there`);
    if (lengthBytes === LENGTH_BYTES) out.add(data);
  }

  #isKnown(data: Uint8Array, start: number, end: number): boolean {
    return this.#options.knownSets.some((set) => equalBytes(set, data, start, end));
  }

  #add(data: Uint8Array, start: number, end: number, out: Pieces): void {
    const at = this.#lengthCount++ * LENGTH_BYTES;
    if (at === this.#lengths.byteLength) {
      const larger = new Uint8Array(2 * at);
      larger.set(this.#lengths);
      this.#lengths = larger; // pieces that point into the old one stay as they are
    }
    new DataView(this.#lengths.buffer).setUint32(at, end - start);
    out.add(this.#lengths, at, at + LENGTH_BYTES);
    out.add(data, start, end);
  }

  #bad(reason: string): Error {
    return badSample(this.#options.streamNumber, reason);
  }
}
