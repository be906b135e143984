/**
 * Header facts, set into a header that stays where it is and as large as it is ([ASF] 3.1, 3.2, 4.1, 5.1).
 *
 * @module
 */

import { UNFINISHED_MARK_BYTES } from "../asf/checkpoint.ts";
import { guidBytes } from "../asf/guid.ts";
import type { BlockIndex } from "../asf/indexes/block_index.ts";
import { OBJECT_HEAD_BYTES, type ObjectSpec } from "../asf/object.ts";
import { FLAG_BROADCAST, FLAG_SEEKABLE } from "../asf/objects/file_properties.ts";
import { type IndexHead, indexObject, mediaObjectIndex, timecodeIndex } from "../asf/objects/index.ts";
import { GUID } from "../inspect/asf/guid.ts";
import { DATA_HEAD_BYTES, type Head } from "../inspect/asf/head.ts";
import type { ExtendedStreamProperties } from "../inspect/asf/objects/extended_stream.ts";
import type { PaddingBody } from "../inspect/asf/objects/layouts.ts";
import { flatten } from "../inspect/asf/objects/walk.ts";
import type { PacketStatistics } from "../inspect/asf/scan/packet_statistics.ts";

/** Where fields are, from the start of their objects. */
const HEADER = { objectCount: 24, reserved: 28 } as const;
const FILE = {
  fileId: 24,
  fileBytes: 40,
  packetCount: 56,
  playDuration: 64,
  sendDuration: 72,
  flags: 88,
  minPacketBytes: 92,
  maxPacketBytes: 96,
  maxBitsPerSecond: 100,
} as const;
const STREAM = { maxObjectBytes: 64, flags: 68 } as const;
const DATA = { size: 16, fileId: 24, packetCount: 40, reserved: 48 } as const;

const TICKS_PER_MS = 10_000;
const STREAM_SEEKABLE = 2;
const UNKNOWN_RATE = 0xffff_ffff;
const FILE_ID_BYTES = 16;

const INTERVAL_AT = 24;

/** What speaks of indexes, and of which. */
const PARAMETERS: ReadonlyMap<string, ObjectSpec<IndexHead>> = new Map([
  [GUID.indexParameters, indexObject],
  [GUID.mediaObjectIndexParameters, mediaObjectIndex],
  [GUID.timecodeIndexParameters, timecodeIndex],
]);

/** What the header is to say. */
export interface HeaderValues {
  readonly statistics: PacketStatistics;
  readonly packetCount: number;
  /** End of the last packet. */
  readonly sendEndMs: number;
  readonly fileBytes: number;
  /** Whether every video stream that is to be seen has its index. */
  readonly isIndexed: boolean;
  /** Indexes that the header announces: all of them are as they were, or these are new and the others gone. */
  readonly indexes: "kept" | readonly BlockIndex[];
}

/** The header with the head of the Data Object right behind it, brought up to date: a copy of the same size. */
export function patchHeader(head: Head, dataHead: Uint8Array, values: HeaderValues): Uint8Array<ArrayBuffer> {
  const { header, bytes } = head;
  const { statistics, packetCount } = values;
  const patched = new Uint8Array(bytes.byteLength + DATA_HEAD_BYTES);
  patched.set(bytes);
  patched.set(dataHead, bytes.byteLength);
  const view = new DataView(patched.buffer);
  view.setUint32(HEADER.objectCount, header.object.children.length, true);
  view.setUint16(HEADER.reserved, 0x0201, true);
  let fileId = dataHead.subarray(DATA.fileId, DATA.fileId + FILE_ID_BYTES);
  for (const { guid, offset, size, fields } of flatten(header.object)) {
    if (offset + size > bytes.byteLength) continue;
    if (guid === GUID.fileProperties && size >= FILE.maxBitsPerSecond + 4) {
      patchFileProperties(view, offset, head, values);
      fileId = patched.slice(offset + FILE.fileId, offset + FILE.fileId + FILE_ID_BYTES);
    } else if (guid === GUID.extendedStreamProperties && size >= STREAM.flags + 4) {
      patchStream(view, offset, fields as ExtendedStreamProperties, values);
    } else if (guid === GUID.padding && (fields as PaddingBody).isUnfinished) {
      patched.fill(0, offset + size - UNFINISHED_MARK_BYTES, offset + size);
    } else if (PARAMETERS.has(guid) && values.indexes !== "kept") {
      const index = values.indexes.find(({ object }) => object === PARAMETERS.get(guid));
      if (index !== undefined) {
        view.setUint32(offset + INTERVAL_AT, index.interval, true);
        continue;
      }
      patched.fill(0, offset + OBJECT_HEAD_BYTES, offset + size);
      patched.set(guidBytes(GUID.padding), offset);
    }
  }
  const dataAt = bytes.byteLength;
  patched.set(guidBytes(GUID.data), dataAt);
  setU64(view, dataAt + DATA.size, DATA_HEAD_BYTES + packetCount * statistics.packetBytes);
  patched.set(fileId, dataAt + DATA.fileId);
  setU64(view, dataAt + DATA.packetCount, packetCount);
  view.setUint16(dataAt + DATA.reserved, 0x0101, true);
  return patched;
}

function patchFileProperties(view: DataView, at: number, { header }: Head, values: HeaderValues): void {
  const { statistics, packetCount, fileBytes } = values;
  const playMs = statistics.lastMs + statistics.lastStepMs;
  setU64(view, at + FILE.fileBytes, fileBytes);
  setU64(view, at + FILE.packetCount, packetCount);
  setU64(view, at + FILE.playDuration, Math.round(playMs * TICKS_PER_MS));
  setU64(view, at + FILE.sendDuration, values.sendEndMs * TICKS_PER_MS);
  const isSeekable = statistics.visibleVideos.length === 0 || values.isIndexed;
  const flags = view.getUint32(at + FILE.flags, true) & ~(FLAG_BROADCAST | FLAG_SEEKABLE);
  view.setUint32(at + FILE.flags, flags | (isSeekable ? FLAG_SEEKABLE : 0), true);
  view.setUint32(at + FILE.minPacketBytes, statistics.packetBytes, true);
  view.setUint32(at + FILE.maxPacketBytes, statistics.packetBytes, true);
  const rate = view.getUint32(at + FILE.maxBitsPerSecond, true);
  if (rate !== 0 && rate !== UNKNOWN_RATE) return;
  const told = header.streams.reduce((sum, one) => sum + (one.isHidden ? 0 : one.bitsPerSecond), 0);
  const mediaMs = Math.max(1, playMs - (header.fileProperties?.prerollMs ?? 0));
  const found = Math.ceil(packetCount * statistics.packetBytes * 8000 / mediaMs);
  view.setUint32(at + FILE.maxBitsPerSecond, Math.min(UNKNOWN_RATE - 1, told || found), true);
}

function patchStream(view: DataView, at: number, fields: ExtendedStreamProperties, values: HeaderValues): void {
  const stats = values.statistics.byNumber[fields.streamNumber];
  if (stats === undefined) return;
  const isSeekable = !stats.isVideo || values.isIndexed;
  const flags = fields.flags & ~STREAM_SEEKABLE;
  view.setUint32(at + STREAM.flags, flags | (isSeekable ? STREAM_SEEKABLE : 0), true);
  view.setUint32(at + STREAM.maxObjectBytes, stats.largestBytes, true);
}

function setU64(view: DataView, at: number, value: number): void {
  view.setBigUint64(at, BigInt(value), true);
}
