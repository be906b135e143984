import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** The player must not leave this stream out. */
const FLAG_MANDATORY = 1;

/** One stream's place. */
export interface PriorityEntry {
  /** 1–127. */
  readonly streamNumber: number;
  readonly mandatory?: boolean;
}

/** Stream Prioritization Object ([ASF] 4.4): what to leave out last comes first. Count u16 · each: stream u16, flags u16. */
export const streamPrioritization: ObjectSpec<readonly PriorityEntry[]> = {
  guid: GUID.streamPrioritization,
  encode(w, entries) {
    w.u16(entries.length);
    for (const { streamNumber, mandatory } of entries) {
      w.u16(streamNumber);
      w.u16(mandatory ? FLAG_MANDATORY : 0);
    }
  },
};
