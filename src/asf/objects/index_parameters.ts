import { GUID } from "../guid.ts";
import type { ObjectSpec } from "../object_writer.ts";

/** What entries point at: the packet with the beginning of the last key frame, or of the last object of audio. */
export const NEAREST_CLEAN_POINT = 3;

/** Value of {@linkcode indexParameters}. */
export interface IndexParameters {
  readonly intervalMs: number;
  /** The indexed streams, in the order of the entries' columns. */
  readonly streamNumbers: readonly number[];
}

/** Index Parameters Object ([ASF] 4.9): what the Index Object at the end says again. */
export const indexParameters: ObjectSpec<IndexParameters> = {
  name: "Index Parameters",
  guid: GUID.indexParameters,
  bodyBytes: ({ streamNumbers }) => 6 + 4 * streamNumbers.length,
  encode(w, { intervalMs, streamNumbers }) {
    w.u32(intervalMs);
    w.u16(streamNumbers.length);
    for (const number of streamNumbers) {
      w.u16(number);
      w.u16(NEAREST_CLEAN_POINT);
    }
  },
};
