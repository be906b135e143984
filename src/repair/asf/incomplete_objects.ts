/**
 * Media objects of which something is missing: their fragments have to go.
 *
 * @module
 */

import type { AsfHeader } from "../../inspect/asf/header.ts";
import type { BreakReason, ObjectListener, TrackedObject } from "../../inspect/asf/object_tracker.ts";
import type { PayloadFields } from "../../inspect/asf/packet_walker.ts";
import type { PacketStatistics } from "../../inspect/asf/scan/packet_statistics.ts";

/** Where a payload is: offset of its packet in the file, and its position among the packet's payloads. */
export interface PayloadPosition {
  readonly offset: number;
  readonly ordinal: number;
}

/** All payloads of a stream from one position to another, both included, which are cut out. */
export interface Cut {
  readonly streamNumber: number;
  readonly from: PayloadPosition;
  to: PayloadPosition;
}

/** More damage than this is not worth repairing. */
const MAX_CUT_COUNT = 1 << 18;

/** The object that a stream is in the middle of: where its fragments are. */
class ObjectExtent {
  fromOffset = 0;
  fromOrdinal = 0;
  toOffset = 0;
  toOrdinal = 0;
  /** Whether it is given up already: what still comes of it is cut out too. */
  isLost = false;
  /** The last cut of the stream, as long as nothing else of it has come. */
  cut: Cut | undefined = undefined;
}

/** Finds what has to be cut out, while the packets are counted. */
export class IncompleteObjects implements ObjectListener {
  readonly cuts: Cut[] = [];
  /** Objects that are lost. */
  lostObjectCount = 0;

  readonly #statistics: PacketStatistics;
  readonly #prerollMs: number;
  /** By stream number, also those that are not declared. */
  readonly #extents: ObjectExtent[] = Array.from({ length: 128 }, () => new ObjectExtent());
  #offset = 0;

  /** @param statistics Is told all that this is told. */
  constructor(header: AsfHeader, statistics: PacketStatistics) {
    this.#statistics = statistics;
    this.#prerollMs = header.fileProperties?.prerollMs ?? 0;
  }

  /** Whether there are more cuts than can be kept. */
  get isFull(): boolean {
    return this.cuts.length >= MAX_CUT_COUNT;
  }

  beginPacket(bytes: Uint8Array, number: number, offset: number): void {
    this.#offset = offset;
    this.#statistics.beginPacket(bytes, number);
  }

  undeclared(payload: PayloadFields): void {
    this.#cutPayload(payload);
  }

  begin(object: TrackedObject, payload: PayloadFields): void {
    this.#statistics.begin(object, payload);
    const { objectSize, timeMs, start, end } = payload;
    const isWrong = objectSize >= 0 && objectSize < end - start || timeMs >= 0 && timeMs < this.#prerollMs;
    const extent = this.#extents[payload.streamNumber]!;
    extent.fromOffset = extent.toOffset = this.#offset;
    extent.fromOrdinal = extent.toOrdinal = payload.ordinal;
    extent.isLost = false;
    if (isWrong && !payload.isCompressed) this.#lose(object);
  }

  append(object: TrackedObject, payload: PayloadFields): void {
    const extent = this.#extents[payload.streamNumber]!;
    if (!extent.isLost && payload.timeMs >= 0 && payload.timeMs !== object.timeMs) this.#lose(object);
    if (extent.isLost) {
      this.#cutPayload(payload);
    } else {
      extent.toOffset = this.#offset;
      extent.toOrdinal = payload.ordinal;
    }
  }

  complete(object: TrackedObject): void {
    this.#statistics.complete(object);
    const extent = this.#extents[object.stream.streamNumber]!;
    if (!extent.isLost) extent.cut = undefined;
  }

  abandon(object: TrackedObject, reason: BreakReason, payload: PayloadFields | undefined): void {
    if (!this.#extents[object.stream.streamNumber]!.isLost) this.#lose(object);
    if (payload !== undefined && reason !== "begins") this.#cutPayload(payload);
  }

  stray(_object: TrackedObject, payload: PayloadFields): void {
    this.#cutPayload(payload);
  }

  /** Gives up the object that a stream is in the middle of. */
  #lose({ stream: { streamNumber } }: TrackedObject): void {
    const extent = this.#extents[streamNumber]!;
    const { fromOffset, fromOrdinal, toOffset, toOrdinal } = extent;
    extent.isLost = true;
    this.lostObjectCount++;
    const from = { offset: fromOffset, ordinal: fromOrdinal };
    this.#cut(streamNumber, from, { offset: toOffset, ordinal: toOrdinal });
  }

  #cutPayload({ streamNumber, ordinal }: PayloadFields): void {
    const here = { offset: this.#offset, ordinal };
    this.#cut(streamNumber, here, here);
  }

  #cut(streamNumber: number, from: PayloadPosition, to: PayloadPosition): void {
    const extent = this.#extents[streamNumber]!;
    if (extent.cut !== undefined) {
      extent.cut.to = to;
      return;
    }
    extent.cut = { streamNumber, from, to };
    this.cuts.push(extent.cut);
  }
}
