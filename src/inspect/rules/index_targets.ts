/**
 * Where the entries of an index should lead, by what the packets say ([ASF] 6.2–6.4). Shared with whoever writes indexes
 * anew from packets.
 *
 * @module
 */

import type { IndexSpecifier } from "../objects/indexes.ts";
import type { PacketFacts, StreamTrack, TimeTable } from "./packet_facts.ts";

/** Types of entries: the packet with the last data, with the beginning of the last object … */
export const DATA_PACKET = 1;
/** … with that of the last key frame … */
export const CLEAN_POINT = 3;
/** … or how many objects lie between. */
export const FRAME_NUMBER = 0xff;

/** Nothing to go to. */
const NONE = -1;

/** A column of an Index Object, asked for ascending times. */
export class TimeColumn {
  readonly #table: TimeTable;
  readonly #order: Uint32Array | undefined;
  readonly #isLast: boolean;
  /** Where the entries before all objects lead: Windows writes 0, of key frames the first is as good. */
  readonly #start: number;
  #next = 0;

  /** @param table Key frames for entries of type 3, else all objects. */
  constructor(table: TimeTable, type: number, isVideo: boolean) {
    this.#table = table;
    this.#isLast = type === DATA_PACKET;
    this.#start = isVideo && type === CLEAN_POINT && table.count > 0 ? table.packet(0) : 0;
    // Objects count by their times; a key frame before one that is stored earlier takes over where that one did.
    this.#order = type === CLEAN_POINT ? undefined : byTime(table);
  }

  /** The packet for a time, which is no earlier than the last one asked for; -1: there is none. */
  at(timeMs: number): number {
    const { count } = this.#table;
    while (this.#next < count && this.#table.timeMs(this.#object(this.#next)) <= timeMs) this.#next++;
    if (count === 0) return NONE;
    if (this.#next === 0) return this.#start;
    const object = this.#object(this.#next - 1);
    return this.#table.packet(object) + (this.#isLast ? this.#table.span(object) - 1 : 0);
  }

  #object(at: number): number {
    return this.#order?.[at] ?? at;
  }
}

/** The objects of a table in the order of their times; `undefined`: as they are. */
function byTime(table: TimeTable): Uint32Array | undefined {
  for (let at = 1; at < table.count; at++) {
    if (table.timeMs(at) >= table.timeMs(at - 1)) continue;
    const order = Uint32Array.from({ length: table.count }, (_, one) => one);
    return order.sort((a, b) => table.timeMs(a) - table.timeMs(b) || a - b);
  }
  return undefined;
}

/** The column of an Index Object for a specifier; `undefined` where its stream is not known well enough. */
export function timeColumn({ streamNumber, type }: IndexSpecifier, facts: PacketFacts): TimeColumn | undefined {
  const track = facts.byNumber[streamNumber];
  const table = type === CLEAN_POINT ? track?.keys : track?.objects;
  if (track === undefined || table === undefined || table.isCut) return undefined;
  return new TimeColumn(table, type, track.isVideo);
}

/** Where an entry leads that is about one object, in stored order from 0; -1: nowhere. */
export function objectTarget(track: StreamTrack, type: number, object: number): number {
  const objects = track.objects!;
  if (object >= objects.count) return NONE;
  if (type === DATA_PACKET) return objects.packet(object) + objects.span(object) - 1;
  if (type !== CLEAN_POINT) return objects.packet(object);
  const key = objects.lastKey(object);
  return key < 0 ? NONE : objects.packet(key);
}

/** A time code of a stream and the object that has it. */
export interface CodedObject {
  readonly range: number;
  readonly timecode: number;
  readonly object: number;
}

/** Objects with their time codes, ascending; of several with the same one the first. */
export function codedObjects({ objects, timecodes }: StreamTrack): CodedObject[] {
  const all: CodedObject[] = [];
  for (let object = 0; object < objects!.count; object++) {
    const code = timecodes!.get(object);
    if (code !== undefined) all.push({ ...code, object });
  }
  all.sort((a, b) => compareCodes(a, b) || a.object - b.object);
  return all.filter((one, i) => i === 0 || compareCodes(all[i - 1]!, one) !== 0);
}

/** By range, then by time code. */
export function compareCodes(
  a: Pick<CodedObject, "range" | "timecode">,
  b: Pick<CodedObject, "range" | "timecode">,
): number {
  return a.range - b.range || a.timecode - b.timecode;
}
