/**
 * The boxes at the top of a file, one after the other.
 *
 * @module
 */

import type { Input } from "../byte_source.ts";
import type { ProblemList } from "../problems.ts";
import { type BoxHead, MAX_HEAD_BYTES, readBoxHead } from "./box.ts";
import { latin1Text } from "./box_cursor.ts";
import { isTopLevel, mayBegin } from "./layouts.ts";

/** How much is searched at a time for the next box behind damage. */
const SEARCH_BYTES = 1 << 16;

/**
 * Walks over the boxes at the top of a file, reading their heads alone. Where something else stands in between, the next
 * box that looks like one is searched for: a damaged size loses no more than what it is about.
 */
export class TopWalker {
  readonly #input: Input;
  readonly #problems: ProblemList;
  /** Offset of the next box. */
  offset = 0;

  constructor(input: Input, problems: ProblemList, offset = 0) {
    this.#input = input;
    this.#problems = problems;
    this.offset = offset;
  }

  /** The next box; `undefined` at the end. */
  async next(): Promise<BoxHead | undefined> {
    const bytes = await this.#input.read(this.offset, MAX_HEAD_BYTES);
    if (bytes.byteLength === 0) return undefined;
    const { offset } = this;
    const head = readBoxHead(bytes, 0, offset, this.#input.size ?? Infinity);
    if (head === undefined || !isPlausible(head)) {
      if (bytes.every((byte) => byte === 0) && (this.#input.size ?? Infinity) - offset <= 8) {
        this.offset += bytes.byteLength; // QuickTime's end
        return undefined;
      }
      return await this.#search(offset);
    }
    this.offset += head.size;
    return head;
  }

  /** Looks for the next box; says what lies in between. */
  async #search(from: number): Promise<BoxHead | undefined> {
    const size = () => this.#input.size ?? Infinity;
    for (let start = from; start < size();) {
      const bytes = await this.#input.read(start, SEARCH_BYTES);
      if (bytes.byteLength < 8) break;
      for (let at = start === from ? 1 : 0; at + 8 <= bytes.byteLength; at++) {
        // Most bytes begin no type: the rest is asked of few.
        if (!mayBegin(bytes[at + 4]!) || !isTopLevel(latin1Text(bytes.subarray(at + 4, at + 8)))) continue;
        const head = readBoxHead(bytes, at, start + at, size());
        if (head === undefined || (head.statedSize ?? Infinity) > size() - start - at) continue;
        this.#problems.add("M03", from, `Boxes must follow each other, ${start + at - from} bytes are none`);
        this.offset = start + at + head.size;
        return head;
      }
      start += bytes.byteLength - 7;
      if (bytes.byteLength < SEARCH_BYTES) break;
    }
    const end = this.#input.size ?? from;
    if (end > from) {
      this.#problems.add("M03", from, `Boxes must follow each other, the last ${end - from} bytes are none`);
    }
    this.offset = Math.max(end, from);
    return undefined;
  }
}

/** A type is four printable characters; what is unknown may stand at the top, but not run over the end of the file. */
function isPlausible({ type, size, statedSize }: BoxHead): boolean {
  if (isTopLevel(type)) return true;
  return /^[\x20-\x7E\xA9]{4}$/.test(type) && statedSize !== undefined && statedSize === size;
}
