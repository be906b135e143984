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

import { PACKET_KIND } from "./framing.ts";

/** What stands in front of a payload. */
export const PLAYER_HEAD_BYTES = 12;

/** Where a packet's number stands that counts those that were sent. */
export const SEQUENCE_AT = 9;
/** It begins again behind so many. */
export const SEQUENCE_COUNT = 255;

const MARK = 0x24;
const WHOLE_HEADER = 0x0c;

/** The header in one packet, as every player wants it. */
export function playerHeader(header: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PLAYER_HEAD_BYTES + header.byteLength);
  writeHead(bytes, PACKET_KIND.header, 0, WHOLE_HEADER);
  bytes.set(header, PLAYER_HEAD_BYTES);
  return bytes;
}

/** Room for a data packet, its head in place. */
export function playerPacket(packetBytes: number, number: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PLAYER_HEAD_BYTES + packetBytes);
  writeHead(bytes, PACKET_KIND.data, number, number % SEQUENCE_COUNT);
  return bytes;
}

/** Another header follows. Unlike that of a push it does not carry it. */
export function changeFrame(): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(MARK, PACKET_KIND.change, 4, 0, 0, 0, 0, 0);
}

function writeHead(bytes: Uint8Array<ArrayBuffer>, kind: number, location: number, flags: number): void {
  const view = new DataView(bytes.buffer);
  const length = bytes.byteLength - 4;
  bytes[0] = MARK;
  bytes[1] = kind;
  view.setUint16(2, length, true);
  view.setUint32(4, location >>> 0, true);
  bytes[SEQUENCE_AT] = flags;
  view.setUint16(10, length, true);
}
