/**
 * Leaves payloads out of a packet, at the same size: what they took becomes padding.
 *
 * ```text
 * [error correction] · length type flags u8 · property flags u8 · packet length · sequence · padding length
 * send time u32 · duration u16 · [bit 0 of the length type flags: several payloads]
 * payload flags u8: number of payloads in bits 0–5, width of their lengths in bits 6–7
 * each: stream u8, bit 7 a key frame · object number · offset · length of replicated data · that data · length · data
 * ```
 *
 * Widths of 0, 1, 2 or 4 bytes are in the property flags: replicated data in bits 0–1, offset 2–3, object number 4–5.
 *
 * [ASF] 5.2.2, 5.2.3.
 *
 * @module
 */

import { restorePacket } from "./restore_packet.ts";

const WIDTHS = [0, 1, 2, 4] as const;
const TIMES_BYTES = 6;
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

interface Payload {
  readonly start: number;
  readonly end: number;
  readonly streamNumber: number;
  readonly isKey: boolean;
  readonly offset: number;
}

interface Layout {
  /** Where the payload flags are; `undefined`: there is one payload. */
  readonly countAt: number | undefined;
  readonly payloads: readonly Payload[];
}

function findPayloads(packet: Uint8Array): Layout | undefined {
  const flagsAt = packet[0]! & 0x80 ? 1 + (packet[0]! & 0x0f) : 0;
  const flags = packet[flagsAt] ?? 0;
  const properties = packet[flagsAt + 1] ?? 0;
  // A packet that states its own length is one that nobody has made for many years.
  if ((flags & 0x60) !== 0 || properties >> 6 !== 1) return undefined;
  let at = flagsAt + 2 + widthOf(flags, 1) + widthOf(flags, 3) + TIMES_BYTES;
  if ((flags & 1) === 0) {
    const payload = readPayload(packet, at, properties, 0);
    return payload && { countAt: undefined, payloads: [payload] };
  }
  const countAt = at++;
  const lengthWidth = widthOf(packet[countAt] ?? 0, 6);
  const payloads: Payload[] = [];
  for (let left = (packet[countAt] ?? 0) & COUNT_BITS; left > 0; left--) {
    const payload = readPayload(packet, at, properties, lengthWidth);
    if (payload === undefined || payload.end > packet.byteLength) return undefined;
    payloads.push(payload);
    at = payload.end;
  }
  return payloads.length === 0 ? undefined : { countAt, payloads };
}

function readPayload(packet: Uint8Array, start: number, properties: number, lengthWidth: number): Payload | undefined {
  const stream = packet[start] ?? 0;
  const offsetAt = start + 1 + widthOf(properties, 4);
  const replicatedAt = offsetAt + widthOf(properties, 2);
  const replicatedWidth = widthOf(properties, 0);
  const replicatedBytes = numberAt(packet, replicatedAt, replicatedWidth);
  const lengthAt = replicatedAt + replicatedWidth + replicatedBytes;
  const end = lengthAt + lengthWidth + numberAt(packet, lengthAt, lengthWidth);
  if (end > packet.byteLength) return undefined;
  // With one byte of replicated data the offset is a time, and the payload holds whole objects.
  const offset = replicatedBytes === 1 ? 0 : numberAt(packet, offsetAt, widthOf(properties, 2));
  return { start, end, streamNumber: stream & 0x7f, isKey: (stream & 0x80) !== 0, offset };
}

function thin(packet: Uint8Array, { countAt, payloads }: Layout, kept: Payload[], target: Uint8Array, at: number) {
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

function widthOf(flags: number, shift: number): 0 | 1 | 2 | 4 {
  return WIDTHS[(flags >> shift & 3) as 0 | 1 | 2 | 3];
}

/** Little-endian; 0 without a width. */
function numberAt(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] ?? 0);
  return value;
}
