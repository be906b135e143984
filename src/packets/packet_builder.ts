/**
 * Builds a data packet of a given size: what fields and payloads leave over becomes padding ([ASF] 5.2).
 *
 * @module
 */

import { fieldBytes, writeField } from "./fields.ts";
import {
  type Packet,
  PADDING_TYPE_MASK,
  PADDING_TYPE_SHIFT,
  PAYLOAD_COUNT_MASK,
  SEVERAL_PAYLOADS,
  TIMES_BYTES,
} from "./packet_reader.ts";

/**
 * Writes a packet of so many bytes at `at` of `target`. False: its parts do not fit.
 *
 * @param head What comes before the padding length, of which it has the least type. @param flagsAt Where in
 * it the length type flags are. @param rest What comes behind the padding length. @param padding Bytes at its end.
 */
export function writePacket(
  target: Uint8Array,
  at: number,
  packetBytes: number,
  head: Uint8Array,
  flagsAt: number,
  rest: readonly Uint8Array[],
  padding = 0,
): boolean {
  const left = rest.reduce((sum, { byteLength }) => sum - byteLength, packetBytes - head.byteLength);
  let flags = head[flagsAt]!;
  let width = fieldBytes(flags, PADDING_TYPE_SHIFT);
  for (; padding + left - width >= 256 ** width; width = fieldBytes(flags, PADDING_TYPE_SHIFT)) {
    if (width === 4) return false;
    flags += 1 << PADDING_TYPE_SHIFT;
  }
  if (left < width) return false;
  target.set(head, at);
  target[at + flagsAt] = flags;
  let to = at + head.byteLength;
  writeField(target, to, width, padding + left - width);
  to += width;
  for (const one of rest) {
    target.set(one, to);
    to += one.byteLength;
  }
  target.fill(0, to, at + packetBytes);
  return true;
}

/**
 * A packet of the same size and with the same prefix, with other payloads: at least one, and one alone where the packet has
 * no payload flags. Packet length and sequence, which nobody needs, are left out. `undefined`: the payloads do not fit.
 */
export function replacePayloads(
  packet: Uint8Array,
  { flagsAt, sendTimeAt, isSeveral, payloadsAt }: Packet,
  payloads: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> | undefined {
  const head = packet.slice(0, flagsAt + 2);
  head[flagsAt] = head[flagsAt]! & (PADDING_TYPE_MASK | SEVERAL_PAYLOADS);
  const times = packet.slice(sendTimeAt, payloadsAt);
  if (isSeveral) times[TIMES_BYTES] = times[TIMES_BYTES]! & ~PAYLOAD_COUNT_MASK | payloads.length;
  const built = new Uint8Array(packet.byteLength);
  return writePacket(built, 0, built.byteLength, head, flagsAt, [times, ...payloads]) ? built : undefined;
}
