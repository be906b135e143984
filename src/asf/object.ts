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
  /** Bytes behind the body that belong to the object and are written by others: packets, index entries. */
  trailingBytes?(value: T): number;
  /** Writes the body, field by field. */
  encode(w: ByteWriter, value: T): void;
}

/** The bytes of one object, without trailing bytes. */
export function encodeObject<T>({ guid, trailingBytes, encode }: ObjectSpec<T>, value: T): Uint8Array<ArrayBuffer> {
  const body = new ByteWriter("little");
  encode(body, value);
  const byteLength = OBJECT_HEAD_BYTES + body.offset;
  const w = new ByteWriter("little", new Uint8Array(byteLength));
  w.bytes(guid);
  w.u64(byteLength + (trailingBytes?.(value) ?? 0));
  w.bytes(body.written);
  return w.written; // all of the memory
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
