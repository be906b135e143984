/**
 * The packets players get ([MS-WMSP] 2.2.3): like those of a push, with 8 bytes more in front of header and data.
 *
 * ```text
 * 0  "$" · kind · length u16 (of all that follows)
 * 4  location u32: number of the packet, or of the piece of the header
 * 8  incarnation u8, 0 · flags u8: 0x0C the whole header, or the packet's number modulo 255 · length u16 again
 * 12 payload
 * ```
 *
 * @module
 */

import { frame, FRAME_HEAD_BYTES, PACKET_KIND, writeFrameHead } from "./framing.ts";

/** What header and data have in front beside the head of every packet. */
export const MMS_HEAD_BYTES = 8;
/** What stands in front of their payload. */
export const PLAYER_HEAD_BYTES: number = FRAME_HEAD_BYTES + MMS_HEAD_BYTES;

/** Where a packet's number stands that counts those that were sent. */
export const SEQUENCE_AT = 9;
/** It begins again behind so many. */
export const SEQUENCE_COUNT = 255;

const WHOLE_HEADER = 0x0c;

/** The header in one packet, as every player wants it. */
export function playerHeader(header: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PLAYER_HEAD_BYTES + header.byteLength);
  writePlayerHead(bytes, PACKET_KIND.header, 0, WHOLE_HEADER);
  bytes.set(header, PLAYER_HEAD_BYTES);
  return bytes;
}

/** Room for a data packet, its head in place. */
export function playerPacket(packetBytes: number, number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PLAYER_HEAD_BYTES + packetBytes);
  writePlayerHead(bytes, PACKET_KIND.data, number, number % SEQUENCE_COUNT);
  return bytes;
}

/** Another header follows. Unlike that of a push it does not carry it. */
export function changeFrame(): Uint8Array<ArrayBuffer> {
  return frame(PACKET_KIND.change, new Uint8Array(4));
}

function writePlayerHead(bytes: Uint8Array<ArrayBuffer>, kind: number, location: number, flags: number): void {
  const view = new DataView(bytes.buffer);
  const length = bytes.byteLength - FRAME_HEAD_BYTES;
  writeFrameHead(bytes, 0, kind, length);
  view.setUint32(4, location >>> 0, true);
  bytes[SEQUENCE_AT] = flags;
  view.setUint16(10, length, true);
}
