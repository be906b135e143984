import * as GUID from "../guids.ts";
import { type ObjectSpec, textBytes, writeText } from "../object.ts";

/** One marker. */
export interface MarkerEntry {
  /** Of the packet to seek to, from the beginning of the Data Object. */
  readonly offset: number;
  /** 100 ns, preroll included. */
  readonly presentationTicks: number;
  /** Of that packet. */
  readonly sendTimeMs: number;
  readonly description: string;
}

/**
 * Marker Object ([ASF] 3.7): places to jump to, in ascending order of time.
 *
 * ```text
 * Reserved_4 · count u32 · 0 u16 · name length u16
 * marker: offset u64 · time u64 · entry length u16 · send time u32 · flags u32 · characters u32 · description
 * ```
 */
export const marker: ObjectSpec<readonly MarkerEntry[]> = {
  guid: GUID.marker,
  encode(w, markers) {
    w.bytes(GUID.reserved4);
    w.u32(markers.length);
    w.u16(0); // Reserved
    w.u16(0); // Name Length
    for (const { offset, presentationTicks, sendTimeMs, description } of markers) {
      w.u64(offset);
      w.u64(presentationTicks);
      w.u16(12 + textBytes(description)); // what follows
      w.u32(sendTimeMs);
      w.u32(0); // Flags
      w.u32(textBytes(description) / 2); // characters, not bytes
      writeText(w, description);
    }
  },
};
