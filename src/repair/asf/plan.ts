/**
 * From a scan to what the repaired file is going to be.
 *
 * @module
 */

import { DATA_FIELD, FILE_ID_BYTES } from "../../asf/header_fields.ts";
import type { BlockIndex } from "../../asf/indexes/block_index.ts";
import { GUID } from "../../inspect/asf/guid.ts";
import { DATA_HEAD_BYTES, type Head } from "../../inspect/asf/head.ts";
import { flatten } from "../../inspect/asf/objects/walk.ts";
import { checkIndexes } from "../../inspect/asf/rules/index_rules.ts";
import type { WantedIndexes } from "../../inspect/asf/scan/announced_indexes.ts";
import { PacketScanner } from "../../inspect/asf/scan/packet_scanner.ts";
import { PacketStatistics } from "../../inspect/asf/scan/packet_statistics.ts";
import { readTrailer, sortIndexes } from "../../inspect/asf/trailer.ts";
import { Findings } from "../../inspect/findings.ts";
import { ProblemList } from "../../inspect/problems.ts";
import { readPrefix } from "../../packets/packet_reader.ts";
import { blockIndexesBytes, planBlockIndexes } from "./block_indexes.ts";
import { filledPackets, fillHoles, type Filling } from "./fill_holes.ts";
import { patchHeader } from "./header_patch.ts";
import { type Edit, packetEdits, remainingPackets } from "./packet_edits.ts";
import type { Scan } from "./scan.ts";
import { planSimpleIndexes, type SimpleIndexPlan } from "./simple_indexes.ts";
import type { OpenTarget } from "./target.ts";

/** Edits that are kept in mind; with more of them a copy is made. */
const MAX_EDIT_BYTES = 1 << 26;
/** More than comes before the payloads of a packet. */
const MOST_PREFIX_BYTES = 64;

/** What is asked of a file beside being whole. */
export interface PlanOptions {
  /** Distance of the entries of Simple Indexes. */
  readonly intervalMs: number;
  /** Other indexes: these. */
  readonly indexes: WantedIndexes;
  /** The header, with these announced; absent: they are as they were, and stay where they are if they are right. */
  readonly head?: Head;
  /** Whether places of packets that are gone may be filled, so that the others can stay where they are. */
  readonly mayFill?: boolean;
}

/** All that the new file needs. */
export interface RepairPlan {
  /** What is written over the old packets; `undefined`: packets or their places change too much, which takes a copy. */
  readonly inPlace: InPlaceEdits | undefined;
  /** Whether all packets stay as they are and where they are, but for a header of another size. */
  readonly isUnchanged: boolean;
  readonly packetCount: number;
  readonly statistics: PacketStatistics;
  readonly simpleIndexes: SimpleIndexPlan;
  /** Other indexes that are made anew, in front of these. */
  readonly blockIndexes: readonly BlockIndex[];
  /** Index objects in front of the Simple Indexes that stay, as a range of the input. */
  readonly keptIndexes: { readonly offset: number; readonly byteLength: number };
  /** Header and head of the Data Object. */
  readonly header: Uint8Array<ArrayBuffer>;
  readonly fileId: Uint8Array;
  readonly size: number;
}

/** Packets that are overwritten where they lie. */
export interface InPlaceEdits {
  /** In any order. Nothing is left of some at the end. */
  readonly edits: readonly Edit[];
  /** When all of these are safe. */
  readonly lateEdits: readonly Edit[];
}

/**
 * How the packets come to lie back to back:
 *
 * - `in-place`: they do already. Some change, and nothing is left of some at the end.
 * - `filled`: packets beside the holes are spread over them, the others stay.
 * - `copied`: what remains of them moves together, which takes a copy.
 */
type PacketPlan =
  | { readonly kind: "in-place"; readonly edits: readonly Edit[]; readonly packetCount: number }
  | { readonly kind: "filled"; readonly filling: Filling }
  | { readonly kind: "copied" };

/** What the new file's packets hold. */
interface PacketCounts {
  readonly statistics: PacketStatistics;
  /** End of the last packet. */
  readonly sendEndMs: number;
}

/** Works out the new file. */
export async function planRepair(target: OpenTarget, scan: Scan, options: PlanOptions): Promise<RepairPlan> {
  const packets = await planPackets(target, scan, options.mayFill ?? false);
  const { statistics, sendEndMs } = await countPackets(target, scan, packets, options.indexes);
  const { packetCount, packetBytes } = statistics;
  const { head = target.head } = options;
  const isUnchanged = packets.kind === "in-place" && packets.edits.length === 0;
  const keptIndexes = isUnchanged && options.head === undefined
    ? await keepIndexes(target, scan, statistics)
    : { offset: scan.end, byteLength: 0 };
  const isKept = keptIndexes.byteLength > 0;
  const blockIndexes = isKept ? [] : planBlockIndexes(statistics, options.indexes);
  const simpleIndexes = planSimpleIndexes(statistics, options.intervalMs);
  const dataBytes = DATA_HEAD_BYTES + packetCount * packetBytes;
  const indexBytes = keptIndexes.byteLength + blockIndexesBytes(blockIndexes) + simpleIndexes.byteLength;
  const size = head.bytes.byteLength + dataBytes + indexBytes;
  const header = patchHeader(head, target.dataHead, {
    statistics,
    packetCount,
    sendEndMs,
    fileBytes: size,
    isIndexed: simpleIndexes.isComplete,
    indexes: isKept ? "kept" : blockIndexes,
  });
  const fileIdAt = head.bytes.byteLength + DATA_FIELD.fileId;
  return {
    inPlace: head.bytes.byteLength === target.head.bytes.byteLength ? inPlaceEdits(packets) : undefined,
    isUnchanged,
    packetCount,
    statistics,
    simpleIndexes,
    blockIndexes,
    keptIndexes,
    header,
    fileId: header.slice(fileIdAt, fileIdAt + FILE_ID_BYTES),
    size,
  };
}

async function planPackets(target: OpenTarget, scan: Scan, mayFill: boolean): Promise<PacketPlan> {
  const { head, input } = target;
  if (head.data!.offset !== head.bytes.byteLength) return { kind: "copied" };
  const edits = await collectEdits(target, scan);
  if (edits === undefined) return { kind: "copied" };
  const remainingCount = countInPlace(scan, edits);
  if (remainingCount !== undefined) return { kind: "in-place", edits, packetCount: remainingCount };
  const filling = mayFill ? await fillHoles(input, scan, edits) : undefined;
  return filling === undefined ? { kind: "copied" } : { kind: "filled", filling };
}

/** How many packets remain, back to back from the first place on; `undefined`: they do not lie so. */
function countInPlace({ runs, dataStart, packetBytes }: Scan, edits: readonly Edit[]): number | undefined {
  const [run] = runs;
  if (runs.length !== 1 || run!.offset !== dataStart) return undefined;
  const dropped = edits.filter(({ packet }) => packet === undefined);
  const packetCount = run!.packetCount - dropped.length;
  const end = dataStart + packetCount * packetBytes;
  return dropped.every(({ offset }) => offset >= end) ? packetCount : undefined;
}

function inPlaceEdits(packets: PacketPlan): InPlaceEdits | undefined {
  switch (packets.kind) {
    case "in-place":
      return { edits: packets.edits, lateEdits: [] };
    case "filled":
      return { edits: packets.filling.edits, lateEdits: packets.filling.spreadPackets };
    case "copied":
      return undefined;
  }
}

/** What the scan counted, where it is true of the packets that remain; else they are counted anew. */
async function countPackets(
  target: OpenTarget,
  scan: Scan,
  packets: PacketPlan,
  indexes: WantedIndexes,
): Promise<PacketCounts> {
  if (packets.kind !== "in-place" || !scan.isTailOnly) {
    const pieces = packets.kind === "filled"
      ? filledPackets(target.input, scan, packets.filling)
      : remainingPackets(target.input, scan);
    const statistics = await recount(target, scan.packetBytes, pieces, indexes);
    return { statistics, sendEndMs: statistics.lastSendMs + statistics.lastPacketMs };
  }
  const { statistics } = scan;
  const { packetCount } = packets;
  const isShorter = packetCount < statistics.packetCount;
  statistics.packetCount = packetCount;
  const sendEndMs = isShorter
    ? await lastSendEnd(target, scan.dataStart + (packetCount - 1) * scan.packetBytes)
    : statistics.lastSendMs + statistics.lastPacketMs;
  return { statistics, sendEndMs };
}

async function recount(
  { head }: OpenTarget,
  packetBytes: number,
  pieces: AsyncIterable<Uint8Array>,
  indexes: WantedIndexes,
): Promise<PacketStatistics> {
  const statistics = new PacketStatistics(head.header, packetBytes, [], indexes);
  const scanner = new PacketScanner(head.header, packetBytes, new ProblemList(), statistics);
  for await (const bytes of pieces) {
    for (let at = 0; at < bytes.byteLength; at += packetBytes) {
      scanner.scan(bytes, at, at + packetBytes, statistics.packetCount, 0);
      statistics.endPacket(scanner.walker.sendTimeMs, scanner.walker.durationMs);
    }
  }
  return statistics;
}

async function collectEdits({ input }: OpenTarget, scan: Scan): Promise<Edit[] | undefined> {
  const found: Edit[] = [];
  for await (const edit of packetEdits(input, scan)) {
    found.push(edit);
    if (found.length * scan.packetBytes > MAX_EDIT_BYTES) return undefined;
  }
  return found;
}

async function lastSendEnd({ input }: OpenTarget, offset: number): Promise<number> {
  const { sendTimeMs, durationMs } = readPrefix(await input.read(offset, MOST_PREFIX_BYTES))!;
  return sendTimeMs + durationMs;
}

/** Indexes of other kinds stay where they are when they are right, and when all that the header announces are there. */
async function keepIndexes(
  { input, head }: OpenTarget,
  scan: Scan,
  statistics: PacketStatistics,
): Promise<RepairPlan["keptIndexes"]> {
  const none = { offset: scan.end, byteLength: 0 };
  const findings = new Findings();
  const objects = await readTrailer(input, scan.end, findings);
  const first = objects.findIndex(({ guid }) => guid === GUID.simpleIndex);
  const kept = first < 0 ? objects : objects.slice(0, first);
  if (kept.length === 0 || findings.errorCount > 0) return none;
  if (kept.some(({ guid, size, offset }) => UNFIT.has(guid) || offset + size > (input.size ?? 0))) return none;
  checkIndexes(head.header, sortIndexes(kept, head.header), statistics, findings);
  // A file marked as unfinished may lack an index, one that is finished may not.
  const isPromised = flatten(head.header.object).filter(({ guid }) => PARAMETERS.has(guid)).length ===
    kept.filter(({ guid }) => BLOCK_INDEXES.has(guid)).length;
  if (!isPromised || findings.report(0, 0).issues.some(({ severity, rule }) => severity === "E" && rule !== "F12")) {
    return none;
  }
  return { offset: scan.end, byteLength: kept.reduce((sum, { size }) => sum + size, 0) };
}

const PARAMETERS: ReadonlySet<string> = new Set([
  GUID.indexParameters,
  GUID.mediaObjectIndexParameters,
  GUID.timecodeIndexParameters,
]);
/** What does not belong behind the data. */
const UNFIT: ReadonlySet<string> = new Set([GUID.header, GUID.data]);
const BLOCK_INDEXES: ReadonlySet<string> = new Set([GUID.index, GUID.mediaObjectIndex, GUID.timecodeIndex]);
