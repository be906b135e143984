import { TICKS_PER_MS } from "../bytes/ticks.ts";
import { readPacket, REPLICATED_BYTES, REPLICATED_TIME_AT } from "./packet_reader.ts";
import type { FindTicks } from "./timing_extension.ts";

/** How far to shift. */
export interface TimeShift {
  /** Subtracted from every time, ms. */
  readonly baseMs: number;
  /** No stored presentation time becomes smaller than this. */
  readonly prerollMs: number;
  /** Finds the time of the timing extension; absent: no payload has it. */
  readonly findTicks?: FindTicks;
}

/**
 * Shifts all times of whole packets, in place, for a reader or a file that begins in the middle of a stream. A packet
 * that cannot be taken apart stays as it is.
 */
export function shiftTimes(bytes: Uint8Array, packetBytes: number, { baseMs, prerollMs, findTicks }: TimeShift): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shift = (at: number, leastMs: number) => {
    view.setUint32(at, Math.max(leastMs, view.getUint32(at, true) - baseMs), true);
  };
  for (let start = 0; start < bytes.byteLength; start += packetBytes) {
    const packet = bytes.subarray(start, start + packetBytes);
    const read = readPacket(packet);
    if (read === undefined) continue;
    shift(start + read.sendTimeAt, 0);
    for (
      const { streamNumber, isCompressed, offsetAt, offsetBytes, replicatedAt, objectBytes, lengthAt } of read.payloads
    ) {
      if (isCompressed && offsetBytes === 4) shift(start + offsetAt, prerollMs);
      if (objectBytes < 0) continue;
      shift(start + replicatedAt + REPLICATED_TIME_AT, prerollMs);
      const ticksAt = findTicks?.(streamNumber, packet, replicatedAt + REPLICATED_BYTES, lengthAt) ?? -1;
      if (ticksAt < 0) continue;
      const ticks = Number(view.getBigUint64(start + ticksAt, true)) - baseMs * TICKS_PER_MS;
      view.setBigUint64(start + ticksAt, BigInt(Math.max(prerollMs * TICKS_PER_MS, ticks)), true);
    }
  }
}
