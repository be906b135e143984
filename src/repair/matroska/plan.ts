/**
 * From a scan to what the repaired file is going to be.
 *
 * @module
 */

import { concatBytes } from "../../bytes/bytes.ts";
import type { Input } from "../../inspect/byte_source.ts";
import { ID } from "../../inspect/matroska/elements.ts";
import type { CopyPlan, Patch, Piece } from "../copy.ts";
import { readAll } from "../reading.ts";
import { makeCues } from "./cues.ts";
import { idBytes, LONG_SIZE_BYTES, mostSize, sizeBytes, VOID_BYTE, voidElement, voidHead } from "./ebml.ts";
import { infoWith, type Landmark, seekHead, stretched } from "./head.ts";
import { CLUSTER, type MatroskaScan, type WholeElement } from "./scan.ts";

/** What is asked of a file. */
export interface PlanOptions {
  /** Cues are made anew whatever those are that there are. */
  readonly remakesCues: boolean;
}

/** What changes of a file where it lies. */
export interface InPlacePlan {
  /** What is lost behind the last whole thing becomes a Void first; absent: nothing is. */
  readonly seal: Patch | undefined;
  /** The file ends here, before the Cues are written. */
  readonly end: number;
  /** Sizes and Voids, each harmless alone. */
  readonly patches: () => Iterable<Patch>;
  /** Behind the end. */
  readonly cues: Uint8Array<ArrayBuffer> | undefined;
  /** Segment, SeekHead, Info and the rest in front of the Clusters: one write. */
  readonly head: Patch;
  readonly size: number;
}

/** A head that is larger is not overwritten. */
const MAX_HEAD_BYTES = 1 << 20;
/** What is lost at the end is cut off if it is more. */
const MAX_SEAL_BYTES = 1 << 20;
/** No Void is smaller. */
const MIN_VOID_BYTES = 2;

/** Whether there is nothing to do. */
export function isSound(scan: MatroskaScan): boolean {
  const { clusters, segment, dataStart, end } = scan;
  if (scan.lostBytes > 0 || scan.blanks.count > 0 || !scan.areCuesRight || !scan.areSeeksRight) return false;
  if (dataStart + segment.size !== end || !isDurationRight(scan)) return false;
  if (!hasHead(scan)) return false;
  for (let row = 0; row < clusters.count; row++) {
    if (clusterSize(scan, row) !== clusters.at(row, CLUSTER.size)) return false;
  }
  return true;
}

/** A Duration is kept that is as long as what is there, or hardly longer. */
function isDurationRight({ saidDuration, duration, timestampScale }: MatroskaScan): boolean {
  const second = 1e9 / timestampScale;
  return saidDuration !== undefined && Math.abs(saidDuration - duration) < Math.max(second, duration / 100);
}

function durationOf(scan: MatroskaScan): number {
  return isDurationRight(scan) ? scan.saidDuration! : Math.max(1, scan.duration);
}

/** Whether SeekHead, Info and Tracks stand in front of the Clusters. */
function hasHead({ clusters, elements }: MatroskaScan): boolean {
  const first = clusters.at(0, CLUSTER.offset);
  return [ID.SeekHead, ID.Info, ID.Tracks].every((id) =>
    elements.some((element) => element.id === id && element.offset < first)
  );
}

function clusterSize({ clusters }: MatroskaScan, row: number): number {
  return clusters.at(row, CLUSTER.end) - clusters.at(row, CLUSTER.offset) - clusters.at(row, CLUSTER.headerBytes);
}

/** What can be done where the file lies; `undefined`: it takes a copy. */
export async function planInPlace(
  input: Input,
  scan: MatroskaScan,
  { remakesCues }: PlanOptions,
): Promise<InPlacePlan | undefined> {
  const { clusters, dataStart, elements, segment, size } = scan;
  const first = clusters.at(0, CLUSTER.offset);
  const isFront = ({ offset }: WholeElement) => offset < first;
  const room = first - dataStart;
  const keepsCues = scan.areCuesRight && !remakesCues;
  if (room > MAX_HEAD_BYTES || elements.some(({ id, ...place }) => id === ID.Tracks && !isFront({ id, ...place }))) {
    return undefined;
  }
  const sizeFieldBytes = segment.headerBytes - idBytes(ID.Segment).byteLength;
  const seal = sealOf(scan);
  if (seal === null) return undefined;
  // Old Cues at the end make room for the new ones.
  const last = elements.at(-1);
  const isReplaced = seal === undefined && !keepsCues && last?.id === ID.Cues && !isFront(last) &&
    last.offset + last.byteLength === scan.end;
  const end = isReplaced ? last.offset : seal === undefined ? scan.end : size;
  const cues = keepsCues || scan.cues.count === 0 ? undefined : makeCues(
    scan,
    (row) => clusters.at(row, CLUSTER.offset) - dataStart,
    end - dataStart,
  );
  const newSize = end + (cues?.byteLength ?? 0);
  if (newSize - dataStart > mostSize(sizeFieldBytes)) return undefined;
  for (let row = 0; row < clusters.count; row++) if (!fitsInPlace(scan, row)) return undefined;

  // In front: all but what is made anew.
  const kept = elements.filter(({ id }) => id !== ID.SeekHead && (keepsCues || id !== ID.Cues));
  const front = kept.filter((element) => isFront(element) && element.id !== ID.Info);
  const behind: Landmark[] = kept.filter((element) => !isFront(element) && element.id !== ID.Info)
    .map(({ id, offset }) => ({ id, position: offset - dataStart }));
  if (cues !== undefined) behind.push({ id: ID.Cues, position: end - dataStart });
  const content = await fitHead(input, scan, front, behind, room, newSize);
  if (content === undefined) return undefined;
  const head = concatBytes(
    idBytes(ID.Segment),
    sizeBytes(newSize - dataStart, sizeFieldBytes),
    content,
  );
  const old = elements.filter((element) => !isFront(element) && !kept.includes(element) && element.offset < end);
  return {
    seal,
    end,
    patches: () => patchesOf(scan, old),
    cues,
    head: { offset: segment.offset, bytes: head },
    size: newSize,
  };
}

/** What covers that which is lost at the end; `undefined`: nothing does, it is cut off; `null`: it cannot be. */
function sealOf({ end, size }: MatroskaScan): Patch | undefined | null {
  const lost = size - end;
  if (lost < MIN_VOID_BYTES || lost > MAX_SEAL_BYTES) return undefined;
  return { offset: end, bytes: voidHead(lost) };
}

function fitsInPlace(scan: MatroskaScan, row: number): boolean {
  const { clusters } = scan;
  const field = clusters.at(row, CLUSTER.headerBytes) - idBytes(ID.Cluster).byteLength;
  const next = row + 1 < clusters.count ? clusters.at(row + 1, CLUSTER.offset) : Infinity;
  const gap = Math.min(clusters.at(row, CLUSTER.next), next) - clusters.at(row, CLUSTER.end);
  return clusterSize(scan, row) <= mostSize(field) && gap !== 1;
}

/** SeekHead, Info, the others and a Void: exactly so many bytes; `undefined`: there is no room. */
async function fitHead(
  input: Input,
  scan: MatroskaScan,
  front: readonly WholeElement[],
  behind: readonly Landmark[],
  room: number,
  fileBytes: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const isWide = fileBytes >= 2 ** 32;
  const others: Uint8Array[] = [];
  for (const { offset, byteLength } of front) others.push(await readAll(input, offset, byteLength));
  for (const width of [8, 4] as const) {
    const info = await infoWith(input, scan.info, durationOf(scan), width);
    const layOut = (seekBytes: number): Landmark[] => {
      let at = seekBytes;
      const landmarks: Landmark[] = [{ id: ID.Info, position: at }];
      at += info.byteLength;
      front.forEach(({ id, byteLength }) => {
        landmarks.push({ id, position: at });
        at += byteLength;
      });
      return [...landmarks, ...behind];
    };
    const seekBytes = seekHead(layOut(0), isWide).byteLength;
    const left = room - seekBytes - info.byteLength - others.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (left < 0) continue;
    if (left === 0 || left >= MIN_VOID_BYTES) {
      return concatBytes(seekHead(layOut(seekBytes), isWide), info, ...others, ...left > 0 ? [voidElement(left)] : []);
    }
    const longer = stretched(seekHead(layOut(seekBytes + left), isWide), ID.SeekHead, left);
    if (longer !== undefined) return concatBytes(longer, info, ...others);
  }
  return undefined;
}

/** Sizes of Clusters, and Voids where something is lost or replaced. */
function* patchesOf(scan: MatroskaScan, old: readonly WholeElement[]): Generator<Patch> {
  const { blanks, clusters, size } = scan;
  let lastBytes = -1;
  for (let row = 0; row < clusters.count; row++) {
    const offset = clusters.at(row, CLUSTER.offset);
    const end = clusters.at(row, CLUSTER.end);
    const field = clusters.at(row, CLUSTER.headerBytes) - idBytes(ID.Cluster).byteLength;
    const next = Math.min(
      clusters.at(row, CLUSTER.next),
      row + 1 < clusters.count ? clusters.at(row + 1, CLUSTER.offset) : size,
    );
    const changes = changesOf(scan, row, offset - scan.dataStart, lastBytes);
    for (const at of changes) yield { offset: at, bytes: VOID };
    if (next > end && next < size) yield { offset: end, bytes: voidHead(next - end) };
    if (clusterSize(scan, row) !== clusters.at(row, CLUSTER.size)) {
      yield { offset: offset + idBytes(ID.Cluster).byteLength, bytes: sizeBytes(clusterSize(scan, row), field) };
    }
    for (let blank = clusters.at(row, CLUSTER.blankStart); blank < clusters.at(row, CLUSTER.blankEnd); blank++) {
      yield { offset: blanks.at(blank, 0), bytes: VOID };
    }
    lastBytes = end - offset;
  }
  for (const { offset, byteLength } of old) yield { offset, bytes: voidHead(byteLength) };
}

const VOID = new Uint8Array([VOID_BYTE]);

/** Fields of a Cluster that do not hold any more: they become Voids. */
function changesOf({ clusters }: MatroskaScan, row: number, position: number, prevSize: number): number[] {
  const at = (column: number) => clusters.at(row, column);
  const size = at(CLUSTER.end) - at(CLUSTER.offset) - at(CLUSTER.headerBytes);
  const isTrimmed = at(CLUSTER.end) !== at(CLUSTER.next) || at(CLUSTER.blankEnd) > at(CLUSTER.blankStart) ||
    at(CLUSTER.size) !== size;
  const changes: number[] = [];
  const isPrevWrong = at(CLUSTER.prevSize) !== prevSize;
  const isMoved = at(CLUSTER.position) !== position && at(CLUSTER.position) > 0;
  if (at(CLUSTER.positionAt) > 0 && isMoved) changes.push(at(CLUSTER.positionAt));
  if (at(CLUSTER.prevSizeAt) > 0 && isPrevWrong) changes.push(at(CLUSTER.prevSizeAt));
  if (at(CLUSTER.crcAt) > 0 && (isTrimmed || changes.length > 0)) changes.push(at(CLUSTER.crcAt));
  return changes;
}

/** The whole anew: what players seek by in front, damage left out. */
export async function planCopy(input: Input, scan: MatroskaScan): Promise<CopyPlan> {
  const { clusters, elements, segment } = scan;
  const isTop = ({ id }: WholeElement) => id === ID.Info || id === ID.Tracks;
  const first = clusters.at(0, CLUSTER.offset);
  const others = elements.filter((element) => !isTop(element) && element.id !== ID.SeekHead && element.id !== ID.Cues);
  const front = [...elements.filter(({ id }) => id === ID.Tracks), ...others.filter(({ offset }) => offset < first)];
  const behind = others.filter(({ offset }) => offset >= first);
  const info = await infoWith(input, scan.info, durationOf(scan), 8);
  // No file grows by more than what is made anew.
  const mostPosition = scan.size + 64 * (scan.cues.count + clusters.count + elements.length) + info.byteLength;
  const isWide = mostPosition >= 2 ** 32;
  const cuesBytes = scan.cues.count === 0 ? 0 : makeCues(scan, () => 0, mostPosition).byteLength;
  const layOut = (seekBytes: number) => {
    let at = seekBytes;
    const landmarks: Landmark[] = [];
    const place = (id: number, byteLength: number) => {
      landmarks.push({ id, position: at });
      at += byteLength;
    };
    place(ID.Info, info.byteLength);
    for (const { id, byteLength } of front) place(id, byteLength);
    if (cuesBytes > 0) place(ID.Cues, cuesBytes);
    const positions = new Float64Array(clusters.count);
    for (let row = 0; row < clusters.count; row++) {
      positions[row] = at;
      at += newHeaderBytes(scan, row) + clusterSize(scan, row);
    }
    for (const { id, byteLength } of behind) place(id, byteLength);
    return { landmarks, positions, end: at };
  };
  const seekBytes = seekHead(layOut(0).landmarks, isWide).byteLength;
  const { landmarks, positions, end } = layOut(seekBytes);
  const head: Piece[] = [
    { offset: 0, byteLength: segment.offset },
    { bytes: concatBytes(idBytes(ID.Segment), sizeBytes(end, LONG_SIZE_BYTES), seekHead(landmarks, isWide), info) },
    ...front.map(toPiece),
    ...cuesBytes > 0 ? [{ bytes: makeCues(scan, (row) => positions[row]!, mostPosition) }] : [],
  ];
  const size = segment.offset + idBytes(ID.Segment).byteLength + LONG_SIZE_BYTES + end;
  return { head, body: () => copiedBody(scan, positions, behind), size };
}

function toPiece({ offset, byteLength }: WholeElement): Piece {
  return { offset, byteLength };
}

/** As it was, if its size fits into the field that is there. */
function newHeaderBytes(scan: MatroskaScan, row: number): number {
  const there = scan.clusters.at(row, CLUSTER.headerBytes);
  const id = idBytes(ID.Cluster).byteLength;
  return clusterSize(scan, row) <= mostSize(there - id) ? there : id + LONG_SIZE_BYTES;
}

function* copiedBody(
  scan: MatroskaScan,
  positions: Float64Array,
  behind: readonly WholeElement[],
): Generator<Piece> {
  const { blanks, clusters } = scan;
  const id = idBytes(ID.Cluster);
  let lastBytes = -1;
  for (let row = 0; row < clusters.count; row++) {
    const headerBytes = newHeaderBytes(scan, row);
    const byteLength = clusterSize(scan, row);
    yield { bytes: concatBytes(id, sizeBytes(byteLength, headerBytes - id.byteLength)) };
    const changes = changesOf(scan, row, positions[row]!, lastBytes);
    for (let blank = clusters.at(row, CLUSTER.blankStart); blank < clusters.at(row, CLUSTER.blankEnd); blank++) {
      changes.push(blanks.at(blank, 0));
    }
    const offset = clusters.at(row, CLUSTER.offset) + clusters.at(row, CLUSTER.headerBytes);
    yield { offset, byteLength, replaced: { at: changes, by: VOID_BYTE } };
    lastBytes = headerBytes + byteLength;
  }
  yield* behind.map(toPiece);
}
