/**
 * Puts the payloads of media objects together ([ASF] 5.2.3): the one place that decides which fragment continues which object.
 *
 * ```text
 * payload at 0          begin          whole in one payload: complete at once
 * payload at received   append         the last one: complete
 * any other             abandon        so far, and the payload with it
 *                       stray          where no object is open
 * ```
 *
 * It holds no bytes and reports nothing wrong: listeners do what is theirs with the events.
 *
 * @module
 */

import { ExtensionReader } from "./extension_reader.ts";
import type { AsfHeader, AsfStream } from "./header.ts";
import type { PayloadFields, PayloadVisitor } from "./packet_walker.ts";

/** The object that a stream is in the middle of, or the last one it had. The tracker alone writes it. */
export class TrackedObject {
  /** The stream as the header declares it. */
  readonly stream: AsfStream;
  /** Where its payloads keep their extensions. */
  readonly extensions: ExtensionReader;
  /** As stored: a counter, modulo 256 as a rule. */
  number = 0;
  /** Size as stored; that of the payload where none is. */
  size = 0;
  /** Bytes that have come. */
  received = 0;
  /** Time as stored, preroll included. Without one it has that of the object before, which is what readers do. */
  timeMs = 0;
  /** The key frame bit of its first payload. */
  isKey = false;
  /** Packet with its first payload. */
  firstPacket = 0;
  /** Whether payloads are missing. */
  isOpen = false;
  /** Number of the object before; -1: there is none. */
  previousNumber = -1;
  /** Time of the object before; -1: there is none. */
  previousTimeMs = -1;

  constructor(stream: AsfStream) {
    this.stream = stream;
    this.extensions = new ExtensionReader(stream.extended?.payloadExtensions ?? []);
  }

  /** Whether its number is the one behind that of the object before. */
  get isNext(): boolean {
    return this.previousNumber < 0 || (this.previousNumber + 1 & 0xff) === (this.number & 0xff);
  }
}

/**
 * Why an object is given up: another one `begins`, a fragment has another `offset`, object `number` or object `size`,
 * `overruns` it, or the data `end`.
 */
export type BreakReason = "begins" | "offset" | "number" | "size" | "overruns" | "end";

/** Is told what becomes of payloads. Payloads and objects are overwritten by the next. */
export interface ObjectListener {
  /** The payloads that follow are of this packet, and positions in `bytes`. */
  beginPacket(bytes: Uint8Array, number: number, offset: number): void;
  /** The first payload of an object. */
  begin(object: TrackedObject, payload: PayloadFields): void;
  /** A further payload that continues it. */
  append(object: TrackedObject, payload: PayloadFields): void;
  /** All of it has come. */
  complete(object: TrackedObject): void;
  /** It is given up, and the payload with it, unless that begins another; `undefined`: no payload comes any more. */
  abandon(object: TrackedObject, reason: BreakReason, payload: PayloadFields | undefined): void;
  /** A payload continues an object that is not open. */
  stray(object: TrackedObject, payload: PayloadFields): void;
  /** A payload of a stream that the header does not declare. */
  undeclared(payload: PayloadFields): void;
}

/** Follows the objects of all declared streams. */
export class ObjectTracker implements PayloadVisitor {
  readonly #listener: ObjectListener;
  readonly #prerollMs: number;
  readonly #objects: (TrackedObject | undefined)[] = new Array(128).fill(undefined);
  #packetNumber = 0;

  constructor(header: AsfHeader, listener: ObjectListener) {
    this.#listener = listener;
    this.#prerollMs = header.fileProperties?.prerollMs ?? 0;
    for (const stream of header.streams) this.#objects[stream.streamNumber] = new TrackedObject(stream);
  }

  /** The object of a stream; `undefined`: the stream is not declared. */
  objectOf(streamNumber: number): TrackedObject | undefined {
    return this.#objects[streamNumber];
  }

  /** The payloads that follow are of this packet, and positions in `bytes`. */
  beginPacket(bytes: Uint8Array, number: number, offset: number): void {
    this.#packetNumber = number;
    this.#listener.beginPacket(bytes, number, offset);
  }

  /** Nothing comes any more: what is open is given up. */
  finish(): void {
    for (const object of this.#objects) if (object?.isOpen) this.#abandon(object, "end", undefined);
  }

  visitPayload(payload: PayloadFields): void {
    const object = this.#objects[payload.streamNumber];
    if (object === undefined) this.#listener.undeclared(payload);
    else if (payload.offset === 0) this.#begin(object, payload);
    else if (object.isOpen) this.#continue(object, payload);
    else this.#listener.stray(object, payload);
  }

  #begin(object: TrackedObject, payload: PayloadFields): void {
    if (object.isOpen) this.#abandon(object, "begins", payload);
    const length = payload.end - payload.start;
    const { objectNumber, objectSize, timeMs } = payload;
    const isFirst = object.received === 0;
    if (!isFirst) {
      object.previousNumber = object.number;
      object.previousTimeMs = object.timeMs;
    }
    object.number = objectNumber;
    object.size = objectSize < 0 ? length : objectSize;
    object.received = length;
    object.timeMs = timeMs >= 0 ? timeMs : isFirst ? this.#prerollMs : object.timeMs;
    object.isKey = payload.isKey;
    object.firstPacket = this.#packetNumber;
    object.isOpen = length < object.size;
    this.#listener.begin(object, payload);
    if (!object.isOpen) this.#listener.complete(object);
  }

  #continue(object: TrackedObject, payload: PayloadFields): void {
    const received = object.received + payload.end - payload.start;
    if (payload.offset !== object.received) this.#abandon(object, "offset", payload);
    else if (payload.objectNumber !== object.number) this.#abandon(object, "number", payload);
    else if (payload.objectSize >= 0 && payload.objectSize !== object.size) this.#abandon(object, "size", payload);
    else if (received > object.size) this.#abandon(object, "overruns", payload);
    else {
      object.received = received;
      object.isOpen = received < object.size;
      this.#listener.append(object, payload);
      if (!object.isOpen) this.#listener.complete(object);
    }
  }

  #abandon(object: TrackedObject, reason: BreakReason, payload: PayloadFields | undefined): void {
    object.isOpen = false;
    this.#listener.abandon(object, reason, payload);
  }
}

/** Why an object is not complete, in words. */
export function describeBreak(
  object: TrackedObject,
  reason: BreakReason,
  payload: PayloadFields | undefined,
): string {
  const { number, received, size } = object;
  if (reason === "overruns") return `a fragment at ${payload!.offset} runs past object ${number} of ${size} bytes`;
  return `object ${number} has ${received} of ${size} bytes when ${circumstance(reason, payload)}`;
}

function circumstance(reason: BreakReason, payload: PayloadFields | undefined): string {
  switch (reason) {
    case "begins":
      return "another one begins";
    case "size":
      return `a fragment says that it is of ${payload!.objectSize} bytes`;
    case "end":
      return "the data ends";
    default:
      return `the fragment at ${payload!.offset} of object ${payload!.objectNumber} follows`;
  }
}
