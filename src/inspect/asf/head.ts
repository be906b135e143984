/**
 * The beginning of a file: the Header Object, and the head of the Data Object ([ASF] 5.1).
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Input } from "../byte_source.ts";
import { Cursor, guidText, u64At } from "../cursor.ts";
import type { ProblemList } from "../problems.ts";
import { GUID } from "./guid.ts";
import { type AsfHeader, summarizeHeader } from "./header.ts";
import { OBJECT_HEAD_BYTES, readObject } from "./objects/walk.ts";

/** Head of the Data Object ([ASF] 5.1). */
export interface DataObjectHead {
  /** Offset in the file. */
  readonly offset: number;
  /** Size as stored; 0 or 50: not known when it was written. */
  readonly size: number;
  /** Must equal the header's file ID. */
  readonly fileId: string;
  /** Total Data Packets as stored; meaningless when broadcast. */
  readonly packetCount: number;
  /** Must be 0x0101. */
  readonly reserved: number;
}

/** What stands before the first packet. */
export interface Head {
  /** The header. */
  readonly header: AsfHeader;
  /** The header's bytes, as many as were there. */
  readonly bytes: Uint8Array;
  /** Whether all of the header was there. */
  readonly isComplete: boolean;
  /** Head of the Data Object, if there is one. */
  readonly data: DataObjectHead | undefined;
}

/** Size of the Data Object without packets. */
export const DATA_HEAD_BYTES = 50;

/** No header is larger: pictures of covers make it some MB. */
const MAX_HEADER_BYTES = 1 << 26;

/** Objects between header and data are skipped; there should be none. */
const MAX_SKIPPED_COUNT = 256;

/**
 * Reads up to the first packet.
 *
 * @throws {MuxError} `bad-media` when it does not begin with a Header Object, `too-large` when that is above 64 MiB.
 */
export async function readHead(input: Input, problems: ProblemList): Promise<Head> {
  const start = await input.read(0, OBJECT_HEAD_BYTES);
  if (start.byteLength < OBJECT_HEAD_BYTES || guidText(start, 0) !== GUID.header) {
    const found = start.byteLength === 0 ? "nothing" : hexText(start.subarray(0, 16));
    throw new MuxError("bad-media", {
      action: "read ASF",
      reason: `a Header Object must begin at byte 0, got ${found}`,
    });
  }
  const size = u64At(start, 16);
  if (size > MAX_HEADER_BYTES) {
    throw new MuxError(
      "too-large",
      { action: "read ASF", reason: `the header must not exceed ${MAX_HEADER_BYTES} bytes, got ${size}` },
    );
  }
  const bytes = new Uint8Array(await input.read(0, Math.max(size, OBJECT_HEAD_BYTES)));
  const header = summarizeHeader(readObject(new Cursor(bytes, 0, 0, bytes.byteLength), problems), problems);
  const isComplete = bytes.byteLength === size;
  return { header, bytes, isComplete, data: isComplete ? await findData(input, size, problems) : undefined };
}

async function findData(input: Input, start: number, problems: ProblemList): Promise<DataObjectHead | undefined> {
  let offset = start;
  for (let skipped = 0; skipped < MAX_SKIPPED_COUNT; skipped++) {
    const bytes = await input.read(offset, DATA_HEAD_BYTES);
    if (bytes.byteLength < OBJECT_HEAD_BYTES) return undefined;
    const guid = guidText(bytes, 0);
    const size = u64At(bytes, 16);
    if (guid === GUID.data) {
      if (bytes.byteLength < DATA_HEAD_BYTES) return undefined;
      const cursor = new Cursor(bytes, offset, OBJECT_HEAD_BYTES, DATA_HEAD_BYTES);
      return { offset, size, fileId: cursor.guid(), packetCount: cursor.u64(), reserved: cursor.u16() };
    }
    problems.add("T02", offset, `A Data Object must follow the Header Object, got object ${guid}`, undefined, guid);
    if (size < OBJECT_HEAD_BYTES || !Number.isSafeInteger(offset + size)) return undefined;
    offset += size;
  }
  return undefined;
}

/** Bytes as people read them. */
export function hexText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}
