/**
 * Writes what was worked out where the file lies, in an order that makes it safe against being killed at any moment:
 *
 * 1. what is not whole at the end becomes a Void, by one write: it never becomes whole by what is written behind it;
 * 2. Clusters get their sizes, and what is lost between them becomes Voids: each is one write of a few bytes, and the
 *    blocks are the same before and after it;
 * 3. Cues are appended: should the disk be full, all of that is taken back;
 * 4. all of it is made durable, and one write brings the head up to date.
 *
 * @module
 */

import type { Input } from "../../inspect/byte_source.ts";
import type { Editable } from "../../sinks/editable_file.ts";
import { UndoLog } from "../undo_log.ts";
import { writeDifference } from "../writing.ts";
import type { InPlacePlan } from "./plan.ts";

/** Changes the file where it lies. */
export async function applyInPlace(file: Editable, input: Input, plan: InPlacePlan): Promise<void> {
  const { seal, end, cues, head } = plan;
  const oldHead = (await input.read(head.offset, head.bytes.byteLength)).slice();
  const undo = new UndoLog(file, input);
  try {
    if (seal !== undefined) await undo.write(seal);
    for (const patch of plan.patches()) await undo.write(patch);
    await undo.truncate(end);
    await file.flush();
    if (cues !== undefined) await file.write(end, cues);
  } catch (error) {
    await undo.restore();
    throw error;
  }
  await file.flush();
  await writeDifference(file, oldHead, head.bytes, head.offset);
  await file.flush();
}
