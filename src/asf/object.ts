/**
 * Encoding of ASF objects: the envelope that every object has, and the text in them.
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

import { ByteWriter } from "../bytes/byte_writer.ts";

/** Object ID and Object Size ([ASF] 2.1). */
export const OBJECT_HEAD_BYTES = 24;

/** How one kind of object is encoded. */
export interface ObjectSpec<T> {
  /** Its Object ID, in wire bytes. */
  readonly guid: Uint8Array;
  /** Size of what `encode` writes. */
  bodyBytes(value: T): number;
  /** Bytes behind the body that belong to the object and are written by others: packets, index entries. */
  trailingBytes?(value: T): number;
  /** Writes the body, field by field. */
  encode(w: ByteWriter, value: T): void;
}

/** An object with its value: what an object that has children is made of. */
export interface AsfObject {
  /** Head and body. */
  readonly byteLength: number;
  /** Writes head and body. */
  write(w: ByteWriter): void;
}

/** Joins a kind of object and a value. */
export function asfObject<T>(spec: ObjectSpec<T>, value: T): AsfObject {
  const byteLength = OBJECT_HEAD_BYTES + spec.bodyBytes(value);
  return {
    byteLength,
    write(w) {
      const end = w.offset + byteLength;
      w.bytes(spec.guid);
      w.u64(byteLength + (spec.trailingBytes?.(value) ?? 0));
      spec.encode(w, value);
      if (w.offset === end) return;
      const id = Array.from(spec.guid, (byte) => byte.toString(16).padStart(2, "0")).join("");
      throw new Error(`Cannot encode object ${id}: it missed its size of ${byteLength} by ${w.offset - end}`);
    },
  };
}

/** The bytes of one object, without trailing bytes. */
export function encodeObject<T>(spec: ObjectSpec<T>, value: T): Uint8Array<ArrayBuffer> {
  return encodeAll([asfObject(spec, value)]);
}

/** The bytes of objects that lie back to back. */
export function encodeAll(objects: readonly AsfObject[]): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter("little", new Uint8Array(totalBytes(objects)));
  for (const object of objects) object.write(w);
  return w.written; // all of the memory, since each object has the size that it says
}

/** Sum of the sizes. */
export function totalBytes(objects: readonly AsfObject[]): number {
  return objects.reduce((sum, object) => sum + object.byteLength, 0);
}

/** Writes a text in UTF-16 with a zero behind it: {@linkcode textBytes} bytes. Half a surrogate pair becomes U+FFFD. */
export function writeText(w: ByteWriter, value: string): void {
  const text = value.toWellFormed();
  for (let i = 0; i < text.length; i++) w.u16(text.charCodeAt(i));
  w.u16(0);
}

/** Size of a text as {@linkcode writeText} writes it. */
export function textBytes(value: string): number {
  return 2 * value.length + 2;
}
