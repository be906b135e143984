/**
 * Where the entries of an index should lead, by what the packets say ([ASF] 6.2–6.4). Shared with whoever writes indexes
 * anew from packets.
 *
 * @module
 */

import { CLEAN_POINT, DATA_PACKET, type IndexSpecifier } from "../objects/indexes.ts";
import type { ObjectTable } from "./object_table.ts";
import type { PacketStatistics, StreamStatistics } from "./packet_statistics.ts";

/** Nothing to go to. */
const NONE = -1;

/** A column of an Index Object, asked for ascending times. */
export class TimeColumn {
  readonly #table: ObjectTable;
  readonly #order: Uint32Array | undefined;
  readonly #isLast: boolean;
  /** Where the entries before all objects lead: Windows writes 0, of key frames the first is as good. */
  readonly #start: number;
  #next = 0;

  /** @param table Key frames for entries of type 3, else all objects. */
  constructor(table: ObjectTable, type: number, isVideo: boolean) {
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
function byTime(table: ObjectTable): Uint32Array | undefined {
  for (let at = 1; at < table.count; at++) {
    if (table.timeMs(at) >= table.timeMs(at - 1)) continue;
    const order = Uint32Array.from({ length: table.count }, (_, one) => one);
    return order.sort((a, b) => table.timeMs(a) - table.timeMs(b) || a - b);
  }
  return undefined;
}

/** The column of an Index Object for a specifier; `undefined` where its stream is not known well enough. */
export function timeColumn(
  { streamNumber, type }: IndexSpecifier,
  statistics: PacketStatistics,
): TimeColumn | undefined {
  const stats = statistics.byNumber[streamNumber];
  const table = type === CLEAN_POINT ? stats?.keys : stats?.objects;
  if (stats === undefined || table === undefined || table.isCut) return undefined;
  return new TimeColumn(table, type, stats.isVideo);
}

/** Where an entry leads that is about one object, in stored order from 0; -1: nowhere. */
export function objectTarget(stats: StreamStatistics, type: number, object: number): number {
  const objects = stats.objects!;
  if (object >= objects.count) return NONE;
  if (type === DATA_PACKET) return objects.packet(object) + objects.span(object) - 1;
  if (type !== CLEAN_POINT) return objects.packet(object);
  const key = objects.lastKey(object);
  return key < 0 ? NONE : objects.packet(key);
}

/** A time code and what it belongs to. */
export interface Timecode {
  readonly range: number;
  /** BCD 0xHHMMSSFF. */
  readonly timecode: number;
}

/** Where the time codes of one stream lead, asked for ascending ones. */
export class TimecodeColumn {
  readonly #stats: StreamStatistics;
  readonly #type: number;
  /** Objects that have one, ascending by it; of several with the same one the first. */
  readonly #order: Uint32Array;
  #next = 0;

  constructor(stats: StreamStatistics, type: number) {
    this.#stats = stats;
    this.#type = type;
    this.#order = byTimecode(stats);
  }

  /** The first time code that was not asked for yet. */
  get next(): Timecode | undefined {
    const object = this.#order[this.#next];
    if (object === undefined) return undefined;
    const { timecodes } = this.#stats;
    return { range: timecodes!.range(object), timecode: timecodes!.timecode(object) };
  }

  /** The packet for a time code, which is none before the last one asked for; `undefined`: its range has none up to it. */
  at(code: Timecode): number | undefined {
    for (let next = this.next; next !== undefined && compareCodes(next, code) <= 0; next = this.next) this.#next++;
    const object = this.#order[this.#next - 1];
    if (object === undefined || this.#stats.timecodes!.range(object) !== code.range) return undefined;
    return objectTarget(this.#stats, this.#type, object);
  }
}

function byTimecode({ objects, timecodes }: StreamStatistics): Uint32Array {
  let count = 0;
  const order = new Uint32Array(objects!.count);
  for (let object = 0; object < objects!.count; object++) if (timecodes!.has(object)) order[count++] = object;
  const coded = order.subarray(0, count);
  const isOrdered = coded.every((object, at) => at === 0 || timecodes!.compare(coded[at - 1]!, object) <= 0);
  if (!isOrdered) coded.sort((a, b) => timecodes!.compare(a, b) || a - b);
  return coded.filter((object, at) => at === 0 || timecodes!.compare(coded[at - 1]!, object) !== 0);
}

/** By range, then by time code. */
export function compareCodes(a: Timecode, b: Timecode): number {
  return a.range - b.range || a.timecode - b.timecode;
}
