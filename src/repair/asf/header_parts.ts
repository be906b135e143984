/**
 * Headers put together from what stands in others, byte by byte.
 *
 * @module
 */

import { HEADER_FIELD, OBJECT_SIZE_AT } from "../../asf/header_fields.ts";
import { HEADER_BODY_OFFSET } from "../../asf/objects/header.ts";
import { concatBytes } from "../../bytes/bytes.ts";
import type { AsfObject } from "../../inspect/asf/objects/walk.ts";

/** What comes before the objects in a Header Extension Object, with the size of what follows in its last four. */
export const EXTENSION_HEAD_BYTES = 46;

/** An object as stored. */
export function slice(bytes: Uint8Array, { offset, size }: AsfObject): Uint8Array {
  return bytes.subarray(offset, offset + size);
}

/** An object that holds others: its head, with the size put right, and what is in it. */
export function wrap(head: Uint8Array, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = concatBytes(head, ...parts);
  new DataView(whole.buffer).setBigUint64(OBJECT_SIZE_AT, BigInt(whole.byteLength), true);
  return whole;
}

/** A Header Object with other objects in it. */
export function wrapHeader(bytes: Uint8Array, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const header = wrap(bytes.subarray(0, HEADER_BODY_OFFSET), parts);
  new DataView(header.buffer).setUint32(HEADER_FIELD.objectCount, parts.length, true);
  return header;
}

/** A Header Extension Object with other objects in it. */
export function wrapExtension(
  bytes: Uint8Array,
  { offset }: AsfObject,
  parts: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const extension = wrap(bytes.subarray(offset, offset + EXTENSION_HEAD_BYTES), parts);
  new DataView(extension.buffer).setUint32(42, extension.byteLength - EXTENSION_HEAD_BYTES, true);
  return extension;
}
