/**
 * Passes packets one by one: each is taken apart once, its objects are followed, and what it holds is told.
 *
 * @module
 */

import type { ProblemList } from "../../problems.ts";
import type { AsfHeader } from "../header.ts";
import { type ObjectListener, ObjectTracker } from "../object_tracker.ts";
import { PacketWalker, type PayloadVisitor } from "../packet_walker.ts";

/** Walks packets, with the objects in them told to a listener. */
export class PacketScanner {
  /** What the last packet says of itself. */
  readonly walker: PacketWalker;
  /** Follows the objects. */
  readonly tracker: ObjectTracker;

  /** @param problems Where the walker reports packets that cannot be taken apart. */
  constructor(header: AsfHeader, packetBytes: number, problems: ProblemList, listener: ObjectListener) {
    this.walker = new PacketWalker(packetBytes, problems);
    this.tracker = new ObjectTracker(header, listener);
  }

  /**
   * Passes the packet in `bytes[start..end)`: from 0, the packet `number`, at `offset` of the file.
   *
   * @param visitor Is told the payloads in the tracker's place, to pass them on to it.
   */
  scan(
    bytes: Uint8Array,
    start: number,
    end: number,
    number: number,
    offset: number,
    visitor: PayloadVisitor = this.tracker,
  ): void {
    this.tracker.beginPacket(bytes, number, offset);
    this.walker.walk(bytes, start, end, offset, visitor);
  }

  /** No packet comes any more. */
  finish(): void {
    this.tracker.finish();
  }
}
