/**
 * Follows media objects over packets, to find those of which something is missing: their fragments have to go.
 *
 * @module
 */

import type { AsfHeader } from "../inspect/header.ts";
import { PacketWalker, type PayloadFields, type PayloadVisitor } from "../inspect/packet_walker.ts";
import { ProblemList } from "../inspect/problems.ts";

/** Where a payload is: offset of its packet in the file, and its position among the packet's payloads. */
export interface Place {
  readonly offset: number;
  readonly ordinal: number;
}

/** All payloads of a stream from one place to another, both included. */
export interface Strip {
  readonly streamNumber: number;
  readonly from: Place;
  to: Place;
}

/** More damage than this is not worth repairing. */
const MAX_STRIP_COUNT = 1 << 18;

interface OpenObject {
  readonly from: Place;
  readonly number: number;
  readonly size: number;
  readonly timeMs: number;
  received: number;
  to: Place;
}

/** One object after the other, stream by stream. */
export class ObjectLedger implements PayloadVisitor {
  /** What has to go. */
  readonly strips: Strip[] = [];
  /** Objects that are lost. */
  lostObjectCount = 0;

  readonly #walker: PacketWalker;
  readonly #declared: ReadonlySet<number>;
  readonly #prerollMs: number;
  readonly #open = new Map<number, OpenObject>();
  /** The last strip of a stream, as long as nothing else of it has come. */
  readonly #growing = new Map<number, Strip>();
  #offset = 0;
  #ordinal = -1;
  #lastReplicated = -1;

  constructor(header: AsfHeader, packetBytes: number) {
    this.#walker = new PacketWalker(packetBytes, new ProblemList());
    this.#declared = new Set(header.streams.map(({ streamNumber }) => streamNumber));
    this.#prerollMs = header.fileProperties?.prerollMs ?? 0;
  }

  /** Whether there are more strips than can be kept. */
  get isFull(): boolean {
    return this.strips.length >= MAX_STRIP_COUNT;
  }

  /** The next packet, which is sound. */
  add(bytes: Uint8Array, start: number, end: number, offset: number): void {
    this.#offset = offset;
    this.#ordinal = -1;
    this.#lastReplicated = -1;
    this.#walker.walk(bytes, start, end, offset, this);
  }

  /** Nothing comes any more. */
  finish(): void {
    for (const number of [...this.#open.keys()]) this.#lose(number);
  }

  visitPayload(payload: PayloadFields): void {
    const { streamNumber, replicatedStart, isCompressed } = payload;
    // The objects of a compressed payload are told one by one.
    if (!isCompressed || replicatedStart !== this.#lastReplicated) this.#ordinal++;
    this.#lastReplicated = replicatedStart;
    const here = { offset: this.#offset, ordinal: this.#ordinal };
    const length = payload.end - payload.start;
    if (!this.#declared.has(streamNumber)) {
      this.#strip(streamNumber, here, here);
    } else if (payload.offset === 0) {
      this.#lose(streamNumber);
      this.#begin(payload, length, here);
    } else {
      this.#continue(payload, length, here);
    }
  }

  #begin({ streamNumber, objectNumber, objectSize, timeMs, isCompressed }: PayloadFields, length: number, here: Place) {
    const isWrong = objectSize >= 0 && objectSize < Math.max(1, length) || timeMs >= 0 && timeMs < this.#prerollMs;
    if (isWrong && !isCompressed) {
      this.lostObjectCount++;
      this.#strip(streamNumber, here, here);
    } else if (objectSize > length) {
      const object = { from: here, to: here, number: objectNumber, size: objectSize, timeMs, received: length };
      this.#open.set(streamNumber, object);
    } else {
      this.#growing.delete(streamNumber);
    }
  }

  #continue({ streamNumber, objectNumber, objectSize, timeMs, offset }: PayloadFields, length: number, here: Place) {
    const open = this.#open.get(streamNumber);
    const fits = open !== undefined && offset === open.received && objectNumber === open.number &&
      (objectSize < 0 || objectSize === open.size) && (timeMs < 0 || timeMs === open.timeMs) &&
      offset + length <= open.size;
    if (!fits) {
      this.#lose(streamNumber);
      this.#strip(streamNumber, here, here);
      return;
    }
    open.to = here;
    open.received += length;
    if (open.received < open.size) return;
    this.#open.delete(streamNumber);
    this.#growing.delete(streamNumber);
  }

  /** Gives up the object that a stream is in the middle of. */
  #lose(streamNumber: number): void {
    const open = this.#open.get(streamNumber);
    if (open === undefined) return;
    this.#open.delete(streamNumber);
    this.lostObjectCount++;
    this.#strip(streamNumber, open.from, open.to);
  }

  #strip(streamNumber: number, from: Place, to: Place): void {
    const growing = this.#growing.get(streamNumber);
    if (growing !== undefined) {
      growing.to = to;
      return;
    }
    const strip = { streamNumber, from, to };
    this.#growing.set(streamNumber, strip);
    this.strips.push(strip);
  }
}
