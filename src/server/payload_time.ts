/**
 * When a payload's object is shown. Streams that reorder store the decode time where others have that, and their own time
 * in a payload extension: 8 bytes, then the time in 100 ns, preroll included.
 *
 * @module
 */

import type { AsfPayload, AsfStream } from "../inspect/mod.ts";

const TIMING = "FD3CC02A-06DB-4CFA-801C-7212D38745E4";
const TICKS_AT = 8;
const LEAST_BYTES = 16;
const TICKS_PER_MS = 10_000;
/** Instead of the size of an extension: it stands in front of each. */
const VARIABLE = 0xffff;
/** The time that says "none". */
const NONE = 0xffff_ffff_ffff_ffffn;

/** Tells times in milliseconds, with a fraction where there is one, preroll included. */
export function payloadClock(streams: readonly AsfStream[]): (payload: AsfPayload) => number {
  const extensionsOf = new Map(streams.map(({ streamNumber, extended }) => [
    streamNumber,
    extended?.payloadExtensions ?? [],
  ]));
  return ({ streamNumber, presentationMs = 0, extensionData }) => {
    const view = new DataView(extensionData.buffer, extensionData.byteOffset, extensionData.byteLength);
    let at = 0;
    for (const { system, dataBytes } of extensionsOf.get(streamNumber) ?? []) {
      let length = dataBytes;
      if (length === VARIABLE) {
        if (at + 2 > view.byteLength) break;
        length = view.getUint16(at, true);
        at += 2;
      }
      if (system === TIMING && length >= LEAST_BYTES && at + LEAST_BYTES <= view.byteLength) {
        const ticks = view.getBigUint64(at + TICKS_AT, true);
        return ticks === NONE ? presentationMs : Number(ticks) / TICKS_PER_MS;
      }
      at += length;
    }
    return presentationMs;
  };
}
