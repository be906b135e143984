/**
 * NAL units ([H.264] 7.3.1) and the byte stream that start codes make of them ([H.264] Annex B), which HEVC has too.
 *
 * @module
 */

/** `nal_unit_type` of the last kind of coded slice; 1 is the first. */
export const NAL_LAST_SLICE = 5;
/** Sequence parameter set. */
export const NAL_SPS = 7;
/** Picture parameter set. */
export const NAL_PPS = 8;
/** Access unit delimiter. */
export const NAL_DELIMITER = 9;

/** Start code with its zero byte; without it from 1 on. */
export const START_CODE = new Uint8Array([0, 0, 0, 1]);

/** `nal_unit_type` from a NAL unit's first byte. */
export function nalType(firstByte: number): number {
  return firstByte & 0x1F;
}

/** Whether a NAL unit type is a slice of a coded picture: behind the first one come no parameter sets of its unit. */
export function isSlice(type: number): boolean {
  return type >= 1 && type <= NAL_LAST_SLICE;
}

/** Takes the emulation prevention bytes out ([H.264] 7.3.1) of the first `maxBytes` bytes. */
export function toRbsp(nal: Uint8Array, maxBytes = 4096): Uint8Array {
  const length = Math.min(nal.byteLength, maxBytes);
  const rbsp = new Uint8Array(length);
  let size = 0;
  for (let i = 0, zeros = 0; i < length; i++) {
    const byte = nal[i]!;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    rbsp[size++] = byte;
  }
  return rbsp.subarray(0, size);
}

/** Position of the next `00 00 01` at or behind `from`; the end when there is none. */
export function findStartCode(data: Uint8Array, from: number): number {
  const last = data.byteLength - 3;
  for (let i = from; i <= last;) {
    const third = data[i + 2]!;
    if (third > 1) i += 3;
    else if (third === 0) i += 1;
    else if (data[i] === 0 && data[i + 1] === 0) return i;
    else i += 3;
  }
  return data.byteLength;
}

/** Whether data begins with a start code, leading zeros allowed. */
export function beginsWithStartCode(data: Uint8Array): boolean {
  let at = 0;
  while (at < data.byteLength && data[at] === 0) at++;
  return at >= 2 && data[at] === 1;
}

/** What tells the NAL units of one standard apart. */
export interface NalSyntax {
  /** For messages: `"H.264"`. */
  readonly name: string;
  /** `nal_unit_type` of the sequence parameter set. */
  readonly spsType: number;
  /** Types of the parameter sets, in the order in which they are sent. */
  readonly setTypes: readonly number[];
  /** Type of the access unit delimiter. */
  readonly delimiterType: number;
  /** `nal_unit_type` from a NAL unit's first byte. */
  typeOf(firstByte: number): number;
  /** Whether a type is a slice of a coded picture: behind the first one come no parameter sets of its unit. */
  isSlice(type: number): boolean;
  /** The number that a parameter set goes by; `undefined` when it cannot be read, or is none. */
  readId(nal: Uint8Array): number | undefined;
}

/** Walks the NAL units of a byte stream, looking no further than asked. One object serves unit after unit. */
export class StartCodeWalk {
  #data: Uint8Array = START_CODE;
  /** First byte of the NAL unit. */
  start = 0;

  /** Goes to the front of other data. */
  reset(data: Uint8Array): void {
    this.#data = data;
    this.start = 0;
  }

  /** Advances to the next NAL unit; false at the end. Empty ones (their first byte is the next start code's) are not. */
  next(): boolean {
    const data = this.#data;
    do {
      this.start = findStartCode(data, this.start) + 3;
      if (this.start >= data.byteLength) return false;
    } while (data[this.start] === 0);
    return true;
  }

  /** What holds the NAL unit's type. */
  get firstByte(): number {
    return this.#data[this.start]!;
  }

  /** End of the NAL unit, exclusive, without the zeros that follow it; looked for when asked. */
  findEnd(): number {
    let end = findStartCode(this.#data, this.start);
    while (this.#data[end - 1] === 0) end--;
    return end;
  }
}

/** The number of `byteCount` bytes at `at`, 1, 2 or 4, most significant first. */
export function readLength(data: Uint8Array, at: number, byteCount: number): number {
  if (byteCount === 4) {
    return (data[at]! << 24 | data[at + 1]! << 16 | data[at + 2]! << 8 | data[at + 3]!) >>> 0;
  }
  return byteCount === 2 ? data[at]! << 8 | data[at + 1]! : data[at]!;
}

/** Whether data is NAL units with their lengths in front, adding up exactly, at least one of them not empty. */
export function lengthsAddUp(data: Uint8Array, lengthBytes: number): boolean {
  let at = 0;
  let filled = false;
  while (at + lengthBytes <= data.byteLength) {
    const length = readLength(data, at, lengthBytes);
    at += lengthBytes + length;
    filled ||= length > 0;
  }
  return filled && at === data.byteLength;
}
