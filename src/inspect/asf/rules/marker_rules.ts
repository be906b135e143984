/**
 * Rules about markers (X05): their layout, and where they lead.
 *
 * @module
 */

import { u16At, u32At } from "../../cursor.ts";
import type { Findings } from "../../findings.ts";
import { GUID } from "../guid.ts";
import { DATA_HEAD_BYTES, type DataObjectHead } from "../head.ts";
import type { AsfHeader } from "../header.ts";
import { type AsfObject, flatten } from "../objects/walk.ts";
import type { PacketStatistics } from "../scan/packet_statistics.ts";
import { TICKS_PER_MS } from "../ticks.ts";

/** Fixed part of the Marker Object and of an entry ([ASF] 3.7). */
const MARKERS_AT = 48;
const ENTRY_HEAD_BYTES = 18;
const LEAST_ENTRY_BYTES = 12;
/** Packets whose send times are kept for comparison. */
const MAX_MARKER_COUNT = 65_536;

/** Checks the layout of all Marker Objects. */
export function checkMarkerLayout(header: AsfHeader, bytes: Uint8Array, findings: Findings): void {
  for (const { guid, name, offset, size } of flatten(header.object)) {
    const end = Math.min(offset + size, bytes.byteLength);
    if (guid !== GUID.marker || offset + MARKERS_AT > end) continue;
    const count = u32At(bytes, offset + 40);
    if (u16At(bytes, offset + 44) !== 0) findings.advise("X05", offset + 44, `${name}: reserved field should be 0`);
    let at = offset + MARKERS_AT + u16At(bytes, offset + 46);
    for (let marker = 0; marker < count && at + ENTRY_HEAD_BYTES + LEAST_ENTRY_BYTES <= end; marker++) {
      const entryBytes = u16At(bytes, at + 16);
      const wanted = LEAST_ENTRY_BYTES + 2 * u32At(bytes, at + 26);
      if (entryBytes < wanted) {
        findings.error("X05", at + 16, `${name}: entry must be ${wanted} bytes, got ${entryBytes}`);
      }
      if (u32At(bytes, at + 22) !== 0) findings.warn("X05", at + 22, `${name}: flags should be 0`);
      at += ENTRY_HEAD_BYTES + Math.max(LEAST_ENTRY_BYTES, entryBytes);
    }
  }
}

/** The packets that markers name: of these the send times are wanted. */
export function markedPackets(header: AsfHeader, data: DataObjectHead, packetBytes: number): number[] {
  return header.markers.slice(0, MAX_MARKER_COUNT)
    .map(({ dataOffset }) => packetAt(dataOffset, data, packetBytes))
    .filter((packet) => packet !== undefined);
}

/** Checks where markers lead, once the packets are known. */
export function checkMarkers(
  header: AsfHeader,
  data: DataObjectHead,
  statistics: PacketStatistics,
  findings: Findings,
): void {
  const object = flatten(header.object).find((one: AsfObject) => one.guid === GUID.marker);
  if (object === undefined) return;
  const { name, offset } = object;
  const playTicks = header.fileProperties?.isBroadcast
    ? Infinity
    : header.fileProperties?.playDurationTicks ?? Infinity;
  const keys = statistics.visibleVideos[0]?.keys;
  let last = 0;
  for (const [i, marker] of header.markers.slice(0, MAX_MARKER_COUNT).entries()) {
    const { timeTicks, sendTimeMs, dataOffset } = marker;
    const which = `${name}: marker ${i + 1}`;
    if (timeTicks < last) {
      findings.warn("X05", offset, `${which} at ${timeTicks / 1e7} s should not precede the one before`);
    }
    if (timeTicks > playTicks) findings.warn("X05", offset, `${which} at ${timeTicks / 1e7} s is beyond the end`);
    last = timeTicks;
    const packet = packetAt(dataOffset, data, statistics.packetBytes);
    if (packet === undefined || packet >= statistics.packetCount) {
      findings.warn("X05", offset, `${which} leads to byte ${dataOffset}, where no packet begins`);
      continue;
    }
    const sendMs = statistics.sendTimes.get(packet);
    if (sendMs !== undefined && sendMs >= 0 && sendMs !== sendTimeMs) {
      findings.warn(
        "X05",
        offset,
        `${which} says its packet is sent at ${sendTimeMs} ms, packet ${packet} is at ${sendMs} ms`,
      );
    }
    const timeMs = timeTicks / TICKS_PER_MS;
    const wanted = keys === undefined ? undefined : keyPacketAt(keys, timeMs);
    // Sound may begin before the first picture does, and a marker with it.
    const leadsToSound = wanted !== undefined && packet < wanted && keys!.timeMs(0) > timeMs;
    if (wanted !== undefined && wanted !== packet && !leadsToSound) {
      findings.warn("X05", offset, `${which} leads to packet ${packet}, its key frame begins in packet ${wanted}`);
    }
  }
}

/** Writers count from the Data Object, from its first packet, or from the start of the file. */
function packetAt(offset: number, data: DataObjectHead, packetBytes: number): number | undefined {
  for (const base of [DATA_HEAD_BYTES, 0, data.offset + DATA_HEAD_BYTES]) {
    const packet = (offset - base) / packetBytes;
    if (Number.isInteger(packet) && packet >= 0) return packet;
  }
  return undefined;
}

function keyPacketAt(keys: NonNullable<PacketStatistics["streams"][0]["keys"]>, timeMs: number): number | undefined {
  let found: number | undefined;
  for (let at = 0; at < keys.count && (found === undefined || keys.timeMs(at) <= timeMs); at++) found = keys.packet(at);
  return keys.isCut ? undefined : found;
}
