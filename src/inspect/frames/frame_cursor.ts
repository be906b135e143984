/**
 * Goes through a file of bare frames: MP3, AAC in ADTS, AC-3, with the tags that stand before, between and behind them.
 *
 * @module
 */

import type { Input } from "../byte_source.ts";
import { ByteWindow } from "../byte_window.ts";
import { tagBytesAt, tagHeadBytes } from "../tags/tag_place.ts";
import { FrameHead, type FrameSyntax } from "./syntax.ts";

/** Answers of {@linkcode FrameCursor.advance}. */
export const FRAME = 1;
export const TAG = 2;
export const END = 0;
export const WAIT = -1;

/** How many places without frames are noted. */
const NOTED_COUNT = 64;
/** Frames that must follow one another where one is looked for. */
const CHAIN_COUNT = 3;
/** So much of a tag is handed out; what is larger is passed over. */
const MAX_TAG_BYTES = 1 << 24;

/** Bytes that are neither frames nor tags. */
export interface StrayBytes {
  readonly offset: number;
  readonly byteLength: number;
  /** There are zeros alone. */
  readonly isZero: boolean;
}

/**
 * Invariants
 * - `frameBytes + tagBytes + strayBytes` is where the frame or tag at hand ends; at the end it is the input's size.
 * - What was handed out by `bytes` lives until `fill`.
 */
export class FrameCursor {
  /** Of the frame at hand. */
  readonly head = new FrameHead();
  /** Where the frame or tag at hand lies. */
  offset = 0;
  /** Its size. */
  byteLength = 0;
  /** Frames so far. */
  frameCount = 0;
  /** Bytes of frames so far. */
  frameBytes = 0;
  /** Bytes of tags so far. */
  tagBytes = 0;
  /** Bytes so far that are neither. */
  strayBytes = 0;
  /** Where they lie, the first ones. */
  readonly strays: StrayBytes[] = [];
  /** How many such places there are. */
  strayCount = 0;
  /** The last frame is not whole: where it begins, and the bytes that are missing. */
  cut: { readonly offset: number; readonly missingBytes: number } | undefined;

  readonly #syntax: FrameSyntax;
  readonly #window: ByteWindow;
  readonly #next = new FrameHead();
  /** Where the next frame should begin. */
  #position = 0;
  /** Where bytes began that are no frame; −1: none. */
  #strayFrom = -1;
  #strayIsZero = true;
  /** Frames have come, and one ended at the position. */
  #isInStep = false;
  /** What the last frame is alike with. */
  #kind = -1;
  #wantedOffset = 0;
  #wantedBytes = 1;

  constructor(input: Input, syntax: FrameSyntax, offset = 0) {
    this.#window = new ByteWindow(input);
    this.#syntax = syntax;
    this.#position = offset;
  }

  /** The frame or tag at hand. */
  get bytes(): Uint8Array {
    const start = this.offset - this.#window.base;
    return this.#window.bytes.subarray(start, start + this.byteLength);
  }

  /** Goes to the next frame or tag; `WAIT`: not before `fill`. */
  advance(): number {
    const { headBytes } = this.#syntax;
    for (;;) {
      const position = this.#position;
      const lookBytes = this.#window.limit(position, Math.max(headBytes, tagHeadBytes));
      if (lookBytes > 0 && !this.#has(position, lookBytes)) return WAIT;
      if (lookBytes === 0) {
        if (this.#window.end === Infinity) return this.#want(position, 1);
        this.#endStray(position);
        return END;
      }
      const tagBytes = this.#tagAt(position);
      if (tagBytes < 0) return WAIT;
      if (tagBytes > 0) return this.#give(TAG, position, tagBytes);
      const found = this.#frameAt(position, lookBytes);
      if (found === WAIT || found === FRAME) return found;
      if (found === END) {
        this.#endStray(position);
        const { end } = this.#window;
        this.cut = { offset: position, missingBytes: position + this.head.byteLength - end };
        this.strayBytes += end - position;
        this.#position = end;
        return END;
      }
      this.#stray(position);
    }
  }

  /** Reads on. What was handed out is dead. */
  fill(): Promise<void> {
    return this.#window.load(this.#wantedOffset, this.#wantedBytes);
  }

  /** Size of the tag at a position; 0: none, −1: not before `fill`. */
  #tagAt(position: number): number {
    const window = this.#window;
    const there = window.limit(position, tagHeadBytes);
    const size = tagBytesAt(window.bytes, position - window.base, there);
    if (size === 0) return 0;
    if (size > 0) {
      const wanted = Math.min(size, MAX_TAG_BYTES);
      return this.#has(position, window.limit(position, wanted)) ? Math.min(size, window.limit(position, size)) : -1;
    }
    // An ID3v1 tag is one at the very end alone.
    const limit = window.limit(position, -size + 1);
    if (!this.#has(position, limit)) return -1;
    return window.limit(position, -size + 1) === -size ? -size : 0;
  }

  /** `FRAME`, `WAIT`, `END` where the frame is cut; else there is none. */
  #frameAt(position: number, lookBytes: number): number {
    const { head } = this;
    const { headBytes, maxBytes } = this.#syntax;
    const window = this.#window;
    if (lookBytes < headBytes || !this.#syntax.read(window.bytes, position - window.base, head)) return TAG;
    const { kind } = head;
    if (head.byteLength === 0) {
      const found = this.#freeBytes(position, maxBytes);
      if (found < 0) return WAIT;
      if (found === 0) return TAG;
      head.byteLength = found;
    }
    const { byteLength } = head;
    const isKnown = this.#isInStep && kind === this.#kind;
    if (window.limit(position, byteLength) < byteLength) return isKnown ? END : TAG;
    if (!this.#has(position, byteLength)) return WAIT;
    if (!isKnown) {
      const chain = this.#chainAt(position, byteLength, kind);
      if (chain === WAIT) return WAIT;
      if (chain !== FRAME) return TAG;
      this.#syntax.read(window.bytes, position - window.base, head); // the window may have moved
      head.byteLength = byteLength;
    }
    this.#isInStep = true;
    this.#kind = kind;
    return this.#give(FRAME, position, byteLength);
  }

  /** Whether frames of one kind follow: as many as make sure of it, or until the input or a tag ends them. */
  #chainAt(position: number, byteLength: number, kind: number): number {
    const { headBytes } = this.#syntax;
    const window = this.#window;
    const next = this.#next;
    let at = position + byteLength;
    for (let i = 1; i < CHAIN_COUNT; i++) {
      const there = window.limit(at, Math.max(headBytes, tagHeadBytes));
      if (there > 0 && !this.#hasFrom(position, at, there)) return WAIT;
      const limit = window.limit(at, Math.max(headBytes, tagHeadBytes));
      const place = at - window.base;
      if (limit === 0) return FRAME;
      if (tagBytesAt(window.bytes, place, limit) !== 0) return i > 1 || this.#isInStep ? FRAME : TAG;
      const isHead = limit >= headBytes && this.#syntax.read(window.bytes, place, next);
      if (!isHead || next.kind !== kind && !this.#isInStep) return i > 1 && this.#isInStep ? FRAME : TAG;
      if (next.byteLength === 0) return FRAME;
      at += next.byteLength;
    }
    return FRAME;
  }

  /** Size of a frame of free format: up to the next head like it; 0: there is none, −1: not before `fill`. */
  #freeBytes(position: number, maxBytes: number): number {
    const window = this.#window;
    const there = window.limit(position, maxBytes);
    if (!this.#has(position, there)) return -1;
    const length = window.limit(position, maxBytes);
    const { bytes, base } = window;
    const start = position - base;
    for (let at = start + 24; at + 4 <= start + length; at++) {
      if (bytes[at] !== 0xFF || bytes[at + 1] !== bytes[start + 1]) continue;
      if ((bytes[at + 2]! & 0xFC) === (bytes[start + 2]! & 0xFC) && bytes[at + 3]! >> 6 === bytes[start + 3]! >> 6) {
        return at - start;
      }
    }
    return window.end === position + length && this.#isInStep ? length : 0;
  }

  #give(what: number, offset: number, byteLength: number): number {
    this.#endStray(offset);
    this.offset = offset;
    this.byteLength = byteLength;
    this.#position = offset + byteLength;
    if (what === TAG) this.tagBytes += byteLength;
    else {
      this.frameCount++;
      this.frameBytes += byteLength;
    }
    return what;
  }

  /** Passes over what is no frame, to where one may begin. */
  #stray(position: number): void {
    if (this.#strayFrom < 0) {
      this.#strayFrom = position;
      this.#strayIsZero = true;
    }
    this.#isInStep = false;
    const { bytes, base } = this.#window;
    const place = bytes.indexOf(this.#syntax.firstByte, position - base + 1);
    const end = base + bytes.byteLength;
    let next = place < 0 ? end : base + place;
    // The tag that ends a file is looked for where it must lie.
    const last = this.#window.end - ID3V1_BYTES;
    if (position < last && next > last) next = last;
    this.#position = Math.max(position + 1, next);
    for (let at = position; at < this.#position && this.#strayIsZero; at++) this.#strayIsZero = bytes[at - base] === 0;
  }

  #endStray(offset: number): void {
    if (this.#strayFrom < 0) return;
    const byteLength = offset - this.#strayFrom;
    if (this.strays.length < NOTED_COUNT) {
      this.strays.push({ offset: this.#strayFrom, byteLength, isZero: this.#strayIsZero });
    }
    this.strayCount++;
    this.strayBytes += byteLength;
    this.#strayFrom = -1;
  }

  #has(offset: number, byteLength: number): boolean {
    if (this.#window.has(offset, byteLength)) return true;
    this.#want(offset, byteLength);
    return false;
  }

  /** As `#has`, with all that lies between. */
  #hasFrom(start: number, offset: number, byteLength: number): boolean {
    return this.#has(start, offset + byteLength - start);
  }

  #want(offset: number, byteLength: number): number {
    this.#wantedOffset = offset;
    this.#wantedBytes = byteLength;
    return WAIT;
  }
}

const ID3V1_BYTES = 128;
