/**
 * Simple Indexes ([ASF] 6.1) from what the packets say.
 *
 * @module
 */

import { affordableInterval } from "../../asf/indexes/interval.ts";
import { simpleIndexBytes, simpleIndexPieces } from "../../asf/indexes/simple_index.ts";
import { INDEX_ENTRY_BYTES } from "../../core/abi.ts";
import { indexEntries } from "../../core/index_entries.ts";
import { keyFrameRecord, KeyFrames } from "../../core/key_frames.ts";
import type { IndexEntries } from "../../core/types.ts";
import type { ObjectTable } from "../../inspect/asf/scan/object_table.ts";
import type { PacketStatistics } from "../../inspect/asf/scan/packet_statistics.ts";

/** All Simple Indexes of a file. */
export interface SimpleIndexPlan {
  /** Distance of entries. */
  readonly intervalMs: number;
  /** Of each video stream, in the order in which they are to be written; none when no stream has a key frame. */
  readonly indexes: readonly IndexEntries[];
  /** Size of all of them. */
  readonly byteLength: number;
  /** Whether every video stream that is to be seen can be sought in. */
  readonly isComplete: boolean;
}

/** Plans the indexes of a file whose packets are known. */
export function planSimpleIndexes(statistics: PacketStatistics, wantedIntervalMs: number): SimpleIndexPlan {
  const { visibleVideos: videos, packetCount, packetBytes, lastMs: endMs } = statistics;
  const entryBytes = videos.length * INDEX_ENTRY_BYTES;
  const intervalMs = affordableInterval(wantedIntervalMs, entryBytes, endMs, packetCount * packetBytes);
  const isAny = videos.some(({ keys }) => keys!.count > 0);
  const request = { slot: 0, intervalMs, firstPacket: 0, packetCount, timeBaseMs: 0, endMs };
  const indexes = !isAny ? [] : videos.map(({ keys }) => indexEntries(keyFramesOf(keys!), request));
  return {
    intervalMs,
    indexes,
    byteLength: indexes.reduce((sum, entries) => sum + simpleIndexBytes(entries), 0),
    isComplete: indexes.length === videos.length && indexes.every(({ entryCount }) => entryCount > 0),
  };
}

/** The bytes of the indexes, in pieces that are dead when the next one is asked for. @param fileId 16 bytes as stored. */
export function* planPieces(plan: SimpleIndexPlan, fileId: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
  for (const entries of plan.indexes) yield* simpleIndexPieces(entries, fileId, plan.intervalMs);
}

function keyFramesOf(keys: ObjectTable): KeyFrames {
  const keyFrames = new KeyFrames();
  for (let key = 0; key < keys.count; key++) {
    keyFrames.append(keyFrameRecord(keys.timeMs(key), keys.packet(key), keys.span(key)));
  }
  return keyFrames;
}
