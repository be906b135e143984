/**
 * Finds the data packets of a file and gives them in blocks of whole packets.
 *
 * @module
 */

import type { Input } from "../byte_source.ts";
import { guidText } from "../cursor.ts";
import type { ProblemList } from "../problems.ts";
import { GUID } from "./guid.ts";
import { DATA_HEAD_BYTES, type Head } from "./head.ts";
import { OBJECT_HEAD_BYTES } from "./objects/walk.ts";

/** Whole packets back to back. */
export interface PacketBlock {
  /** The packets: a view, dead when the next block is asked for. */
  readonly bytes: Uint8Array;
  /** Offset in the file. */
  readonly offset: number;
  /** Number of the first packet, from 0. */
  readonly firstPacket: number;
}

/** Nothing fits into less. */
const MIN_PACKET_BYTES = 16;
/** Far above the 64 KiB of the format's practice, far below what would hurt. */
const MAX_PACKET_BYTES = 1 << 24;

/** What may stand where a packet could: the data ends here. */
const TOP_LEVEL_GUIDS: ReadonlySet<string> = new Set([
  GUID.header,
  GUID.data,
  GUID.simpleIndex,
  GUID.index,
  GUID.mediaObjectIndex,
  GUID.timecodeIndex,
]);

/** Their first bytes as stored: what tells nearly all packets apart at a glance. */
const FIRST_BYTES: ReadonlySet<number> = new Set(Array.from(TOP_LEVEL_GUIDS, (guid) => parseInt(guid.slice(6, 8), 16)));

/** Where the packets of a file are. */
export class PacketArea {
  /** Size of all packets; 0: none can be read. */
  readonly packetBytes: number;
  /** Offset of the first packet. */
  readonly start: number;
  readonly #input: Input;
  readonly #problems: ProblemList;
  /** Where the data ends by what the file says; `undefined`: where the input ends. */
  #declaredEnd: number | undefined;
  #foundEnd: number | undefined;
  readonly #isBroadcast: boolean;

  constructor(input: Input, head: Head, problems: ProblemList) {
    this.#input = input;
    this.#problems = problems;
    const properties = head.header.fileProperties;
    const packetBytes = properties?.maxPacketBytes ?? 0;
    this.#isBroadcast = properties?.isBroadcast ?? true;
    this.start = (head.data?.offset ?? 0) + DATA_HEAD_BYTES;
    const isPossible = packetBytes >= MIN_PACKET_BYTES && packetBytes <= MAX_PACKET_BYTES;
    this.packetBytes = isPossible && head.data !== undefined ? packetBytes : 0;
    if (properties !== undefined && properties.minPacketBytes !== packetBytes) {
      const message =
        `File Properties: packet sizes must be equal, got ${properties.minPacketBytes} and ${packetBytes}`;
      problems.add("F02", head.header.object.offset, message);
    }
    if (properties !== undefined && !isPossible) {
      const range = `${MIN_PACKET_BYTES}…${MAX_PACKET_BYTES}`;
      const message = `File Properties: packet size must be ${range}, got ${packetBytes}`;
      problems.add("F03", head.header.object.offset, message);
    }
  }

  /** Offset behind the last packet, once it is known. */
  get end(): number | undefined {
    return this.#foundEnd ?? this.#declaredEnd;
  }

  /**
   * Settles what the declared size is worth: nothing when it was never filled in, when it goes beyond the end, or when
   * the file is a broadcast or an unfinished one, unless another object stands where it says.
   */
  async settleEnd(head: Head): Promise<void> {
    const { data } = head;
    if (data === undefined || data.size < 2 * DATA_HEAD_BYTES) return;
    const end = data.offset + data.size;
    const { size, canSeek } = this.#input;
    if (canSeek && size !== undefined && end > size) {
      this.#reportEnd(end, size);
    } else if (!head.header.fileProperties?.isBroadcast && !head.header.isUnfinished) {
      this.#declaredEnd = end;
    } else if (canSeek && beginsObject(await this.#input.read(end, OBJECT_HEAD_BYTES), 0)) {
      this.#declaredEnd = end;
    }
  }

  /** How many packets there are by what is known of the end; `undefined`: nothing is. */
  get packetCount(): number | undefined {
    const end = this.end ?? this.#input.size;
    return end === undefined || this.packetBytes === 0 ? undefined : Math.floor((end - this.start) / this.packetBytes);
  }

  /** The packets from a number on. */
  async *blocks(firstPacket = 0): AsyncGenerator<PacketBlock, void, undefined> {
    const { packetBytes } = this;
    if (packetBytes === 0) return;
    let offset = this.start + firstPacket * packetBytes;
    for (;;) {
      const end = this.#declaredEnd ?? Infinity;
      const wantedCount = Math.floor((end - offset) / packetBytes);
      if (wantedCount <= 0) break;
      const answer = this.#input.readUnits(offset, packetBytes, wantedCount);
      const bytes = answer instanceof Uint8Array ? answer : await answer;
      const wholeCount = Math.floor(bytes.byteLength / packetBytes);
      const count = countPackets(bytes, packetBytes, wholeCount);
      const next = offset + count * packetBytes;
      if (count > 0) yield { bytes: bytes.subarray(0, count * packetBytes), offset, firstPacket };
      offset = next;
      firstPacket += count;
      if (count < wholeCount) {
        this.#foundEnd = offset;
        if (this.#declaredEnd !== undefined) {
          this.#problems.add("D01", offset, "Data Object: another object stands in it");
        }
        return;
      }
      if (wholeCount === 0) break;
    }
    await this.#finish(offset);
  }

  /** Fewer bytes than a packet are left, of the data or of the input. */
  async #finish(offset: number): Promise<void> {
    const declared = this.#declaredEnd;
    const left = await this.#input.read(offset, this.packetBytes);
    if (declared === undefined) {
      this.#foundEnd = beginsObject(left, 0) ? offset : offset + left.byteLength;
    } else if (left.byteLength < this.packetBytes && offset + left.byteLength < declared) {
      this.#foundEnd = offset + left.byteLength;
      this.#reportEnd(declared, this.#foundEnd);
    }
    const leftCount = (this.end ?? offset) - offset;
    if (leftCount > 0) {
      this.#problems.add(
        "D01",
        offset,
        `Data Object: ${leftCount} bytes behind the last packet, which are ignored`,
        this.#isBroadcast ? "W" : "E",
      );
    }
  }

  #reportEnd(declared: number, found: number): void {
    const start = this.start - DATA_HEAD_BYTES;
    this.#problems.add(
      "T04",
      start,
      `Data Object: must end inside the file, ends at ${declared}, the file at ${found}`,
    );
  }
}

/** How many of the packets come before an object that stands where a packet should. */
function countPackets(bytes: Uint8Array, packetBytes: number, wholeCount: number): number {
  for (let count = 0; count < wholeCount; count++) {
    if (beginsObject(bytes, count * packetBytes)) return count;
  }
  return wholeCount;
}

/** Whether a top-level object begins here. */
export function beginsObject(bytes: Uint8Array, at: number): boolean {
  return FIRST_BYTES.has(bytes[at]!) && at + OBJECT_HEAD_BYTES <= bytes.byteLength &&
    TOP_LEVEL_GUIDS.has(guidText(bytes, at));
}
