/**
 * Header facts, set into a header that stays where it is and as large as it is ([ASF] 3.1, 3.2, 4.1, 5.1).
 *
 * @module
 */

import { UNFINISHED_MARK_BYTES } from "../../asf/checkpoint.ts";
import { guidBytes } from "../../asf/guid.ts";
import {
  DATA_FIELD,
  FILE_FIELD,
  FILE_ID_BYTES,
  HEADER_FIELD,
  patchDataHead,
  patchFileProperties,
  patchStreamSeekable,
  renewDataHead,
  STREAM_FIELD,
} from "../../asf/header_fields.ts";
import type { BlockIndex } from "../../asf/indexes/block_index.ts";
import { OBJECT_HEAD_BYTES, type ObjectSpec } from "../../asf/object.ts";
import { type IndexHead, indexObject, mediaObjectIndex, timecodeIndex } from "../../asf/objects/index.ts";
import { GUID } from "../../inspect/asf/guid.ts";
import { DATA_HEAD_BYTES, type Head } from "../../inspect/asf/head.ts";
import type { ExtendedStreamProperties } from "../../inspect/asf/objects/extended_stream.ts";
import type { PaddingBody } from "../../inspect/asf/objects/layouts.ts";
import { flatten } from "../../inspect/asf/objects/walk.ts";
import { playMsOf } from "./play_duration.ts";
import type { PacketStatistics } from "../../inspect/asf/scan/packet_statistics.ts";

const UNKNOWN_RATE = 0xffff_ffff;

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
  view.setUint32(HEADER_FIELD.objectCount, header.object.children.length, true);
  view.setUint16(HEADER_FIELD.reserved, 0x0201, true);
  let fileId = dataHead.subarray(DATA_FIELD.fileId, DATA_FIELD.fileId + FILE_ID_BYTES);
  for (const { guid, offset, size, fields } of flatten(header.object)) {
    if (offset + size > bytes.byteLength) continue;
    if (guid === GUID.fileProperties && size >= FILE_FIELD.maxBitsPerSecond + 4) {
      patchFile(view, offset, head, values);
      fileId = patched.slice(offset + FILE_FIELD.fileId, offset + FILE_FIELD.fileId + FILE_ID_BYTES);
    } else if (guid === GUID.extendedStreamProperties && size >= STREAM_FIELD.flags + 4) {
      patchStream(view, offset, fields as ExtendedStreamProperties, values);
    } else if (guid === GUID.padding && (fields as PaddingBody).isUnfinished) {
      patched.fill(0, offset + size - UNFINISHED_MARK_BYTES, offset + size);
    } else if (PARAMETERS.has(guid) && values.indexes !== "kept") {
      const index = values.indexes.find(({ object }) => object === PARAMETERS.get(guid));
      if (index !== undefined) {
        view.setUint32(offset + OBJECT_HEAD_BYTES, index.interval, true);
        continue;
      }
      patched.fill(0, offset + OBJECT_HEAD_BYTES, offset + size);
      patched.set(guidBytes(GUID.padding), offset);
    }
  }
  const dataAt = bytes.byteLength;
  renewDataHead(view, dataAt, fileId);
  patchDataHead(view, dataAt, packetCount, statistics.packetBytes);
  return patched;
}

function patchFile(view: DataView, at: number, { header }: Head, values: HeaderValues): void {
  const { statistics, packetCount, fileBytes, sendEndMs } = values;
  const { packetBytes } = statistics;
  const playMs = playMsOf(header, statistics, packetCount);
  // Windows' writers leave nonsense in the last packet's duration: sending ends before playing does.
  const sendMs = Math.max(statistics.lastSendMs, Math.min(sendEndMs, Math.ceil(playMs)));
  const isSeekable = statistics.visibleVideos.length === 0 || values.isIndexed;
  patchFileProperties(view, at, { fileBytes, packetCount, playMs, sendMs, isSeekable });
  view.setUint32(at + FILE_FIELD.minPacketBytes, packetBytes, true);
  view.setUint32(at + FILE_FIELD.maxPacketBytes, packetBytes, true);
  const rate = view.getUint32(at + FILE_FIELD.maxBitsPerSecond, true);
  if (rate !== 0 && rate !== UNKNOWN_RATE) return;
  const told = header.streams.reduce((sum, one) => sum + (one.isHidden ? 0 : one.bitsPerSecond), 0);
  const mediaMs = Math.max(1, playMs - (header.fileProperties?.prerollMs ?? 0));
  const found = Math.ceil(packetCount * packetBytes * 8000 / mediaMs);
  view.setUint32(at + FILE_FIELD.maxBitsPerSecond, Math.min(UNKNOWN_RATE - 1, told || found), true);
}

function patchStream(view: DataView, at: number, fields: ExtendedStreamProperties, values: HeaderValues): void {
  const stats = values.statistics.byNumber[fields.streamNumber];
  if (stats === undefined) return;
  patchStreamSeekable(view, at, !stats.isVideo || values.isIndexed);
  view.setUint32(at + STREAM_FIELD.maxObjectBytes, stats.largestBytes, true);
}
