import { replacePayloads } from "./packet_builder.ts";
import { type Payload, readPacket } from "./packet_reader.ts";

/** Whether a payload stays. @param ordinal Its position among those of the packet. */
export type KeepPayload = (payload: Payload, ordinal: number) => boolean;

/**
 * A packet without the payloads that are not to be kept, at the same size: the packet itself if all of them stay or it
 * cannot be taken apart, and `undefined` if nothing of it is left.
 *
 * @param isRebuilt Whether the packet is put together anew even if all payloads stay.
 */
export function filterPayloads<T extends Uint8Array>(
  packet: T,
  isKept: KeepPayload,
  isRebuilt = false,
): T | Uint8Array<ArrayBuffer> | undefined {
  const read = readPacket(packet);
  if (read === undefined) return packet;
  const kept = read.payloads.filter(isKept);
  if (kept.length === 0) return undefined;
  if (kept.length === read.payloads.length && !isRebuilt) return packet;
  return replacePayloads(packet, read, kept.map(({ start, end }) => packet.subarray(start, end)));
}
