/**
 * The payload extensions of one stream, in the replicated data of its payloads ([ASF] 4.1, 7.3.2): the one place that knows
 * where the value of each system begins.
 *
 * ```text
 * replicated data   │ object size │ time │ value │ length, value │ value │
 *                                        └ payload extensions: fixed and variable ones, as declared
 * ```
 *
 * @module
 */

import { u16At, u64At } from "../cursor.ts";
import { type AsfExtensions, type ExtensionDraft, setValue } from "./extension_values.ts";
import { GUID } from "./guid.ts";
import type { PayloadExtension } from "./objects/extended_stream.ts";
import type { PayloadFields } from "./packet_walker.ts";

/** Instead of the size of a value: a WORD with it stands in front of each. */
const VARIABLE = 0xffff;
const LENGTH_BYTES = 2;
/** Object size and time, in front of the extensions. */
export const REPLICATED_HEAD_BYTES = 8;
/** 8 bytes, then the presentation time. */
const TIMING_BYTES = 16;
const TIMING_TICKS_AT = 8;
const TIMECODE_BYTES = 14;
/** The stored timing value that says "none", -1, as it comes out of a rounded QWORD. */
const STORED_NONE = 2 ** 64;

/** No presentation time: the value says so. */
export const NO_TIME = -1;
/** No presentation time: there is no such value. */
export const NO_VALUE = -2;

/** Where things are in the extension data of one stream. */
export class ExtensionReader {
  /** Whether the stream declares any. */
  readonly isDeclared: boolean;
  /** Whether it declares the DVR-MS timing. */
  readonly hasTiming: boolean;
  /** Whether it declares others than the timing. */
  readonly hasValues: boolean;

  /** Where the sample duration stands in the data, from and to; empty where there is none, or that varies. */
  readonly sampleDurationRange: readonly [number, number];

  readonly #systems: readonly PayloadExtension[];
  /** Size of all; -1: it varies. */
  readonly #fixedBytes: number;
  readonly #timing: number;
  readonly #timecode: number;
  /** Size of the timing as declared. */
  readonly #timingBytes: number;
  /** Where the timing begins; -1: it varies. */
  readonly #timingOffset: number;

  /** @param systems As the stream declares them. */
  constructor(systems: readonly PayloadExtension[]) {
    this.#systems = systems;
    this.isDeclared = systems.length > 0;
    this.#timing = systems.findIndex(({ system }) => system === GUID.dvrMsTiming);
    this.#timecode = systems.findIndex(({ system }) => system === GUID.timecodeExtension);
    this.hasTiming = this.#timing >= 0;
    this.hasValues = systems.some(({ system }) => system !== GUID.dvrMsTiming);
    this.#fixedBytes = fixedBytes(systems);
    const duration = systems.findIndex(({ system }) => system === GUID.sampleDurationExtension);
    const durationAt = duration < 0 ? -1 : fixedBytes(systems.slice(0, duration));
    this.sampleDurationRange = durationAt < 0 ? [0, 0] : [durationAt, durationAt + systems[duration]!.dataBytes];
    this.#timingBytes = systems[this.#timing]?.dataBytes ?? 0;
    this.#timingOffset = this.hasTiming && this.#timingBytes !== VARIABLE
      ? fixedBytes(systems.slice(0, this.#timing))
      : -1;
  }

  /** Bytes of replicated data that a payload should have: head and extensions, by the lengths that stand in it. */
  replicatedBytes(bytes: Uint8Array, payload: PayloadFields): number {
    if (this.#fixedBytes >= 0) return REPLICATED_HEAD_BYTES + this.#fixedBytes;
    return this.#skip(bytes, startOf(payload), endOf(payload), this.#systems.length) - payload.replicatedStart;
  }

  /** Presentation time in 100 ns, preroll included, or {@linkcode NO_TIME}, or {@linkcode NO_VALUE}. */
  presentationTicks(bytes: Uint8Array, payload: PayloadFields): number {
    if (!this.hasTiming) return NO_VALUE;
    const end = endOf(payload);
    const start = startOf(payload);
    const at = this.#timingOffset >= 0 ? start + this.#timingOffset : this.#valueStart(bytes, start, end, this.#timing);
    const length = this.#timingBytes === VARIABLE ? u16At(bytes, at - LENGTH_BYTES) : this.#timingBytes;
    if (at + TIMING_BYTES > end || length < TIMING_BYTES) return NO_VALUE;
    const ticks = u64At(bytes, at + TIMING_TICKS_AT);
    return ticks === STORED_NONE ? NO_TIME : ticks;
  }

  /** Where the SMPTE time code begins, as an index into `bytes`; -1: there is none. */
  timecodeAt(bytes: Uint8Array, payload: PayloadFields): number {
    if (this.#timecode < 0 || this.#systems[this.#timecode]!.dataBytes !== TIMECODE_BYTES) return -1;
    const end = endOf(payload);
    const at = this.#valueStart(bytes, startOf(payload), end, this.#timecode);
    return at + TIMECODE_BYTES > end ? -1 : at;
  }

  /** The extension data of a payload: a view. */
  data(bytes: Uint8Array, payload: PayloadFields): Uint8Array {
    return bytes.subarray(Math.min(startOf(payload), endOf(payload)), endOf(payload));
  }

  /**
   * The values that are there, the timing apart.
   *
   * @param data Extension data of a payload; what is answered holds views of it.
   */
  values(data: Uint8Array): AsfExtensions {
    const values: ExtensionDraft = {};
    const end = data.byteLength;
    let at = 0;
    for (const [index, { system, dataBytes }] of this.#systems.entries()) {
      const start = dataBytes === VARIABLE ? at + LENGTH_BYTES : at;
      at = this.#skip(data, at, end, index + 1, index);
      if (at > end) break;
      if (system !== GUID.dvrMsTiming) setValue(system, data.subarray(start, at), values);
    }
    return values;
  }

  /** Where the value of the system at `index` begins, behind its length where it has one. */
  #valueStart(bytes: Uint8Array, start: number, end: number, index: number): number {
    const at = this.#skip(bytes, start, end, index);
    return this.#systems[index]!.dataBytes === VARIABLE ? at + LENGTH_BYTES : at;
  }

  /** Index behind the values of the systems from `first` to `count`; beyond `end` where the data end before. */
  #skip(bytes: Uint8Array, start: number, end: number, count: number, first = 0): number {
    let at = start;
    for (let index = first; index < count; index++) {
      const { dataBytes } = this.#systems[index]!;
      if (dataBytes !== VARIABLE) at += dataBytes;
      else at += LENGTH_BYTES + (at + LENGTH_BYTES > end ? 0 : u16At(bytes, at));
    }
    return at;
  }
}

function startOf(payload: PayloadFields): number {
  return payload.replicatedStart + REPLICATED_HEAD_BYTES;
}

function endOf(payload: PayloadFields): number {
  return payload.replicatedStart + payload.replicatedBytes;
}

/** Size of the values together; -1: it varies. */
function fixedBytes(systems: readonly PayloadExtension[]): number {
  if (systems.some(({ dataBytes }) => dataBytes === VARIABLE)) return -1;
  return systems.reduce((sum, { dataBytes }) => sum + dataBytes, 0);
}
