/**
 * Fields of a binary structure into memory that grows.
 *
 * @module
 */

const UTF8 = /* @__PURE__ */ new TextEncoder();

/** A cursor that writes. Numbers are taken modulo their width. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  readonly #littleEndian: boolean;
  /** Where the next field goes. */
  offset = 0;

  /** @param order Of the bytes in a number. @param memory Where to begin; replaced when it is too small. */
  constructor(order: "big" | "little", memory: Uint8Array<ArrayBuffer> = new Uint8Array(256)) {
    this.#littleEndian = order === "little";
    this.#bytes = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  }

  u8(value: number): void {
    const at = this.#advance(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#advance(2);
    this.#view.setUint16(at, value, this.#littleEndian);
  }

  u24(value: number): void {
    const [first, last] = this.#littleEndian ? [value & 0xFF, value >> 16] : [value >> 16, value & 0xFF];
    this.u8(first);
    this.u8(value >> 8);
    this.u8(last);
  }

  u32(value: number): void {
    const at = this.#advance(4);
    this.#view.setUint32(at, value, this.#littleEndian);
  }

  /** A bigint, or a whole number up to 2^53; negative ones in two's complement. */
  u64(value: number | bigint): void {
    const at = this.#advance(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, BigInt(value)), this.#littleEndian);
  }

  bytes(bytes: Uint8Array | readonly number[]): void {
    const at = this.#advance(bytes.length);
    this.#bytes.set(bytes, at);
  }

  zeros(count: number): void {
    const at = this.#advance(count);
    this.#bytes.fill(0, at, at + count);
  }

  /** Text in UTF-8, without an end mark. */
  text(text: string): void {
    this.bytes(UTF8.encode(text));
  }

  /** Replaces the four bytes at `at`. */
  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, this.#littleEndian);
  }

  /** What was written: a view of the memory. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.offset);
  }

  /** What was written, in memory of its own. */
  toUint8Array(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.offset);
  }

  #advance(count: number): number {
    const at = this.offset;
    const end = at + count;
    if (end > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#bytes.byteLength));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.offset = end;
    return at;
  }
}
