/**
 * Rules about Simple Indexes (I01–I07).
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import type { SimpleIndex } from "../objects/indexes.ts";
import type { AsfObject } from "../objects/walk.ts";
import type { ObjectTable } from "../scan/object_table.ts";
import type { PacketStatistics, StreamStatistics } from "../scan/packet_statistics.ts";
import { TICKS_PER_MS } from "../ticks.ts";
import type { AsfIndexes } from "../trailer.ts";

const HEAD_BYTES = 56;
const ENTRY_BYTES = 6;

/** Checks every Simple Index, and whether there is one for each video stream. */
export function checkSimpleIndexes(
  objects: readonly AsfObject[],
  { simple }: AsfIndexes,
  statistics: PacketStatistics,
  findings: Findings,
): void {
  const videos = statistics.visibleVideos;
  const filled = simple.filter(({ packetNumbers }) => packetNumbers.length > 0);
  if (simple.length > 0 && simple.length !== videos.length && (videos.length > 0 || filled.length > 0)) {
    const message = `Simple Indexes: ${simple.length} for ${videos.length} video streams`;
    findings.warn("I06", objects[0]!.offset, message);
  }
  for (const [at, index] of simple.entries()) {
    const object = objects[at];
    if (object === undefined) return;
    checkEntries(object, index, statistics, findings);
    const video = videos[at];
    if (video !== undefined) checkTargets(object, index, video, videos, findings);
  }
}

function checkEntries(
  { name, offset, size }: AsfObject,
  index: SimpleIndex,
  statistics: PacketStatistics,
  findings: Findings,
): void {
  const { packetNumbers, packetCounts, intervalTicks, maxPacketCount } = index;
  const count = packetNumbers.length;
  const wanted = HEAD_BYTES + ENTRY_BYTES * count;
  if (size !== wanted) findings.error("I01", offset + 16, `${name}: size must be ${wanted}, got ${size}`);
  if (count === 0) return;
  if (intervalTicks === 0) findings.warn("I01", offset + 40, `${name}: interval is 0`);
  let largest = 0;
  for (let entry = 0; entry < count; entry++) {
    const packet = packetNumbers[entry]!;
    const span = packetCounts[entry]!;
    const at = offset + HEAD_BYTES + ENTRY_BYTES * entry;
    if (span > largest) largest = span;
    if (packet >= statistics.packetCount) {
      findings.error(
        "I02",
        at,
        `${name}: entry ${entry} leads to packet ${packet}, there are ${statistics.packetCount}`,
      );
    } else if (packet + span > statistics.packetCount) {
      findings.warn(
        "I02",
        at,
        `${name}: entry ${entry} spans packets ${packet} + ${span}, there are ${statistics.packetCount}`,
      );
    }
    if (entry > 0 && packet < packetNumbers[entry - 1]!) {
      findings.warn("I03", at, `${name}: entry ${entry} goes back to packet ${packet}`);
    }
    if (span === 0) findings.warn("I05", at, `${name}: entry ${entry} spans no packet`);
  }
  if (largest !== maxPacketCount) {
    findings.warn("I05", offset + 48, `${name}: maximum packet count should be ${largest}, got ${maxPacketCount}`);
  }
}

function checkTargets(
  object: AsfObject,
  index: SimpleIndex,
  video: StreamStatistics,
  videos: readonly StreamStatistics[],
  findings: Findings,
): void {
  const keys = video.keys!;
  const { name, offset } = object;
  const { intervalTicks, packetNumbers } = index;
  if (keys.isCut || keys.count === 0 || intervalTicks === 0) return;
  const [entry, wanted] = firstMismatch(index, keys);
  if (entry !== undefined) {
    const own = video.stream.streamNumber;
    const other = videos.find(({ keys }) => keys!.count > 0 && firstMismatch(index, keys!)[0] === undefined);
    const at = offset + HEAD_BYTES + ENTRY_BYTES * entry;
    if (other === undefined) {
      const found = packetNumbers[entry];
      findings.warn("I04", at, `${name}: entry ${entry} of stream ${own} leads to packet ${found}, expected ${wanted}`);
    } else {
      const number = other.stream.streamNumber;
      findings.warn("I06", offset, `${name}: stands where that of stream ${own} should, but is about stream ${number}`);
    }
  }
  const intervalMs = intervalTicks / TICKS_PER_MS;
  const lastKeyMs = keys.timeMs(keys.count - 1);
  const endMs = packetNumbers.length * intervalMs;
  if (endMs < lastKeyMs) {
    findings.warn("I07", offset, `${name}: ends at ${endMs - intervalMs} ms, the last key frame is at ${lastKeyMs} ms`);
  }
}

/** The first entry that does not lead to the last key frame at or before its time, and where it should lead. */
function firstMismatch(index: SimpleIndex, keys: ObjectTable): [entry?: number, wanted?: number] {
  const { intervalTicks, packetNumbers } = index;
  let next = 0;
  for (let entry = 0; entry < packetNumbers.length; entry++) {
    while (next < keys.count && keys.timeMs(next) * TICKS_PER_MS <= entry * intervalTicks) next++;
    const wanted = keys.packet(Math.max(0, next - 1));
    if (packetNumbers[entry] !== wanted) return [entry, wanted];
  }
  return [];
}
