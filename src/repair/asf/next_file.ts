/**
 * Another ASF file behind the one that is worked on, as when two were put together.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import { GUID } from "../../inspect/asf/guid.ts";
import { OBJECT_HEAD_BYTES } from "../../inspect/asf/objects/walk.ts";
import { guidText, u64At } from "../../inspect/cursor.ts";
import type { Scan } from "./scan.ts";
import { MAX_OBJECT_COUNT, type OpenTarget } from "./target.ts";

/** Where it begins; `undefined`: there is none. */
export async function findNextFile({ input }: OpenTarget, scan: Scan): Promise<number | undefined> {
  let at = scan.end;
  for (let count = 0; count < MAX_OBJECT_COUNT; count++) {
    const head = await input.read(at, OBJECT_HEAD_BYTES);
    if (head.byteLength < OBJECT_HEAD_BYTES) return undefined;
    if (guidText(head, 0) === GUID.header) return at;
    const size = u64At(head, 16);
    if (size < OBJECT_HEAD_BYTES || !Number.isSafeInteger(at + size)) return undefined;
    at += size;
  }
  return undefined;
}

/** What stands behind the indexes is cut off: not a whole file that somebody may want. @throws {MuxError} `bad-media` */
export async function refuseNextFile(open: OpenTarget, scan: Scan, action: string): Promise<void> {
  const offset = await findNextFile(open, scan);
  if (offset === undefined) return;
  throw new MuxError("bad-media", {
    action,
    reason: `another ASF file begins at byte ${offset}, and would be cut off`,
  });
}
