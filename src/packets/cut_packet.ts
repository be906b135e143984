import { replacePayloads } from "./packet_builder.ts";
import { type Payload, readPacket } from "./packet_reader.ts";

/** What is left of a packet. */
export interface CutPacket {
  /** Absent: nothing, the packet is all about an object that goes on. */
  readonly packet?: Uint8Array<ArrayBuffer>;
  /** Whether it ended with a whole object, so that nothing was taken out. */
  readonly isWhole: boolean;
  /** The object that the packet had last, as {@linkcode objectId} names it. */
  readonly lastObject: number;
  /** Send time and duration of the packet, ms. */
  readonly sendEndMs: number;
}

/** Tells an object from those around it. @param ordinal From 1, in its stream. */
export function objectId(streamNumber: number, ordinal: number): number {
  return streamNumber << 8 | ordinal & 0xff;
}

/**
 * A copy of a sound packet without its last payload, unless the object of that ends there: for a file that ends with this
 * packet.
 */
export function cutPacket(packet: Uint8Array<ArrayBuffer>): CutPacket {
  const read = readPacket(packet)!;
  const others = [...read.payloads];
  const last = others.pop()!;
  const isWhole = last.offset + last.end - last.dataAt >= last.objectBytes; // which of compressed payloads is not said
  return {
    packet: isWhole ? packet.slice() : others.length === 0 ? undefined : replacePayloads(
      packet,
      read,
      others.map(({ start, end }) => packet.subarray(start, end)),
    ),
    isWhole,
    lastObject: lastObjectOf(packet, last),
    sendEndMs: read.sendTimeMs + read.durationMs,
  };
}

/** The object of a payload; of several that share it the last. */
function lastObjectOf(packet: Uint8Array, { streamNumber, objectNumber, isCompressed, dataAt, end }: Payload): number {
  let ordinal = objectNumber;
  for (let at = dataAt; isCompressed && (at += 1 + packet[at]!) < end;) ordinal++;
  return objectId(streamNumber, ordinal);
}
