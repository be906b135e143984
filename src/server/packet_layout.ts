/**
 * Where things are in a packet.
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

const WIDTHS = [0, 1, 2, 4] as const;
const TIMES_BYTES = 6;
const COUNT_BITS = 0x3f;

/** Where a payload is, and what it says of itself. */
export interface PayloadLayout {
  readonly start: number;
  readonly end: number;
  readonly streamNumber: number;
  readonly isKey: boolean;
  /** Position of this fragment in its object. */
  readonly offset: number;
  /** Where that stands; of compressed payloads a time. */
  readonly offsetAt: number;
  /** Where the replicated data begins. */
  readonly replicatedAt: number;
  /** Its size. */
  readonly replicatedBytes: number;
}

/** Where things are in a packet. */
export interface PacketLayout {
  /** The send time. */
  readonly sendTimeAt: number;
  /** Where the payload flags are; `undefined`: there is one payload. */
  readonly countAt: number | undefined;
  readonly payloads: readonly PayloadLayout[];
}

/** Looks at a packet; `undefined` where it cannot be taken apart. */
export function findPayloads(packet: Uint8Array): PacketLayout | undefined {
  const flagsAt = packet[0]! & 0x80 ? 1 + (packet[0]! & 0x0f) : 0;
  const flags = packet[flagsAt] ?? 0;
  const properties = packet[flagsAt + 1] ?? 0;
  // A packet that states its own length is one that nobody has made for many years.
  if ((flags & 0x60) !== 0 || properties >> 6 !== 1) return undefined;
  const sendTimeAt = flagsAt + 2 + widthOf(flags, 1) + widthOf(flags, 3);
  let at = sendTimeAt + TIMES_BYTES;
  if ((flags & 1) === 0) {
    const payload = readPayload(packet, at, properties, 0);
    return payload && { sendTimeAt, countAt: undefined, payloads: [payload] };
  }
  const countAt = at++;
  const lengthWidth = widthOf(packet[countAt] ?? 0, 6);
  const payloads: PayloadLayout[] = [];
  for (let left = (packet[countAt] ?? 0) & COUNT_BITS; left > 0; left--) {
    const payload = readPayload(packet, at, properties, lengthWidth);
    if (payload === undefined || payload.end > packet.byteLength) return undefined;
    payloads.push(payload);
    at = payload.end;
  }
  return payloads.length === 0 ? undefined : { sendTimeAt, countAt, payloads };
}

function readPayload(
  packet: Uint8Array,
  start: number,
  properties: number,
  lengthWidth: number,
): PayloadLayout | undefined {
  const stream = packet[start] ?? 0;
  const offsetAt = start + 1 + widthOf(properties, 4);
  const replicatedWidth = widthOf(properties, 0);
  const replicatedAt = offsetAt + widthOf(properties, 2) + replicatedWidth;
  const replicatedBytes = numberAt(packet, replicatedAt - replicatedWidth, replicatedWidth);
  const lengthAt = replicatedAt + replicatedBytes;
  const end = lengthAt + lengthWidth + numberAt(packet, lengthAt, lengthWidth);
  if (end > packet.byteLength) return undefined;
  // With one byte of replicated data the offset is a time, and the payload holds whole objects.
  const offset = replicatedBytes === 1 ? 0 : numberAt(packet, offsetAt, widthOf(properties, 2));
  const [streamNumber, isKey] = [stream & 0x7f, (stream & 0x80) !== 0];
  return { start, end, streamNumber, isKey, offset, offsetAt, replicatedAt, replicatedBytes };
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
