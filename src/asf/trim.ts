/**
 * Takes out of a packet what goes on in the next one, for a file that ends here. The layout is that of `rebase.ts`.
 *
 * @module
 */

const FLAGS_AT = 3;
const PADDING_LENGTH_AT = 5;
const SEND_FIELDS_BYTES = 6;
const OBJECT_NUMBER_AT = 1;
const OBJECT_OFFSET_AT = 2;
const REPLICATED_LENGTH_AT = 6;
const OBJECT_SIZE_AT = 7;
/** Where objects that share a payload begin, each behind a byte with its length. */
const SHARED_AT = 10;
const STREAM_MASK = 0x7f;
const PADDING_WIDTH_MASK = 0x18;
const PADDING_WIDTH_SHIFT = 3;
const PAYLOAD_COUNT_MASK = 0x3f;
/** As much as one byte can say, itself included. */
const MAX_NARROW_PADDING = 256;

/** What is left of a packet. */
export interface Trimmed {
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

/** A copy of the packet without the last payload, unless the object of that ends there. */
export function trimPacket(packet: Uint8Array<ArrayBuffer>): Trimmed {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const flags = packet[FLAGS_AT]!;
  const isMultiple = (flags & 1) !== 0;
  const paddingWidth = (flags & PADDING_WIDTH_MASK) >> PADDING_WIDTH_SHIFT;
  const sendAt = PADDING_LENGTH_AT + paddingWidth;
  const sendEndMs = view.getUint32(sendAt, true) + view.getUint16(sendAt + 4, true);
  const contentAt = sendAt + SEND_FIELDS_BYTES;
  const padding = paddingWidth === 0
    ? 0
    : paddingWidth === 1
    ? packet[PADDING_LENGTH_AT]!
    : view.getUint16(PADDING_LENGTH_AT, true);
  if (!isMultiple) {
    const isWhole = endsObject(view, contentAt, packet.byteLength - padding);
    const lastObject = lastObjectOf(view, contentAt, packet.byteLength - padding);
    return { packet: isWhole ? packet.slice() : undefined, isWhole, lastObject, sendEndMs };
  }
  const count = packet[contentAt]! & PAYLOAD_COUNT_MASK;
  let last = contentAt + 1;
  let end = endOfPayload(view, last);
  for (let payload = 1; payload < count; payload++) {
    last = end;
    end = endOfPayload(view, last);
  }
  const lastObject = lastObjectOf(view, last, end);
  if (endsObject(view, last, end)) return { packet: packet.slice(), isWhole: true, lastObject, sendEndMs };
  if (count === 1) return { isWhole: false, lastObject, sendEndMs };
  return { packet: cut(packet, sendAt, last, count - 1), isWhole: false, lastObject, sendEndMs };
}

/** The packet with the payloads before `end`, and padding behind them. */
function cut(packet: Uint8Array, sendAt: number, end: number, count: number): Uint8Array<ArrayBuffer> {
  const built = new Uint8Array(packet.byteLength);
  const left = packet.byteLength - PADDING_LENGTH_AT - (end - sendAt);
  const width = left <= MAX_NARROW_PADDING ? 1 : 2;
  built.set(packet.subarray(0, PADDING_LENGTH_AT));
  built[FLAGS_AT] = packet[FLAGS_AT]! & ~PADDING_WIDTH_MASK | width << PADDING_WIDTH_SHIFT;
  const view = new DataView(built.buffer);
  if (width === 1) view.setUint8(PADDING_LENGTH_AT, left - 1);
  else view.setUint16(PADDING_LENGTH_AT, left - 2, true);
  const at = PADDING_LENGTH_AT + width;
  built.set(packet.subarray(sendAt, end), at);
  const countAt = at + SEND_FIELDS_BYTES;
  built[countAt] = built[countAt]! & ~PAYLOAD_COUNT_MASK | count;
  return built;
}

/** Where the replicated data of a payload ends. */
function endOfHead(view: DataView, start: number): number {
  return start + REPLICATED_LENGTH_AT + 1 + view.getUint8(start + REPLICATED_LENGTH_AT);
}

function endOfPayload(view: DataView, start: number): number {
  const lengthAt = endOfHead(view, start);
  return lengthAt + 2 + view.getUint16(lengthAt, true);
}

/** The object of the payload between these places; of several that share it the last. */
function lastObjectOf(view: DataView, start: number, end: number): number {
  let ordinal = view.getUint8(start + OBJECT_NUMBER_AT);
  if (view.getUint8(start + REPLICATED_LENGTH_AT) === 1) {
    let at = start + SHARED_AT;
    while ((at += 1 + view.getUint8(at)) < end) ordinal++;
  }
  return objectId(view.getUint8(start) & STREAM_MASK, ordinal);
}

/** Whether the payload between these places is the end of its object, or of several that share it. */
function endsObject(view: DataView, start: number, end: number): boolean {
  if (view.getUint8(start + REPLICATED_LENGTH_AT) === 1) return true;
  const isMultiple = (view.getUint8(FLAGS_AT) & 1) !== 0;
  const dataAt = endOfHead(view, start) + (isMultiple ? 2 : 0);
  return view.getUint32(start + OBJECT_OFFSET_AT, true) + (end - dataAt) >=
    view.getUint32(start + OBJECT_SIZE_AT, true);
}
