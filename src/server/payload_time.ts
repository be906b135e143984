/**
 * When a payload's object is shown. Streams that reorder store the decode time where others have that, and their own time
 * in a payload extension: 8 bytes, then the time in 100 ns, preroll included.
 *
 * @module
 */

import { GUID } from "../inspect/asf/guid.ts";
import type { AsfPayload, AsfStream, PayloadExtension } from "../inspect/mod.ts";

const TICKS_AT = 8;
const LEAST_BYTES = 16;
const TICKS_PER_MS = 10_000;
/** Instead of the size of an extension: it stands in front of each. */
const VARIABLE = 0xffff;
/** The time that says "none". */
const NONE = 0xffff_ffff_ffff_ffffn;

/** A step through the payload extensions: over one that may hold the time, or over those in front of it. */
interface Step {
  /** `undefined`: a WORD in front says it. */
  readonly byteCount: number | undefined;
  readonly mayBeTime: boolean;
}

/** Knows where the streams of a header keep their times. */
export class PayloadTimes {
  readonly #steps: ReadonlyMap<number, readonly Step[]>;

  constructor(streams: readonly AsfStream[]) {
    const pairs = streams.map(({ streamNumber, extended }) =>
      [streamNumber, stepsThrough(extended?.payloadExtensions ?? [])] as const
    );
    this.#steps = new Map(pairs);
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
    for (const { byteCount, mayBeTime } of this.#steps.get(streamNumber) ?? []) {
      let length = byteCount;
      if (length === undefined) {
        if (at + 2 > view.byteLength) return undefined;
        length = view.getUint16(at, true);
        at += 2;
      }
      if (mayBeTime && length >= LEAST_BYTES && at + LEAST_BYTES <= view.byteLength) {
        return view.getBigUint64(at + TICKS_AT, true) === NONE ? undefined : at + TICKS_AT;
      }
      at += length;
      if (at > view.byteLength) return undefined;
    }
    return undefined;
  }
}

/**
 * The way to the time, in as few steps as there can be: a header may hold thousands of empty extensions, and a packet as
 * many payloads that have to be looked at.
 */
function stepsThrough(extensions: readonly PayloadExtension[]): Step[] {
  const steps: Step[] = [];
  let skippedBytes = 0;
  for (const { system, dataBytes } of extensions) {
    const mayBeTime = system === GUID.dvrMsTiming && dataBytes >= LEAST_BYTES;
    if (!mayBeTime && dataBytes !== VARIABLE) {
      skippedBytes += dataBytes;
      continue;
    }
    if (skippedBytes > 0) steps.push({ byteCount: skippedBytes, mayBeTime: false });
    skippedBytes = 0;
    steps.push({ byteCount: dataBytes === VARIABLE ? undefined : dataBytes, mayBeTime });
  }
  return steps;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
