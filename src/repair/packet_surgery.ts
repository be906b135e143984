/**
 * Takes payloads out of a packet that can be taken apart, sets its send time, and spreads it over several ([ASF] 5.2).
 *
 * @module
 */

const WIDTHS = [0, 1, 2, 4] as const;
const PADDING_TYPE_SHIFT = 3;
const MAX_WORD_PADDING = 65_535;
/** Size and time of the object. */
const LEAST_REPLICATED_BYTES = 8;

interface Payload {
  readonly start: number;
  readonly end: number;
  readonly streamNumber: number;
  /** Where its offset into the object is. */
  readonly offsetAt: number;
  readonly replicatedAt: number;
  readonly replicatedBytes: number;
  readonly dataAt: number;
}

interface Layout {
  /** Where the length type flags are. */
  readonly infoAt: number;
  /** Where the send time is. */
  readonly sendAt: number;
  readonly isMultiple: boolean;
  readonly payloads: readonly Payload[];
  /** How wide these fields of payloads are. */
  readonly offsetWidth: number;
  readonly payloadLengthWidth: number;
}

/**
 * The packet without the payloads of which `isKept` says no; `undefined` when nothing is left of it, or when it does not
 * fit any more, which takes fields that nobody uses.
 */
export function rebuildPacket(
  packet: Uint8Array,
  isKept: (streamNumber: number, ordinal: number) => boolean,
  sendTimeMs: number,
): Uint8Array<ArrayBuffer> | undefined {
  const layout = readLayout(packet);
  const kept = layout.payloads.filter(({ streamNumber }, ordinal) => isKept(streamNumber, ordinal));
  return kept.length === 0 ? undefined : build(packet, layout, kept.map((one) => bytesOf(packet, one)), sendTimeMs);
}

/** A payload that can be spread: the first one of a packet, or the last one. */
export type SpreadPart = "first" | "last";

/**
 * Over how many packets more a packet can be spread: as many as its payload at that end has bytes, one apart. None when it
 * holds more than one object, or one that begins (or, at the end, goes on) in another packet.
 */
export function spreadRoom(packet: Uint8Array, part: SpreadPart): number {
  const { payloads, offsetWidth } = readLayout(packet);
  const { offsetAt, replicatedAt, replicatedBytes, dataAt, end } = payloads.at(part === "first" ? 0 : -1)!;
  if (replicatedBytes < LEAST_REPLICATED_BYTES) return 0;
  const offset = field(packet, offsetAt, offsetWidth);
  const objectEnd = offset + end - dataAt;
  const isWhole = part === "first" ? offset === 0 : objectEnd === field(packet, replicatedAt, 4);
  return isWhole && objectEnd < 2 ** (8 * offsetWidth) ? end - dataAt - 1 : 0;
}

/**
 * The packet as so many, for which it has room: its first or last payload in fragments, one in each of them, the other
 * payloads with the one at that end.
 */
export function spreadPacket(packet: Uint8Array, count: number, part: SpreadPart): Uint8Array<ArrayBuffer>[] {
  const layout = readLayout(packet);
  const { payloads, offsetWidth, payloadLengthWidth, sendAt } = layout;
  const payload = payloads.at(part === "first" ? 0 : -1)!;
  const { offsetAt, dataAt, start, end } = payload;
  const byteLength = end - dataAt;
  const offset = field(packet, offsetAt, offsetWidth);
  const others = payloads.filter((one) => one !== payload).map((one) => bytesOf(packet, one));
  const packets: Uint8Array<ArrayBuffer>[] = [];
  for (let i = 0; i < count; i++) {
    const [from, to] = [i, i + 1].map((n) => Math.floor(n * byteLength / count)) as [number, number];
    const fragment = new Uint8Array(dataAt - start + to - from);
    fragment.set(packet.subarray(start, dataAt));
    fragment.set(packet.subarray(dataAt + from, dataAt + to), dataAt - start);
    setField(fragment, offsetAt - start, offsetWidth, offset + from);
    setField(fragment, dataAt - start - payloadLengthWidth, payloadLengthWidth, to - from);
    const hasOthers = i === (part === "first" ? count - 1 : 0);
    const contents = !hasOthers ? [fragment] : part === "first" ? [fragment, ...others] : [...others, fragment];
    packets.push(build(packet, layout, contents, field(packet, sendAt, 4))!); // each has less than the packet had
  }
  return packets;
}

function bytesOf(packet: Uint8Array, { start, end }: Payload): Uint8Array {
  return packet.subarray(start, end);
}

/** A packet like another one, with other payloads; `undefined` when they do not fit. */
function build(
  packet: Uint8Array,
  { infoAt, sendAt, isMultiple }: Layout,
  contents: readonly Uint8Array[],
  sendTimeMs: number,
): Uint8Array<ArrayBuffer> | undefined {
  const built = new Uint8Array(packet.byteLength);
  const contentBytes = contents.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const fixedBytes = infoAt + 2 + 6 + (isMultiple ? 1 : 0) + contentBytes;
  const padding = paddingField(packet.byteLength - fixedBytes);
  if (padding === undefined) return undefined;
  const [type, paddingBytes] = padding;
  built.set(packet.subarray(0, infoAt));
  built[infoAt] = packet[infoAt]! & 1 | type << PADDING_TYPE_SHIFT;
  built[infoAt + 1] = packet[infoAt + 1]!;
  let at = infoAt + 2;
  at = setField(built, at, WIDTHS[type]!, paddingBytes);
  at = setField(built, at, 4, sendTimeMs);
  built.set(packet.subarray(sendAt + 4, sendAt + 6), at);
  at += 2;
  if (isMultiple) built[at++] = packet[sendAt + 6]! & 0xc0 | contents.length;
  for (const content of contents) {
    built.set(content, at);
    at += content.byteLength;
  }
  return built;
}

/** A field of 0, 1, 2 or 4 bytes. */
function field(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let byte = width - 1; byte >= 0; byte--) value = value * 256 + bytes[at + byte]!;
  return value;
}

/** Answers where it ends. */
function setField(bytes: Uint8Array, at: number, width: number, value: number): number {
  for (let byte = 0; byte < width; byte++) bytes[at + byte] = value >>> 8 * byte & 0xff;
  return at + width;
}

/** Type of the padding field and what it says, for so many bytes left over. */
function paddingField(left: number): [type: number, paddingBytes: number] | undefined {
  if (left < 0) return undefined;
  if (left === 0) return [0, 0];
  if (left <= 256) return [1, left - 1];
  return left - 2 <= MAX_WORD_PADDING ? [2, left - 2] : [3, left - 4];
}

function readLayout(packet: Uint8Array): Layout {
  const infoAt = (packet[0]! & 0x80) === 0 ? 0 : 1 + (packet[0]! & 0x0f);
  const lengths = packet[infoAt]!;
  const properties = packet[infoAt + 1]!;
  const [lengthWidth, sequenceWidth, paddingWidth] = [5, 1, 3].map((shift) => WIDTHS[lengths >> shift & 3]!);
  const lengthAt = infoAt + 2;
  const paddingAt = lengthAt + lengthWidth! + sequenceWidth!;
  const sendAt = paddingAt + paddingWidth!;
  const isMultiple = (lengths & 1) !== 0;
  const numberWidth = WIDTHS[properties >> 4 & 3]!;
  const offsetWidth = WIDTHS[properties >> 2 & 3]!;
  const replicatedWidth = WIDTHS[properties & 3]!;
  const flags = packet[sendAt + 6]!;
  const payloadLengthWidth = isMultiple ? WIDTHS[flags >> 6]! : 0;
  const padding = field(packet, paddingAt, paddingWidth!);
  const length = lengthWidth! > 0 ? field(packet, lengthAt, lengthWidth!) : packet.byteLength;
  // One writer's packet length leaves the padding out.
  const contentEnd = length + padding === packet.byteLength ? length : Math.min(length, packet.byteLength) - padding;
  const payloads: Payload[] = [];
  let at = sendAt + 6 + (isMultiple ? 1 : 0);
  for (let count = isMultiple ? flags & 0x3f : 1; count > 0; count--) {
    const start = at;
    const offsetAt = at + 1 + numberWidth;
    const replicatedAt = offsetAt + offsetWidth + replicatedWidth;
    const replicatedBytes = field(packet, replicatedAt - replicatedWidth, replicatedWidth);
    const dataAt = replicatedAt + replicatedBytes + payloadLengthWidth;
    at = isMultiple ? dataAt + field(packet, dataAt - payloadLengthWidth, payloadLengthWidth) : contentEnd;
    const streamNumber = packet[start]! & 0x7f;
    payloads.push({ start, end: at, streamNumber, offsetAt, replicatedAt, replicatedBytes, dataAt });
  }
  return { infoAt, sendAt, isMultiple, payloads, offsetWidth, payloadLengthWidth };
}
