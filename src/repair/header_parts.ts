/**
 * Headers put together from what stands in others, byte by byte.
 *
 * @module
 */

import type { AsfObject } from "../inspect/asf/objects/walk.ts";

/** What comes before the objects in a Header Object … */
export const HEADER_HEAD_BYTES = 30;
/** … and in a Header Extension Object, with the size of what follows in its last four. */
export const EXTENSION_HEAD_BYTES = 46;

/** An object as stored. */
export function slice(bytes: Uint8Array, { offset, size }: AsfObject): Uint8Array {
  return bytes.subarray(offset, offset + size);
}

/** An object that holds others: its head, with the size put right, and what is in it. */
export function wrap(head: Uint8Array, parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, head.byteLength));
  whole.set(head);
  let at = head.byteLength;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  new DataView(whole.buffer).setBigUint64(16, BigInt(whole.byteLength), true);
  return whole;
}

/** A Header Extension Object with other objects in it. */
export function wrapExtension(
  bytes: Uint8Array,
  { offset }: AsfObject,
  parts: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const extension = wrap(bytes.slice(offset, offset + EXTENSION_HEAD_BYTES), parts);
  new DataView(extension.buffer).setUint32(42, extension.byteLength - EXTENSION_HEAD_BYTES, true);
  return extension;
}
