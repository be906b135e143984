/**
 * Finds what of a Matroska file is whole.
 *
 * @module
 */

import { MuxError } from "../../errors.ts";
import type { Input } from "../../inspect/byte_source.ts";
import { Findings } from "../../inspect/findings.ts";
import { LACING, type MatroskaBlock } from "../../inspect/matroska/block.ts";
import { ByteWindow } from "../../inspect/byte_window.ts";
import {
  describeEbml,
  describeInfo,
  describeTracks,
  type EbmlHeader,
  type MatroskaTrack,
  TRACK_TYPE,
} from "../../inspect/matroska/description.ts";
import type { MatroskaElement } from "../../inspect/matroska/element_tree.ts";
import { ID } from "../../inspect/matroska/elements.ts";
import { checkCues, checkSeeks, noteCues, noteSeeks } from "../../inspect/matroska/rules/index_rules.ts";
import { Landmarks } from "../../inspect/matroska/scan/landmarks.ts";
import { type ElementPlace, SegmentCursor, STEP } from "../../inspect/matroska/segment_cursor.ts";
import { LossList } from "../loss_list.ts";
import { type Loss, REPAIR } from "../report.ts";
import { Rows } from "../rows.ts";

/** An element of the Segment that is whole. */
export interface WholeElement {
  readonly id: number;
  readonly offset: number;
  readonly byteLength: number;
}

/** Columns of the table of Clusters. */
export const CLUSTER = {
  offset: 0,
  headerBytes: 1,
  /** As stated; -1: not known. */
  size: 2,
  /** Where its last whole block ends. */
  end: 3,
  /** Where the next element begins that can be read: behind `end` if something is damaged. */
  next: 4,
  /** Where these elements of it stand; 0: nowhere. */
  crcAt: 5,
  positionAt: 6,
  /** As stated. */
  position: 7,
  prevSizeAt: 8,
  prevSize: 9,
  /** The first of its blanks, and the one behind the last. */
  blankStart: 10,
  blankEnd: 11,
} as const;

/** Columns of the table of places that Cues lead to. */
export const CUE = { time: 0, track: 1, cluster: 2, blockOffset: 3 } as const;

/** What was found. */
export interface MatroskaScan {
  readonly ebml: EbmlHeader;
  readonly segment: Pick<ElementPlace, "offset" | "headerBytes" | "size">;
  /** What positions count from. */
  readonly dataStart: number;
  readonly info: MatroskaElement;
  readonly tracks: readonly MatroskaTrack[];
  /** Elements but Clusters and Voids, in the order of the file; those that came again are not among them. */
  readonly elements: readonly WholeElement[];
  /** Rows as {@linkcode CLUSTER} says. */
  readonly clusters: Rows;
  /** Rows as {@linkcode CUE} says, in the order of the file. */
  readonly cues: Rows;
  /** Offsets of blocks inside Clusters that cannot be read: to become Voids. */
  readonly blanks: Rows;
  /** Whether what is there leads to all that there is. */
  readonly areCuesRight: boolean;
  readonly areSeeksRight: boolean;
  /** Ticks of the Segment. */
  readonly duration: number;
  readonly saidDuration: number | undefined;
  /** Nanoseconds of a tick. */
  readonly timestampScale: number;
  readonly blockCount: number;
  readonly lostBytes: number;
  readonly losses: readonly Loss[];
  readonly lostObjectCount: number;
  /** Where the last whole thing ends. */
  readonly end: number;
  /** Where another recording begins, or the file ends. */
  readonly nextFileOffset: number | undefined;
  readonly size: number;
}

/** A Timestamp and what else comes in front of blocks. */
const MOST_CLUSTER_FIELDS = 8;
/** Nothing is taken to last longer that does not say so, ns. */
const LONGEST_STEP = 1e9;
/** Cues that end so much before the last key frame lead to all there is, ns. */
const CUES_SLACK = 10e9;

/**
 * Scans a file.
 *
 * @param indexIntervalMs The least distance of what Cues lead to, in one track.
 * @throws {MuxError} `bad-media` when there are no Tracks, or no block; `too-large` when there are too many parts.
 */
export async function scanMatroska(input: Input, indexIntervalMs: number): Promise<MatroskaScan> {
  const scanner = new Scanner(input, indexIntervalMs);
  await scanner.run();
  const scan = scanner.result();
  const stated = scan.dataStart + scan.segment.size;
  if (scan.segment.size < 0 || stated >= scan.size || stated === scan.end) return scan;
  // A Segment that says too little hides what lies across its end: once more, as if it said nothing.
  const freed = new Scanner(withoutSize(input, scan.segment), indexIntervalMs);
  await freed.run();
  return { ...freed.result(), segment: scan.segment };
}

/** The input, with a Segment whose size is not known. */
function withoutSize(input: Input, { headerBytes, offset }: MatroskaScan["segment"]): Input {
  const [start, end] = [offset + SEGMENT_ID_BYTES, offset + headerBytes];
  const change = (bytes: Uint8Array, at: number): Uint8Array => {
    if (at >= end || at + bytes.byteLength <= start) return bytes;
    const changed = bytes.slice();
    for (let place = Math.max(start, at); place < end && place - at < changed.byteLength; place++) {
      changed[place - at] = place === start ? 0xFF >> end - start - 1 : 0xFF;
    }
    return changed;
  };
  const changeAny = (bytes: Promise<Uint8Array> | Uint8Array, at: number) =>
    bytes instanceof Uint8Array ? change(bytes, at) : bytes.then((bytes) => change(bytes, at));
  return {
    size: input.size,
    canSeek: input.canSeek,
    read: (at, length) => changeAny(input.read(at, length), at),
    readUnits: (at, unitBytes, unitCount) => changeAny(input.readUnits(at, unitBytes, unitCount), at),
    close: () => input.close(),
  };
}

const SEGMENT_ID_BYTES = 4;

/** What is kept of a track. */
class TrackState {
  readonly track: MatroskaTrack;
  readonly isVideo: boolean;
  /** Ticks. */
  latest = -1;
  step = 0;
  lastCue = -Infinity;
  /** In which Cluster it had a block last. */
  cluster = -1;

  constructor(track: MatroskaTrack) {
    this.track = track;
    this.isVideo = track.type === TRACK_TYPE.video;
  }
}

class Scanner {
  readonly #input: Input;
  readonly #indexIntervalMs: number;
  readonly #cursor: SegmentCursor;
  readonly #landmarks = new Landmarks();
  readonly #elements: WholeElement[] = [];
  readonly #clusters = new Rows(12);
  /** To key frames of video. */
  readonly #keyCues = new Rows(4);
  /** To the first block of a Cluster that is of another track: for files without these. */
  readonly #otherCues = new Rows(4);
  readonly #blanks = new Rows(1);
  readonly #losses = new LossList();
  readonly #states = new Map<number, TrackState>();
  #ebml: EbmlHeader | undefined;
  #info: MatroskaElement | undefined;
  #tracks: MatroskaTrack[] | undefined;
  #segment: MatroskaScan["segment"] | undefined;
  #timestampScale = describeInfo(undefined).timestampScale;
  #nextFileOffset: number | undefined;
  #end = 0;
  #duration = 0;
  #lastKey = 0;
  #blockCount = 0;
  #lostObjectCount = 0;
  // Of the Cluster on its way.
  #blockEnd = 0;
  #seenLost = 0;
  #clusterBlocks = 0;
  #firstBlank = 0;
  /** The last one of which another track's block is in `otherCues`. */
  #otherCluster = -1;
  #fields = { crcAt: 0, positionAt: 0, prevSizeAt: 0 };

  constructor(input: Input, indexIntervalMs: number) {
    this.#input = input;
    this.#indexIntervalMs = indexIntervalMs;
    this.#cursor = new SegmentCursor(new ByteWindow(input), new Findings());
  }

  async run(): Promise<void> {
    const cursor = this.#cursor;
    for (let step = cursor.step(); step !== STEP.end; step = cursor.step()) {
      switch (step) {
        case STEP.fill:
          await cursor.fill();
          break;
        case STEP.block:
          if (cursor.block.offset > this.#blockEnd && cursor.lostBytes > this.#seenLost) await this.#blankGap();
          this.#takeBlock(cursor.block);
          break;
        case STEP.cluster:
          await this.#beginCluster();
          break;
        case STEP.clusterEnd:
          this.#endCluster();
          break;
        case STEP.segment:
          if (this.#segment !== undefined) return this.#stopAt(cursor.segment.offset);
          this.#segment = { ...placeOf(cursor.segment) };
          this.#end = cursor.position;
          break;
        case STEP.element:
          if (this.#segment !== undefined && cursor.element.id === ID.EBML) return this.#stopAt(cursor.element.offset);
          await this.#takeElement(placeOf(cursor.element));
      }
    }
  }

  result(): MatroskaScan {
    if (this.#ebml === undefined || this.#segment === undefined || this.#tracks === undefined) {
      const missing = this.#segment === undefined ? "Segment" : "Tracks";
      throw new MuxError("bad-media", { action: REPAIR, reason: `its ${missing} did not survive` });
    }
    if (this.#blockCount === 0) throw new MuxError("bad-media", { action: REPAIR, reason: "it holds no whole block" });
    const { headerBytes, offset } = this.#segment;
    const dataStart = offset + headerBytes;
    const size = this.#nextFileOffset ?? this.#input.size ?? this.#end;
    this.#losses.add(this.#end, size - this.#end);
    const info = this.#info ?? { id: ID.Info, name: "Info", offset: 0, headerBytes: 0, size: 0, children: [] };
    return {
      ebml: this.#ebml,
      segment: this.#segment,
      dataStart,
      info,
      tracks: this.#tracks,
      elements: this.#elements,
      clusters: this.#clusters,
      cues: this.#cues(),
      blanks: this.#blanks,
      areCuesRight: this.#areCuesRight(dataStart),
      areSeeksRight: this.#areSeeksRight(dataStart),
      duration: this.#duration,
      saidDuration: describeInfo(info).duration,
      timestampScale: this.#timestampScale,
      blockCount: this.#blockCount,
      lostBytes: this.#losses.byteCount,
      losses: this.#losses.kept,
      lostObjectCount: this.#lostObjectCount,
      end: this.#end,
      nextFileOffset: this.#nextFileOffset,
      size,
    };
  }

  #stopAt(offset: number): void {
    this.#nextFileOffset = offset;
  }

  async #takeElement(place: WholeElement & { readonly end: number }): Promise<void> {
    const { id, offset, end, byteLength } = place;
    if (end > (this.#input.size ?? Infinity)) return;
    if (this.#segment === undefined) {
      const tree = id === ID.EBML ? await this.#cursor.readElement() : undefined;
      if (tree !== undefined) this.#ebml = describeEbml(tree);
      return;
    }
    if (offset > this.#end) this.#losses.add(this.#end, offset - this.#end);
    this.#end = end;
    if (id === ID.Void || id === ID.CRC32) return;
    if (this.#landmarks.elements.count < MAX_ELEMENTS) this.#landmarks.elements.add(offset, id);
    else throw new MuxError("too-large", { action: REPAIR, reason: `it has more than ${MAX_ELEMENTS} elements` });
    if (id === ID.Info || id === ID.Tracks || id === ID.SeekHead || id === ID.Cues) {
      const tree = await this.#cursor.readElement();
      if (tree === undefined || !this.#describe(tree)) return;
    }
    this.#elements.push({ id, offset, byteLength });
  }

  /** Whether it is the first one. */
  #describe(tree: MatroskaElement): boolean {
    switch (tree.id) {
      case ID.SeekHead:
        noteSeeks(tree, this.#landmarks);
        return true;
      case ID.Cues:
        noteCues(tree, this.#landmarks);
        return true;
      case ID.Info:
        if (this.#info !== undefined) return false;
        this.#info = tree;
        this.#timestampScale = describeInfo(tree).timestampScale;
        return true;
      default: {
        if (this.#tracks !== undefined) return false;
        const tracks = this.#tracks = describeTracks(tree);
        for (const track of tracks) this.#states.set(track.number, new TrackState(track));
        return true;
      }
    }
  }

  async #beginCluster(): Promise<void> {
    const { cluster } = this.#cursor;
    if (cluster.offset > this.#end) this.#losses.add(this.#end, cluster.offset - this.#end);
    this.#blockEnd = cluster.offset + cluster.headerBytes;
    this.#seenLost = this.#cursor.lostBytes;
    this.#clusterBlocks = 0;
    this.#firstBlank = this.#blanks.count;
    const fields = this.#fields = { crcAt: 0, positionAt: 0, prevSizeAt: 0 };
    for (let at = this.#blockEnd, count = 0; count < MOST_CLUSTER_FIELDS && at < cluster.end; count++) {
      const place = await this.#cursor.placeAt(at);
      if (place === undefined || place.size < 0) break;
      if (place.id === ID.CRC32) fields.crcAt = at;
      else if (place.id === ID.Position) fields.positionAt = at;
      else if (place.id === ID.PrevSize) fields.prevSizeAt = at;
      else if (place.id !== ID.Timestamp && place.id !== ID.Void) break;
      at = place.end;
    }
  }

  #endCluster(): void {
    const cursor = this.#cursor;
    const { cluster } = cursor;
    const isDamaged = cursor.lostBytes > this.#seenLost || cursor.cutAt >= this.#blockEnd;
    const isWhole = this.#clusterBlocks > 0 && cluster.timestamp >= 0;
    const next = Math.min(cursor.position, this.#input.size ?? cursor.position);
    if (!isWhole) {
      this.#end = cluster.offset; // lost up to what comes next
      return;
    }
    const end = isDamaged ? this.#blockEnd : next;
    const { crcAt, positionAt, prevSizeAt } = this.#fields;
    const { offset, headerBytes, size, position, prevSize } = cluster;
    const blanks = [this.#firstBlank, this.#blanks.count];
    const fields = [crcAt, positionAt, position, prevSizeAt, prevSize];
    this.#clusters.add(offset, headerBytes, size, end, next, ...fields, ...blanks);
    this.#landmarks.clusters.add(offset, headerBytes, cluster.timestamp);
    this.#end = end;
    if (isDamaged) this.#lostObjectCount++;
  }

  #takeBlock(block: MatroskaBlock): void {
    const { offset, byteLength, timestamp } = block;
    this.#blockEnd = offset + byteLength;
    this.#seenLost = this.#cursor.lostBytes;
    const state = this.#states.get(block.trackNumber);
    if (this.#cursor.cluster.timestamp < 0) return; // nobody knows when it is shown
    if (state === undefined) return this.#blank(offset, byteLength);
    this.#blockCount++;
    this.#clusterBlocks++;
    const { isVideo, track } = state;
    const isFirst = state.cluster !== this.#clusters.count;
    state.cluster = this.#clusters.count;
    const isKey = isVideo && block.isKey;
    if (isFirst || isKey) this.#landmarks.blocks.add(offset, track.number, timestamp, isKey || !isVideo ? 1 : 0);
    if (isKey) {
      this.#lastKey = Math.max(this.#lastKey, timestamp);
      this.#takeCue(this.#keyCues, block, state);
    } else if (!isVideo && this.#otherCluster !== this.#clusters.count) {
      this.#otherCluster = this.#clusters.count;
      this.#takeCue(this.#otherCues, block, state);
    }
    if (timestamp > state.latest) {
      if (state.latest >= 0) state.step = timestamp - state.latest;
      state.latest = timestamp;
    }
    this.#duration = Math.max(this.#duration, timestamp + this.#lengthOf(block, state));
  }

  /** In ticks of the Segment. */
  #lengthOf(block: MatroskaBlock, { track, step }: TrackState): number {
    const scale = track.timestampScale;
    if (block.duration >= 0) return block.duration * scale;
    if (track.defaultDuration > 0) return block.frameCount * track.defaultDuration / this.#timestampScale;
    const frames = block.lacing === LACING.none ? 1 : block.frameCount;
    return frames > 0 ? Math.min(step, LONGEST_STEP / this.#timestampScale) : 0;
  }

  #cues(): Rows {
    return this.#keyCues.count > 0 ? this.#keyCues : this.#otherCues;
  }

  #takeCue(cues: Rows, { offset, timestamp }: MatroskaBlock, state: TrackState): void {
    if ((timestamp - state.lastCue) * this.#timestampScale < this.#indexIntervalMs * 1e6 || timestamp < 0) return;
    state.lastCue = timestamp;
    cues.add(timestamp, state.track.number, this.#clusters.count, offset);
  }

  /** Blocks that could not be read become Voids; what else is in between stays. */
  async #blankGap(): Promise<void> {
    const end = this.#cursor.block.offset;
    for (let at = this.#blockEnd; at < end;) {
      const place = await this.#cursor.placeAt(at);
      if (place === undefined || place.end > end) return;
      if (place.id === ID.SimpleBlock || place.id === ID.BlockGroup) this.#blank(at, place.end - at);
      at = place.end;
    }
  }

  #blank(offset: number, byteLength: number): void {
    this.#blanks.add(offset);
    this.#lostObjectCount++;
    this.#losses.add(offset, byteLength);
  }

  #areCuesRight(dataStart: number): boolean {
    const { cues } = this.#landmarks;
    if (cues.count === 0) return this.#cues().count === 0;
    const findings = new Findings();
    checkCues(this.#landmarks, dataStart, this.#tracks!, findings);
    const last = cues.at(cues.count - 1, 0);
    const slack = CUES_SLACK / this.#timestampScale;
    return isFree(findings) && last + slack >= this.#lastKey;
  }

  #areSeeksRight(dataStart: number): boolean {
    const { seeks } = this.#landmarks;
    const findings = new Findings();
    checkSeeks(this.#landmarks, dataStart, findings);
    if (!isFree(findings)) return false;
    const told = new Set(Array.from({ length: seeks.count }, (_, row) => seeks.at(row, 1)));
    return this.#elements.every(({ id }) => id === ID.SeekHead || id === ID.Info || id === ID.Tracks || told.has(id));
  }
}

/** More elements beside Clusters nobody has. */
const MAX_ELEMENTS = 1 << 16;

function isFree(findings: Findings): boolean {
  const { errorCount, warningCount } = findings.report(0, 0);
  return errorCount + warningCount === 0;
}

function placeOf({ id, offset, headerBytes, size, end }: ElementPlace) {
  return { id, offset, headerBytes, size, end, byteLength: headerBytes + size };
}
