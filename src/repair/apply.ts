/**
 * Writes what was worked out: in place, or as a copy.
 *
 * In place, the order is what makes it safe against being killed at any moment:
 *
 * 1. packets that change are overwritten, each with one write; what fills a hole before what it was taken from;
 * 2. what stands behind the data is cut off;
 * 3. the new indexes are appended;
 * 4. all of that is made durable, and one write brings the header up to date.
 *
 * Until the last step the header says what it said before, and the packets can be read as before: repairing such a file
 * once more gives the same result.
 *
 * @module
 */

import { blockIndexPieces } from "../asf/indexes/block_index.ts";
import { DATA_HEAD_BYTES } from "../inspect/asf/head.ts";
import { PIECE_BYTES } from "../inspect/byte_source.ts";
import type { Editable } from "../sinks/editable_file.ts";
import type { Sink } from "../sinks/sink.ts";
import { remainingPackets } from "./packet_edits.ts";
import type { InPlaceEdits, RepairPlan } from "./plan.ts";
import type { Scan } from "./scan.ts";
import { planPieces } from "./simple_indexes.ts";
import type { OpenTarget } from "./target.ts";

/** Changes the file where it lies. */
export async function applyInPlace(
  { file, head, dataHead }: OpenTarget,
  { edits, lateEdits }: InPlaceEdits,
  plan: RepairPlan,
): Promise<void> {
  const { packetCount, statistics, keptIndexes, header } = plan;
  for (const { offset, packet } of edits) if (packet !== undefined) await file.write(offset, packet);
  if (lateEdits.length > 0) await file.flush();
  for (const { offset, packet } of lateEdits) await file.write(offset, packet!);
  const dataEnd = head.bytes.byteLength + DATA_HEAD_BYTES + packetCount * statistics.packetBytes;
  let end = dataEnd + keptIndexes.byteLength;
  if (file.size > end) await file.truncate(end);
  for (const bytes of newIndexes(plan)) {
    await file.write(end, bytes);
    end += bytes.byteLength;
  }
  await file.flush();
  const before = new Uint8Array(header.byteLength);
  before.set(head.bytes);
  before.set(dataHead, head.bytes.byteLength);
  await writeDifference(file, before, header);
  await file.flush();
}

/** What stands behind the packets and the indexes that were kept, in pieces that are dead when the next one is asked for. */
function* newIndexes({ blockIndexes, simpleIndexes, fileId }: RepairPlan): Generator<Uint8Array<ArrayBuffer>> {
  for (const index of blockIndexes) yield* blockIndexPieces(index);
  yield* planPieces(simpleIndexes, fileId);
}

/** One write from the first byte that differs to the last one. */
async function writeDifference(file: Editable, before: Uint8Array, after: Uint8Array): Promise<void> {
  let start = 0;
  let end = after.byteLength;
  while (start < end && before[start] === after[start]) start++;
  while (end > start && before[end - 1] === after[end - 1]) end--;
  if (end > start) await file.write(start, after.subarray(start, end));
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
  try {
    await sink.open?.();
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
    await Promise.resolve(sink.abort(error)).catch(() => {}); // the first error is the one to tell
    throw error;
  }
}
