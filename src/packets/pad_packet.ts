import { writePacket } from "./packet_builder.ts";
import { readPrefix } from "./packet_reader.ts";

/**
 * Writes a packet at its full size into `target`, from `at` on. Packets come without their padding, and have to leave with
 * it: players refill them with zeros, and some of them then take the padding for data. Its fields stay as they are, but for
 * the padding length. False: it cannot be a packet of that size.
 */
export function padPacket(packet: Uint8Array, packetBytes: number, target: Uint8Array, at: number): boolean {
  if (packet.byteLength === packetBytes) {
    target.set(packet, at);
    return true;
  }
  const prefix = readPrefix(packet);
  if (packet.byteLength > packetBytes || prefix === undefined) return false;
  const { flagsAt, paddingAt, paddingBytes, sendTimeAt } = prefix;
  const head = packet.subarray(0, paddingAt);
  return writePacket(target, at, packetBytes, head, flagsAt, [packet.subarray(sendTimeAt)], paddingBytes);
}
