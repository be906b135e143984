/**
 * Leaves payloads out of a packet, at the same size: what they took becomes padding.
 *
 * @module
 */

import { findPayloads, type PacketLayout, type PayloadLayout } from "./packet_layout.ts";
import { restorePacket } from "./restore_packet.ts";

const COUNT_BITS = 0x3f;

/** Whether a payload stays. Its object begins here if its offset is 0. */
export type Wanted = (streamNumber: number, isKey: boolean, offset: number) => boolean;

/**
 * Writes a packet without what is not wanted into `target`, behind `at`. False: nothing of it is wanted. A packet that
 * cannot be taken apart stays as it is.
 */
export function thinPacket(packet: Uint8Array, wanted: Wanted, target: Uint8Array, at: number): boolean {
  const layout = findPayloads(packet);
  const kept = layout?.payloads.filter(({ streamNumber, isKey, offset }) => wanted(streamNumber, isKey, offset));
  if (kept?.length === 0) return false;
  if (layout === undefined || kept!.length === layout.payloads.length || !thin(packet, layout, kept!, target, at)) {
    target.set(packet, at);
  }
  return true;
}

function thin(
  packet: Uint8Array,
  { countAt, payloads }: PacketLayout,
  kept: PayloadLayout[],
  target: Uint8Array,
  at: number,
) {
  if (countAt === undefined) return false;
  const short = new Uint8Array(packet.byteLength);
  short.set(packet.subarray(0, countAt));
  short[countAt] = packet[countAt]! & ~COUNT_BITS | kept.length;
  let end = countAt + 1;
  for (const { start, end: behind } of [...kept, { start: payloads.at(-1)!.end, end: packet.byteLength }]) {
    short.set(packet.subarray(start, behind), end);
    end += behind - start;
  }
  return restorePacket(short.subarray(0, end), packet.byteLength, target, at);
}
