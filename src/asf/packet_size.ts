/**
 * How large packets are: as asked for, or as latency and sinks allow.
 *
 * @module
 */

import { PACKET_BYTES_MIN } from "../core/abi.ts";
import { MuxError } from "../errors.ts";
import { PAYLOAD_ROOM_BYTES } from "./payload_extensions.ts";
import { livePacketBytes } from "./rates.ts";

/** What the size of packets depends on. */
export interface PacketNeeds {
  /** As asked for. */
  readonly packetBytes: number;
  /** Of all streams. */
  readonly bitsPerSecond: number;
  /** Largest payload extension data. */
  readonly extensionBytes: number;
  readonly maxUnitBytes?: number;
  readonly maxLatencyMs?: number;
}

/** The size. @throws {MuxError} `too-large` when a sink takes no packet that is large enough. */
export function choosePacketBytes(needs: PacketNeeds): number {
  const { packetBytes, bitsPerSecond, extensionBytes, maxUnitBytes = Infinity, maxLatencyMs } = needs;
  const least = Math.max(PACKET_BYTES_MIN, PAYLOAD_ROOM_BYTES + extensionBytes);
  const wanted = maxLatencyMs === undefined ? packetBytes : livePacketBytes(bitsPerSecond, maxLatencyMs, packetBytes);
  const chosen = Math.min(Math.max(wanted, least), maxUnitBytes);
  if (chosen >= least) return chosen;
  throw new MuxError(
    "too-large",
    { action: "begin", reason: `packets have at least ${least} bytes, a sink takes at most ${maxUnitBytes}` },
  );
}
