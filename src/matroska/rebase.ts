/**
 * Shifts the times of Clusters, for a file that begins in the middle of a session.
 *
 * @module
 */

import {
  CHECKSUM_BYTES,
  CLUSTER_HEAD_BYTES,
  clusterBodyBytes,
  setClusterChecksum,
  setClusterTime,
  TIMESTAMP_BYTES,
} from "./cluster_head.ts";
import * as ID from "./ids.ts";

/** Shifts whole Clusters, in place, to be so many ticks earlier; what would lie below zero is at zero. */
export function rebaseClusters(bytes: Uint8Array<ArrayBuffer>, ticks: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.byteLength;) {
    const end = at + CLUSTER_HEAD_BYTES + clusterBodyBytes(view, at);
    const hasChecksum = bytes[at + CLUSTER_HEAD_BYTES] === ID.CRC32;
    const timeAt = at + CLUSTER_HEAD_BYTES + (hasChecksum ? CHECKSUM_BYTES : 0);
    const time = Number(view.getBigUint64(timeAt + 2));
    setClusterTime(view, timeAt, Math.max(0, time - ticks));
    if (time < ticks) rebaseBlocks(view, timeAt + TIMESTAMP_BYTES, end, ticks - time);
    if (hasChecksum) setClusterChecksum(bytes.subarray(at, end));
    at = end;
  }
}

/** Blocks of a Cluster that cannot be as much earlier as they should. */
function rebaseBlocks(view: DataView, at: number, end: number, ticks: number): void {
  while (at < end) {
    const isGroup = view.getUint8(at) === ID.BlockGroup;
    let [body, bodyBytes] = readSize(view, at + 1);
    at = body + bodyBytes;
    if (isGroup) [body, bodyBytes] = readSize(view, body + 1); // a Block comes first
    const timeAt = body + (view.getUint8(body) >= 0x80 ? 1 : 2);
    view.setInt16(timeAt, Math.max(0, view.getInt16(timeAt) - ticks));
  }
}

function readSize(view: DataView, at: number): [body: number, size: number] {
  const first = view.getUint8(at);
  const count = Math.clz32(first) - 23;
  let size = first & 0xFF >> count;
  for (let i = 1; i < count; i++) size = size * 256 + view.getUint8(at + i);
  return [at + count, size];
}
