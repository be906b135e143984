import type { AsfHeader } from "../../inspect/asf/header.ts";
import { saidPlayMs } from "../../inspect/asf/said_duration.ts";
import type { PacketStatistics } from "../../inspect/asf/scan/packet_statistics.ts";

/** End of the presentation, ms, preroll included: what its writer said, unless packets are lost or contradict it. */
export function playMsOf(header: AsfHeader, statistics: PacketStatistics, packetCount: number): number {
  const { lastMs, endMs } = statistics;
  if (header.fileProperties?.packetCount !== packetCount) return endMs;
  return saidPlayMs(header, lastMs, endMs) ?? endMs;
}
