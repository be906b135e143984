/**
 * Rules about Index, Media Object Index and Timecode Index Objects (I08–I10, I12).
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { GUID } from "../guid.ts";
import type { AsfHeader } from "../header.ts";
import { type BlockIndex, DATA_PACKET, FRAME_NUMBER } from "../objects/indexes.ts";
import type { AsfObject } from "../objects/walk.ts";
import { objectTarget, TimecodeColumn, type TimeColumn, timeColumn } from "../scan/index_targets.ts";
import type { PacketStatistics } from "../scan/packet_statistics.ts";

const NO_OFFSET = 0xffff_ffff;
/** Times of compressed payloads are within a millisecond. */
const TOLERANCE_MS = 1;

/** Checks one of these objects. */
export function checkBlockIndex(
  object: AsfObject,
  header: AsfHeader,
  statistics: PacketStatistics,
  findings: Findings,
): void {
  const { name, offset, size, guid } = object;
  const { specifiers, blocks } = object.fields as BlockIndex;
  const isTimecode = guid === GUID.timecodeIndex;
  const headBytes = isTimecode ? 6 : 4;
  const wanted = blocks.reduce((sum, { positions, offsets, timecodes }) => {
    return sum + headBytes + 8 * positions.length + 4 * offsets.length + 4 * (timecodes?.length ?? 0);
  }, 34 + 4 * specifiers.length);
  if (size !== wanted) findings.error("I08", offset + 16, `${name}: size must be ${wanted}, got ${size}`);
  const dataBytes = statistics.packetCount * statistics.packetBytes;
  for (const { positions, offsets } of blocks) {
    for (const [at, value] of offsets.entries()) {
      const specifier = at % specifiers.length;
      if (value === NO_OFFSET || specifiers[specifier]!.type === FRAME_NUMBER) continue;
      const address = positions[specifier]! + value;
      if (address < dataBytes && address % statistics.packetBytes === 0) continue;
      const entry = Math.floor(at / specifiers.length);
      findings.error("I09", offset, `${name}: entry ${entry} leads to byte ${address}, where no packet begins`);
    }
  }
  if (isTimecode) checkTimecodes(object, header, statistics, findings);
  else if (guid === GUID.index) checkTimes(object, statistics, findings);
  else checkObjects(object, statistics, findings);
}

/** One column, row by row over the blocks. */
function* columnOf({ specifiers, blocks }: BlockIndex, column: number, statistics: PacketStatistics) {
  let entry = 0;
  for (const { positions, offsets, timecodes, timecodeRange: range = 0 } of blocks) {
    for (let at = column, row = 0; at < offsets.length; at += specifiers.length, row++) {
      const value = offsets[at]!;
      const packet = value === NO_OFFSET ? undefined : (positions[column]! + value) / statistics.packetBytes;
      yield { entry: entry++, packet, range, timecode: timecodes?.[row] ?? 0 };
    }
  }
}

function checkTimes(object: AsfObject, statistics: PacketStatistics, findings: Findings): void {
  const index = object.fields as BlockIndex;
  const { interval, specifiers } = index;
  if (interval === 0) return;
  for (const [at, specifier] of specifiers.entries()) {
    const { hasCompressed: isLoose = false, earliestMs = 0, keys, objects } =
      statistics.byNumber[specifier.streamNumber] ??
        {};
    const firstPacket = (keys ?? objects)?.first;
    const slacks = isLoose ? [0, -TOLERANCE_MS, TOLERANCE_MS] : [0];
    const columns = slacks.map((slack): [number, TimeColumn | undefined] => [slack, timeColumn(specifier, statistics)]);
    if (columns.some(([, column]) => column === undefined)) continue;
    for (const { entry, packet } of columnOf(index, at, statistics)) {
      const wanted = columns.map(([slack, column]) => column!.at(entry * interval + slack));
      if (wanted[0]! < 0 || packet === undefined || wanted.includes(packet)) continue;
      if (entry * interval < earliestMs && (packet === 0 || packet === firstPacket)) continue;
      misleads(object, entry, specifier.streamNumber, packet, wanted[0]!, findings);
    }
  }
}

function checkObjects(object: AsfObject, statistics: PacketStatistics, findings: Findings): void {
  const index = object.fields as BlockIndex;
  if (index.interval === 0) return;
  for (const [at, { streamNumber, type }] of index.specifiers.entries()) {
    const stats = statistics.byNumber[streamNumber];
    if (type === FRAME_NUMBER || stats?.objects === undefined || stats.objects.isCut) continue;
    for (const { entry, packet } of columnOf(index, at, statistics)) {
      const wanted = objectTarget(stats, type, entry * index.interval);
      if (packet === undefined || packet === wanted) continue;
      misleads(object, entry, streamNumber, packet, wanted, findings);
    }
  }
}

function checkTimecodes(object: AsfObject, header: AsfHeader, statistics: PacketStatistics, findings: Findings): void {
  const { name, offset } = object;
  const index = object.fields as BlockIndex;
  const { specifiers, blocks } = index;
  for (const { streamNumber, type } of specifiers) {
    if (type === DATA_PACKET) findings.warn("I12", offset, `${name}: points of type 1 are not allowed`);
    const stream = header.streams.find((one) => one.streamNumber === streamNumber);
    if (!stream?.extended?.payloadExtensions.some(({ system }) => system === GUID.timecodeExtension)) {
      findings.warn("I12", offset, `${name}: stream ${streamNumber} carries no timecodes`);
    }
  }
  const ranges = blocks.map(({ timecodeRange = 0 }) => timecodeRange);
  if (ranges.some((range, at) => at > 0 && range < ranges[at - 1]!)) {
    findings.warn("I12", offset, `${name}: timecode ranges should ascend`);
  }
  if (blocks.some(({ timecodes }) => timecodes!.some((code, at) => at > 0 && code <= timecodes![at - 1]!))) {
    findings.warn("I12", offset, `${name}: timecodes of a range should ascend`);
  }
  for (const [at, { streamNumber, type }] of specifiers.entries()) {
    const stats = statistics.byNumber[streamNumber];
    if (stats?.objects === undefined || stats.objects.isCut || stats.timecodes === undefined) continue;
    const column = new TimecodeColumn(stats, type);
    for (const { entry, packet, ...code } of columnOf(index, at, statistics)) {
      const wanted = column.at(code);
      if (wanted === undefined || packet === undefined || packet === wanted) continue;
      misleads(object, entry, streamNumber, packet, wanted, findings);
    }
  }
}

function misleads(
  { name, offset }: AsfObject,
  entry: number,
  streamNumber: number,
  found: number,
  wanted: number,
  findings: Findings,
): void {
  const expected = wanted < 0 ? "none" : String(wanted);
  const message = `${name}: entry ${entry} of stream ${streamNumber} leads to packet ${found}, expected ${expected}`;
  findings.warn("I10", offset, message);
}
