/**
 * How streams relate: bit rates ([ASF] 3.12), exclusion ([ASF] 3.8, 4.2, 4.3), priority ([ASF] 4.4), shared bandwidth
 * ([ASF] 4.5).
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";

/** Stream Bitrate Properties Object ([ASF] 3.12). */
export interface StreamBitrates {
  /** One record a stream; packet overhead is included. */
  readonly bitrates: readonly { readonly streamNumber: number; readonly bitsPerSecond: number }[];
}

/** Reads the body of a Stream Bitrate Properties Object. */
export function readStreamBitrates(c: Cursor): StreamBitrates {
  return { bitrates: c.list(c.u16(), () => ({ streamNumber: c.u16() & 0x7f, bitsPerSecond: c.u32() })) };
}

/** Bitrate Mutual Exclusion ([ASF] 3.8) and Advanced Mutual Exclusion ([ASF] 4.2): one of the streams at a time. */
export interface MutualExclusion {
  /** GUID of what tells them apart. */
  readonly exclusionType: string;
  /** The streams. */
  readonly streamNumbers: readonly number[];
}

/** Reads the body of a Bitrate or Advanced Mutual Exclusion Object. */
export function readMutualExclusion(c: Cursor): MutualExclusion {
  return { exclusionType: c.guid(), streamNumbers: readStreamNumbers(c) };
}

/** Group Mutual Exclusion Object ([ASF] 4.3): one of the groups at a time. */
export interface GroupMutualExclusion {
  /** GUID of what tells them apart. */
  readonly exclusionType: string;
  /** The streams of each group. */
  readonly groups: readonly (readonly number[])[];
}

/** Reads the body of a Group Mutual Exclusion Object. */
export function readGroupMutualExclusion(c: Cursor): GroupMutualExclusion {
  return { exclusionType: c.guid(), groups: c.list(c.u16(), readStreamNumbers) };
}

/** Stream Prioritization Object ([ASF] 4.4). */
export interface StreamPrioritization {
  /** Highest priority first. */
  readonly priorities: readonly { readonly streamNumber: number; readonly isMandatory: boolean }[];
}

/** Reads the body of a Stream Prioritization Object. */
export function readStreamPrioritization(c: Cursor): StreamPrioritization {
  return { priorities: c.list(c.u16(), () => ({ streamNumber: c.u16(), isMandatory: (c.u16() & 1) !== 0 })) };
}

/** Bandwidth Sharing Object ([ASF] 4.5). */
export interface BandwidthSharing {
  /** GUID: exclusive or partial. */
  readonly sharingType: string;
  /** Rate of the streams together. */
  readonly bitsPerSecond: number;
  /** Buffer of the streams together; sources contradict each other on its unit. */
  readonly bufferSize: number;
  /** The streams. */
  readonly streamNumbers: readonly number[];
}

/** Reads the body of a Bandwidth Sharing Object. */
export function readBandwidthSharing(c: Cursor): BandwidthSharing {
  return { sharingType: c.guid(), bitsPerSecond: c.u32(), bufferSize: c.u32(), streamNumbers: readStreamNumbers(c) };
}

function readStreamNumbers(c: Cursor): number[] {
  return c.list(c.u16(), () => c.u16());
}
