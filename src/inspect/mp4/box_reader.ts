/**
 * Reads boxes with what is inside them.
 *
 * @module
 */

import type { Input } from "../byte_source.ts";
import type { ProblemList } from "../problems.ts";
import { type BoxHead, MAX_HEAD_BYTES, type Mp4Box, readBoxHead } from "./box.ts";
import { BoxCursor } from "./box_cursor.ts";
import type { BoxLayout } from "./layout.ts";
import { type EntryKind, entryKindOf, entryLayout, layoutOf } from "./layouts.ts";

/** Bytes at any position, as often as wanted. Answers are dead when the next one is asked for. */
export type Positions = Pick<Input, "read">;

/** How much is read at a time, and the most of one box that is looked at. */
const WINDOW_BYTES = 1 << 16;
/** Boxes inside boxes, and boxes in all: no movie has more. */
const MAX_DEPTH = 16;
const MAX_BOX_COUNT = 1 << 16;

/** Bytes that are in memory, as if they lay at their place in the file. */
export function heldPositions(bytes: Uint8Array, offset: number): Positions {
  return { read: (at, length) => bytes.subarray(Math.max(0, at - offset), Math.max(0, at - offset + length)) };
}

/** Reads a box of which the head is known, with all inside it. */
export async function readBox(positions: Positions, head: BoxHead, problems: ProblemList): Promise<Mp4Box> {
  return await new BoxReader(positions, problems).read(head, []);
}

class BoxReader {
  readonly #positions: Positions;
  readonly #problems: ProblemList;
  #window: Uint8Array = new Uint8Array(0);
  #start = 0;
  #boxCount = 0;
  /** By the handler of the track that is being read. */
  #entryKind: EntryKind = "other";

  constructor(positions: Positions, problems: ProblemList) {
    this.#positions = positions;
    this.#problems = problems;
  }

  async read(head: BoxHead, parents: readonly string[]): Promise<Mp4Box> {
    const { type, offset, headBytes, size } = head;
    const isEntry = parents.at(-1) === "stsd";
    const kind = isEntry && this.#entryKind === "other" ? guessedKind(type) : this.#entryKind;
    const layout = isEntry ? entryLayout(kind) : layoutOf(type, parents);
    const bodyBytes = size - headBytes;
    const wanted = Math.min(bodyBytes, WINDOW_BYTES);
    let body = this.#at(offset + headBytes, wanted);
    if (body instanceof Promise) body = await body;
    const cursor = new BoxCursor(body);
    const fields = this.#fields(layout, cursor, head, isEntry && kind === "audio");
    if (type === "hdlr" && parents.at(-1) === "mdia") this.#entryKind = entryKindOf(fields.handlerType as string);
    const children: Mp4Box[] = [];
    if (layout.hasChildren) {
      const start = type === "meta" ? metaStart(body) : cursor.position;
      if (parents.length < MAX_DEPTH) {
        await this.#children(head, offset + headBytes + start, [...parents, type], children);
      } else {
        this.#problems.addOnce(
          "M03",
          0,
          offset,
          `${type} box: boxes must not be more than ${MAX_DEPTH} inside each other`,
        );
      }
    }
    return { ...head, name: layout.name, fields, children };
  }

  #fields(layout: BoxLayout, cursor: BoxCursor, head: BoxHead, isAudioEntry: boolean): Record<string, unknown> {
    if (layout.read === undefined) return {};
    const fields = layout.read(cursor);
    // QuickTime's fields of version 1 are missing in MP4 files that say version 1 ([ISO 14496-12] 12.2.3).
    if (isAudioEntry && fields.version === 1 && isBoxAt(cursor, 28)) cursor.position = 28;
    if (cursor.overrun && head.size - head.headBytes <= WINDOW_BYTES) {
      this.#problems.add("M06", head.offset, `${head.type} box: must hold all of its fields, has ${head.size} bytes`);
    }
    return fields;
  }

  async #children(parent: BoxHead, start: number, parents: readonly string[], into: Mp4Box[]): Promise<void> {
    const end = parent.offset + parent.size;
    let at = start;
    while (at + 8 <= end) {
      let bytes = this.#at(at, Math.min(MAX_HEAD_BYTES, end - at));
      if (bytes instanceof Promise) bytes = await bytes;
      const head = readBoxHead(bytes, 0, at, end);
      // QuickTime ends some lists with zeros.
      if (head === undefined || head.type === "\0\0\0\0") {
        if (head === undefined && bytes.some((byte) => byte !== 0)) {
          this.#problems.add("M03", at, `${parent.type} box: boxes must follow each other, ${end - at} bytes are none`);
        }
        return;
      }
      if (head.statedSize !== undefined && head.statedSize > head.size) {
        this.#problems.add(
          "M02",
          at,
          `${head.type} box: must end inside the ${parent.type} box, its ${head.statedSize} bytes are ${
            head.statedSize - head.size
          } too many`,
        );
      }
      if (++this.#boxCount > MAX_BOX_COUNT) {
        this.#problems.addOnce("M03", 1, at, `There are more than ${MAX_BOX_COUNT} boxes in one`);
        return;
      }
      into.push(await this.read(head, parents));
      at += head.size;
    }
  }

  #at(offset: number, length: number): Uint8Array | Promise<Uint8Array> {
    const at = offset - this.#start;
    if (at >= 0 && at + length <= this.#window.byteLength) return this.#window.subarray(at, at + length);
    return this.#load(offset, length);
  }

  async #load(offset: number, length: number): Promise<Uint8Array> {
    const bytes = await this.#positions.read(offset, WINDOW_BYTES);
    this.#window = bytes.slice();
    this.#start = offset;
    return this.#window.subarray(0, length);
  }
}

/** A full box in MP4, a plain one in QuickTime. */
function metaStart(body: Uint8Array): number {
  const type = String.fromCharCode(...body.subarray(4, 8));
  return type === "hdlr" || type === "keys" || type === "ilst" ? 0 : 4;
}

/** Whether what stands at `at` looks like the box of a configuration. */
function isBoxAt(cursor: BoxCursor, at: number): boolean {
  const probe = new BoxCursor(cursor.peek(at, 8));
  const size = probe.u32();
  return size >= 8 && size <= cursor.end - at && /^[\w -]{4}$/.test(probe.fourCC());
}

/** For tracks without a handler, or with a foreign one. */
function guessedKind(type: string): EntryKind {
  if (/^(avc[1-4]|hvc1|hev1|vp0[89]|av01|mp4v|jpeg|encv|dvh[1e]|mjp[ab]|ap[co][hns4])$/.test(type)) return "video";
  return /^(mp4a|Opus|fLaC|[ae]c-3|alac|enca|twos|sowt|lpcm|ipcm|fpcm|s(amr|awb))$/.test(type) ? "audio" : "other";
}
