/**
 * Reads and shifts what stands inside packets, for a reader or a file that begins in the middle of a session.
 *
 * A packet as the core lays it out ([ASF] 5.2):
 *
 * ```text
 * 0  error correction 82 00 00
 * 3  length type flags u8: bit 0 several payloads, bits 3–4 width of the padding length (0, 1 or 2 bytes)
 * 4  property flags 5D
 * 5  padding length · send time u32 · duration u16 · several payloads: payload flags u8, bits 0–5 their number
 * payload:
 * 0  stream u8 · 1 object number u8 · 2 offset u32 · 6 replicated data length u8
 * 7  object size u32 · 11 presentation time u32 · 15 timing extension, if the file has it: 8 zero bytes, presentation time
 *    u64 in 100 ns, 8 zero bytes · other extensions
 *    several payloads: payload length u16 · data
 * compressed payload: replicated data length 1
 * 2  presentation time u32 · 7 distance u8 · payload length u16 · data
 * ```
 *
 * @module
 */

import { TICKS_PER_MS } from "./timing.ts";

const PADDING_LENGTH_AT = 5;
/** Send time and duration. */
const TIMES_BYTES = 6;
const OBJECT_OFFSET_AT = 2;
const COMPRESSED_TIME_AT = 2;
const REPLICATED_LENGTH_AT = 6;
const REPLICATED_DATA_AT = 7;
const TIME_IN_REPLICATED = 4;
const TICKS_IN_REPLICATED = 16;

/** How far to shift. */
export interface Shift {
  /** Subtracted from every time, ms. */
  readonly baseMs: number;
  /** No stored presentation time becomes smaller than this. */
  readonly prerollMs: number;
  /** Whether payloads carry the timing extension. */
  readonly isTimed: boolean;
}

/** Send time of the packet that begins there, ms. */
export function sendTimeOf(bytes: Uint8Array<ArrayBuffer>, start: number): number {
  const at = start + PADDING_LENGTH_AT + (bytes[start + 3]! >> 3 & 3);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}

/** Whether the packet that begins there goes on with an object. */
export function continuesObject(bytes: Uint8Array<ArrayBuffer>, start: number): boolean {
  const flags = bytes[start + 3]!;
  const payloadAt = start + PADDING_LENGTH_AT + (flags >> 3 & 3) + TIMES_BYTES + (flags & 1);
  if (bytes[payloadAt + REPLICATED_LENGTH_AT] === 1) return false; // compressed: whole objects, and a time instead
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(payloadAt + OBJECT_OFFSET_AT, true) !== 0;
}

/** Shifts whole packets, in place. */
export function rebasePackets(bytes: Uint8Array<ArrayBuffer>, packetBytes: number, shift: Shift): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + packetBytes <= bytes.byteLength; at += packetBytes) rebasePacket(view, at, shift);
}

function rebasePacket(view: DataView, start: number, shift: Shift): void {
  const flags = view.getUint8(start + 3);
  const sendTimeAt = start + PADDING_LENGTH_AT + (flags >> 3 & 3);
  view.setUint32(sendTimeAt, Math.max(0, view.getUint32(sendTimeAt, true) - shift.baseMs), true);
  let at = sendTimeAt + TIMES_BYTES;
  if ((flags & 1) === 0) {
    rebasePayload(view, at, shift);
    return;
  }
  for (let payloads = view.getUint8(at++) & 0x3f; payloads > 0; payloads--) {
    at = rebasePayload(view, at, shift);
    at += 2 + view.getUint16(at, true);
  }
}

/** Answers where the replicated data ends. */
function rebasePayload(view: DataView, start: number, { baseMs, prerollMs, isTimed }: Shift): number {
  const replicatedBytes = view.getUint8(start + REPLICATED_LENGTH_AT);
  const replicatedAt = start + REPLICATED_DATA_AT;
  const timeAt = replicatedBytes === 1 ? start + COMPRESSED_TIME_AT : replicatedAt + TIME_IN_REPLICATED;
  view.setUint32(timeAt, Math.max(prerollMs, view.getUint32(timeAt, true) - baseMs), true);
  if (isTimed) {
    const ticksAt = replicatedAt + TICKS_IN_REPLICATED;
    const ticks = Number(view.getBigUint64(ticksAt, true)) - baseMs * TICKS_PER_MS;
    view.setBigUint64(ticksAt, BigInt(Math.max(prerollMs * TICKS_PER_MS, ticks)), true);
  }
  return replicatedAt + replicatedBytes;
}
