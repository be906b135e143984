/**
 * Writes what was worked out: in place, or as a copy.
 *
 * In place, the order is what makes it safe against being killed at any moment:
 *
 * 1. what is not whole at the end becomes a Void, by one write: it never becomes whole by what is written behind it;
 * 2. Clusters get their sizes, and what is lost between them becomes Voids: each is one write of a few bytes, and the
 *    blocks are the same before and after it;
 * 3. Cues are appended: should the disk be full, all of that is taken back;
 * 4. all of it is made durable, and one write brings the head up to date.
 *
 * @module
 */

import { type Input, PIECE_BYTES } from "../../inspect/byte_source.ts";
import type { Editable } from "../../sinks/editable_file.ts";
import type { Sink } from "../../sinks/sink.ts";
import { discard, writeDifference } from "../writing.ts";
import { VOID_BYTE } from "./ebml.ts";
import type { CopyPlan, InPlacePlan, Patch, Piece } from "./plan.ts";

/** What is kept to be put back. */
const MAX_UNDO_COUNT = 1 << 16;

/** Changes the file where it lies. */
export async function applyInPlace(file: Editable, input: Input, plan: InPlacePlan): Promise<void> {
  const { seal, end, cues, head } = plan;
  const undo: Patch[] = [];
  const write = async ({ offset, bytes }: Patch) => {
    const before = (await input.read(offset, bytes.byteLength)).slice() as Uint8Array<ArrayBuffer>;
    if (undo.length < MAX_UNDO_COUNT) undo.push({ offset, bytes: before });
    await file.write(offset, bytes);
  };
  const oldHead = (await input.read(head.offset, head.bytes.byteLength)).slice();
  let size = file.size;
  try {
    if (seal !== undefined) await write(seal);
    for (const patch of plan.patches()) await write(patch);
    if (file.size > end) {
      await file.truncate(end);
      size = end;
    }
    await file.flush();
    if (cues !== undefined) await file.write(end, cues);
  } catch (error) {
    try {
      if (file.size > size) await file.truncate(size);
      for (const { offset, bytes } of undo.reverse()) await file.write(offset, bytes);
    } catch {
      // The first error is the one to tell.
    }
    throw error;
  }
  await file.flush();
  await writeDifference(file, oldHead, head.bytes, head.offset);
  await file.flush();
}

/** Writes a new file; it needs no patching. */
export async function applyToSink(input: Input, plan: CopyPlan, sink: Sink): Promise<void> {
  const own = (bytes: Uint8Array) => (sink.keepsBytes ? bytes.slice() : bytes) as Uint8Array<ArrayBuffer>;
  let isOpen = false;
  let firstUnit = 0;
  try {
    await sink.open?.();
    isOpen = true;
    let isFirst = true;
    const put = async (bytes: Uint8Array) => {
      if (isFirst) await sink.header(own(bytes));
      else await sink.data(own(bytes), { unitCount: 1, firstUnit: firstUnit++, timestamp: 0, cleanPoints: [] });
      isFirst = false;
    };
    for (const piece of plan.head) await putPiece(input, piece, put);
    for (const piece of plan.body()) await putPiece(input, piece, put);
    await sink.close();
  } catch (error) {
    if (isOpen) await discard(sink, error);
    throw error;
  }
}

async function putPiece(input: Input, piece: Piece, put: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  if ("bytes" in piece) return await put(piece.bytes);
  const { offset, byteLength, blanks } = piece;
  for (let at = 0; at < byteLength;) {
    let bytes = await input.read(offset + at, Math.min(PIECE_BYTES, byteLength - at));
    if (bytes.byteLength === 0) throw new Error(`The input ends at byte ${offset + at}, it was longer before`);
    const inside = blanks.map((blank) => blank - offset - at).filter((i) => i >= 0 && i < bytes.byteLength);
    if (inside.length > 0) {
      bytes = bytes.slice();
      for (const i of inside) bytes[i] = VOID_BYTE;
    }
    await put(bytes);
    at += bytes.byteLength;
  }
}
