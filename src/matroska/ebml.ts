/**
 * Elements ([RFC 8794]): ID · size · body.
 *
 * ```text
 * ID      1 to 4 bytes, the number of them in the leading bits
 * size    1 to 8 bytes, likewise; all other bits set: not known
 * ```
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import { crc32 } from "./crc32.ts";
import * as ID from "./ids.ts";

/** ID, size and checksum. */
export const CRC_BYTES = 6;

/** Writes an ID. */
export function writeId(w: ByteWriter, id: number): void {
  if (id > 0xFF_FFFF) w.u32(id);
  else if (id > 0xFFFF) w.u24(id);
  else if (id > 0xFF) w.u16(id);
  else w.u8(id);
}

/** Bytes that a size takes at least. */
export function sizeBytes(size: number): number {
  let count = 1;
  while (count < 8 && size >= 2 ** (7 * count) - 1) count++;
  return count;
}

/** Writes a size in as many bytes as it takes, or in `count`. */
export function writeSize(w: ByteWriter, size: number, count: number = sizeBytes(size)): void {
  for (let at = count - 1; at >= 0; at--) {
    const byte = Math.floor(size / 2 ** (8 * at)) & 0xFF;
    w.u8(at === count - 1 ? byte | 0x80 >> (count - 1) : byte);
  }
}

/** Writes an element of whole numbers, from 0 on. */
export function uint(w: ByteWriter, id: number, value: number): void {
  let count = 1;
  while (value >= 2 ** (8 * count)) count++;
  writeId(w, id);
  w.u8(0x80 | count);
  for (let at = count - 1; at >= 0; at--) w.u8(Math.floor(value / 2 ** (8 * at)) & 0xFF);
}

/** Writes an element of numbers with eight bytes, whatever they are: so that they can be replaced. */
export function uint64(w: ByteWriter, id: number, value: number | bigint): void {
  writeId(w, id);
  w.u8(0x88);
  w.u64(value);
}

/** Writes an element of floating-point numbers. */
export function float(w: ByteWriter, id: number, value: number): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  binary(w, id, bytes);
}

/** Writes an element of bytes. */
export function binary(w: ByteWriter, id: number, bytes: Uint8Array): void {
  writeId(w, id);
  writeSize(w, bytes.byteLength);
  w.bytes(bytes);
}

/** Writes an element of text. */
export function text(w: ByteWriter, id: number, value: string): void {
  binary(w, id, new TextEncoder().encode(value));
}

/** Writes an element around what `writeBody` writes. */
export function master(w: ByteWriter, id: number, writeBody: () => void): void {
  writeId(w, id);
  const sizeAt = w.offset;
  w.u32(0);
  writeBody();
  setSize(w, sizeAt);
}

/** The same with a checksum in front of the body. */
export function checkedMaster(w: ByteWriter, id: number, writeBody: () => void): void {
  master(w, id, () => {
    const bodyAt = w.offset;
    w.zeros(CRC_BYTES);
    writeBody();
    const checksum = crc32(w.written, bodyAt + CRC_BYTES);
    const end = w.offset;
    w.offset = bodyAt;
    w.u8(ID.CRC32);
    w.u8(0x84);
    for (let shift = 0; shift < 32; shift += 8) w.u8(checksum >>> shift);
    w.offset = end;
  });
}

/** Fills `byteLength` bytes, at least two, with an element that says nothing. */
export function fill(w: ByteWriter, byteLength: number): void {
  const count = byteLength < 10 ? 1 : 8;
  w.u8(ID.Void);
  writeSize(w, byteLength - 1 - count, count);
  w.zeros(byteLength - 1 - count);
}

/** Whether so many bytes can be filled. */
export function isFillable(byteLength: number): boolean {
  return byteLength === 0 || byteLength >= 2;
}

/** Sets a size of four bytes that was left open. */
function setSize(w: ByteWriter, at: number): void {
  w.setU32(at, 0x1000_0000 | w.offset - at - 4);
}
