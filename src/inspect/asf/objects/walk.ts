/**
 * Objects one after the other, and inside each other ([ASF] 2.2).
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";
import type { ProblemList } from "../../problems.ts";
import { OBJECT_LAYOUTS, UNKNOWN_LAYOUT } from "./layouts.ts";

/** One object as it stands in the file. */
export interface AsfObject {
  /** What it is called; `"Unknown Object"` when its GUID is not known. */
  readonly name: string;
  /** Its GUID as canonical text. */
  readonly guid: string;
  /** Offset in the file of its first byte. */
  readonly offset: number;
  /** Its size as stored. */
  readonly size: number;
  /** What its body says, by field. */
  readonly fields: object;
  /** The objects inside it. */
  readonly children: readonly AsfObject[];
}

/** GUID and size. */
export const OBJECT_HEAD_BYTES = 24;

/** Header Object, Header Extension, Extended Stream Properties, Stream Properties: nothing nests deeper. */
const MAX_DEPTH = 4;

/** Far above what a header holds, far below what 64 MiB of empty objects would. */
const MAX_CHILD_COUNT = 4096;

/** Reads one whole object at the cursor, or as much of it as is there. At least its head must be there. */
export function readObject(cursor: Cursor, problems: ProblemList, depth = 0): AsfObject {
  const offset = cursor.fileOffset;
  const guid = cursor.guid();
  const size = cursor.u64();
  const bodyBytes = size - OBJECT_HEAD_BYTES;
  const layout = OBJECT_LAYOUTS[guid] ?? UNKNOWN_LAYOUT;
  if (bodyBytes < 0 || bodyBytes > cursor.remaining) {
    const limit = OBJECT_HEAD_BYTES + cursor.remaining;
    problems.add("T04", offset, `${layout.name}: size must be ${OBJECT_HEAD_BYTES}…${limit}, got ${size}`);
  }
  const body = cursor.slice(Math.max(0, Math.min(bodyBytes, cursor.remaining)));
  const fields = layout.read(body);
  let children: AsfObject[] = [];
  if (body.overrun) problems.add("X02", offset, `${layout.name}: its fields run past its end`);
  else if (layout.holdsObjects && depth < MAX_DEPTH) children = readChildren(body, layout.name, problems, depth + 1);
  else if (body.remaining > 0) {
    problems.add("X02", offset, `${layout.name}: ${body.remaining} bytes left unexplained`, "W");
  }
  return { name: layout.name, guid, offset, size, fields, children };
}

function readChildren(cursor: Cursor, parent: string, problems: ProblemList, depth: number): AsfObject[] {
  const children: AsfObject[] = [];
  while (cursor.remaining >= OBJECT_HEAD_BYTES) {
    if (children.length === MAX_CHILD_COUNT) {
      problems.add("H01", cursor.fileOffset, `${parent}: more than ${MAX_CHILD_COUNT} objects inside`);
      return children;
    }
    children.push(readObject(cursor, problems, depth));
  }
  if (cursor.remaining > 0) problems.add("H01", cursor.fileOffset, `${parent}: ${cursor.remaining} bytes left over`);
  return children;
}

/** An object and all objects inside it, each behind the one it stands in. */
export function flatten(object: AsfObject): AsfObject[] {
  return [object, ...object.children.flatMap(flatten)];
}
