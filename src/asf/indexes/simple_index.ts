/**
 * Simple Index Objects ([ASF] 6.1): a head, and entries that the core has made.
 *
 * @module
 */

import { INDEX_ENTRY_BYTES } from "../../core/abi.ts";
import type { IndexEntries } from "../../core/types.ts";
import { encodeObject } from "../object.ts";
import { SIMPLE_INDEX_HEAD_BYTES, simpleIndex } from "../objects/simple_index.ts";

/** Default distance of entries. */
export const DEFAULT_INDEX_INTERVAL_MS = 200;

/** The object, in pieces that are dead when the next one is asked for. @param fileId 16 wire bytes. */
export function* simpleIndexPieces(
  entries: IndexEntries,
  fileId: Uint8Array,
  intervalMs: number,
): Generator<Uint8Array<ArrayBuffer>> {
  const { entryCount, maxPacketCount } = entries;
  yield encodeObject(simpleIndex, { fileId, intervalMs, entryCount, maxPacketCount });
  yield* entries.pieces();
}

/** How large the object is. */
export function simpleIndexBytes({ entryCount }: IndexEntries): number {
  return SIMPLE_INDEX_HEAD_BYTES + entryCount * INDEX_ENTRY_BYTES;
}
