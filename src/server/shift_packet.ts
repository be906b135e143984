/**
 * Moves the times in a packet: for a file that begins in the middle of a programme.
 *
 * ```text
 * replicated data: object size u32 · presentation time u32 · payload extensions
 * ```
 *
 * [ASF] 5.2.2, 5.2.3.
 *
 * @module
 */

import { findPayloads } from "./packet_layout.ts";
import type { PayloadTimes } from "./payload_time.ts";

const TIME_AT = 4;
const EXTENSIONS_AT = 8;
const TICKS_PER_MS = 10_000;
/** Of a compressed payload the offset is the time. */
const COMPRESSED_BYTES = 1;
const TIME_AND_LENGTH_BYTES = 5;

/** How far to move. */
export interface Shift {
  /** Taken off every time. */
  readonly byMs: number;
  /** No presentation time becomes smaller. */
  readonly prerollMs: number;
}

/** A copy whose times are earlier. A packet that cannot be taken apart stays as it is. */
export function shiftPacket(
  packet: Uint8Array,
  { byMs, prerollMs }: Shift,
  times: PayloadTimes,
): Uint8Array<ArrayBuffer> {
  const bytes = packet.slice();
  const layout = findPayloads(packet);
  if (layout === undefined) return bytes;
  const view = new DataView(bytes.buffer);
  const shift = (at: number, leastMs: number) =>
    view.setUint32(at, Math.max(leastMs, view.getUint32(at, true) - byMs), true);
  shift(layout.sendTimeAt, 0);
  for (const { streamNumber, offsetAt, replicatedAt, replicatedBytes } of layout.payloads) {
    if (replicatedBytes === COMPRESSED_BYTES && replicatedAt - offsetAt >= TIME_AND_LENGTH_BYTES) {
      shift(offsetAt, prerollMs);
    }
    if (replicatedBytes < EXTENSIONS_AT) continue;
    shift(replicatedAt + TIME_AT, prerollMs);
    const extensionsAt = replicatedAt + EXTENSIONS_AT;
    const ticksAt = times.ticksAt(streamNumber, bytes.subarray(extensionsAt, replicatedAt + replicatedBytes));
    if (ticksAt === undefined) continue;
    const ticks = Number(view.getBigUint64(extensionsAt + ticksAt, true)) - byMs * TICKS_PER_MS;
    view.setBigUint64(extensionsAt + ticksAt, BigInt(Math.max(prerollMs * TICKS_PER_MS, ticks)), true);
  }
  return bytes;
}
