/**
 * The packets inside a push: made by the encoder, taken apart by the server.
 *
 * ```text
 * byte 0       byte 1     bytes 2–3 (little-endian)
 * 0x24 "$"     kind       length of what follows
 *
 * $H 48  the ASF header with the head of the Data Object     $E 45  HRESULT: 0 the end, 1 a $C follows
 * $D 44  one ASF data packet                                 $C 43  4 bytes 0, then a new ASF header
 * $F 46  anything: fills a body up to its Content-Length
 * ```
 *
 * [MS-WMHTTP] 2.2.3. What players get has 8 bytes more in front of header and data: `player_frames.ts`.
 *
 * @module
 */

/** What asks for permission to push. */
export const PUSH_SETUP_TYPE = "application/x-wms-pushsetup";
/** What carries the push. */
export const PUSH_START_TYPE = "application/x-wms-pushstart";

/** The letters behind the `$`. */
export const PACKET_KIND = { header: 0x48, data: 0x44, end: 0x45, change: 0x43, filler: 0x46 } as const;

/** Size of what stands in front of every packet. */
export const FRAME_HEAD_BYTES = 4;
/** Head and payload together stay within 16 bits. */
export const MAX_FRAME_BYTES = 65_535;
/** Largest payload. */
export const MAX_PAYLOAD_BYTES = MAX_FRAME_BYTES - FRAME_HEAD_BYTES;

const MARK = 0x24;
const END_BYTES = 8;
const REASON_BYTES = 4;

/** One packet: its head, and the payload behind it. */
export function frame(kind: number, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEAD_BYTES + payload.byteLength);
  writeFrameHead(bytes, 0, kind, payload.byteLength);
  bytes.set(payload, FRAME_HEAD_BYTES);
  return bytes;
}

/** The packet that ends a push. */
export function endFrame(reason: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(END_BYTES);
  writeFrameHead(bytes, 0, PACKET_KIND.end, REASON_BYTES);
  new DataView(bytes.buffer).setUint32(FRAME_HEAD_BYTES, reason, true);
  return bytes;
}

/** Packets that lie back to back, heads included. */
export interface Frames {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends. */
  readonly ends: readonly number[];
}

/** One packet alone. */
export function single(bytes: Uint8Array<ArrayBuffer>): Frames {
  return { bytes, ends: [bytes.byteLength] };
}

/**
 * ASF data packets that lie back to back, each with its head, and without its padding where that is safe: there are
 * receivers that pass packets on as they come, and players that cannot read a packet of one payload then.
 */
export function dataFrames(bytes: Uint8Array, packetBytes: number): Frames {
  const count = bytes.byteLength / packetBytes;
  const frames = new Uint8Array(bytes.byteLength + count * FRAME_HEAD_BYTES);
  const ends: number[] = [];
  let end = 0;
  for (let i = 0; i < count; i++) {
    const packet = bytes.subarray(i * packetBytes, (i + 1) * packetBytes);
    const padding = findPadding(packet);
    const start = end + FRAME_HEAD_BYTES;
    writeFrameHead(frames, end, PACKET_KIND.data, packetBytes - padding.byteCount);
    frames.set(packet.subarray(0, packetBytes - padding.byteCount), start);
    frames.fill(0, start + padding.fieldAt, start + padding.fieldAt + padding.fieldBytes);
    end = start + packetBytes - padding.byteCount;
    ends.push(end);
  }
  return { bytes: frames.subarray(0, end), ends };
}

/** The padding that can be left out, and the field that says how much there is ([ASF] 5.2.2). */
function findPadding(packet: Uint8Array): { byteCount: number; fieldAt: number; fieldBytes: number } {
  const flagsAt = packet[0]! & 0x80 ? 1 + (packet[0]! & 0x0f) : 0;
  const flags = packet[flagsAt] ?? 0;
  const hasSeveralPayloads = (flags & 1) !== 0;
  const hasLength = (flags & 0x60) !== 0;
  const fieldBytes = [0, 1, 2, 4][flags >> 3 & 3]!;
  const fieldAt = flagsAt + 2 + [0, 1, 2, 4][flags >> 1 & 3]!;
  let byteCount = 0;
  for (let i = fieldBytes - 1; i >= 0; i--) byteCount = byteCount * 256 + (packet[fieldAt + i] ?? 0);
  const isSafe = hasSeveralPayloads && !hasLength && fieldAt + fieldBytes + byteCount < packet.byteLength;
  return isSafe ? { byteCount, fieldAt, fieldBytes } : { byteCount: 0, fieldAt: 0, fieldBytes: 0 };
}

/** Fillers of exactly this many bytes, at least 4. None leaves 1 to 3 bytes, which no packet could fill. */
export function fillerFrames(byteCount: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteCount);
  for (let at = 0; at < byteCount;) {
    const rest = byteCount - at;
    const size = rest <= MAX_FRAME_BYTES ? rest : Math.min(MAX_FRAME_BYTES, rest - FRAME_HEAD_BYTES);
    writeFrameHead(bytes, at, PACKET_KIND.filler, size - FRAME_HEAD_BYTES);
    at += size;
  }
  return bytes;
}

/** Whether a packet of this size, head included, may go into what is left of a body. */
export function fitsBody(frameBytes: number, leftBytes: number): boolean {
  // What is left behind it must be nothing, or enough for a filler.
  return leftBytes === frameBytes || leftBytes >= frameBytes + FRAME_HEAD_BYTES;
}

/** Writes what stands in front of a payload. */
export function writeFrameHead(bytes: Uint8Array, at: number, kind: number, payloadBytes: number): void {
  bytes[at] = MARK;
  bytes[at + 1] = kind;
  bytes[at + 2] = payloadBytes & 0xff;
  bytes[at + 3] = payloadBytes >> 8;
}

/** A packet that has come. */
export interface PushPacket {
  /** One of {@linkcode PACKET_KIND}. */
  readonly kind: number;
  /** Reason of an end or a change, else 0. */
  readonly reason: number;
  /** What is behind the head and the reason; a view, dead when more is read. */
  readonly payload: Uint8Array;
}

/** Says what is wrong with a body. */
export class FramingError extends Error {
  override name = "FramingError";
}

/**
 * Puts packets together from bytes as they come. Never holds more than one packet.
 */
export class FrameReader {
  readonly #maxBytes: number;
  #held: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_HELD_BYTES);
  #heldBytes = 0;

  /** @param maxBytes Largest packet, head included. */
  constructor(maxBytes = MAX_FRAME_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes of an unfinished packet: a body must not end while there are any. */
  get pendingBytes(): number {
    return this.#heldBytes;
  }

  /** Memory follows what has come, not what a packet says of its size. */
  #reserve(byteCount: number): void {
    if (byteCount <= this.#held.byteLength) return;
    const held = new Uint8Array(Math.min(this.#maxBytes, 2 * byteCount));
    held.set(this.#held.subarray(0, this.#heldBytes));
    this.#held = held;
  }

  /**
   * The packets that these bytes complete.
   *
   * @throws {FramingError} For what cannot be a packet.
   */
  *read(bytes: Uint8Array): Generator<PushPacket, void, undefined> {
    let at = 0;
    while (at < bytes.byteLength) {
      if (this.#heldBytes === 0) {
        const size = frameSize(bytes, at, this.#maxBytes);
        if (size > 0 && at + size <= bytes.byteLength) {
          yield toPacket(bytes.subarray(at, at + size));
          at += size;
          continue;
        }
      }
      const wanted = frameSize(this.#held.subarray(0, this.#heldBytes), 0, this.#maxBytes) || FRAME_HEAD_BYTES;
      const taken = bytes.subarray(at, at + wanted - this.#heldBytes);
      this.#reserve(this.#heldBytes + taken.byteLength);
      this.#held.set(taken, this.#heldBytes);
      this.#heldBytes += taken.byteLength;
      at += taken.byteLength;
      const size = frameSize(this.#held.subarray(0, this.#heldBytes), 0, this.#maxBytes);
      if (size > 0 && this.#heldBytes === size) {
        this.#heldBytes = 0;
        yield toPacket(this.#held.subarray(0, size));
      }
    }
  }
}

const FIRST_HELD_BYTES = 64;

/** Size of the packet at `at`, 0 while its head is not all there. */
function frameSize(bytes: Uint8Array, at: number, maxBytes: number): number {
  const have = bytes.byteLength - at;
  if (have >= 1 && (bytes[at]! & 0x7f) !== MARK) {
    throw new FramingError(`a packet must begin with 24, got ${bytes[at]!.toString(16).padStart(2, "0")}`);
  }
  if (have < FRAME_HEAD_BYTES) return 0;
  const size = FRAME_HEAD_BYTES + (bytes[at + 2]! | bytes[at + 3]! << 8);
  if (size <= maxBytes) return size;
  throw new FramingError(`a packet must not exceed ${maxBytes} bytes, got ${size}`);
}

function toPacket(bytes: Uint8Array): PushPacket {
  const kind = bytes[1]!;
  if (kind !== PACKET_KIND.end && kind !== PACKET_KIND.change) {
    return { kind, reason: 0, payload: bytes.subarray(FRAME_HEAD_BYTES) };
  }
  if (bytes.byteLength < FRAME_HEAD_BYTES + REASON_BYTES) throw new FramingError("a packet lacks its reason");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    kind,
    reason: view.getUint32(FRAME_HEAD_BYTES, true),
    payload: bytes.subarray(FRAME_HEAD_BYTES + REASON_BYTES),
  };
}
