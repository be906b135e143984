import { TICKS_PER_MS } from "../../bytes/ticks.ts";
import { INDEX_ENTRY_BYTES } from "../../core/abi.ts";
import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** What comes before the first entry. */
export const SIMPLE_INDEX_HEAD_BYTES = 56;

/** Value of {@linkcode simpleIndex}. */
export interface SimpleIndexHead {
  /** As in File Properties. */
  readonly fileId: Uint8Array;
  readonly intervalMs: number;
  /** Largest packet count of an entry. */
  readonly maxPacketCount: number;
  readonly entryCount: number;
}

/**
 * Simple Index Object ([ASF] 6.1) up to its first entry. It names no stream: the n-th belongs to the n-th video stream in
 * ascending order of stream numbers.
 */
export const simpleIndex: ObjectSpec<SimpleIndexHead> = {
  guid: GUID.simpleIndex,
  trailingBytes: (value) => value.entryCount * INDEX_ENTRY_BYTES,
  encode(w, value) {
    w.bytes(value.fileId);
    w.u64(value.intervalMs * TICKS_PER_MS);
    w.u32(value.maxPacketCount);
    w.u32(value.entryCount);
  },
};
