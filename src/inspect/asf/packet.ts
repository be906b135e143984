/**
 * Data packets as objects, for whoever wants to look at them one by one.
 *
 * @module
 */

import { REPLICATED_HEAD_BYTES } from "./extension_reader.ts";
import type { PacketWalker, PayloadFields, PayloadVisitor } from "./packet_walker.ts";

/** A fragment of a media object, or one object of a compressed payload ([ASF] 5.2.3). */
export interface AsfPayload {
  /** 0–127. */
  readonly streamNumber: number;
  /** The key frame bit as stored. */
  readonly isKey: boolean;
  /** Counter of the stream's objects as stored, modulo 256 as a rule. */
  readonly objectNumber: number;
  /** Position of this fragment in its object. */
  readonly offset: number;
  /** Size of the whole object; `undefined`: not said. */
  readonly objectSize: number | undefined;
  /** Time as stored, preroll included; `undefined`: not said. */
  readonly presentationMs: number | undefined;
  /** Replicated data: object size, time, payload extensions. A view. */
  readonly replicatedData: Uint8Array;
  /** The payload extensions alone. A view. */
  readonly extensionData: Uint8Array;
  /** Whether it is one of several objects in one compressed payload. */
  readonly isCompressed: boolean;
  /** The bytes. A view. */
  readonly data: Uint8Array;
}

/** A data packet ([ASF] 5.2). Its byte arrays are views, dead when the next packet is asked for. */
export interface AsfPacket {
  /** From 0. */
  readonly number: number;
  /** Offset in the file. */
  readonly offset: number;
  /** Size in the file. */
  readonly byteLength: number;
  /** Bytes of error correction data, its flags included; 0: none. */
  readonly errorCorrectionBytes: number;
  /** Length Type Flags as stored. */
  readonly lengthTypeFlags: number;
  /** Property Flags as stored. */
  readonly propertyFlags: number;
  /** Packet Length as stored; `undefined`: absent, the size of all packets. */
  readonly packetLength: number | undefined;
  /** Padding Length as stored; 0 when absent. */
  readonly paddingBytes: number;
  /** When it is to be sent, ms, preroll not included. */
  readonly sendTimeMs: number;
  /** How long it lasts, ms. */
  readonly durationMs: number;
  /** Its payloads; a compressed payload counts as many as there are objects in it. */
  readonly payloads: readonly AsfPayload[];
}

/** Makes packet objects with a walker. */
export class PacketCollector implements PayloadVisitor {
  readonly #walker: PacketWalker;
  #bytes: Uint8Array = new Uint8Array(0);
  #payloads: AsfPayload[] = [];

  constructor(walker: PacketWalker) {
    this.#walker = walker;
  }

  /** The packet in `bytes[start..end)`. */
  collect(bytes: Uint8Array, start: number, end: number, number: number, offset: number): AsfPacket {
    const walker = this.#walker;
    this.#bytes = bytes;
    this.#payloads = [];
    walker.walk(bytes, start, end, offset, this);
    return {
      number,
      offset,
      byteLength: end - start,
      errorCorrectionBytes: walker.errorCorrectionBytes,
      lengthTypeFlags: walker.lengthTypeFlags,
      propertyFlags: walker.propertyFlags,
      packetLength: walker.packetLength < 0 ? undefined : walker.packetLength,
      paddingBytes: walker.paddingBytes,
      sendTimeMs: walker.sendTimeMs,
      durationMs: walker.durationMs,
      payloads: this.#payloads,
    };
  }

  visitPayload(payload: PayloadFields): void {
    const replicatedEnd = payload.replicatedStart + payload.replicatedBytes;
    const replicatedData = this.#bytes.subarray(payload.replicatedStart, replicatedEnd);
    this.#payloads.push({
      streamNumber: payload.streamNumber,
      isKey: payload.isKey,
      objectNumber: payload.objectNumber,
      offset: payload.offset,
      objectSize: payload.objectSize < 0 ? undefined : payload.objectSize,
      presentationMs: payload.timeMs < 0 ? undefined : payload.timeMs,
      replicatedData,
      extensionData: replicatedData.subarray(REPLICATED_HEAD_BYTES),
      isCompressed: payload.isCompressed,
      data: this.#bytes.subarray(payload.start, payload.end),
    });
  }
}
