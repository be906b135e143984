/**
 * Rules about indexes (I…, F12, F13, T08, T09, X17, X18), compared with what the packets say.
 *
 * @module
 */

import type { Findings } from "../../findings.ts";
import { GUID } from "../guid.ts";
import type { AsfHeader } from "../header.ts";
import {
  type BlockIndex,
  CLEAN_POINT,
  DATA_PACKET,
  FRAME_NUMBER,
  type IndexParameters,
  MEDIA_OBJECT,
} from "../objects/indexes.ts";
import { type AsfObject, flatten } from "../objects/walk.ts";
import type { PacketStatistics } from "../scan/packet_statistics.ts";
import type { AsfIndexes } from "../trailer.ts";
import { checkBlockIndex } from "./block_index_rules.ts";
import { checkSimpleIndexes } from "./simple_index_rules.ts";

/** What the header promises, what keeps it, and which types of points it may list. */
const KINDS = [
  { parameters: GUID.indexParameters, index: GUID.index, types: [DATA_PACKET, MEDIA_OBJECT, CLEAN_POINT] },
  {
    parameters: GUID.mediaObjectIndexParameters,
    index: GUID.mediaObjectIndex,
    types: [DATA_PACKET, MEDIA_OBJECT, CLEAN_POINT, FRAME_NUMBER],
  },
  { parameters: GUID.timecodeIndexParameters, index: GUID.timecodeIndex, types: [MEDIA_OBJECT, CLEAN_POINT] },
] as const;

const INDEXES: ReadonlySet<string> = new Set([GUID.simpleIndex, ...KINDS.map(({ index }) => index as string)]);

/** Checks all that stands behind the data, and what the header says of it. */
export function checkIndexes(
  header: AsfHeader,
  indexes: AsfIndexes,
  statistics: PacketStatistics,
  findings: Findings,
): void {
  const isBroadcast = header.fileProperties?.isBroadcast ?? false;
  checkOrder(indexes.objects, isBroadcast, findings);
  checkSeekable(header, indexes, statistics, findings);
  const simple = indexes.objects.filter(({ guid }) => guid === GUID.simpleIndex);
  checkSimpleIndexes(simple, indexes, statistics, findings);
  for (const { parameters, index, types } of KINDS) {
    const promised = flatten(header.object).filter(({ guid }) => guid === parameters);
    const present = indexes.objects.filter(({ guid, fields }) => guid === index && "blocks" in fields);
    for (const object of promised) checkParameters(object, types, findings);
    checkPromise(promised, present, isBroadcast, findings);
    for (const object of present) checkBlockIndex(object, header, statistics, findings);
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

function checkSeekable(
  header: AsfHeader,
  { simple }: AsfIndexes,
  statistics: PacketStatistics,
  findings: Findings,
): void {
  const properties = header.fileProperties;
  if (properties === undefined) return;
  const { isSeekable, isBroadcast } = properties;
  const { offset } = header.object.children.find(({ guid }) => guid === GUID.fileProperties) ?? header.object;
  const isAudioOnly = header.streams.length > 0 && header.streams.every(({ kind }) => kind === "audio");
  const videoCount = statistics.visibleVideos.length;
  if (isAudioOnly && !isSeekable) {
    const message = "File Properties: audio alone is always seekable";
    findings.add("F12", offset + 88, message, isBroadcast ? "I" : "E");
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
  } else if (!isSame(parameters.fields as IndexParameters, index)) {
    findings.error("X17", parameters.offset, `${parameters.name}: differs from the index`);
    findings.error("I11", index.offset, `${index.name}: differs from its parameters in the header`);
  }
}

/** Whether they say the same; the interval of a Timecode Index says nothing. */
function isSame(parameters: IndexParameters, { guid, fields }: AsfObject): boolean {
  const index = fields as BlockIndex;
  const describe = ({ specifiers }: IndexParameters | BlockIndex) =>
    specifiers.map(({ streamNumber, type }) => `${streamNumber} ${type}`).join();
  if (guid !== GUID.timecodeIndex && parameters.interval !== index.interval) return false;
  return describe(parameters) === describe(index);
}
