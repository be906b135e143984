/**
 * How long the body of a push is said to be ([MS-WMHTTP] 3.1.5.3): as long as HTTP/1.1 of its time could count, but what
 * a proxy would like to see whole is about a minute.
 *
 * @module
 */

import { FRAME_HEAD_BYTES, MAX_FRAME_BYTES } from "../wire/framing.ts";

/** Where nobody stands between. */
export const DIRECT_BODY_BYTES = 2_147_483_647;

/** How much of a stream a proxy is given at once. */
const PROXIED_SECONDS = 60;
/** A body holds at least so many packets. */
const LEAST_PACKETS = 3;
/** File Properties Object, 8CABDCA1-A947-11CF-8EE4-00C00C205365 ([ASF] 3.2). */
const FILE_PROPERTIES = [
  0xa1,
  0xdc,
  0xab,
  0x8c,
  0x47,
  0xa9,
  0xcf,
  0x11,
  0x8e,
  0xe4,
  0x00,
  0xc0,
  0x0c,
  0x20,
  0x53,
  0x65,
];
const MAX_PACKET_BYTES_AT = 96;
const MAX_BIT_RATE_AT = 100;
const PROPERTIES_BYTES = 104;

/** The Content-Length of a body behind a proxy, for a stream with this header. */
export function proxiedBodyBytes(header: Uint8Array): number {
  const at = header.findIndex((_, at) => FILE_PROPERTIES.every((byte, i) => header[at + i] === byte));
  const isKnown = at >= 0 && at + PROPERTIES_BYTES <= header.byteLength;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const packetBytes = isKnown ? view.getUint32(at + MAX_PACKET_BYTES_AT, true) : MAX_FRAME_BYTES;
  const bitRate = isKnown ? view.getUint32(at + MAX_BIT_RATE_AT, true) : 0;
  const least = Math.max(
    LEAST_PACKETS * Math.min(packetBytes + FRAME_HEAD_BYTES, MAX_FRAME_BYTES),
    header.byteLength + 2 * FRAME_HEAD_BYTES, // the smallest filler goes behind it
  );
  return Math.min(Math.max(least, Math.ceil(bitRate / 8) * PROXIED_SECONDS), DIRECT_BODY_BYTES);
}
