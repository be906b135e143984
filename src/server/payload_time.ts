/**
 * When a payload's object is shown. Streams that reorder store the decode time where others have that, and their own time
 * in a payload extension: 8 bytes, then the time in 100 ns, preroll included.
 *
 * @module
 */

import { GUID } from "../inspect/guid.ts";
import type { AsfPayload, AsfStream, PayloadExtension } from "../inspect/mod.ts";

const TICKS_AT = 8;
const LEAST_BYTES = 16;
const TICKS_PER_MS = 10_000;
/** Instead of the size of an extension: it stands in front of each. */
const VARIABLE = 0xffff;
/** The time that says "none". */
const NONE = 0xffff_ffff_ffff_ffffn;

/** Knows where the streams of a header keep their times. */
export class PayloadTimes {
  readonly #extensions: ReadonlyMap<number, readonly PayloadExtension[]>;

  constructor(streams: readonly AsfStream[]) {
    const pairs = streams.map(({ streamNumber, extended }) =>
      [streamNumber, extended?.payloadExtensions ?? []] as const
    );
    this.#extensions = new Map(pairs);
  }

  /** Milliseconds, with a fraction where there is one, preroll included. */
  timeOf({ streamNumber, presentationMs = 0, extensionData }: AsfPayload): number {
    const at = this.ticksAt(streamNumber, extensionData);
    if (at === undefined) return presentationMs;
    return Number(viewOf(extensionData).getBigUint64(at, true)) / TICKS_PER_MS;
  }

  /** Where in the payload extensions the time in 100 ns is; `undefined`: there is none. */
  ticksAt(streamNumber: number, extensionData: Uint8Array): number | undefined {
    const view = viewOf(extensionData);
    let at = 0;
    for (const { system, dataBytes } of this.#extensions.get(streamNumber) ?? []) {
      let length = dataBytes;
      if (length === VARIABLE) {
        if (at + 2 > view.byteLength) return undefined;
        length = view.getUint16(at, true);
        at += 2;
      }
      if (system === GUID.dvrMsTiming && length >= LEAST_BYTES && at + LEAST_BYTES <= view.byteLength) {
        return view.getBigUint64(at + TICKS_AT, true) === NONE ? undefined : at + TICKS_AT;
      }
      at += length;
    }
    return undefined;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
