/**
 * The index behind the fragments ([ISO 14496-12] 8.8.9).
 *
 * ```text
 * mfra ─┬─ tfra        times, and where the fragments are
 *       └─ mfro        size of all of it: readers look for it from the end
 * ```
 *
 * @module
 */

import { BoxWriter } from "./box_writer.ts";
import { box, fullBox } from "./box.ts";

/** One place to begin. */
export interface RandomAccessEntry {
  /** In ticks of the track. */
  readonly time: number;
  /** Where `moof` begins in the file. */
  readonly moofOffset: number;
  readonly trafNumber: number;
}

/** The index of one track. */
export function encodeRandomAccess(trackId: number, entries: readonly RandomAccessEntry[]): Uint8Array<ArrayBuffer> {
  const w = new BoxWriter();
  box(w, "mfra", () => {
    fullBox(w, "tfra", 1, 0, () => {
      w.u32(trackId);
      w.u32(0); // numbers of fragment, run and sample have one byte each
      w.u32(entries.length);
      for (const { time, moofOffset, trafNumber } of entries) {
        w.u64(time);
        w.u64(moofOffset);
        w.u8(trafNumber);
        w.u8(1);
        w.u8(1);
      }
    });
    fullBox(w, "mfro", 0, 0, () => w.u32(w.offset + 4));
  });
  return w.toUint8Array();
}
