/**
 * What a Cluster has in front of its blocks, every field always as long, so that it can be replaced.
 *
 * ```text
 * 0 ID u32 · 4 size, eight bytes · 12 CRC-32, six bytes, if there is one · then Timestamp, ten bytes
 * ```
 *
 * @module
 */

import { crc32 } from "./crc32.ts";
import * as ID from "./ids.ts";

/** ID and size. */
export const CLUSTER_HEAD_BYTES = 12;
/** Elements behind them. */
export const CHECKSUM_BYTES = 6;
export const TIMESTAMP_BYTES = 10;

/** How many bytes are behind the head of the Cluster at `at`. */
export function clusterBodyBytes(view: DataView, at: number): number {
  return Number(view.getBigUint64(at + 4) & 0xFF_FFFF_FFFF_FFFFn);
}

/** Writes a Timestamp, always as long. */
export function setClusterTime(view: DataView, at: number, time: number): void {
  view.setUint16(at, ID.Timestamp << 8 | 0x88);
  view.setUint32(at + 2, Math.floor(time / 2 ** 32));
  view.setUint32(at + 6, time % 2 ** 32);
}

/** Writes the checksum of a whole Cluster that has one. */
export function setClusterChecksum(bytes: Uint8Array<ArrayBuffer>): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = CLUSTER_HEAD_BYTES + clusterBodyBytes(view, 0);
  view.setUint16(CLUSTER_HEAD_BYTES, ID.CRC32 << 8 | 0x84);
  view.setUint32(CLUSTER_HEAD_BYTES + 2, crc32(bytes, CLUSTER_HEAD_BYTES + CHECKSUM_BYTES, end), true);
}
