/**
 * File Properties ([ASF] 3.2).
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";

/** File Properties Object ([ASF] 3.2). Ticks are 100 ns. QWORDs above 2^53 are rounded. */
export interface FileProperties {
  /** Identifies the file; equals the Data Object's. */
  readonly fileId: string;
  /** Size of the whole file; meaningless when broadcast. */
  readonly fileBytes: number;
  /** Creation: 100 ns since 1601-01-01 UTC. */
  readonly creationTicks: bigint;
  /** Number of data packets; meaningless when broadcast. */
  readonly packetCount: number;
  /** End of the presentation, preroll included; meaningless when broadcast. */
  readonly playDurationTicks: number;
  /** End of sending; meaningless when broadcast. */
  readonly sendDurationTicks: number;
  /** Added to every stored presentation time. */
  readonly prerollMs: number;
  /** The flags as stored. */
  readonly flags: number;
  /** Flag bit 0: live, or never finished. */
  readonly isBroadcast: boolean;
  /** Flag bit 1. */
  readonly isSeekable: boolean;
  /** Smallest packet size; must equal the largest. */
  readonly minPacketBytes: number;
  /** Largest packet size: the distance of packets in the file. */
  readonly maxPacketBytes: number;
  /** Sum over the streams, packet overhead included. */
  readonly maxBitsPerSecond: number;
}

/** Reads the body of a File Properties Object. */
export function readFileProperties(c: Cursor): FileProperties {
  const fileId = c.guid();
  const fileBytes = c.u64();
  const creationTicks = c.bigU64();
  const packetCount = c.u64();
  const playDurationTicks = c.u64();
  const sendDurationTicks = c.u64();
  const prerollMs = c.u64();
  const flags = c.u32();
  return {
    fileId,
    fileBytes,
    creationTicks,
    packetCount,
    playDurationTicks,
    sendDurationTicks,
    prerollMs,
    flags,
    isBroadcast: (flags & 1) !== 0,
    isSeekable: (flags & 2) !== 0,
    minPacketBytes: c.u32(),
    maxPacketBytes: c.u32(),
    maxBitsPerSecond: c.u32(),
  };
}
