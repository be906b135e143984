/**
 * Boxes: what every MP4 file is made of ([ISO 14496-12] 4.2).
 *
 * ```text
 * size u32 · type 4cc · [size u64 where the first is 1] · [type 16 bytes where it is "uuid"] · body
 * ```
 *
 * @module
 */

import { latin1Text } from "./box_cursor.ts";

/** The head of a box, its size as far as there is room for it. */
export interface BoxHead {
  /** Four characters. */
  readonly type: string;
  /** Offset in the file. */
  readonly offset: number;
  /** Bytes in front of its body. */
  readonly headBytes: number;
  /** The whole, cut to the box around it, or to the file. */
  readonly size: number;
  /** The whole as it is stated; `undefined`: it goes to the end of the file. */
  readonly statedSize: number | undefined;
  /** 32 hexadecimal digits, where its type is `"uuid"`. */
  readonly userType?: string;
}

/** A box with what is inside. */
export interface Mp4Box extends BoxHead {
  /** In words: `"Movie Header Box"`. */
  readonly name: string;
  /** What it says. Of a table: how many entries it has, and the first of them. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The boxes inside it. */
  readonly children: readonly Mp4Box[];
}

/** Bytes that {@linkcode readBoxHead} may look at. */
export const MAX_HEAD_BYTES = 32;

/**
 * The head of the box at `bytes[at]`, which is byte `offset` of the file; `undefined` where there is none.
 *
 * @param end Offset in the file where the box around it ends, or the file; Infinity: not known.
 */
export function readBoxHead(bytes: Uint8Array, at: number, offset: number, end: number): BoxHead | undefined {
  if (at + 8 > bytes.byteLength || offset + 8 > end) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = latin1Text(bytes.subarray(at + 4, at + 8));
  let statedSize: number | undefined = view.getUint32(at);
  let headBytes = 8;
  if (statedSize === 0) statedSize = undefined;
  else if (statedSize === 1) {
    if (at + 16 > bytes.byteLength || offset + 16 > end) return undefined;
    statedSize = view.getUint32(at + 8) * 4294967296 + view.getUint32(at + 12);
    headBytes = 16;
  }
  let userType: string | undefined;
  if (type === "uuid" && at + headBytes + 16 <= bytes.byteLength && offset + headBytes + 16 <= end) {
    userType = hex(bytes.subarray(at + headBytes, at + headBytes + 16));
    headBytes += 16;
  }
  if (statedSize !== undefined && statedSize < headBytes) return undefined;
  const size = Math.min(statedSize ?? Infinity, end - offset);
  return { type, offset, headBytes, size, statedSize, ...userType !== undefined && { userType } };
}

/** The box inside that has a type; the first of several. */
export function childOf(box: Mp4Box | undefined, ...path: string[]): Mp4Box | undefined {
  let found = box;
  for (const type of path) found = found?.children.find((child) => child.type === type);
  return found;
}

/** All boxes inside that have a type. */
export function childrenOf(box: Mp4Box | undefined, type: string): Mp4Box[] {
  return box?.children.filter((child) => child.type === type) ?? [];
}

/** A field that is a number, 0 if it is not there. */
export function numberIn(box: Mp4Box | undefined, name: string): number {
  const value = box?.fields[name];
  return typeof value === "number" ? value : 0;
}

/** A field that is a text, empty if it is not there. */
export function textIn(box: Mp4Box | undefined, name: string): string {
  const value = box?.fields[name];
  return typeof value === "string" ? value : "";
}

/** A field that is bytes. */
export function bytesIn(box: Mp4Box | undefined, name: string): Uint8Array | undefined {
  const value = box?.fields[name];
  return value instanceof Uint8Array ? value : undefined;
}

function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}
