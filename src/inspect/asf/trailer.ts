/**
 * The objects behind the data: indexes, for the most part ([ASF] 6).
 *
 * @module
 */

import type { Input } from "../byte_source.ts";
import { Cursor, guidText, u64At } from "../cursor.ts";
import type { ProblemList } from "../problems.ts";
import { GUID } from "./guid.ts";
import type { AsfHeader } from "./header.ts";
import type { BlockIndex, SimpleIndex } from "./objects/indexes.ts";
import { OBJECT_LAYOUTS, UNKNOWN_LAYOUT } from "./objects/layouts.ts";
import { type AsfObject, OBJECT_HEAD_BYTES, readObject } from "./objects/walk.ts";

/** A Simple Index and the stream it is about. */
export interface StreamIndex extends SimpleIndex {
  /** The k-th Simple Index belongs to the k-th video stream that is not hidden; `undefined`: there is none. */
  readonly streamNumber: number | undefined;
}

/** What stands behind the data. */
export interface AsfIndexes {
  /** The objects in stored order, known or not. */
  readonly objects: readonly AsfObject[];
  /** Simple Indexes. */
  readonly simple: readonly StreamIndex[];
  /** Index Objects. */
  readonly time: readonly BlockIndex[];
  /** Media Object Indexes. */
  readonly mediaObject: readonly BlockIndex[];
  /** Timecode Indexes. */
  readonly timecode: readonly BlockIndex[];
}

/** Indexes of days of media stay far below; what is beyond is listed without its body. */
const MAX_BODY_BYTES = 1 << 26;

/** More objects are never there. */
const MAX_OBJECT_COUNT = 1024;

/** Reads the objects from `offset` to the end of the input. */
export async function readTrailer(input: Input, offset: number, problems: ProblemList): Promise<AsfObject[]> {
  const objects: AsfObject[] = [];
  let room = MAX_BODY_BYTES;
  for (let at = offset; objects.length < MAX_OBJECT_COUNT;) {
    const head = await input.read(at, OBJECT_HEAD_BYTES);
    if (head.byteLength < OBJECT_HEAD_BYTES) {
      if (head.byteLength > 0) problems.add("T06", at, `${head.byteLength} bytes left over at the end`, "W");
      break;
    }
    const guid = guidText(head, 0);
    const size = u64At(head, 16);
    if (guid === GUID.header || guid === GUID.data) problems.add("T03", at, `A second ${OBJECT_LAYOUTS[guid]!.name}`);
    const { name } = OBJECT_LAYOUTS[guid] ?? UNKNOWN_LAYOUT;
    if (guid === GUID.data || size > room) {
      if (guid !== GUID.data) problems.add("T04", at, `${name}: ${size} bytes are too many to be looked into`);
      objects.push({ name, guid, offset: at, size, fields: {}, children: [] });
    } else {
      const bytes = new Uint8Array(await input.read(at, Math.max(size, OBJECT_HEAD_BYTES)));
      objects.push(readObject(new Cursor(bytes, at, 0, bytes.byteLength), problems));
      if (bytes.byteLength < size) break;
      room -= size;
    }
    if (size < OBJECT_HEAD_BYTES || !Number.isSafeInteger(at + size)) break;
    at += size;
  }
  return objects;
}

/** Sorts the objects behind the data by kind. */
export function sortIndexes(objects: readonly AsfObject[], header: AsfHeader): AsfIndexes {
  const all = <T>(guid: string): T[] =>
    objects.filter((one) => one.guid === guid && Object.keys(one.fields).length > 0).map((one) => one.fields as T);
  const videos = header.streams.filter((stream) => stream.kind === "video" && !stream.isHidden);
  return {
    objects,
    simple: all<SimpleIndex>(GUID.simpleIndex).map((index, at) => ({
      ...index,
      streamNumber: videos[at]?.streamNumber,
    })),
    time: all<BlockIndex>(GUID.index),
    mediaObject: all<BlockIndex>(GUID.mediaObjectIndex),
    timecode: all<BlockIndex>(GUID.timecodeIndex),
  };
}
