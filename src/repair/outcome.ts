/**
 * From a scan to what the repaired file is going to be.
 *
 * @module
 */

import { DATA_FIELD, FILE_ID_BYTES } from "../asf/header_fields.ts";
import type { BlockIndex } from "../asf/indexes/block_index.ts";
import { GUID } from "../inspect/guid.ts";
import { DATA_HEAD_BYTES, type Head } from "../inspect/head.ts";
import { Findings } from "../inspect/rules/findings.ts";
import { flatten } from "../inspect/rules/header_rules.ts";
import { checkIndexes } from "../inspect/rules/index_rules.ts";
import { PacketFacts, type WantedIndexes } from "../inspect/rules/packet_facts.ts";
import { PacketRules } from "../inspect/rules/packet_rules.ts";
import { readTrailer, sortIndexes } from "../inspect/trailer.ts";
import { readPrefix } from "../packets/packet_reader.ts";
import { blockIndexesBytes, planBlockIndexes } from "./block_indexes.ts";
import { patchHeader } from "./header_patch.ts";
import { fillHoles, type Filling } from "./fill_holes.ts";
import { type Edit, editedPackets, edits, mendedPackets } from "./mend.ts";
import type { Scan } from "./scan.ts";
import { type IndexPlan, planIndexes } from "./simple_indexes.ts";
import type { OpenTarget } from "./target.ts";

/** Edits that are kept in mind; with more of them a copy is made. */
const MAX_EDIT_BYTES = 1 << 26;
/** More than comes before the payloads of a packet. */
const MOST_PREFIX_BYTES = 64;

/** What is asked of a file beside being whole. */
export interface Wishes {
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
export interface Repaired {
  /** What becomes of packets, when the others can stay where they are. */
  readonly edits: readonly Edit[] | undefined;
  /** Packets that change when all of these are safe. */
  readonly lateEdits: readonly Edit[];
  /** Whether all packets stay as they are and where they are, but for a header of another size. */
  readonly isUnchanged: boolean;
  readonly packetCount: number;
  readonly facts: PacketFacts;
  /** Simple Indexes. */
  readonly plan: IndexPlan;
  /** Other indexes that are made anew, in front of these. */
  readonly blockIndexes: readonly BlockIndex[];
  /** Index objects in front of the Simple Indexes that stay, as a range of the input. */
  readonly keptIndexes: { readonly offset: number; readonly byteLength: number };
  /** Header and head of the Data Object. */
  readonly header: Uint8Array<ArrayBuffer>;
  readonly fileId: Uint8Array;
  readonly size: number;
}

/** Works out the new file. */
export async function planRepair(target: OpenTarget, scan: Scan, wishes: Wishes): Promise<Repaired> {
  const { head: oldHead, dataHead } = target;
  const head = wishes.head ?? oldHead;
  const { packetBytes } = scan;
  const changes = oldHead.data!.offset === oldHead.bytes.byteLength ? await collectEdits(target, scan) : undefined;
  const total = scan.runs.reduce((sum, { packetCount }) => sum + packetCount, 0);
  const dropped = changes?.filter(({ packet }) => packet === undefined) ?? [];
  const isWhole = changes !== undefined && scan.runs.length === 1 && scan.runs[0]!.offset === scan.dataStart &&
    isTail(dropped, scan.dataStart + total * packetBytes, packetBytes);
  const mayFill = changes !== undefined && !isWhole && wishes.mayFill === true;
  const filling = mayFill ? await fillHoles(target.input, scan, changes) : undefined;
  const staysInPlace = isWhole || filling !== undefined;
  const isKnown = scan.isTailOnly && isWhole;
  const facts = isKnown ? scan.facts : await recount(target, scan, wishes.indexes, filling);
  const packetCount = isKnown ? total - dropped.length : facts.packetCount;
  facts.packetCount = packetCount;
  const sendEndMs = isKnown && dropped.length > 0
    ? await lastSendEnd(target, scan.dataStart + (packetCount - 1) * packetBytes)
    : facts.lastSendMs + facts.lastPacketMs;
  const isUnchanged = isWhole && changes.length === 0;
  const mayKeep = isUnchanged && wishes.head === undefined;
  const keptIndexes = mayKeep ? await keepIndexes(target, scan, facts) : { offset: scan.end, byteLength: 0 };
  const isKept = keptIndexes.byteLength > 0;
  const blockIndexes = isKept ? [] : planBlockIndexes(facts, wishes.indexes);
  const plan = planIndexes(facts, wishes.intervalMs);
  const dataBytes = DATA_HEAD_BYTES + packetCount * packetBytes;
  const indexBytes = keptIndexes.byteLength + blockIndexesBytes(blockIndexes) + plan.byteLength;
  const size = head.bytes.byteLength + dataBytes + indexBytes;
  const header = patchHeader(head, dataHead, {
    facts,
    packetCount,
    sendEndMs,
    fileBytes: size,
    isIndexed: plan.isComplete,
    indexes: isKept ? "kept" : blockIndexes,
  });
  const fileIdAt = head.bytes.byteLength + DATA_FIELD.fileId;
  const fileId = header.slice(fileIdAt, fileIdAt + FILE_ID_BYTES);
  const fits = staysInPlace && head.bytes.byteLength === oldHead.bytes.byteLength;
  return {
    edits: fits ? filling?.edits ?? changes : undefined,
    lateEdits: filling?.donors ?? [],
    isUnchanged,
    packetCount,
    facts,
    plan,
    blockIndexes,
    keptIndexes,
    header,
    fileId,
    size,
  };
}

async function collectEdits({ input }: OpenTarget, scan: Scan): Promise<Edit[] | undefined> {
  const found: Edit[] = [];
  for await (const edit of edits(input, scan)) {
    found.push(edit);
    if (found.length * scan.packetBytes > MAX_EDIT_BYTES) return undefined;
  }
  return found;
}

/** Whether these packets are the last ones. */
function isTail(dropped: readonly Edit[], end: number, packetBytes: number): boolean {
  const first = end - dropped.length * packetBytes;
  return dropped.every(({ offset }) => offset >= first);
}

async function recount(
  { input, head }: OpenTarget,
  scan: Scan,
  indexes: WantedIndexes,
  filling: Filling | undefined,
): Promise<PacketFacts> {
  const { packetBytes } = scan;
  const facts = new PacketFacts(head.header, packetBytes, [], indexes);
  const rules = new PacketRules(head.header, facts, new Findings());
  for await (const bytes of filling ? editedPackets(input, scan, filling) : mendedPackets(input, scan)) {
    for (let at = 0; at < bytes.byteLength; at += packetBytes) {
      rules.check(bytes, at, at + packetBytes, facts.packetCount, 0);
    }
  }
  return facts;
}

async function lastSendEnd({ input }: OpenTarget, offset: number): Promise<number> {
  const { sendTimeMs, durationMs } = readPrefix(await input.read(offset, MOST_PREFIX_BYTES))!;
  return sendTimeMs + durationMs;
}

/** Indexes of other kinds stay where they are when they are right, and when all that the header announces are there. */
async function keepIndexes(
  { input, head }: OpenTarget,
  scan: Scan,
  facts: PacketFacts,
): Promise<Repaired["keptIndexes"]> {
  const none = { offset: scan.end, byteLength: 0 };
  const findings = new Findings();
  const objects = await readTrailer(input, scan.end, findings);
  const first = objects.findIndex(({ guid }) => guid === GUID.simpleIndex);
  const kept = first < 0 ? objects : objects.slice(0, first);
  if (kept.length === 0 || findings.errorCount > 0) return none;
  if (kept.some(({ guid, size, offset }) => UNFIT.has(guid) || offset + size > (input.size ?? 0))) return none;
  checkIndexes(head.header, sortIndexes(kept, head.header), facts, findings);
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
