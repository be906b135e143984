/**
 * Simple Indexes ([ASF] 6.1) from what the packets say.
 *
 * @module
 */

import { affordableInterval } from "../asf/indexes/interval.ts";
import { encodeObject } from "../asf/object.ts";
import { INDEX_ENTRY_BYTES, SIMPLE_INDEX_HEAD_BYTES, simpleIndex } from "../asf/objects/simple_index.ts";
import type { ObjectTable } from "../inspect/asf/scan/object_table.ts";
import type { PacketStatistics } from "../inspect/asf/scan/packet_statistics.ts";

/** Whole entries that are made in one go. */
const PIECE_ENTRIES = 1 << 14;
const MAX_WORD = 0xffff;

/** The index of one video stream. */
export interface StreamIndexPlan {
  readonly streamNumber: number;
  readonly keys: ObjectTable;
  readonly entryCount: number;
  readonly maxPacketCount: number;
}

/** All Simple Indexes of a file. */
export interface SimpleIndexPlan {
  /** Distance of entries. */
  readonly intervalMs: number;
  /** In the order in which they are to be written; none when no video stream has a key frame. */
  readonly streams: readonly StreamIndexPlan[];
  /** Size of all of them. */
  readonly byteLength: number;
  /** Whether every video stream that is to be seen can be sought in. */
  readonly isComplete: boolean;
}

/** Plans the indexes of a file whose packets are known. */
export function planSimpleIndexes(statistics: PacketStatistics, wantedIntervalMs: number): SimpleIndexPlan {
  const videos = statistics.visibleVideos;
  const isAny = videos.some(({ keys }) => keys!.count > 0);
  const dataBytes = statistics.packetCount * statistics.packetBytes;
  const intervalMs = affordableInterval(
    wantedIntervalMs,
    videos.length * INDEX_ENTRY_BYTES,
    statistics.lastMs,
    dataBytes,
  );
  const streams = !isAny ? [] : videos.map(({ stream, keys }) => {
    const entryCount = keys!.count === 0 ? 0 : Math.ceil(statistics.lastMs / intervalMs) + 1;
    let maxPacketCount = 0;
    for (const key of entryKeys(keys!, entryCount, intervalMs)) {
      maxPacketCount = Math.max(maxPacketCount, Math.min(MAX_WORD, keys!.span(key)));
    }
    return { streamNumber: stream.streamNumber, keys: keys!, entryCount, maxPacketCount };
  });
  return {
    intervalMs,
    streams,
    byteLength: streams.reduce((sum, one) => sum + SIMPLE_INDEX_HEAD_BYTES + INDEX_ENTRY_BYTES * one.entryCount, 0),
    isComplete: streams.length === videos.length && streams.every(({ entryCount }) => entryCount > 0),
  };
}

/** The bytes of the indexes, in pieces. @param fileId 16 bytes as stored. */
export function* simpleIndexBytes(
  { streams, intervalMs }: SimpleIndexPlan,
  fileId: Uint8Array,
): Generator<Uint8Array<ArrayBuffer>> {
  for (const { keys, entryCount, maxPacketCount } of streams) {
    yield encodeObject(simpleIndex, { fileId, intervalMs, maxPacketCount, entryCount });
    let piece = new DataView(new ArrayBuffer(Math.min(entryCount, PIECE_ENTRIES) * INDEX_ENTRY_BYTES));
    let used = 0;
    for (const key of entryKeys(keys, entryCount, intervalMs)) {
      piece.setUint32(used, keys.packet(key), true);
      piece.setUint16(used + 4, Math.min(MAX_WORD, keys.span(key)), true);
      used += INDEX_ENTRY_BYTES;
      if (used < piece.byteLength) continue;
      yield new Uint8Array(piece.buffer);
      piece = new DataView(new ArrayBuffer(piece.byteLength));
      used = 0;
    }
    if (used > 0) yield new Uint8Array(piece.buffer, 0, used);
  }
}

/** For each entry the last key frame at or before its time; the first one for those before all. */
function* entryKeys(keys: ObjectTable, entryCount: number, intervalMs: number): Generator<number, void, undefined> {
  let key = 0;
  for (let entry = 0; entry < entryCount; entry++) {
    while (key + 1 < keys.count && keys.timeMs(key + 1) <= entry * intervalMs) key++;
    yield key;
  }
}
