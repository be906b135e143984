/**
 * How far a session had come at certain numbers of packets: where an output may end while the session goes on, and where a
 * file may be cut off when its medium is full.
 *
 * One object at a time is laid out, so at the end of any packet at most one is unfinished, and the last payload is its
 * first fragment. A truncation point keeps a copy of such a packet without that payload. Points become rarer the farther
 * back they are, since a longer file has a longer index to make room for.
 *
 * ```text
 * objects     │ A │    B    │ C │ D │     E      │
 * packets     │    0    │    1    │    2    │    3 …
 * dueAt = 1:  B closes packet 0. With B not counted, that is the progress of packet 0; cut off behind packet 0 a file
 *             ends with A, and packet 0 is replaced by a copy without the first fragment of B.
 * ```
 *
 * @module
 */

import type { Progress } from "./stream_stats.ts";
import { cutPacket } from "../packets/cut_packet.ts";

/** So much progress is remembered at least: more than any output is behind when it ends. */
const PROGRESS_CAPACITY = 1024;

/** Progress is noted at most so often, once there is that much; before, at each packet number that is a power of two. */
const PROGRESS_DISTANCE_BYTES = 32 << 10;

/** How many truncation points are kept, each with at most one packet. */
const POINT_CAPACITY = 64;

/** Each point costs a copy of a packet: they come closely at first, then so many until there is twice as much. */
const POINTS_PER_DOUBLING = 16;
const LARGEST_POINT_DISTANCE_BYTES = 256 << 10;

/** Where a file can be cut off so that it ends with a whole object. */
export interface TruncationPoint {
  /** Packets that are left. */
  readonly packetCount: number;
  /** How far the presentation had come there. */
  readonly progress: Progress;
  /** What is to stand there for the last packet; absent: what does. */
  readonly packet?: Uint8Array<ArrayBuffer>;
}

/** A packet that was closed by an object which may go on behind it. */
interface Candidate {
  readonly packet: number;
  /** That object. */
  readonly object: number;
  /** Progress without it, and with it. */
  readonly before: Progress;
  readonly after: Progress;
}

/** Such a packet's bytes: what a file that ends with it is told only when one is to. */
interface Uncut extends Candidate {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** See the module's text. */
export class ProgressLog {
  /** Number of packets from which on the progress before each sample is wanted, until `note` takes it. */
  dueAt: number;
  readonly #packetBytes: number;
  readonly #now: () => Progress;
  /** Progress by number of packets, ascending. */
  readonly #log = new Map<number, Progress>();
  /** Ascending. */
  readonly #points: (TruncationPoint | Uncut)[] = [];
  #candidates: Candidate[] = [];
  /** Bytes from which on the next truncation point is wanted. */
  #pointDueAt = 0;

  /** @param now How far the presentation has come by now. */
  constructor(packetBytes: number, now: () => Progress) {
    this.#packetBytes = packetBytes;
    this.#now = now;
    this.dueAt = 1;
  }

  get #distance(): number {
    return Math.ceil(PROGRESS_DISTANCE_BYTES / this.#packetBytes);
  }

  /**
   * An object has closed packets.
   *
   * @param object As `objectId` names it.
   * @param before Progress without it.
   * @param firstClosed Number of the first packet that it closed.
   * @param packetCount Packets closed by now.
   */
  note(object: number, before: Progress, firstClosed: number, packetCount: number): void {
    this.#remember(packetCount, before);
    const bytes = firstClosed * this.#packetBytes;
    if (bytes >= this.#pointDueAt) {
      this.#pointDueAt = bytes + Math.min(LARGEST_POINT_DISTANCE_BYTES, bytes / POINTS_PER_DOUBLING);
      this.#candidates.push({ packet: firstClosed, object, before, after: this.#now() });
    }
    // Every sample until the next packet closes is asked how far it has come, which takes as long as all else about it.
    const distance = Math.min(packetCount, this.#distance);
    this.dueAt = Math.max(packetCount + distance, this.#pointDueAt / this.#packetBytes);
  }

  /** The open packet was closed: everything is in so many packets, and they end with a whole object. */
  close(packetCount: number): void {
    const progress = this.#now();
    this.#remember(packetCount, progress);
    this.#addPoint({ packetCount, progress });
  }

  /** Packets leave: an output may end behind them, and those among them at which a file could are kept. */
  handOut(bytes: Uint8Array<ArrayBuffer>, firstPacket: number): void {
    const packetCount = firstPacket + bytes.byteLength / this.#packetBytes;
    if (this.#candidates.length > 0) this.#settle(bytes, firstPacket, packetCount);
    if (!this.#log.has(packetCount)) this.#remember(packetCount, this.#now()); // about
  }

  #settle(bytes: Uint8Array<ArrayBuffer>, firstPacket: number, packetCount: number): void {
    const here = this.#candidates.filter(({ packet }) => packet < packetCount);
    if (here.length === 0) return;
    this.#candidates = this.#candidates.filter(({ packet }) => packet >= packetCount);
    for (const candidate of here) {
      const { packet } = candidate;
      const at = (packet - firstPacket) * this.#packetBytes;
      // What closed behind it may be known already, where all leaves at once.
      const place = this.#points.findLastIndex((point) => countOf(point) <= packet + 1) + 1;
      if (place > 0 && countOf(this.#points[place - 1]!) === packet + 1) continue;
      this.#keep({ ...candidate, bytes: bytes.slice(at, at + this.#packetBytes) }, place);
    }
  }

  /** The last truncation point behind `least` packets, and not behind `most`; `at` answers its progress from now on. */
  truncationPoint(least: number, most: number): TruncationPoint | undefined {
    for (let i = this.#points.length - 1; i >= 0; i--) {
      const point = this.#cut(i);
      if (i > 0 && this.#cut(i - 1).packetCount >= point.packetCount) continue; // which is known exactly
      if (point.packetCount > most) continue;
      if (point.packetCount <= least) return undefined;
      this.#remember(point.packetCount, point.progress);
      return point;
    }
    return undefined;
  }

  /** A point, once its packet is cut. */
  #cut(index: number): TruncationPoint {
    const point = this.#points[index]!;
    return "bytes" in point ? this.#points[index] = pointOf(point) : point;
  }

  /** How far the presentation had come at so many packets; if that was not noted, as far as it has by now. */
  at(packetCount: number): Progress {
    return this.#log.get(packetCount) ?? this.#now();
  }

  #remember(packetCount: number, progress: Progress): void {
    this.#log.set(packetCount, progress);
    if (this.#log.size < 2 * PROGRESS_CAPACITY) return;
    for (const oldest of this.#log.keys()) { // many at once: each time the first one has to be looked for
      if (this.#log.size === PROGRESS_CAPACITY) break;
      this.#log.delete(oldest);
    }
  }

  #addPoint(point: TruncationPoint): void {
    if (this.#points.length > 0 && this.#cut(this.#points.length - 1).packetCount >= point.packetCount) {
      return; // one is enough
    }
    this.#keep(point);
  }

  #keep(point: TruncationPoint | Uncut, place = this.#points.length): void {
    this.#points.splice(place, 0, point);
    if (this.#points.length <= POINT_CAPACITY) return;
    for (let at = POINT_CAPACITY / 2; at > 0; at -= 2) this.#points.splice(at, 1);
  }
}

/** Packets up to there, those that may be taken out included. */
function countOf(point: TruncationPoint | Uncut): number {
  return "bytes" in point ? point.packet + 1 : point.packetCount;
}

/** Where a file can end that has a packet last. */
function pointOf({ packet: number, object, before, after, bytes }: Uncut): TruncationPoint {
  const { packet, isWhole, lastObject, sendEndMs } = cutPacket(bytes);
  if (isWhole) { // with the object that closed it, or closed since that one found no room
    const reached = lastObject === object ? after : before;
    return { packetCount: number + 1, progress: { ...reached, sendEndMs } };
  }
  if (packet) return { packetCount: number + 1, progress: { ...before, sendEndMs }, packet };
  return { packetCount: number, progress: before };
}
