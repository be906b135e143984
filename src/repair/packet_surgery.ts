/**
 * Takes payloads out of a packet that can be taken apart, and sets its send time ([ASF] 5.2).
 *
 * @module
 */

const WIDTHS = [0, 1, 2, 4] as const;
const PADDING_TYPE_SHIFT = 3;
const MAX_WORD_PADDING = 65_535;

interface Layout {
  /** Where the length type flags are. */
  readonly infoAt: number;
  /** Where the send time is. */
  readonly sendAt: number;
  readonly isMultiple: boolean;
  readonly payloads: readonly { readonly start: number; readonly end: number; readonly streamNumber: number }[];
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
  const { infoAt, sendAt, isMultiple, payloads } = readLayout(packet);
  const kept = payloads.filter(({ streamNumber }, ordinal) => isKept(streamNumber, ordinal));
  if (kept.length === 0) return undefined;
  const built = new Uint8Array(packet.byteLength);
  const contentBytes = kept.reduce((sum, { start, end }) => sum + end - start, 0);
  const fixedBytes = infoAt + 2 + 6 + (isMultiple ? 1 : 0) + contentBytes;
  const padding = paddingField(packet.byteLength - fixedBytes);
  if (padding === undefined) return undefined;
  const [type, paddingBytes] = padding;
  built.set(packet.subarray(0, infoAt));
  built[infoAt] = packet[infoAt]! & 1 | type << PADDING_TYPE_SHIFT;
  built[infoAt + 1] = packet[infoAt + 1]!;
  let at = infoAt + 2;
  for (let byte = 0; byte < WIDTHS[type]!; byte++) built[at++] = paddingBytes >>> 8 * byte & 0xff;
  for (let byte = 0; byte < 4; byte++) built[at++] = sendTimeMs >>> 8 * byte & 0xff;
  built.set(packet.subarray(sendAt + 4, sendAt + 6), at);
  at += 2;
  if (isMultiple) built[at++] = packet[sendAt + 6]! & 0xc0 | kept.length;
  for (const { start, end } of kept) {
    built.set(packet.subarray(start, end), at);
    at += end - start;
  }
  return built;
}

/** Type of the padding field and what it says, for so many bytes left over. */
function paddingField(left: number): [type: number, paddingBytes: number] | undefined {
  if (left < 0) return undefined;
  if (left === 0) return [0, 0];
  if (left <= 256) return [1, left - 1];
  return left - 2 <= MAX_WORD_PADDING ? [2, left - 2] : [3, left - 4];
}

function readLayout(packet: Uint8Array): Layout {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const field = (at: number, width: number) =>
    width === 1
      ? view.getUint8(at)
      : width === 2
      ? view.getUint16(at, true)
      : width === 4
      ? view.getUint32(at, true)
      : 0;
  const infoAt = (packet[0]! & 0x80) === 0 ? 0 : 1 + (packet[0]! & 0x0f);
  const lengths = packet[infoAt]!;
  const properties = packet[infoAt + 1]!;
  const [lengthWidth, sequenceWidth, paddingWidth] = [5, 1, 3].map((shift) => WIDTHS[lengths >> shift & 3]!);
  const lengthAt = infoAt + 2;
  const paddingAt = lengthAt + lengthWidth! + sequenceWidth!;
  const sendAt = paddingAt + paddingWidth!;
  const isMultiple = (lengths & 1) !== 0;
  const headBytes = 1 + WIDTHS[properties >> 4 & 3]! + WIDTHS[properties >> 2 & 3]!;
  const replicatedWidth = WIDTHS[properties & 3]!;
  const flags = packet[sendAt + 6]!;
  const payloadLengthWidth = isMultiple ? WIDTHS[flags >> 6]! : 0;
  const padding = field(paddingAt, paddingWidth!);
  const length = lengthWidth! > 0 ? field(lengthAt, lengthWidth!) : packet.byteLength;
  // One writer's packet length leaves the padding out.
  const contentEnd = length + padding === packet.byteLength ? length : Math.min(length, packet.byteLength) - padding;
  const payloads = [];
  let at = sendAt + 6 + (isMultiple ? 1 : 0);
  for (let count = isMultiple ? flags & 0x3f : 1; count > 0; count--) {
    const start = at;
    at += headBytes;
    const replicatedBytes = field(at, replicatedWidth);
    at += replicatedWidth + replicatedBytes;
    at = isMultiple ? at + payloadLengthWidth + field(at, payloadLengthWidth) : contentEnd;
    payloads.push({ start, end: at, streamNumber: packet[start]! & 0x7f });
  }
  return { infoAt, sendAt, isMultiple, payloads };
}
