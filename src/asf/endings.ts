/**
 * Where a file may end before its time, when the medium is full: at packets that can be made to end with whole objects.
 *
 * One object at a time is laid out, so at the end of any packet at most one is unfinished, and the last payload is its
 * first fragment. For a place to end at, a copy of the packet without that is kept; places become rarer the farther back
 * they are, since a longer file has a longer index to make room for.
 *
 * @module
 */

import type { OutputFacts, Retreat } from "../container/container.ts";
import type { Milestone } from "./milestones.ts";
import { cutPacket } from "../packets/cut_packet.ts";

/** How many places are kept, each with at most one packet. */
const CAPACITY = 64;
/** Each place costs a copy of a packet: they come closely at first, then so many until there is twice as much. */
const PLACES_PER_DOUBLING = 16;
const LARGEST_DISTANCE_BYTES = 256 << 10;

/** What a file system gives out at once: a file that shrinks gives back whole ones only. */
const FILE_BLOCK_BYTES = 4096;

/** A place to end at. */
export interface Ending {
  readonly unitCount: number;
  /** How far the presentation had come there. */
  readonly milestone: Milestone;
  /** What is to stand there for the last packet; absent: what does. */
  readonly packet?: Uint8Array<ArrayBuffer>;
}

/** A packet that was closed by an object which may go on behind it. */
interface Candidate {
  readonly packet: number;
  /** That object. */
  readonly object: number;
  /** Without it. */
  readonly before: Milestone;
  /** With it. */
  readonly after: Milestone;
}

/** See the module's text. */
export class Endings {
  /** Ascending. */
  readonly #places: Ending[] = [];
  #candidates: Candidate[] = [];
  #dueAt = 0;

  /** Bytes from which on the next place is wanted. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** An object has closed a packet: what was said before it is in that and in those before. */
  propose(packet: number, object: number, before: Milestone, after: () => Milestone, packetBytes: number): void {
    const at = packet * packetBytes;
    if (at < this.#dueAt) return;
    this.#dueAt = at + Math.min(LARGEST_DISTANCE_BYTES, at / PLACES_PER_DOUBLING);
    this.#candidates.push({ packet, object, before, after: after() });
  }

  /** So many units end with a whole object. */
  close(unitCount: number, milestone: Milestone): void {
    this.#add({ unitCount, milestone });
  }

  /** Packets leave: those among them at which the file could end are kept. */
  handOut(bytes: Uint8Array<ArrayBuffer>, firstPacket: number, packetBytes: number): void {
    if (this.#candidates.length === 0) return;
    const end = firstPacket + bytes.byteLength / packetBytes;
    const here = this.#candidates.filter(({ packet }) => packet < end);
    if (here.length === 0) return;
    this.#candidates = this.#candidates.filter(({ packet }) => packet >= end);
    for (const { packet: number, object, before, after } of here) {
      const at = (number - firstPacket) * packetBytes;
      const { packet, isWhole, lastObject, sendEndMs } = cutPacket(bytes.subarray(at, at + packetBytes));
      if (isWhole) { // with the object that closed it, or closed since that one found no room
        const reached = lastObject === object ? after : before;
        this.#add({ unitCount: number + 1, milestone: { ...reached, sendEndMs } });
      } else if (packet) this.#add({ unitCount: number + 1, milestone: { ...before, sendEndMs }, packet });
      else this.#add({ unitCount: number, milestone: before });
    }
  }

  /** The last place behind `least`, and not behind `most`. */
  lastWithin(least: number, most: number): Ending | undefined {
    return this.#places.findLast(({ unitCount }) => unitCount > least && unitCount <= most);
  }

  #add(ending: Ending): void {
    const last = this.#places.at(-1);
    if (last && last.unitCount >= ending.unitCount) return; // one is enough, and the first is known exactly
    this.#places.push(ending);
    if (this.#places.length <= CAPACITY) return;
    for (let place = CAPACITY / 2; place > 0; place -= 2) this.#places.splice(place, 1);
  }
}

/** How many packets must give way to an index. */
export function roomFor(index: Iterable<Uint8Array>, packetBytes: number): number {
  let indexBytes = 0;
  for (const { byteLength } of index) indexBytes += byteLength;
  return indexBytes === 0 ? 0 : Math.ceil((indexBytes + FILE_BLOCK_BYTES) / packetBytes);
}

/** What an output keeps that ends there; nothing, if there is no such place. @param sampleCount Laid out by now. */
export function retreatTo(
  ending: Ending | undefined,
  { firstUnit, headerBytes }: OutputFacts,
  packetBytes: number,
  sampleCount: number,
  rebase: (packet: Uint8Array<ArrayBuffer>) => void,
): Retreat {
  if (!ending) return { unitCount: 0, dataBytes: 0, patches: [], samplesLost: sampleCount };
  const unitCount = ending.unitCount - firstUnit;
  const bytes = ending.packet?.slice();
  if (bytes) rebase(bytes);
  return {
    unitCount,
    dataBytes: unitCount * packetBytes,
    patches: bytes ? [{ offset: headerBytes + (unitCount - 1) * packetBytes, bytes }] : [],
    samplesLost: sampleCount - ending.milestone.sampleCount,
  };
}
