/**
 * Index objects behind the data ([ASF] 6) and what the header says of them ([ASF] 4.9–4.11).
 *
 * @module
 */

import type { Cursor } from "../../cursor.ts";

/** Types of entries: the packet with the last data, with the beginning of the last object … */
export const DATA_PACKET = 1;
export const MEDIA_OBJECT = 2;
/** … with that of the last key frame … */
export const CLEAN_POINT = 3;
/** … or how many objects lie between. */
export const FRAME_NUMBER = 0xff;

/** Which points of which stream an index lists. */
export interface IndexSpecifier {
  /** The stream. */
  readonly streamNumber: number;
  /** 1 nearest past data packet, 2 media object, 3 clean point, 0xFF frame number offset. */
  readonly type: number;
}

/** Index Parameters ([ASF] 4.9), Media Object Index Parameters ([ASF] 4.10) or Timecode Index Parameters ([ASF] 4.11). */
export interface IndexParameters {
  /** Distance of entries: milliseconds, or media objects. */
  readonly interval: number;
  /** What is indexed. */
  readonly specifiers: readonly IndexSpecifier[];
}

/** Reads the body of any of the three parameters objects. */
export function readIndexParameters(c: Cursor): IndexParameters {
  return { interval: c.u32(), specifiers: c.list(c.u16(), readSpecifier) };
}

/** Simple Index Object ([ASF] 6.1). */
export interface SimpleIndex {
  /** File ID, or zeros. */
  readonly fileId: string;
  /** Distance of entries on the presentation time axis, preroll included; 100 ns. */
  readonly intervalTicks: number;
  /** Largest of the packet counts. */
  readonly maxPacketCount: number;
  /** For each entry: number of the packet with the first fragment of the last key frame before. */
  readonly packetNumbers: Uint32Array;
  /** For each entry: how many packets the key frame spans. */
  readonly packetCounts: Uint16Array;
}

/** Reads the body of a Simple Index Object. */
export function readSimpleIndex(c: Cursor): SimpleIndex {
  const fileId = c.guid();
  const intervalTicks = c.u64();
  const maxPacketCount = c.u32();
  const claimed = c.u32();
  const count = Math.min(claimed, Math.floor(c.remaining / 6));
  if (count < claimed) c.overrun = true;
  const packetNumbers = new Uint32Array(count);
  const packetCounts = new Uint16Array(count);
  for (let at = 0; at < count; at++) {
    packetNumbers[at] = c.u32();
    packetCounts[at] = c.u16();
  }
  return { fileId, intervalTicks, maxPacketCount, packetNumbers, packetCounts };
}

/** A block of an Index Object ([ASF] 6.2), Media Object Index Object ([ASF] 6.3) or Timecode Index Object ([ASF] 6.4). */
export interface IndexBlock {
  /** Timecode range; Timecode Index only. */
  readonly timecodeRange?: number;
  /** Timecode of each entry, BCD 0xHHMMSSFF; Timecode Index only. */
  readonly timecodes?: Uint32Array;
  /** For each specifier: what is added to its offsets, relative to the first packet. */
  readonly positions: readonly number[];
  /** Entry after entry, one offset a specifier; 0xFFFFFFFF: none. */
  readonly offsets: Uint32Array;
}

/** Index Object ([ASF] 6.2), Media Object Index Object ([ASF] 6.3) or Timecode Index Object ([ASF] 6.4). */
export interface BlockIndex {
  /** Distance of entries: milliseconds, or media objects. */
  readonly interval: number;
  /** What is indexed. */
  readonly specifiers: readonly IndexSpecifier[];
  /** The entries; their numbering goes on over the blocks. */
  readonly blocks: readonly IndexBlock[];
}

/** Reads the body of an Index Object or a Media Object Index Object. */
export function readBlockIndex(c: Cursor): BlockIndex {
  return readBlocks(c, false);
}

/** Reads the body of a Timecode Index Object. */
export function readTimecodeIndex(c: Cursor): BlockIndex {
  return readBlocks(c, true);
}

function readBlocks(c: Cursor, withTimecodes: boolean): BlockIndex {
  const interval = c.u32();
  const specifierCount = c.u16();
  const blockCount = c.u32();
  const specifiers = c.list(specifierCount, readSpecifier);
  const blocks = c.list(blockCount, () => {
    const claimed = c.u32();
    const timecodeRange = withTimecodes ? c.u16() : undefined;
    const positions = specifiers.map(() => c.u64());
    const entryBytes = 4 * specifiers.length + (withTimecodes ? 4 : 0);
    const count = entryBytes === 0 ? 0 : Math.min(claimed, Math.floor(c.remaining / entryBytes));
    if (count < claimed) c.overrun = true;
    const timecodes = withTimecodes ? new Uint32Array(count) : undefined;
    const offsets = new Uint32Array(count * specifiers.length);
    let next = 0;
    for (let entry = 0; entry < count; entry++) {
      if (timecodes) timecodes[entry] = c.u32();
      for (let at = 0; at < specifiers.length; at++) offsets[next++] = c.u32();
    }
    return { timecodeRange, timecodes, positions, offsets };
  });
  return { interval, specifiers, blocks };
}

function readSpecifier(c: Cursor): IndexSpecifier {
  return { streamNumber: c.u16(), type: c.u16() };
}
