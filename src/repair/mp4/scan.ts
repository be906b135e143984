/**
 * Finds what of an MP4 file is whole.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Input } from "../../inspect/byte_source.ts";
import { type BoxHead, childOf, childrenOf, type Mp4Box, numberIn } from "../../inspect/mp4/box.ts";
import { readBox } from "../../inspect/mp4/box_reader.ts";
import { MediaRanges } from "../../inspect/mp4/media_ranges.ts";
import type { Mp4Movie } from "../../inspect/mp4/movie.ts";
import { Mp4Reader } from "../../inspect/mp4/reader.ts";
import type { SampleCursor } from "../../inspect/mp4/sample_cursor.ts";
import { samplesInOrder } from "../../inspect/mp4/stored_order.ts";
import { TopWalker } from "../../inspect/mp4/top_walker.ts";
import { ProblemList } from "../../inspect/problems.ts";
import { LossList } from "../loss_list.ts";
import { readAll } from "../reading.ts";
import { type Loss, REPAIR } from "../report.ts";
import { Rows } from "../rows.ts";
import { codeOf } from "./boxes.ts";
import { TrackTables } from "./track_tables.ts";

/** Columns of the table of chunks: samples of one track behind each other, in the order of the file. */
export const CHUNK = { track: 0, offset: 1, byteLength: 2, sampleCount: 3, descriptionIndex: 4 } as const;

/** What was found. */
export interface Mp4Scan {
  readonly movie: Mp4Movie;
  /** The Movie Box as it is. */
  readonly rawMovie: Uint8Array<ArrayBuffer>;
  readonly fileType: Mp4Box | undefined;
  /** The first box that is no File Type Box. */
  readonly first: BoxHead;
  /** Boxes beside the media that are to stay. */
  readonly others: readonly BoxHead[];
  /** By position of the tracks. */
  readonly tables: readonly TrackTables[];
  /** Rows as {@linkcode CHUNK} says. */
  readonly chunks: Rows;
  readonly sampleCount: number;
  /** Samples that are promised, and are not there, or not whole. */
  readonly missingCount: number;
  readonly losses: readonly Loss[];
  readonly lostBytes: number;
  /** Whether players find the samples of a fragmented file at once, and how long it is. */
  readonly isIndexed: boolean;
  /** The Media Data Box at the end, if it has another size than it says. */
  readonly lastMedia: BoxHead | undefined;
  /** Where the last whole thing ends. */
  readonly end: number;
  readonly size: number;
}

const LIKE = "a whole file of the same recorder, given as like, may show it";
const NO_MOVIE = `it has no Movie Box (moov), which says what its samples are and where they lie; ${LIKE}`;
const CUT_MOVIE = `its Movie Box (moov) is cut off, which says what its samples are and where they lie; ${LIKE}`;

/** What says nothing that the tables do not say. */
const LEFT_OUT: ReadonlySet<number> = new Set(
  ["ftyp", "styp", "moov", "moof", "mdat", "mfra", "sidx", "ssix", "prft", "free", "skip", "wide", "pnot"].map(codeOf),
);
/** What has to be said for itself is not more than that. */
const MAX_OTHER_COUNT = 1000;
const LONGEST_CHUNK_BYTES = 1 << 20;
/** Samples may lie over each other, but not so often. */
const MOST_PROMISES = 4;
const FREE_PROMISE_BYTES = 1 << 24;
const MAX_INDEX_BYTES = 1 << 26;
/** A stated duration may be so much too short. */
const SHORT_SHARE = 0.95;

const BOX = { code: 0, offset: 1, end: 2 } as const;

/**
 * Scans a file.
 *
 * @throws {MuxError} `bad-media` when it has no Movie Box, or none of its samples is whole; `unsupported` when they are
 * encrypted; `too-large` when there are too many parts.
 */
export async function scanMp4(input: Input): Promise<Mp4Scan> {
  const top = new TopBoxes(input);
  await top.run();
  const problems = new ProblemList();
  const reader = await Mp4Reader.open(input, problems);
  const { movie } = reader;
  requireSound(movie, problems);
  refuseEncrypted(movie);
  const samples = new Samples(reader, top.media, input.size ?? 0);
  await samples.run();
  if (samples.sampleCount === 0) {
    throw new MuxError("bad-media", { action: REPAIR, reason: "it holds no whole sample" });
  }
  const size = input.size ?? 0;
  const { last } = top;
  const isCut = last !== undefined && (last.statedSize === undefined || last.statedSize > last.size);
  const isMedia = last?.type === "mdat";
  const end = !isCut
    ? Math.max(top.end, samples.end)
    : isMedia && samples.end > last.offset + last.headBytes
    ? samples.end
    : last.offset;
  const losses = new LossList();
  for (const { offset, byteLength } of top.gaps) if (offset + byteLength <= end) losses.add(offset, byteLength);
  losses.add(end, size - end);
  const { box } = movie;
  return {
    movie,
    rawMovie: await readAll(input, box.offset, box.size),
    fileType: reader.fileType,
    first: top.first ?? box,
    others: top.others,
    tables: samples.tables,
    chunks: samples.chunks,
    sampleCount: samples.sampleCount,
    missingCount: samples.missingCount,
    losses: losses.kept,
    lostBytes: losses.byteCount,
    isIndexed: await isIndexed(input, movie, top, samples),
    lastMedia: isCut && isMedia ? last : undefined,
    end,
    size,
  };
}

/** What stands in a Movie Box is put together anew: its boxes have to be told apart. @throws {MuxError} `bad-media` */
export function requireSound({ box, tracks }: Mp4Movie, { kept }: ProblemList): void {
  const isInside = ({ offset }: { readonly offset: number }) => offset >= box.offset && offset < box.offset + box.size;
  const problem = kept.find((problem) => LAYOUT_RULES.has(problem.rule) && isInside(problem))?.message ??
    (isHeader(childOf(box, "mvhd"), 100) ? undefined : "its mvhd box is not whole") ??
    tracks.map(({ box, trackId }) =>
      isHeader(childOf(box, "tkhd"), 84) && isHeader(childOf(box, "mdia", "mdhd"), 24) &&
        childOf(box, "mdia", "minf", "stbl", "stsd") !== undefined
        ? undefined
        : `track ${trackId} lacks a header or its descriptions`
    ).find((found) => found !== undefined);
  if (problem === undefined) return;
  throw new MuxError("bad-media", { action: REPAIR, reason: `its Movie Box (moov) is not sound, ${problem}` });
}

/** Broken, boxes cannot be told apart. */
const LAYOUT_RULES: ReadonlySet<string> = new Set(["M02", "M03"]);

/** Whether it has all of its fields, of which three are twice as long in version 1. */
function isHeader(box: Mp4Box | undefined, bodyBytes: number): boolean {
  if (box === undefined) return false;
  return box.size - box.headBytes >= bodyBytes + (box.fields.version === 1 ? 12 : 0);
}

function refuseEncrypted({ tracks }: Mp4Movie): void {
  const track = tracks.find(({ entries }) => entries.some((entry) => childOf(entry, "sinf", "schm") !== undefined));
  if (track === undefined) return;
  const reason = `track ${track.trackId} is encrypted, and what decrypts it is in its fragments`;
  throw new MuxError("unsupported", { action: REPAIR, reason });
}

/** Whether a file has a whole Movie Box. */
export async function hasMovie(input: Input): Promise<boolean> {
  const walker = new TopWalker(input, new ProblemList());
  for (let head = await walker.next(); head !== undefined; head = await walker.next()) {
    if (head.type === "moov") return head.statedSize === undefined || head.statedSize === head.size;
  }
  return false;
}

/** The boxes at the top. */
class TopBoxes {
  /** Where samples may lie: in Media Data Boxes, and where nothing is known to be. */
  readonly media = new MediaRanges();
  readonly others: BoxHead[] = [];
  readonly gaps: Loss[] = [];
  /** Rows as {@linkcode BOX} says. */
  readonly boxes = new Rows(3);
  first: BoxHead | undefined;
  last: BoxHead | undefined;
  randomAccess: BoxHead | undefined;
  index: BoxHead | undefined;
  /** Where the last box ends, or a second Movie Box begins. */
  end = 0;
  readonly #input: Input;
  #mediaStart = -1;

  constructor(input: Input) {
    this.#input = input;
  }

  async run(): Promise<void> {
    const walker = new TopWalker(this.#input, new ProblemList());
    let hasMovie = false;
    let at = 0;
    for (let head = await walker.next(); head !== undefined; head = await walker.next()) {
      const { type, offset, size } = head;
      if (offset > at) this.#takeGap(at, offset);
      at = offset + size;
      // Another one is what a repair has left that was cut short.
      if (type === "moov" && hasMovie) {
        at = Infinity;
        break;
      }
      if (type === "moov") {
        if (head.statedSize !== undefined && head.statedSize > size) {
          throw new MuxError("bad-media", { action: REPAIR, reason: CUT_MOVIE });
        }
        hasMovie = true;
      }
      this.last = head;
      if (type !== "ftyp") this.first ??= head;
      this.#take(head);
      this.end = at;
    }
    const size = this.#input.size ?? 0;
    if (this.last !== undefined && at < size) this.#takeGap(at, size);
    this.#endMedia(at < size ? size : this.end);
    if (hasMovie) return;
    throw new MuxError("bad-media", { action: REPAIR, reason: NO_MOVIE });
  }

  #take(head: BoxHead): void {
    const { type, offset, headBytes, size } = head;
    const code = codeOf(type);
    this.boxes.add(code, offset, offset + size);
    if (type === "mdat") {
      if (this.#mediaStart < 0) this.#mediaStart = offset + headBytes;
    } else this.#endMedia(offset);
    if (type === "mfra") this.randomAccess = head;
    if (type === "sidx") this.index ??= head;
    if (LEFT_OUT.has(code)) return;
    if (this.others.length === MAX_OTHER_COUNT) {
      throw new MuxError("too-large", { action: REPAIR, reason: `it has more than ${MAX_OTHER_COUNT} other boxes` });
    }
    this.others.push(head);
  }

  #takeGap(start: number, end: number): void {
    this.gaps.push({ offset: start, byteLength: end - start });
    if (this.#mediaStart < 0) this.#mediaStart = start;
  }

  #endMedia(end: number): void {
    if (this.#mediaStart >= 0) this.media.add(this.#mediaStart, end);
    this.#mediaStart = -1;
  }
}

/** The samples that are whole. */
class Samples {
  readonly tables: readonly TrackTables[];
  readonly chunks = new Rows(5);
  sampleCount = 0;
  missingCount = 0;
  /** Where the last one ends. */
  end = 0;
  readonly #reader: Mp4Reader;
  readonly #media: MediaRanges;
  readonly #size: number;

  constructor(reader: Mp4Reader, media: MediaRanges, size: number) {
    this.#reader = reader;
    this.#media = media;
    this.#size = size;
    this.tables = reader.cursors.map(({ track }) => new TrackTables(track));
  }

  async run(): Promise<void> {
    let promised = 0;
    for (const order = samplesInOrder(this.#reader);;) {
      const cursor = order.next() ?? await order.wait();
      if (cursor === undefined) break;
      promised += cursor.byteLength + 1;
      if (promised > MOST_PROMISES * this.#size + FREE_PROMISE_BYTES && this.#isThere(cursor)) {
        const reason = `its tables promise more than ${MOST_PROMISES} times the bytes that there are`;
        throw new MuxError("bad-media", { action: REPAIR, reason });
      }
      this.#take(cursor);
    }
    for (const tables of this.tables) tables.finish();
  }

  #isThere({ offset, byteLength }: SampleCursor): boolean {
    return offset + byteLength <= this.#size;
  }

  #take(cursor: SampleCursor): void {
    const { offset, byteLength, sampleCount, track } = cursor;
    const each = sampleCount > 1 ? byteLength / sampleCount : byteLength;
    let count = sampleCount;
    if (!this.#holds(offset, byteLength)) {
      count = 0;
      // Of those that were put together, as many as are there.
      if (sampleCount > 1 && Number.isInteger(each)) {
        count = Math.max(0, Math.min(sampleCount, Math.floor((this.#size - offset) / each)));
        while (count > 0 && !this.#holds(offset, count * each)) count--;
      }
    }
    this.missingCount += sampleCount - count;
    if (count === 0) return;
    // Sound of QuickTime whose tables count samples in packets: their size is what the entry says.
    const size = sampleCount > 1 ? track.tables.sizes?.constantBytes ?? each : each;
    const wholeBytes = count === sampleCount ? byteLength : count * each;
    this.tables[track.index]!.add(cursor, count, size);
    this.sampleCount += count;
    this.end = Math.max(this.end, offset + wholeBytes);
    this.#addToChunk(cursor, count, wholeBytes);
  }

  #holds(offset: number, byteLength: number): boolean {
    return offset + byteLength <= this.#size && this.#media.holds(offset, byteLength);
  }

  #addToChunk({ offset, descriptionIndex, track }: SampleCursor, count: number, byteLength: number): void {
    const { chunks } = this;
    const last = chunks.count - 1;
    if (
      last >= 0 && chunks.at(last, CHUNK.track) === track.index &&
      chunks.at(last, CHUNK.offset) + chunks.at(last, CHUNK.byteLength) === offset &&
      chunks.at(last, CHUNK.descriptionIndex) === descriptionIndex &&
      chunks.at(last, CHUNK.byteLength) + byteLength <= LONGEST_CHUNK_BYTES
    ) {
      chunks.set(last, CHUNK.byteLength, chunks.at(last, CHUNK.byteLength) + byteLength);
      chunks.set(last, CHUNK.sampleCount, chunks.at(last, CHUNK.sampleCount) + count);
    } else chunks.add(track.index, offset, byteLength, count, descriptionIndex);
  }
}

/** Whether a fragmented file says how long it is, and has an index that leads to its fragments. */
async function isIndexed(input: Input, movie: Mp4Movie, top: TopBoxes, samples: Samples): Promise<boolean> {
  if (!movie.isFragmented) return true;
  const said = Math.max(movie.duration ?? 0, numberIn(childOf(movie.box, "mvex", "mehd"), "fragmentDuration"));
  const seconds = Math.max(...samples.tables.map(({ duration, track }) => duration / (track.timescale || 1)));
  if (said < SHORT_SHARE * seconds * movie.timescale) return false;
  const { index, randomAccess } = top;
  if (index !== undefined) return await isRightIndex(input, index, top);
  return randomAccess !== undefined && await isRightAccess(input, randomAccess, top);
}

async function isRightIndex(input: Input, head: BoxHead, { boxes, end }: TopBoxes): Promise<boolean> {
  const box = await readIndex(input, head);
  const references = (box?.fields.references ?? []) as { readonly size: number }[];
  if (box === undefined || references.length < numberIn(box, "referenceCount")) return false;
  const start = box.offset + box.size + numberIn(box, "firstOffset");
  const target = references.reduce((sum, { size }) => sum + size, start);
  const afterwards = findBox(boxes, target);
  return target === end || afterwards >= 0 && boxes.at(afterwards, BOX.code) !== codeOf("moof");
}

async function isRightAccess(input: Input, head: BoxHead, { boxes, end }: TopBoxes): Promise<boolean> {
  const box = await readIndex(input, head);
  if (box === undefined || head.offset + head.size !== end) return false;
  return childrenOf(box, "tfra").every(({ fields }) =>
    ((fields.entries ?? []) as { readonly moofOffset: number }[]).every(({ moofOffset }) => {
      const found = findBox(boxes, moofOffset);
      return found >= 0 && boxes.at(found, BOX.code) === codeOf("moof");
    })
  );
}

async function readIndex(input: Input, head: BoxHead): Promise<Mp4Box | undefined> {
  if (head.size > MAX_INDEX_BYTES || head.statedSize !== head.size) return undefined;
  return await readBox(input, head, new ProblemList());
}

/** The box that begins there; -1: none. */
function findBox(boxes: Rows, offset: number): number {
  let low = 0;
  let high = boxes.count - 1;
  while (low <= high) {
    const middle = low + high >> 1;
    const found = boxes.at(middle, BOX.offset);
    if (found === offset) return middle;
    if (found < offset) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
