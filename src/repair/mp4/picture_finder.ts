/**
 * Finds pictures of H.264 and HEVC among other bytes, by the lengths in front of their units.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Input } from "../../inspect/byte_source.ts";
import { ByteWindow } from "../../inspect/byte_window.ts";
import { REPAIR } from "../report.ts";

/** How units are framed. */
export interface UnitKind {
  readonly isHevc: boolean;
  /** Bytes of a length: 1, 2 or 4. */
  readonly lengthBytes: number;
}

/** A picture: all units of it. */
export interface Picture {
  readonly byteLength: number;
  readonly isKey: boolean;
}

interface Unit {
  readonly byteLength: number;
  readonly isSlice: boolean;
  /** A slice that is the first of its picture. */
  readonly isFirst: boolean;
  readonly isKey: boolean;
  /** It can only stand in front of the slices of a picture. */
  readonly isLeading: boolean;
}

/** A picture has no more units. */
const MAX_UNITS = 4096;
/** How much larger than any of the other file a picture may be. */
const SIZE_FACTOR = 8;
const LEAST_LIMIT = 1 << 16;
/** Sound between two pictures is no longer. */
const MAX_GAP_BYTES = 1 << 16;
const LOOKS_PER_BYTE = 8;
const LEAST_LOOKS = 1 << 24;
/** What stands in front of another picture: AUD, parameter sets, SEI ([H.264] Table 7-1, [H.265] Table 7-1). */
const AVC_LEADING: ReadonlySet<number> = new Set([6, 7, 8, 9, 14, 15]);
const HEVC_LEADING: ReadonlySet<number> = new Set([32, 33, 34, 35, 39]);
const AVC_LAST_TYPE = 21;
const HEVC_LAST_TYPE = 40;

/** Looks for pictures. */
export class PictureFinder {
  readonly #window: ByteWindow;
  readonly #end: number;
  readonly #kind: UnitKind;
  readonly #limit: number;
  readonly #step: number;
  /** Units that may be looked at: hostile bytes look like units everywhere. */
  #budget: number;

  /**
   * @param end Where the media end.
   * @param largestBytes No picture of the other file is larger.
   * @param step Where a picture may begin, counted from where something else does.
   */
  constructor(input: Input, end: number, kind: UnitKind, largestBytes: number, step: number) {
    this.#window = new ByteWindow(input);
    this.#end = end;
    this.#kind = kind;
    this.#limit = Math.max(LEAST_LIMIT, SIZE_FACTOR * largestBytes);
    this.#step = step;
    this.#budget = LOOKS_PER_BYTE * end + LEAST_LOOKS;
  }

  /** The picture that begins here, if one does, and what follows it bears that out. */
  async pictureAt(offset: number): Promise<Picture | undefined> {
    const picture = await this.#read(offset);
    if (picture === undefined) return undefined;
    const next = offset + picture.byteLength;
    if (next === this.#end || await this.#unitAt(next) !== undefined) return picture;
    // Sound stands in between: there has to be another picture behind it, or the end.
    const last = Math.min(this.#end, next + MAX_GAP_BYTES);
    for (let at = next + this.#step; at < last; at += this.#step) {
      if (await this.#read(at) !== undefined) return picture;
    }
    return last === this.#end ? picture : undefined;
  }

  /** Where the next picture begins behind a place; `undefined`: nowhere. */
  async search(offset: number): Promise<number | undefined> {
    for (let at = offset + this.#step; at < this.#end; at += this.#step) {
      // Most bytes begin none: the rest is asked of few.
      if (this.#peek(at) !== undefined && await this.pictureAt(at) !== undefined) return at;
    }
    return undefined;
  }

  async #read(offset: number): Promise<Picture | undefined> {
    let at = offset;
    let hasSlice = false;
    let isKey = false;
    for (let count = 0; count < MAX_UNITS; count++) {
      const found = this.#peek(at);
      const unit = found === null ? await this.#unitAt(at) : found;
      if (unit === undefined) break;
      if (hasSlice && (unit.isLeading || unit.isFirst)) break;
      if (unit.isSlice && !hasSlice && !unit.isFirst) return undefined;
      hasSlice ||= unit.isSlice;
      isKey ||= unit.isKey;
      at += this.#kind.lengthBytes + unit.byteLength;
      if (at - offset > this.#limit) return undefined;
    }
    return hasSlice ? { byteLength: at - offset, isKey } : undefined;
  }

  async #unitAt(offset: number): Promise<Unit | undefined> {
    if (offset + this.#kind.lengthBytes + 3 > this.#end) return undefined;
    await this.#window.load(offset, this.#kind.lengthBytes + 3);
    return this.#peek(offset) ?? undefined;
  }

  /** The unit there; `undefined`: none is; `null`: it must be read first. */
  #peek(offset: number): Unit | undefined | null {
    if (--this.#budget < 0) {
      const reason = "too much of it looks like pictures, and is none";
      throw new MuxError("bad-media", { action: REPAIR, reason });
    }
    const { isHevc, lengthBytes } = this.#kind;
    if (offset + lengthBytes + 3 > this.#end) return undefined;
    const window = this.#window;
    if (!window.has(offset, lengthBytes + 3)) return null;
    const { bytes } = window;
    let at = offset - window.base;
    let byteLength = 0;
    for (let i = 0; i < lengthBytes; i++) byteLength = byteLength * 256 + bytes[at++]!;
    if (byteLength < 2 || byteLength > this.#limit || offset + lengthBytes + byteLength > this.#end) return undefined;
    return isHevc ? hevcUnit(bytes, at, byteLength) : avcUnit(bytes, at, byteLength);
  }
}

function avcUnit(bytes: Uint8Array, at: number, byteLength: number): Unit | undefined {
  const head = bytes[at]!;
  const type = head & 31;
  const reference = head >> 5;
  if (reference > 3 || type === 0 || type > AVC_LAST_TYPE) return undefined;
  const isSlice = type === 1 || type === 2 || type === 5;
  // Of an IDR picture all refer to it; of SEI, delimiters and their like nothing does.
  if (type === 5 ? reference === 0 : [6, 9, 10, 11, 12].includes(type) && reference !== 0) return undefined;
  // first_mb_in_slice is 0: a single bit.
  const isFirst = isSlice && (bytes[at + 1]! & 0x80) !== 0;
  return { byteLength, isSlice, isFirst, isKey: type === 5, isLeading: AVC_LEADING.has(type) };
}

function hevcUnit(bytes: Uint8Array, at: number, byteLength: number): Unit | undefined {
  const head = bytes[at]! << 8 | bytes[at + 1]!;
  const type = head >> 9 & 63;
  if (head >> 15 !== 0 || (head & 7) === 0 || type > HEVC_LAST_TYPE || byteLength < 3) return undefined;
  const isSlice = type < 32;
  if (isSlice && type > 9 && type < 16 || type > 21 && type < 32) return undefined;
  const isFirst = isSlice && (bytes[at + 2]! & 0x80) !== 0;
  return { byteLength, isSlice, isFirst, isKey: type >= 16 && type <= 21, isLeading: HEVC_LEADING.has(type) };
}
