/**
 * Reads fields out of bytes that nobody vouches for.
 *
 * @module
 */

const TWO_TO_32 = 4294967296;

/** The WORD at `at`, little-endian; bytes that are not there count as 0. */
export function u16At(bytes: Uint8Array, at: number): number {
  return bytes[at]! | bytes[at + 1]! << 8;
}

/** The DWORD at `at`, little-endian; bytes that are not there count as 0. */
export function u32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
}

/** The QWORD at `at`, little-endian, rounded to a double above 2^53; bytes that are not there count as 0. */
export function u64At(bytes: Uint8Array, at: number): number {
  return u32At(bytes, at) + u32At(bytes, at + 4) * TWO_TO_32;
}

/** Bytes in the order in which their hexadecimal digits stand in the text: the first three groups are little-endian. */
const TEXT_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15] as const;

/** The canonical text of the 16 bytes at `offset`, which must be there. */
export function guidText(bytes: Uint8Array, offset: number): string {
  let text = "";
  for (let at = 0; at < 16; at++) {
    if (at === 4 || at === 6 || at === 8 || at === 10) text += "-";
    text += bytes[offset + TEXT_ORDER[at]!]!.toString(16).padStart(2, "0");
  }
  return text.toUpperCase();
}

const latin1 = new TextDecoder("latin1");
const utf16 = new TextDecoder("utf-16le", { ignoreBOM: true });

/**
 * A position that moves through `bytes[position..end)`. It never throws and never leaves its range: what is missing reads
 * as zeros or comes out shorter, and {@linkcode Cursor.overrun} tells so once, at the end, so that layouts read as
 * straight lists of fields.
 */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  /** Index of the next byte. */
  position: number;
  /** Where the range ends. */
  readonly end: number;
  /** Whether something was asked for that is not there. */
  overrun = false;

  /** @param base Offset in the file of the first of `bytes`. */
  constructor(bytes: Uint8Array, base: number, position: number, end: number) {
    this.#bytes = bytes;
    this.#base = base;
    this.position = position;
    this.end = end;
  }

  /** Offset in the file of the next byte. */
  get fileOffset(): number {
    return this.#base + this.position;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.end - this.position;
  }

  /** A range of its own over the next `length` bytes, or as many as there are; this position moves behind them. */
  slice(length: number): Cursor {
    const start = this.position;
    return new Cursor(this.#bytes, this.#base, start, start + this.#claim(length));
  }

  /** The next `length` bytes, or as many as there are: a view. */
  bytes(length: number): Uint8Array {
    const start = this.position;
    return this.#bytes.subarray(start, start + this.#claim(length));
  }

  /** All that is left: a view. */
  rest(): Uint8Array {
    return this.bytes(this.remaining);
  }

  /** A BYTE. */
  u8(): number {
    const at = this.#field(1);
    return at < 0 ? 0 : this.#bytes[at]!;
  }

  /** A WORD. */
  u16(): number {
    const at = this.#field(2);
    return at < 0 ? 0 : u16At(this.#bytes, at);
  }

  /** A DWORD. */
  u32(): number {
    const at = this.#field(4);
    return at < 0 ? 0 : u32At(this.#bytes, at);
  }

  /** A LONG. */
  i32(): number {
    return this.u32() | 0;
  }

  /** A QWORD, rounded to a double above 2^53. */
  u64(): number {
    const at = this.#field(8);
    return at < 0 ? 0 : u64At(this.#bytes, at);
  }

  /** A QWORD, exact. */
  bigU64(): bigint {
    const at = this.#field(8);
    return at < 0 ? 0n : BigInt(u32At(this.#bytes, at)) | BigInt(u32At(this.#bytes, at + 4)) << 32n;
  }

  /** A GUID as canonical text. */
  guid(): string {
    const at = this.#field(16);
    return at < 0 ? "00000000-0000-0000-0000-000000000000" : guidText(this.#bytes, at);
  }

  /** UTF-16LE text of `length` bytes, up to its first NUL; an odd last byte is ignored. */
  text(length: number): string {
    const bytes = this.bytes(length);
    const text = utf16.decode(bytes.subarray(0, bytes.byteLength & ~1));
    const nul = text.indexOf("\0");
    return nul < 0 ? text : text.slice(0, nul);
  }

  /** ASCII text of `length` bytes, up to its first NUL. */
  ascii(length: number): string {
    const bytes = this.bytes(length);
    const nul = bytes.indexOf(0);
    return latin1.decode(nul < 0 ? bytes : bytes.subarray(0, nul));
  }

  /** `count` items, or as many as the range holds: a count is only a claim. */
  list<T>(count: number, read: (cursor: Cursor) => T): T[] {
    const items: T[] = [];
    while (items.length < count) {
      if (this.remaining === 0 || items.length === LIST_LIMIT) {
        this.overrun = true;
        break;
      }
      items.push(read(this));
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

  #claim(length: number): number {
    if (length > this.remaining) this.overrun = true;
    const claimed = Math.min(length, this.remaining);
    this.position += claimed;
    return claimed;
  }
}

/** Most counts are WORDs; the few DWORDs need no more, and memory stays bounded. */
const LIST_LIMIT = 65_536;
