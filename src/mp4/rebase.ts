/**
 * Shifts the decode times in fragments, for a file that begins in the middle of a session. Presentation times count from
 * them.
 *
 * @module
 */

import { BOX_HEAD_BYTES } from "./box.ts";

const MOOF = 0x6D6F6F66;
const TRAF = 0x74726166;
const TFHD = 0x74666864;
const TFDT = 0x74666474;

/** Shifts whole fragments, in place. `baseOf` answers for a track how many ticks earlier its times become. */
export function rebaseFragments(bytes: Uint8Array<ArrayBuffer>, baseOf: (trackId: number) => number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  walk(view, 0, bytes.byteLength, baseOf, 0);
}

function walk(
  view: DataView,
  start: number,
  end: number,
  baseOf: (trackId: number) => number,
  trackId: number,
): void {
  for (let at = start; at + BOX_HEAD_BYTES <= end;) {
    const size = view.getUint32(at);
    const type = view.getUint32(at + 4);
    const body = at + BOX_HEAD_BYTES;
    if (type === MOOF || type === TRAF) {
      walk(view, body, at + size, baseOf, 0);
    } else if (type === TFHD) {
      trackId = view.getUint32(body + 4);
    } else if (type === TFDT) {
      const time = Number(view.getBigUint64(body + 4)) - baseOf(trackId);
      view.setBigUint64(body + 4, BigInt(Math.max(0, time)));
    }
    at += size;
  }
}
