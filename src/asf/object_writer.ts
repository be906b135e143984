/**
 * Encoding of ASF objects: a cursor that is exactly as long as promised, and the envelope that every object has.
 *
 * ```text
 * +------------------+------------------+---------------------+----------------------+
 * | Object ID (GUID) | Object Size, u64 | body                | trailing bytes       |
 * | 16               | 8                | ObjectSpec.encode() | written by others    |
 * +------------------+------------------+---------------------+----------------------+
 * ```
 *
 * @module
 */

/** Object ID and Object Size ([ASF] 2.1). */
export const OBJECT_HEAD_BYTES = 24;

/**
 * A little-endian cursor over a buffer of the promised size.
 *
 * Writing past the end changes nothing but is remembered, so that encoders stay straight-line code and are checked once,
 * in `finish()`. A mismatch is a defect of an encoder, never of its input: hence a plain `Error`.
 */
export class ObjectWriter {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  #at = 0;
  #defect: string | undefined;

  /** @param byteLength How many bytes are going to be written, exactly. */
  constructor(byteLength: number) {
    this.#bytes = new Uint8Array(byteLength);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get position(): number {
    return this.#at;
  }

  u8(value: number): void {
    const at = this.#take(1);
    if (at >= 0) this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#take(2);
    if (at >= 0) this.#view.setUint16(at, value, true);
  }

  u32(value: number): void {
    const at = this.#take(4);
    if (at >= 0) this.#view.setUint32(at, value, true);
  }

  i32(value: number): void {
    const at = this.#take(4);
    if (at >= 0) this.#view.setInt32(at, value, true);
  }

  /** @param value A bigint, or a whole number up to 2^53. */
  u64(value: number | bigint): void {
    const at = this.#take(8);
    if (at >= 0) this.#view.setBigUint64(at, BigInt(value), true);
  }

  bytes(source: Uint8Array): void {
    const at = this.#take(source.byteLength);
    if (at >= 0) this.#bytes.set(source, at);
  }

  zeros(count: number): void {
    this.#take(count);
  }

  /** UTF-16LE with its terminator: {@linkcode textBytes} bytes. Half a surrogate pair becomes U+FFFD. */
  text(value: string): void {
    const at = this.#take(textBytes(value));
    if (at < 0) return;
    const text = value.toWellFormed();
    for (let i = 0; i < text.length; i++) this.#view.setUint16(at + 2 * i, text.charCodeAt(i), true);
  }

  /** Remembers the first thing that went wrong. */
  fail(defect: string): void {
    this.#defect ??= defect;
  }

  /**
   * The bytes, once all of them are written.
   *
   * @throws {Error} If more or fewer were written than promised.
   */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.#at !== this.#bytes.byteLength) this.fail(`${this.#at} of ${this.#bytes.byteLength} bytes written`);
    if (this.#defect !== undefined) throw new Error(`Cannot encode object: ${this.#defect}`);
    return this.#bytes;
  }

  #take(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.byteLength) {
      this.fail(`${count} bytes at ${at} overrun ${this.#bytes.byteLength}`);
      return -1;
    }
    this.#at = at + count;
    return at;
  }
}

/** How one kind of object is encoded. */
export interface ObjectSpec<T> {
  /** Its name in the specification, for messages. */
  readonly name: string;
  /** Its Object ID. */
  readonly guid: Uint8Array;
  /** Size of what `encode` writes. */
  bodyBytes(value: T): number;
  /** Bytes behind the body that belong to the object and are written by others: packets, index entries. */
  trailingBytes?(value: T): number;
  /** Writes the body, field by field. */
  encode(w: ObjectWriter, value: T): void;
}

/** An object with its value: what an object that has children is made of. */
export interface AsfObject {
  /** Head and body. */
  readonly byteLength: number;
  /** Writes head and body. */
  write(w: ObjectWriter): void;
}

/** Joins a kind of object and a value. */
export function asfObject<T>(spec: ObjectSpec<T>, value: T): AsfObject {
  const byteLength = OBJECT_HEAD_BYTES + spec.bodyBytes(value);
  return {
    byteLength,
    write(w) {
      const end = w.position + byteLength;
      w.bytes(spec.guid);
      w.u64(byteLength + (spec.trailingBytes?.(value) ?? 0));
      spec.encode(w, value);
      if (w.position !== end) w.fail(`${spec.name} missed its size of ${byteLength} by ${w.position - end}`);
    },
  };
}

/** The bytes of one object, without trailing bytes. */
export function encodeObject<T>(spec: ObjectSpec<T>, value: T): Uint8Array<ArrayBuffer> {
  return encodeAll([asfObject(spec, value)]);
}

/** The bytes of objects that lie back to back. */
export function encodeAll(objects: readonly AsfObject[]): Uint8Array<ArrayBuffer> {
  const w = new ObjectWriter(totalBytes(objects));
  for (const object of objects) object.write(w);
  return w.finish();
}

/** Sum of the sizes. */
export function totalBytes(objects: readonly AsfObject[]): number {
  return objects.reduce((sum, object) => sum + object.byteLength, 0);
}

/** Size of a text as {@linkcode ObjectWriter.text} writes it. */
export function textBytes(value: string): number {
  return 2 * value.length + 2;
}
