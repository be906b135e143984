/**
 * Fields of a header that are set where it stands, by their places in their objects ([ASF] 3.1, 3.2, 4.1, 5.1).
 *
 * @module
 */

import { TICKS_PER_MS } from "../bytes/ticks.ts";
import * as GUID from "./guids.ts";
import { DATA_HEAD_BYTES } from "./objects/data.ts";
import { STREAM_FLAG_SEEKABLE } from "./objects/extended_stream_properties.ts";
import { MAX_DWORD } from "../bytes/limits.ts";
import { FLAG_BROADCAST, FLAG_LIVE, FLAG_SEEKABLE } from "./objects/file_properties.ts";

/** Size of an object, in every object. */
export const OBJECT_SIZE_AT = 16;
/** Header Object: number of objects in it, and two reserved bytes. */
export const HEADER_FIELD = { objectCount: 24, reserved: 28 } as const;
/** File Properties Object. */
export const FILE_FIELD = {
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
/** Extended Stream Properties Object. */
export const STREAM_FIELD = { maxObjectBytes: 64, flags: 68 } as const;
/** Data Object. */
export const DATA_FIELD = { fileId: 24, packetCount: 40, reserved: 48 } as const;

/** What a file ID takes. */
export const FILE_ID_BYTES = 16;

/** What File Properties say of a finished file. */
export interface FileTotals {
  /** The whole file, indexes included. */
  readonly fileBytes: number;
  readonly packetCount: number;
  /** Preroll included; may have a fraction. */
  readonly playMs: number;
  /** Preroll not included. */
  readonly sendMs: number;
  readonly isSeekable: boolean;
}

/** Completes the File Properties Object at `at`. */
export function patchFileProperties(view: DataView, at: number, totals: FileTotals): void {
  setU64(view, at + FILE_FIELD.fileBytes, totals.fileBytes);
  setU64(view, at + FILE_FIELD.packetCount, totals.packetCount);
  setU64(view, at + FILE_FIELD.playDuration, Math.round(totals.playMs * TICKS_PER_MS));
  setU64(view, at + FILE_FIELD.sendDuration, totals.sendMs * TICKS_PER_MS);
  const flags = FLAG_BROADCAST | FLAG_SEEKABLE | FLAG_LIVE;
  setFlags(view, at + FILE_FIELD.flags, flags, totals.isSeekable ? FLAG_SEEKABLE : 0);
}

/**
 * Marks the File Properties Object at `at` as that of a stream without an end, as Windows' own broadcasts are: a count of
 * 0 is a limit to some players.
 */
export function markAsLive(view: DataView, at: number): void {
  setU64(view, at + FILE_FIELD.packetCount, MAX_DWORD);
  setFlags(view, at + FILE_FIELD.flags, FLAG_BROADCAST | FLAG_SEEKABLE | FLAG_LIVE, FLAG_BROADCAST | FLAG_LIVE);
}

/** Sets whether a reader may seek in the stream of the Extended Stream Properties Object at `at`. */
export function patchStreamSeekable(view: DataView, at: number, isSeekable: boolean): void {
  setFlags(view, at + STREAM_FIELD.flags, STREAM_FLAG_SEEKABLE, isSeekable ? STREAM_FLAG_SEEKABLE : 0);
}

/** Completes the head of the Data Object at `at`: size and number of its packets. */
export function patchDataHead(view: DataView, at: number, packetCount: number, packetBytes: number): void {
  setU64(view, at + OBJECT_SIZE_AT, DATA_HEAD_BYTES + packetCount * packetBytes);
  setU64(view, at + DATA_FIELD.packetCount, packetCount);
}

/** Writes what of the Data Object's head at `at` is the same in every file, and the file ID. */
export function renewDataHead(view: DataView, at: number, fileId: Uint8Array): void {
  const bytes = new Uint8Array(view.buffer, view.byteOffset);
  bytes.set(GUID.data, at);
  bytes.set(fileId, at + DATA_FIELD.fileId);
  view.setUint16(at + DATA_FIELD.reserved, 0x0101, true);
}

function setU64(view: DataView, at: number, value: number): void {
  view.setBigUint64(at, BigInt(value), true);
}

/** Sets those of the flags that are in `mask`. */
function setFlags(view: DataView, at: number, mask: number, flags: number): void {
  view.setUint32(at, view.getUint32(at, true) & ~mask | flags, true);
}
