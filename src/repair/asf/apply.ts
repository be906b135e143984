/**
 * Writes what was worked out: in place, or as a copy.
 *
 * In place, the order is what makes it safe against being killed at any moment:
 *
 * 1. the file gets its new length, where it grows, with what of the new indexes belongs there: should the disk be full,
 *    nothing else has changed, and it is cut back;
 * 2. packets that change are overwritten, each with one write; what fills a hole before what it was taken from;
 * 3. the new indexes are written over what stands behind the data, and the rest of that is cut off;
 * 4. all of that is made durable, and one write brings the header up to date.
 *
 * Until the last step the header says what it said before, and the packets can be read as before: repairing such a file
 * once more gives the same result.
 *
 * @module
 */

import { blockIndexPieces } from "../../asf/indexes/block_index.ts";
import { DATA_HEAD_BYTES } from "../../inspect/asf/head.ts";
import { PIECE_BYTES } from "../../inspect/byte_source.ts";
import type { Editable } from "../../sinks/editable_file.ts";
import type { Sink } from "../../sinks/sink.ts";
import { remainingPackets } from "./packet_edits.ts";
import type { InPlaceEdits, RepairPlan } from "./plan.ts";
import type { Scan } from "./scan.ts";
import { planPieces } from "./simple_indexes.ts";
import type { OpenTarget } from "./target.ts";
import { discard, writeDifference } from "../writing.ts";

/** Changes the file where it lies. */
export async function applyInPlace(
  { file, head, dataHead }: OpenTarget,
  { edits, lateEdits }: InPlaceEdits,
  plan: RepairPlan,
): Promise<void> {
  const { packetCount, statistics, keptIndexes, header } = plan;
  const dataEnd = head.bytes.byteLength + DATA_HEAD_BYTES + packetCount * statistics.packetBytes;
  const keptEnd = dataEnd + keptIndexes.byteLength;
  const oldSize = file.size;
  await grow(file, keptEnd, plan);
  for (const { offset, packet } of edits) if (packet !== undefined) await file.write(offset, packet);
  if (lateEdits.length > 0) await file.flush();
  for (const { offset, packet } of lateEdits) await file.write(offset, packet!);
  let end = keptEnd;
  for (const bytes of newIndexes(plan)) {
    if (end < oldSize) await file.write(end, bytes.subarray(0, oldSize - end));
    end += bytes.byteLength;
  }
  if (file.size > end) await file.truncate(end);
  await file.flush();
  const before = new Uint8Array(header.byteLength);
  before.set(head.bytes);
  before.set(dataHead, head.bytes.byteLength);
  await writeDifference(file, before, header);
  await file.flush();
}

/**
 * Writes what of the new indexes lies behind the file's end, before anything is changed: where there is no room for it,
 * the file stays as it is.
 */
async function grow(file: Editable, start: number, plan: RepairPlan): Promise<void> {
  const oldSize = file.size;
  let end = start;
  try {
    for (const bytes of newIndexes(plan)) {
      const known = Math.min(bytes.byteLength, Math.max(0, oldSize - end));
      if (known < bytes.byteLength) await file.write(end + known, bytes.subarray(known));
      end += bytes.byteLength;
    }
  } catch (error) {
    await Promise.resolve(file.truncate(oldSize)).catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

/** What stands behind the packets and the indexes that were kept, in pieces that are dead when the next one is asked for. */
function* newIndexes({ blockIndexes, simpleIndexes, fileId }: RepairPlan): Generator<Uint8Array<ArrayBuffer>> {
  for (const index of blockIndexes) yield* blockIndexPieces(index);
  yield* planPieces(simpleIndexes, fileId);
}

/** Writes a new file; it needs no patching. */
export async function applyToSink(target: OpenTarget, scan: Scan, plan: RepairPlan, sink: Sink): Promise<void> {
  const { input } = target;
  const { packetBytes } = scan;
  const own = (bytes: Uint8Array) => (sink.keepsBytes ? bytes.slice() : bytes) as Uint8Array<ArrayBuffer>;
  const behind = async (bytes: Uint8Array) => {
    if (sink.trailer !== undefined) await sink.trailer(own(bytes));
    else await sink.data(own(bytes), { unitCount: 1, firstUnit: plan.packetCount, timestamp: 0, cleanPoints: [] });
  };
  let isOpen = false;
  try {
    await sink.open?.();
    isOpen = true;
    await sink.header(plan.header);
    let firstUnit = 0;
    for await (const bytes of remainingPackets(input, scan)) {
      const unitCount = bytes.byteLength / packetBytes;
      await sink.data(own(bytes), { unitBytes: packetBytes, unitCount, firstUnit, timestamp: 0, cleanPoints: [] });
      firstUnit += unitCount;
    }
    const { offset, byteLength } = plan.keptIndexes;
    for (let at = 0; at < byteLength; at += PIECE_BYTES) {
      await behind(await input.read(offset + at, Math.min(PIECE_BYTES, byteLength - at)));
    }
    for (const bytes of newIndexes(plan)) await behind(bytes);
    await sink.close();
  } catch (error) {
    if (isOpen) await discard(sink, error);
    throw error;
  }
}
