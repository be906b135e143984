/**
 * Writes elements ([RFC 8794]).
 *
 * @module
 */

import { concatBytes } from "../../bytes/bytes.ts";
import { ID } from "../../inspect/matroska/elements.ts";

/** The size of a size field that holds whatever comes. */
export const LONG_SIZE_BYTES = 8;

/** The first byte of a Void: its ID is as long as that of most elements inside a Cluster. */
export const VOID_BYTE = ID.Void;

/** Bytes of an ID. */
export function idBytes(id: number): Uint8Array<ArrayBuffer> {
  const unsigned = id >>> 0;
  return uintBytes(unsigned, unsigned > 0xFFFFFF ? 4 : unsigned > 0xFFFF ? 3 : unsigned > 0xFF ? 2 : 1);
}

/** An unsigned integer in so many bytes; default: as few as hold it. */
export function uintBytes(value: number, width: number = leastUintBytes(value)): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(width);
  for (let i = width - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return bytes;
}

/** The least bytes of an unsigned integer. */
export function leastUintBytes(value: number): number {
  let width = 1;
  for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) width++;
  return width;
}

/** The largest size that a field of so many bytes says: all ones mean that it is not known. */
export function mostSize(width: number): number {
  return 2 ** (7 * width) - 2;
}

/** The least bytes of a size. */
export function leastSizeBytes(size: number): number {
  let width = 1;
  while (size > mostSize(width)) width++;
  return width;
}

/** A size in so many bytes; default: as few as hold it. */
export function sizeBytes(size: number, width: number = leastSizeBytes(size)): Uint8Array<ArrayBuffer> {
  const bytes = uintBytes(size, width);
  bytes[0]! |= 0x80 >> width - 1;
  return bytes;
}

/** An element. @param width Bytes of its size field; default: as few as hold it. */
export function element(id: number, content: Uint8Array, width?: number): Uint8Array<ArrayBuffer> {
  return concatBytes(idBytes(id), sizeBytes(content.byteLength, width), content);
}

/** ID and size of a Void that takes `byteLength` bytes in all, at least 2. */
export function voidHead(byteLength: number): Uint8Array<ArrayBuffer> {
  for (let width = 1;; width++) {
    const size = byteLength - 1 - width;
    if (size <= mostSize(width)) return concatBytes(idBytes(ID.Void), sizeBytes(size, width));
  }
}

/** A Void. */
export function voidElement(byteLength: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength);
  bytes.set(voidHead(byteLength));
  return bytes;
}

/** A floating point number in 4 or 8 bytes. */
export function floatBytes(value: number, width: 4 | 8): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(width);
  const view = new DataView(bytes.buffer);
  if (width === 4) view.setFloat32(0, value);
  else view.setFloat64(0, value);
  return bytes;
}

/** The content of a master, behind its checksum. */
export function withChecksum(content: Uint8Array, crc: number): Uint8Array<ArrayBuffer> {
  const stored = new Uint8Array(4);
  new DataView(stored.buffer).setUint32(0, crc, true);
  return concatBytes(element(ID.CRC32, stored), content);
}
