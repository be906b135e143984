/**
 * Takes data packets apart ([ASF] 5.2).
 *
 * ```text
 * [error correction]   82 00 00; absent when bit 7 of the first byte is clear
 * [parsing info]       length type flags, property flags, packet length?, sequence?, padding length?, send time, duration
 * [payloads]           one, or a flags byte and several
 * [padding]
 * ```
 *
 * This is the inner loop of reading: it makes no objects. A payload is told to the visitor in one {@linkcode PayloadFields}
 * that the next payload overwrites.
 *
 * @module
 */

import { u16At, u32At } from "../cursor.ts";
import type { ProblemList } from "../problems.ts";

/** One payload; positions are indices into the bytes walked. */
export class PayloadFields {
  /** Position among the payloads of its packet, from 0; objects of one compressed payload share it. */
  ordinal = 0;
  /** 0–127. */
  streamNumber = 0;
  /** The key frame bit. */
  isKey = false;
  /** As stored: a counter, modulo 256 as a rule. */
  objectNumber = 0;
  /** Position of this fragment in its object. */
  offset = 0;
  /** Size of the whole object; -1: not said. */
  objectSize = -1;
  /** Time as stored, preroll included; -1: not said. */
  timeMs = -1;
  /** First byte of the replicated data. */
  replicatedStart = 0;
  /** Its size: 0, or 8 and the payload extensions; 1 in a compressed payload. */
  replicatedBytes = 0;
  /** First byte of the fragment. */
  start = 0;
  /** End (exclusive) of the fragment. */
  end = 0;
  /** Part of a compressed payload: a whole tiny object. */
  isCompressed = false;
}

/** Is told each payload. */
export interface PayloadVisitor {
  /** `payload` is overwritten by the next. */
  visitPayload(payload: PayloadFields): void;
}

/** Bytes of the length types "absent", BYTE, WORD, DWORD. */
const WIDTHS = [0, 1, 2, 4] as const;

/** What a writer should put into Property Flags: BYTE, DWORD, BYTE, BYTE. */
const USUAL_PROPERTY_FLAGS = 0x5d;

/** Walks packets one at a time; what a packet says of itself is in the fields until the next. */
export class PacketWalker {
  /** Bytes of error correction data, its flags included. */
  errorCorrectionBytes = 0;
  /** As stored. */
  lengthTypeFlags = 0;
  /** As stored. */
  propertyFlags = 0;
  /** Packet Length as stored; -1: absent. */
  packetLength = -1;
  /** Padding Length as stored; 0 when absent. */
  paddingBytes = 0;
  /** Send time, preroll not included. */
  sendTimeMs = 0;
  /** Duration. */
  durationMs = 0;
  /** Number of payloads the packet says it has. */
  payloadCount = 0;
  /** Width of the payload lengths; 0 with a single payload. */
  payloadLengthWidth = 0;

  readonly #packetBytes: number;
  readonly #problems: ProblemList;
  readonly #payload = new PayloadFields();
  #fileOffset = 0;
  #position = 0;

  /** @param packetBytes Size of all packets; one given to `walk` may be shorter when it came without its padding. */
  constructor(packetBytes: number, problems: ProblemList) {
    this.#packetBytes = packetBytes;
    this.#problems = problems;
  }

  /**
   * Walks the packet in `bytes[start..end)`.
   *
   * @param fileOffset Offset in the file of the packet, for problems.
   */
  walk(bytes: Uint8Array, start: number, end: number, fileOffset: number, visitor: PayloadVisitor): void {
    this.#fileOffset = fileOffset;
    this.#position = start;
    this.#skipErrorCorrection(bytes, start, end);
    const infoStart = this.#position;
    this.lengthTypeFlags = 0;
    this.propertyFlags = 0;
    this.packetLength = -1;
    this.paddingBytes = 0;
    this.sendTimeMs = 0;
    this.durationMs = 0;
    this.payloadCount = 0;
    this.payloadLengthWidth = 0;
    if (infoStart + 2 > end) return this.#fail("D07", "no room for its parsing information");
    const lengths = this.lengthTypeFlags = bytes[infoStart]!;
    this.propertyFlags = bytes[infoStart + 1]!;
    const lengthWidth = WIDTHS[lengths >> 5 & 3]!;
    const sequenceWidth = WIDTHS[lengths >> 1 & 3]!;
    const paddingWidth = WIDTHS[lengths >> 3 & 3]!;
    let at = infoStart + 2;
    if (at + lengthWidth + sequenceWidth + paddingWidth + 6 > end) {
      return this.#fail("D07", "no room for its parsing information");
    }
    if (lengthWidth > 0) this.packetLength = readField(bytes, at, lengthWidth);
    at += lengthWidth + sequenceWidth;
    this.paddingBytes = readField(bytes, at, paddingWidth);
    at += paddingWidth;
    this.sendTimeMs = u32At(bytes, at);
    this.durationMs = u16At(bytes, at + 4);
    this.#position = at + 6;
    if (this.propertyFlags !== USUAL_PROPERTY_FLAGS) {
      const found = this.propertyFlags.toString(16).padStart(2, "0");
      this.#problems.addOnce("D05", 0, fileOffset, `Packet: property flags should be 5d, got ${found}`, "W");
    }
    const contentEnd = this.#contentEnd(start, end);
    if ((lengths & 1) === 0) {
      this.payloadCount = 1;
      this.#payload.ordinal = 0;
      this.#walkPayload(bytes, contentEnd, 0, visitor);
      return;
    }
    if (this.#position >= end) return this.#fail("D08", "no room for its payload flags");
    const flags = bytes[this.#position++]!;
    this.payloadCount = flags & 0x3f;
    if (this.payloadCount === 0) return this.#fail("D08", "has no payloads");
    const payloadLengthWidth = this.payloadLengthWidth = WIDTHS[flags >> 6]!;
    if (payloadLengthWidth === 0) return this.#fail("D08", "says no payload lengths");
    // Payload lengths are explicit: a padding length that is wrong does no harm here.
    for (let ordinal = 0; ordinal < this.payloadCount; ordinal++) {
      this.#payload.ordinal = ordinal;
      if (!this.#walkPayload(bytes, end, payloadLengthWidth, visitor)) return;
    }
    if (this.#position !== contentEnd) {
      const found = this.#position - start;
      this.#fail("D07", `payloads should end at its byte ${contentEnd - start}, they end at ${found}`);
    }
  }

  #skipErrorCorrection(bytes: Uint8Array, start: number, end: number): void {
    this.errorCorrectionBytes = 0;
    const flags = start < end ? bytes[start]! : 0;
    if ((flags & 0x80) === 0) return;
    if ((flags & 0x70) !== 0) {
      this.#problems.addOnce("D03", 0, this.#fileOffset, "Packet: error correction is of an unknown type", "W");
    }
    this.errorCorrectionBytes = 1 + (flags & 0x0f);
    this.#position = start + this.errorCorrectionBytes;
  }

  /** Where the padding begins. */
  #contentEnd(start: number, end: number): number {
    let length = end - start;
    let padding = this.paddingBytes;
    if (this.packetLength >= 0) {
      if (this.packetLength > this.#packetBytes) this.#fail("D06", `packet length ${this.packetLength} is too large`);
      // One writer's packet length leaves the padding out: the two together then fill the packet.
      else if (this.packetLength + padding === this.#packetBytes) padding = 0;
      if (this.packetLength < length) length = this.packetLength;
    }
    const contentEnd = start + length - padding;
    if (contentEnd >= this.#position) return contentEnd;
    // A server may have cut the padding off and left its length.
    if (length < this.#packetBytes && this.packetLength < 0) return start + length;
    this.#fail("D06", `padding of ${padding} bytes leaves no room for payloads`);
    return this.#position;
  }

  /**
   * Reads the payload at the position and tells it.
   *
   * @param end The payload ends here at the latest, and exactly here when `lengthWidth` is 0.
   * @returns False when the rest of the packet cannot be understood.
   */
  #walkPayload(bytes: Uint8Array, end: number, lengthWidth: number, visitor: PayloadVisitor): boolean {
    const properties = this.propertyFlags;
    const numberWidth = WIDTHS[properties >> 4 & 3]!;
    const offsetWidth = WIDTHS[properties >> 2 & 3]!;
    const replicatedWidth = WIDTHS[properties & 3]!;
    let at = this.#position;
    if (at + 1 + numberWidth + offsetWidth + replicatedWidth > end) return this.#broken("has no room for its payloads");
    const payload = this.#payload;
    const stream = bytes[at++]!;
    payload.streamNumber = stream & 0x7f;
    payload.isKey = stream > 0x7f;
    payload.objectNumber = readField(bytes, at, numberWidth);
    at += numberWidth;
    const offset = readField(bytes, at, offsetWidth);
    at += offsetWidth;
    const replicatedBytes = readField(bytes, at, replicatedWidth);
    at += replicatedWidth;
    if (replicatedBytes > end - at) return this.#broken("has replicated data that runs past its end");
    payload.replicatedStart = at;
    payload.replicatedBytes = replicatedBytes;
    const isCompressed = replicatedBytes === 1;
    const delta = isCompressed ? bytes[at]! : 0;
    payload.isCompressed = isCompressed;
    payload.offset = isCompressed ? 0 : offset;
    if (replicatedBytes >= 8) {
      payload.objectSize = u32At(bytes, at);
      payload.timeMs = u32At(bytes, at + 4);
    } else {
      payload.objectSize = -1;
      payload.timeMs = -1;
      if (!isCompressed) this.#tellsNothing(replicatedBytes);
    }
    at += replicatedBytes;
    let length = end - at;
    if (lengthWidth > 0) {
      if (lengthWidth > end - at) return this.#broken("has no room for its payload lengths");
      length = readField(bytes, at, lengthWidth);
      at += lengthWidth;
      if (length > end - at) return this.#broken(`has a payload of ${length} bytes, ${end - at} are left`);
    }
    this.#position = at + length;
    if (length === 0) {
      this.#fail("D08", "has an empty payload");
    } else if (isCompressed) {
      this.#walkCompressed(bytes, at, at + length, offset, delta, numberWidth, visitor);
    } else {
      payload.start = at;
      payload.end = at + length;
      visitor.visitPayload(payload);
    }
    return true;
  }

  /** Several whole objects, each behind a BYTE with its length. */
  #walkCompressed(
    bytes: Uint8Array,
    start: number,
    end: number,
    firstTimeMs: number,
    deltaMs: number,
    numberWidth: number,
    visitor: PayloadVisitor,
  ): void {
    const payload = this.#payload;
    const firstNumber = payload.objectNumber;
    const numberMask = numberWidth === 4 ? 0xffffffff : (1 << 8 * numberWidth) - 1;
    let at = start;
    for (let count = 0; at < end; count++) {
      const length = bytes[at++]!;
      if (length > end - at) {
        this.#fail("D17", `has a compressed object of ${length} bytes, ${end - at} are left`);
        return;
      }
      if (length === 0) {
        this.#fail("D17", "has an empty compressed object");
        continue;
      }
      payload.objectNumber = (firstNumber + count & numberMask) >>> 0;
      payload.objectSize = length;
      payload.timeMs = firstTimeMs + count * deltaMs;
      payload.start = at;
      payload.end = at += length;
      visitor.visitPayload(payload);
    }
  }

  #tellsNothing(replicatedBytes: number): void {
    const message = `Packet: replicated data of ${replicatedBytes} bytes tells no size and time`;
    this.#problems.add("D10", this.#fileOffset, message, replicatedBytes === 0 ? "W" : "E");
  }

  #broken(message: string): false {
    this.#fail("D08", message);
    return false;
  }

  #fail(rule: string, message: string): void {
    this.#problems.add(rule, this.#fileOffset, `Packet: ${message}`);
  }
}

function readField(bytes: Uint8Array, at: number, width: number): number {
  switch (width) {
    case 1:
      return bytes[at]!;
    case 2:
      return u16At(bytes, at);
    case 4:
      return u32At(bytes, at);
    default:
      return 0;
  }
}
