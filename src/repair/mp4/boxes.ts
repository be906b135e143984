/**
 * Writes boxes ([ISO 14496-12] 4.2).
 *
 * @module
 */

import { concatBytes } from "../../bytes/bytes.ts";

/** Above, a size takes 64 bits. */
export const SHORT_SIZE_LIMIT = 2 ** 32;

/** Four characters as bytes. */
export function latin1Bytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Four characters as a number. */
export function codeOf(type: string): number {
  let code = 0;
  for (let i = 0; i < 4; i++) code = code * 256 + (type.charCodeAt(i) & 0xFF);
  return code;
}

/** Numbers of 32 bits, big-endian. */
export function u32(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setUint32(4 * i, value));
  return bytes;
}

/** Numbers of 64 bits, big-endian. */
export function u64(...values: readonly number[]): Uint8Array<ArrayBuffer> {
  return u32(...values.flatMap((value) => [Math.floor(value / 2 ** 32), value % 2 ** 32]));
}

/** Size and type, 8 bytes; 16 where the size takes 64 bits. @param size Of the whole box. */
export function boxHead(type: string, size: number): Uint8Array<ArrayBuffer> {
  return size < SHORT_SIZE_LIMIT ? u32(size, codeOf(type)) : concatBytes(u32(1, codeOf(type)), u64(size));
}

/** A box that is smaller than 4 GiB. */
export function box(type: string, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = concatBytes(...parts);
  return concatBytes(boxHead(type, 8 + body.byteLength), body);
}

/** A box with version and flags. */
export function fullBox(type: string, version: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return box(type, u32(version * 2 ** 24), ...parts);
}

const FIRST_ENTRIES = 256;

/** A table of numbers of 32 bits, big-endian, that grows as they come. */
export class EntryTable {
  #bytes = new Uint8Array(4 * FIRST_ENTRIES);
  #view = new DataView(this.#bytes.buffer);
  /** How many numbers there are. */
  count = 0;

  /** Adds a number. */
  add(value: number): void {
    const at = 4 * this.count;
    if (at === this.#bytes.byteLength) {
      const grown = new Uint8Array(2 * at);
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#view.setUint32(at, value);
    this.count++;
  }

  /** A number. */
  at(index: number): number {
    return this.#view.getUint32(4 * index);
  }

  /** Changes a number. */
  set(index: number, value: number): void {
    this.#view.setUint32(4 * index, value);
  }

  /** A view of them, good until the next one comes. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, 4 * this.count);
  }
}
