/**
 * Reads a data packet where it lies ([ASF] 5.2).
 *
 * ```text
 * [error correction]   flags u8, bit 7 set, bits 0–3 the size of what follows them
 * length type flags u8   bit 0 several payloads; bits 1–2, 3–4, 5–6 types of sequence, padding length, packet length
 * property flags u8      bits 0–1, 2–3, 4–5 types of replicated data length, offset, object number
 * packet length · sequence · padding length · send time u32, ms · duration u16, ms
 * [several payloads: flags u8, bits 0–5 their number, bits 6–7 type of their lengths]
 * payload              stream u8, bit 7 a key frame · object number · offset · replicated data length
 *                      replicated data: object size u32 · presentation time u32, ms · extensions
 *                      [length] · data
 * compressed payload   replicated data of 1 byte; the offset is a time, the data are whole objects behind their sizes
 * ```
 *
 * @module
 */

import { fieldBytes, readField } from "./fields.ts";

/** Length type flags: there are several payloads. */
export const SEVERAL_PAYLOADS = 1;
/** Payload flags: how many payloads there are. */
export const PAYLOAD_COUNT_MASK = 0x3f;
/** Where the length type flags have the type of the padding length. */
export const PADDING_TYPE_SHIFT = 3;
/** Its bits there. */
export const PADDING_TYPE_MASK = 0x18;
/** Send time and duration. */
export const TIMES_BYTES = 6;
/** Replicated data without extensions: object size and presentation time. */
export const REPLICATED_BYTES = 8;
/** Where in replicated data the presentation time is. */
export const REPLICATED_TIME_AT = 4;

/** A packet that holds a payload is no smaller. */
export const MIN_PACKET_BYTES = 16;

const COMPRESSED_BYTES = 1;

/** A packet. Places are from its first byte. */
export interface Packet {
  /** First byte of the length type flags. */
  readonly flagsAt: number;
  /** First byte of the padding length, whether it is there or not. */
  readonly paddingAt: number;
  /** As stored; 0 without a field. */
  readonly paddingBytes: number;
  /** First byte of send time and duration. */
  readonly sendTimeAt: number;
  /** Milliseconds, preroll not included. */
  readonly sendTimeMs: number;
  readonly durationMs: number;
  readonly isSeveral: boolean;
  /** First byte of the payloads; before it are the payload flags, if there are several. */
  readonly payloadsAt: number;
  /** Where the payload ends, if there is but one. */
  readonly payloadsEnd: number;
  /** By `readPacket` at least one. */
  readonly payloads: Payload[];
}

/** A payload. Places are from the first byte of its packet. */
export interface Payload {
  /** 0–127. */
  readonly streamNumber: number;
  readonly isKey: boolean;
  /** As stored: a counter, modulo 256 as a rule. */
  readonly objectNumber: number;
  /** Position of the data in their object; 0 in a compressed payload. */
  readonly offset: number;
  /** Whether it holds whole small objects. */
  readonly isCompressed: boolean;
  /** Size of the object; -1: not said. */
  readonly objectBytes: number;
  readonly start: number;
  /** First byte of the offset; of a compressed payload a time. */
  readonly offsetAt: number;
  readonly offsetBytes: number;
  /** First byte of the replicated data. */
  readonly replicatedAt: number;
  /** First byte of the payload length, if there are several payloads, and of the data. */
  readonly lengthAt: number;
  readonly dataAt: number;
  /** Exclusive. */
  readonly end: number;
}

/** Reads what comes before the payloads, and leaves these out; `undefined`: it cannot be a packet. */
export function readPrefix(packet: Uint8Array): Packet | undefined {
  const { byteLength } = packet;
  const flagsAt = packet[0]! < 0x80 ? 0 : 1 + (packet[0]! & 0x0f);
  const flags = packet[flagsAt]!;
  const lengthBytes = fieldBytes(flags, 5);
  const length = lengthBytes === 0 ? byteLength : readField(packet, flagsAt + 2, lengthBytes);
  const paddingAt = flagsAt + 2 + lengthBytes + fieldBytes(flags, 1);
  const sendTimeAt = paddingAt + fieldBytes(flags, PADDING_TYPE_SHIFT);
  const paddingBytes = readField(packet, paddingAt, sendTimeAt - paddingAt);
  const isSeveral = (flags & SEVERAL_PAYLOADS) !== 0;
  const payloadsAt = sendTimeAt + TIMES_BYTES + (isSeveral ? 1 : 0);
  if (!(payloadsAt <= byteLength)) return undefined;
  return {
    flagsAt,
    paddingAt,
    paddingBytes,
    sendTimeAt,
    sendTimeMs: readField(packet, sendTimeAt, 4),
    durationMs: readField(packet, sendTimeAt + 4, 2),
    isSeveral,
    payloadsAt,
    // One writer's packet length leaves the padding out.
    payloadsEnd: Math.min(length, byteLength) - (length + paddingBytes === byteLength ? 0 : paddingBytes),
    payloads: [],
  };
}

/** Reads a packet; `undefined`: it cannot be taken apart. */
export function readPacket(packet: Uint8Array): Packet | undefined {
  const prefix = readPrefix(packet);
  if (prefix === undefined) return undefined;
  const { flagsAt, isSeveral, payloadsAt, payloadsEnd } = prefix;
  const properties = packet[flagsAt + 1]!;
  const replicatedFieldBytes = fieldBytes(properties, 0);
  const offsetBytes = fieldBytes(properties, 2);
  const numberFieldBytes = fieldBytes(properties, 4);
  const flags = isSeveral ? packet[payloadsAt - 1]! : 1;
  const lengthFieldBytes = isSeveral ? fieldBytes(flags, 6) : 0;
  if (isSeveral && lengthFieldBytes === 0) return undefined;
  const { payloads } = prefix;
  let start = payloadsAt;
  for (let left = flags & PAYLOAD_COUNT_MASK; left > 0; left--) {
    const offsetAt = start + 1 + numberFieldBytes;
    const replicatedAt = offsetAt + offsetBytes + replicatedFieldBytes;
    const replicatedBytes = readField(packet, replicatedAt - replicatedFieldBytes, replicatedFieldBytes);
    const lengthAt = replicatedAt + replicatedBytes;
    const dataAt = lengthAt + lengthFieldBytes;
    const end = lengthFieldBytes === 0 ? payloadsEnd : dataAt + readField(packet, lengthAt, lengthFieldBytes);
    if (!(dataAt <= end && end <= packet.byteLength)) return undefined; // or what was read is not there
    const isCompressed = replicatedBytes === COMPRESSED_BYTES;
    payloads.push({
      streamNumber: packet[start]! & 0x7f,
      isKey: packet[start]! > 0x7f,
      objectNumber: readField(packet, start + 1, numberFieldBytes),
      offset: isCompressed ? 0 : readField(packet, offsetAt, offsetBytes),
      isCompressed,
      objectBytes: replicatedBytes < REPLICATED_BYTES ? -1 : readField(packet, replicatedAt, 4),
      start,
      offsetAt,
      offsetBytes,
      replicatedAt,
      lengthAt,
      dataAt,
      end,
    });
    start = end;
  }
  return payloads.length === 0 ? undefined : prefix;
}

/** Whether sound packets begin in the middle of an object. Each chunk is asked: no payload is made. */
export function continuesObject(packets: Uint8Array): boolean {
  const { flagsAt, payloadsAt } = readPrefix(packets)!;
  const properties = packets[flagsAt + 1]!;
  const offsetAt = payloadsAt + 1 + fieldBytes(properties, 4);
  const offsetBytes = fieldBytes(properties, 2);
  const replicatedBytes = readField(packets, offsetAt + offsetBytes, fieldBytes(properties, 0));
  return replicatedBytes !== COMPRESSED_BYTES && readField(packets, offsetAt, offsetBytes) > 0;
}
