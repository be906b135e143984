/**
 * Markers and script commands, from what a caller says to what the header does.
 *
 * @module
 */

import { TICKS_PER_MS } from "../bytes/ticks.ts";
import { cannot, MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import { DATA_HEAD_BYTES } from "./objects/data.ts";
import type { MarkerEntry } from "./objects/marker.ts";
import type { CommandEntry } from "./objects/script_command.ts";
import { MAX_STORED_MS, toMs, toTicks } from "./timing.ts";

/** What Windows takes: characters. */
const MAX_MARKER_LENGTH = 5120;
const MAX_TYPE_LENGTH = 1024;
const MAX_TEXT_LENGTH = 10_240;

/** Where a time is. */
export interface Place {
  readonly packet: number;
  readonly sendTimeMs: number;
}

/** How times of an output are stored. */
export interface Axis {
  readonly packetBytes: number;
  readonly prerollMs: number;
  /** Microseconds that are its zero. */
  readonly timeBase: number;
  /** Microseconds where it ends before the session does, or after it began without it; absent: it has everything. */
  readonly end?: number;
  /** Where a reader begins for a stored time, ms; absent: not known yet. */
  readonly find?: (storedMs: number) => Place;
}

/** The entries of the Marker Object, in order. @throws {RangeError} @throws {MuxError} `too-large` */
export function markerEntries({ markers = [] }: Metadata, axis: Axis): MarkerEntry[] {
  return within(axis, inOrder("marker", markers, axis), () => "").map(({ timestamp, name }) => {
    checkLength("marker", "name", name, MAX_MARKER_LENGTH);
    const time = Math.max(0, timestamp - axis.timeBase);
    const place = axis.find?.(toMs(time) + axis.prerollMs) ?? { packet: 0, sendTimeMs: 0 };
    return {
      offset: DATA_HEAD_BYTES + place.packet * axis.packetBytes,
      presentationTicks: toTicks(time) + axis.prerollMs * TICKS_PER_MS,
      sendTimeMs: place.sendTimeMs,
      description: name,
    };
  });
}

/** The entries of the Script Command Object, in order. @throws {RangeError} @throws {MuxError} `too-large` */
export function commandEntries({ scripts = [] }: Metadata, axis: Axis): CommandEntry[] {
  return within(axis, inOrder("script command", scripts, axis), ({ type }) => type).map(({ timestamp, type, text }) => {
    checkLength("script command", "type", type, MAX_TYPE_LENGTH);
    checkLength("script command", "text", text, MAX_TEXT_LENGTH);
    return { timeMs: toMs(Math.max(0, timestamp - axis.timeBase)) + axis.prerollMs, type, text };
  });
}

/** Those of a part: of those before it the last one of each kind, which still holds where it begins. */
function within<T extends { timestamp: number }>(
  { timeBase, end }: Axis,
  list: T[],
  kindOf: (entry: T) => string,
): T[] {
  if (end === undefined) return list;
  const before = new Map(list.filter(({ timestamp }) => timestamp <= timeBase).map((entry) => [kindOf(entry), entry]));
  return [...before.values(), ...list.filter(({ timestamp }) => timestamp > timeBase && timestamp < end)];
}

/** As with samples, a time has to fit a DWORD of milliseconds, preroll included. */
function inOrder<T extends { timestamp: number }>(what: string, list: readonly T[], { prerollMs }: Axis): T[] {
  const mostMs = MAX_STORED_MS - prerollMs;
  for (const { timestamp } of list) {
    if (toMs(timestamp) <= mostMs) continue;
    const reason = `timestamp must be at most ${mostMs} ms, got ${toMs(timestamp)} ms`;
    throw cannot(RangeError, `write ${what}`, reason, what);
  }
  return [...list].sort((a, b) => a.timestamp - b.timestamp);
}

function checkLength(what: string, field: string, text: string, most: number): void {
  if (text.length <= most) return;
  const reason = `${field} must have at most ${most} characters, got ${text.length}`;
  throw new MuxError("too-large", { action: `write ${what}`, reason }, { field: what });
}
