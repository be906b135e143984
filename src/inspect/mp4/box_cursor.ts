/**
 * Reads fields of boxes, whose most significant byte stands first, out of bytes that nobody vouches for.
 *
 * @module
 */

const latin1 = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const utf16 = new TextDecoder("utf-16be");

const TWO_TO_32 = 4294967296;

/**
 * A position that moves through `bytes[position..end)`. It never throws and never leaves its range: what is missing reads
 * as zeros or comes out shorter, and {@linkcode BoxCursor.overrun} tells so once, at the end.
 */
export class BoxCursor {
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  /** Index of the next byte. */
  position: number;
  /** Where the range ends. */
  readonly end: number;
  /** Whether something was asked for that is not there. */
  overrun = false;

  constructor(bytes: Uint8Array, position = 0, end = bytes.byteLength) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
    this.end = end;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** A copy of the next `length` bytes, or of as many as there are. */
  bytes(length: number): Uint8Array {
    const start = this.position;
    if (length > this.remaining) this.overrun = true;
    this.position += Math.min(length, this.remaining);
    return this.#bytes.slice(start, this.position);
  }

  /** A copy of all that is left. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** A view of bytes from the beginning of the range's memory, or of as many as there are. */
  peek(position: number, length: number): Uint8Array {
    return this.#bytes.subarray(position, Math.min(this.end, position + length));
  }

  /** Passes over bytes. */
  skip(length: number): void {
    this.#field(length);
  }

  /** 8 bits. */
  u8(): number {
    const at = this.#field(1);
    return at < 0 ? 0 : this.#view.getUint8(at);
  }

  /** 16 bits. */
  u16(): number {
    const at = this.#field(2);
    return at < 0 ? 0 : this.#view.getUint16(at);
  }

  /** 16 bits, signed. */
  i16(): number {
    const at = this.#field(2);
    return at < 0 ? 0 : this.#view.getInt16(at);
  }

  /** 24 bits. */
  u24(): number {
    const at = this.#field(3);
    return at < 0 ? 0 : this.#view.getUint16(at) * 256 + this.#view.getUint8(at + 2);
  }

  /** 32 bits. */
  u32(): number {
    const at = this.#field(4);
    return at < 0 ? 0 : this.#view.getUint32(at);
  }

  /** 32 bits, signed. */
  i32(): number {
    const at = this.#field(4);
    return at < 0 ? 0 : this.#view.getInt32(at);
  }

  /** 64 bits, rounded to a double above 2^53. */
  u64(): number {
    return this.u32() * TWO_TO_32 + this.u32();
  }

  /** 64 bits, signed, rounded to a double beyond 2^53. */
  i64(): number {
    return this.i32() * TWO_TO_32 + this.u32();
  }

  /** 32 bits in version 0 of a box, 64 in version 1. */
  long(version: number): number {
    return version === 1 ? this.u64() : this.u32();
  }

  /** A fixed-point number 16.16, signed. */
  fixed16(): number {
    return this.i32() / 65536;
  }

  /** A fixed-point number 8.8, signed. */
  fixed8(): number {
    return this.i16() / 256;
  }

  /** A double. */
  f64(): number {
    const at = this.#field(8);
    return at < 0 ? 0 : this.#view.getFloat64(at);
  }

  /** Four characters. */
  fourCC(): string {
    return latin1Text(this.bytes(4));
  }

  /** UTF-8 up to the next NUL, or to the end of the range. */
  text(): string {
    const start = this.position;
    let at = start;
    while (at < this.end && this.#bytes[at] !== 0) at++;
    this.position = Math.min(this.end, at + 1);
    return utf8.decode(this.#bytes.subarray(start, at));
  }

  /** UTF-8, or UTF-16 behind a byte order mark, up to the next NUL or to the end of the range (3GPP TS 26.244, 8). */
  markedText(): string {
    const start = this.position;
    const mark = this.remaining >= 2 ? this.#view.getUint16(start) : 0;
    if (mark !== 0xFEFF) return this.text();
    let at = start + 2;
    while (at + 1 < this.end && this.#view.getUint16(at) !== 0) at += 2;
    this.position = Math.min(this.end, at + 2);
    return utf16.decode(this.#bytes.subarray(start + 2, at));
  }

  /** `count` items, or as many as the range holds and are worth showing: a count is only a claim. */
  list<T>(count: number, read: () => T): T[] {
    const items: T[] = [];
    while (items.length < count) {
      if (this.remaining <= 0 || items.length === LIST_LIMIT) {
        this.overrun = items.length < LIST_LIMIT;
        break;
      }
      items.push(read());
    }
    return items;
  }

  #field(length: number): number {
    const at = this.position;
    if (at + length > this.end) {
      this.overrun = true;
      this.position = this.end;
      return -1;
    }
    this.position = at + length;
    return at;
  }
}

/** More than that is in no list that is kept: tables are read where they lie. */
const LIST_LIMIT = 4096;

/** Bytes as Latin 1. */
export function latin1Text(bytes: Uint8Array): string {
  return latin1.decode(bytes);
}
