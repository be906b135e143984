/**
 * Rules about indexes (I…, F12, F13, T08, T09, X17, X18), compared with what the packets say.
 *
 * @module
 */

import { GUID } from "../guid.ts";
import type { AsfHeader } from "../header.ts";
import type { BlockIndex, IndexParameters, IndexSpecifier } from "../objects/indexes.ts";
import type { AsfObject } from "../objects/walk.ts";
import type { AsfIndexes } from "../trailer.ts";
import type { Findings } from "./findings.ts";
import { flatten } from "./header_rules.ts";
import type { PacketFacts, TimeTable } from "./packet_facts.ts";
import { checkSimpleIndexes } from "./simple_index_rules.ts";

const NO_OFFSET = 0xffff_ffff;
const FRAME_NUMBER = 0xff;
const TIMECODE_EXTENSION = "399595EC-8667-4E2D-8FDB-98814CE76C1E";

/** What the header promises, what keeps it, and which types of points it may list. */
const KINDS = [
  { parameters: GUID.indexParameters, index: GUID.index, types: [1, 2, 3] },
  { parameters: GUID.mediaObjectIndexParameters, index: GUID.mediaObjectIndex, types: [1, 2, 3, FRAME_NUMBER] },
  { parameters: GUID.timecodeIndexParameters, index: GUID.timecodeIndex, types: [2, 3] },
] as const;

const INDEXES: ReadonlySet<string> = new Set([GUID.simpleIndex, ...KINDS.map(({ index }) => index as string)]);

/** Checks all that stands behind the data, and what the header says of it. */
export function checkIndexes(header: AsfHeader, indexes: AsfIndexes, facts: PacketFacts, findings: Findings): void {
  const isBroadcast = header.fileProperties?.isBroadcast ?? false;
  checkOrder(indexes.objects, isBroadcast, findings);
  checkSeekable(header, indexes, facts, findings);
  const simple = indexes.objects.filter(({ guid }) => guid === GUID.simpleIndex);
  checkSimpleIndexes(simple, indexes, facts, findings);
  for (const { parameters, index, types } of KINDS) {
    const promised = flatten(header.object).filter(({ guid }) => guid === parameters);
    const present = indexes.objects.filter(({ guid, fields }) => guid === index && "blocks" in fields);
    for (const object of promised) checkParameters(object, types, findings);
    checkPromise(promised, present, isBroadcast, findings);
    for (const object of present) checkBlocks(object, header, facts, findings);
  }
}

function checkOrder(objects: readonly AsfObject[], isBroadcast: boolean, findings: Findings): void {
  const first = objects.findIndex(({ guid }) => guid === GUID.simpleIndex);
  for (const [at, { guid, name, offset }] of objects.entries()) {
    if (first >= 0 && at > first && guid !== GUID.simpleIndex) {
      findings.warn("T08", offset, `${name}: should not stand behind a Simple Index Object`);
    }
    if (isBroadcast && INDEXES.has(guid)) findings.warn("T09", offset, `${name}: is in a file marked as broadcast`);
  }
}

function checkSeekable(header: AsfHeader, { simple }: AsfIndexes, facts: PacketFacts, findings: Findings): void {
  const properties = header.fileProperties;
  if (properties === undefined) return;
  const { isSeekable, isBroadcast } = properties;
  const { offset } = header.object.children.find(({ guid }) => guid === GUID.fileProperties) ?? header.object;
  const isAudioOnly = header.streams.length > 0 && header.streams.every(({ kind }) => kind === "audio");
  const videoCount = facts.visibleVideos.length;
  if (isAudioOnly && !isSeekable) {
    const message = "File Properties: audio alone is always seekable";
    findings.add("F12", offset + 88, message, isBroadcast ? "W" : "E");
  }
  if (isSeekable && !isBroadcast && videoCount > 0 && simple.length !== videoCount) {
    const message = `File Properties: seekable with ${simple.length} Simple Indexes for ${videoCount} video streams`;
    findings.warn("F13", offset + 88, message);
  }
}

function checkParameters(object: AsfObject, types: readonly number[], findings: Findings): void {
  const { interval, specifiers } = object.fields as IndexParameters;
  const { name, offset } = object;
  if (interval === 0) findings.error("X18", offset + 24, `${name}: interval must not be 0`);
  if (specifiers.length === 0) findings.error("X18", offset + 28, `${name}: names no stream`);
  for (const { type } of specifiers) {
    if (!types.includes(type)) findings.error("X18", offset + 30, `${name}: points of type ${type} are not allowed`);
  }
}

function checkPromise(
  promised: readonly AsfObject[],
  present: readonly AsfObject[],
  isBroadcast: boolean,
  findings: Findings,
): void {
  const [parameters] = promised;
  const [index] = present;
  if (parameters === undefined && index === undefined) return;
  if (parameters === undefined) {
    findings.error("X17", index!.offset, `${index!.name}: the header has no parameters of it`);
  } else if (index === undefined) {
    const severity = isBroadcast ? "W" : "E";
    findings.add("X17", parameters.offset, `${parameters.name}: the index that it announces is missing`, severity);
  } else if (describe(parameters.fields as IndexParameters) !== describe(index.fields as BlockIndex)) {
    findings.error("X17", parameters.offset, `${parameters.name}: differs from the index`);
    findings.error("I11", index.offset, `${index.name}: differs from its parameters in the header`);
  }
}

/** The interval of a Timecode Index is not stored. */
function describe(fields: IndexParameters | BlockIndex): string {
  const isTimecode = "blocks" in fields && fields.blocks.some(({ timecodes }) => timecodes !== undefined);
  const specifiers = fields.specifiers.map(({ streamNumber, type }) => `${streamNumber} ${type}`).join();
  return isTimecode ? specifiers : `${fields.interval} ${specifiers}`;
}

function checkBlocks(object: AsfObject, header: AsfHeader, facts: PacketFacts, findings: Findings): void {
  const { name, offset, size, guid } = object;
  const index = object.fields as BlockIndex;
  const { specifiers, blocks } = index;
  const isTimecode = guid === GUID.timecodeIndex;
  const headBytes = isTimecode ? 6 : 4;
  const wanted = blocks.reduce((sum, { positions, offsets, timecodes }) => {
    return sum + headBytes + 8 * positions.length + 4 * offsets.length + 4 * (timecodes?.length ?? 0);
  }, 34 + 4 * specifiers.length);
  if (size !== wanted) findings.error("I08", offset + 16, `${name}: size must be ${wanted}, got ${size}`);
  const dataBytes = facts.packetCount * facts.packetBytes;
  for (const { positions, offsets } of blocks) {
    for (const [at, value] of offsets.entries()) {
      const specifier = at % specifiers.length;
      if (value === NO_OFFSET || specifiers[specifier]!.type === FRAME_NUMBER) continue;
      const address = positions[specifier]! + value;
      if (address >= dataBytes || address % facts.packetBytes !== 0) {
        findings.error(
          "I09",
          offset,
          `${name}: entry ${Math.floor(at / specifiers.length)} leads to byte ${address}, \
where no packet begins`,
        );
      }
    }
  }
  if (isTimecode) checkTimecodes(object, index, header, findings);
  else if (guid === GUID.index) {
    for (const at of specifiers.keys()) {
      checkTargets(object, index, at, facts, findings);
    }
  }
}

function checkTimecodes(object: AsfObject, { specifiers, blocks }: BlockIndex, header: AsfHeader, findings: Findings) {
  const { name, offset } = object;
  for (const { streamNumber, type } of specifiers) {
    if (type === 1) findings.warn("I12", offset, `${name}: points of type 1 are not allowed`);
    const stream = header.streams.find((one) => one.streamNumber === streamNumber);
    if (!stream?.extended?.payloadExtensions.some(({ system }) => system === TIMECODE_EXTENSION)) {
      findings.warn("I12", offset, `${name}: stream ${streamNumber} carries no timecodes`);
    }
  }
  const ranges = blocks.map(({ timecodeRange = 0 }) => timecodeRange);
  if (ranges.some((range, at) => at > 0 && range < ranges[at - 1]!)) {
    findings.warn("I12", offset, `${name}: timecode ranges should ascend`);
  }
}

/** Compares one column of an Index Object with where the stream's objects are (I10). */
function checkTargets(object: AsfObject, index: BlockIndex, at: number, facts: PacketFacts, findings: Findings): void {
  const { specifiers, blocks, interval } = index;
  const table = tableFor(specifiers[at]!, facts);
  if (table === undefined || table.isCut || table.count === 0 || interval === 0) return;
  let entry = 0;
  let next = 0;
  for (const { positions, offsets } of blocks) {
    for (let i = at; i < offsets.length; i += specifiers.length, entry++) {
      while (next < table.count && table.timeMs(next) <= entry * interval) next++;
      const value = offsets[i]!;
      if (value === NO_OFFSET) continue;
      const found = (positions[at]! + value) / facts.packetBytes;
      const wanted = next === 0 ? [0, table.packet(0)] : [table.packet(next - 1)];
      if (wanted.includes(found)) continue;
      const message = `${object.name}: entry ${entry} of stream ${
        specifiers[at]!.streamNumber
      } leads to packet ${found}, \
expected ${wanted.at(-1)}`;
      findings.warn("I10", object.offset, message);
    }
  }
}

function tableFor({ streamNumber, type }: IndexSpecifier, facts: PacketFacts): TimeTable | undefined {
  const track = facts.byNumber[streamNumber];
  return type === 3 ? track?.keys : type === 2 ? track?.objects : undefined;
}
