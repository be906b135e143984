import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** Streams that together need less than the sum of their rates. */
export interface SharedBandwidth {
  /** One at a time, or any number: 16 wire bytes. */
  readonly type: Uint8Array;
  /** All of them together. */
  readonly bitsPerSecond: number;
  readonly bufferMs: number;
  readonly streamNumbers: readonly number[];
}

/** Bandwidth Sharing Object ([ASF] 4.5): type · rate u32 · buffer u32 · count u16 · stream numbers u16. */
export const bandwidthSharing: ObjectSpec<SharedBandwidth> = {
  guid: GUID.bandwidthSharing,
  encode(w, { type, bitsPerSecond, bufferMs, streamNumbers }) {
    w.bytes(type);
    w.u32(bitsPerSecond);
    w.u32(bufferMs);
    w.u16(streamNumbers.length);
    for (const number of streamNumbers) w.u16(number);
  },
};
