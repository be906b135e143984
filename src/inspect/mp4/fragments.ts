/**
 * Runs of samples out of Movie Fragment Boxes, without more being made of them.
 *
 * @module
 */

import type { ProblemList } from "../problems.ts";
import { type BoxHead, readBoxHead } from "./box.ts";
import type { FragmentDefaults } from "./movie.ts";
import type { FragmentRun } from "./sample_cursor.ts";

/** The flags of a Track Fragment Header ([ISO 14496-12] 8.8.7). */
const TFHD = { BASE: 1, DESCRIPTION: 2, DURATION: 8, SIZE: 16, FLAGS: 32, BASE_IS_MOOF: 0x20000 } as const;
/** The flags of a Track Fragment Run ([ISO 14496-12] 8.8.8). */
const TRUN = { OFFSET: 1, FIRST_FLAGS: 4, SIZE: 0x200, FIELDS: 0xF00 } as const;

/** Samples of no bytes that a run may have without an entry for each. */
const MAX_EMPTY_COUNT = 1 << 16;

/** Who takes the runs. */
export interface RunTaker {
  /** What a track's samples are by default; `undefined` for a track that there is not. */
  defaultsOf(trackId: number): FragmentDefaults | undefined;
  /** Takes a run of a track's samples. */
  take(trackId: number, run: FragmentRun): void;
}

/**
 * Reads a Movie Fragment Box.
 *
 * @param bytes The whole box, which the runs keep views of.
 */
export function readFragment(bytes: Uint8Array, head: BoxHead, taker: RunTaker, problems: ProblemList): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  /** Where the data of the track fragment before end: the next one's begin there, if it says nothing else. */
  let dataEnd = head.offset;
  for (const traf of boxesIn(bytes, head.headBytes, bytes.byteLength, head.offset)) {
    if (traf.type === "traf") dataEnd = readTrack(bytes, view, head, traf, dataEnd, taker, problems);
  }
}

interface Defaults extends FragmentDefaults {
  readonly base: number;
}

function readTrack(
  bytes: Uint8Array,
  view: DataView,
  moof: BoxHead,
  traf: BoxHead,
  dataEnd: number,
  taker: RunTaker,
  problems: ProblemList,
): number {
  const start = traf.offset - moof.offset;
  let trackId = 0;
  let defaults: Defaults | undefined;
  let decodeTime: number | undefined;
  let nextOffset = dataEnd;
  for (const box of boxesIn(bytes, start + traf.headBytes, start + traf.size, moof.offset)) {
    const at = box.offset - moof.offset + box.headBytes;
    const end = box.offset - moof.offset + box.size;
    if (box.type === "tfhd" && end - at >= 8) {
      trackId = view.getUint32(at + 4);
      const known = taker.defaultsOf(trackId);
      if (known === undefined) {
        problems.add("M21", box.offset, `tfhd box: must name a track of the movie, got ${trackId}`);
        return dataEnd;
      }
      defaults = readHeader(view, at, end, known, moof.offset, dataEnd);
      nextOffset = defaults.base;
    } else if (box.type === "tfdt" && end - at >= 8) {
      decodeTime = view.getUint8(at) === 1 && end - at >= 12
        ? view.getUint32(at + 4) * 4294967296 + view.getUint32(at + 8)
        : view.getUint32(at + 4);
    } else if (box.type === "trun" && end - at >= 8 && defaults !== undefined) {
      const run = readRun(view, at, end, defaults, decodeTime, nextOffset);
      decodeTime = undefined;
      const stated = view.getUint32(at + 4);
      if (run.left < stated) {
        problems.add("M06", box.offset, `trun box: has no room for ${stated} samples, ${run.left} are there`);
      }
      nextOffset = run.offset + runBytes(run);
      taker.take(trackId, run);
    }
  }
  return nextOffset;
}

function readHeader(
  view: DataView,
  at: number,
  end: number,
  known: FragmentDefaults,
  moofOffset: number,
  dataEnd: number,
): Defaults {
  const flags = view.getUint32(at) & 0xFFFFFF;
  let position = at + 8;
  const next = (isThere: number, byteCount: number, otherwise: number): number => {
    if (!isThere || position + byteCount > end) return otherwise;
    position += byteCount;
    return byteCount === 8
      ? view.getUint32(position - 8) * 4294967296 + view.getUint32(position - 4)
      : view.getUint32(position - 4);
  };
  return {
    base: next(flags & TFHD.BASE, 8, flags & TFHD.BASE_IS_MOOF ? moofOffset : dataEnd),
    descriptionIndex: next(flags & TFHD.DESCRIPTION, 4, known.descriptionIndex),
    duration: next(flags & TFHD.DURATION, 4, known.duration),
    size: next(flags & TFHD.SIZE, 4, known.size),
    flags: next(flags & TFHD.FLAGS, 4, known.flags),
  };
}

function readRun(
  view: DataView,
  start: number,
  end: number,
  defaults: Defaults,
  decodeTime: number | undefined,
  nextOffset: number,
): FragmentRun {
  const word = view.getUint32(start);
  const flags = word & 0xFFFFFF;
  let at = start + 8;
  let offset = nextOffset;
  let firstFlags: number | undefined;
  if (flags & TRUN.OFFSET && at + 4 <= end) offset = defaults.base + view.getInt32(at), at += 4;
  if (flags & TRUN.FIRST_FLAGS && at + 4 <= end) firstFlags = view.getUint32(at), at += 4;
  const entryBytes = bytesOfEntry(flags);
  const stated = view.getUint32(start + 4);
  const room = entryBytes > 0 ? Math.floor((end - at) / entryBytes) : defaults.size > 0 ? Infinity : MAX_EMPTY_COUNT;
  const left = Math.min(stated, room);
  return {
    view: new DataView(view.buffer, view.byteOffset + at, entryBytes * left),
    at: 0,
    left,
    fields: flags & TRUN.FIELDS,
    version: word >>> 24,
    offset,
    decodeTime,
    defaultDuration: defaults.duration,
    defaultSize: defaults.size,
    defaultFlags: defaults.flags,
    firstFlags,
    descriptionIndex: defaults.descriptionIndex,
  };
}

function bytesOfEntry(flags: number): number {
  let bytes = 0;
  for (let flag = 0x100; flag <= 0x800; flag <<= 1) if (flags & flag) bytes += 4;
  return bytes;
}

/** Size of the data of a run that has not begun. */
function runBytes({ view, fields, left, defaultSize }: FragmentRun): number {
  if ((fields & TRUN.SIZE) === 0) return left * defaultSize;
  const entryBytes = bytesOfEntry(fields);
  let sum = 0;
  for (let i = 0, at = fields & 0x100 ? 4 : 0; i < left; i++, at += entryBytes) sum += view.getUint32(at);
  return sum;
}

function* boxesIn(bytes: Uint8Array, start: number, end: number, base: number): Generator<BoxHead> {
  for (let at = start; at + 8 <= end;) {
    const head = readBoxHead(bytes, at, base + at, base + end);
    if (head === undefined) return;
    yield head;
    at += head.size;
  }
}
