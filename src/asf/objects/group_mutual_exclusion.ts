import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** Groups of streams of which a player takes one group. */
export interface GroupExclusion {
  /** What they differ in: 16 wire bytes. */
  readonly type: Uint8Array;
  /** Stream numbers. */
  readonly groups: readonly (readonly number[])[];
}

/** Group Mutual Exclusion Object ([ASF] 4.3): type · groups u16 · each: count u16, stream numbers u16. */
export const groupMutualExclusion: ObjectSpec<GroupExclusion> = {
  guid: GUID.groupMutualExclusion,
  encode(w, { type, groups }) {
    w.bytes(type);
    w.u16(groups.length);
    for (const group of groups) {
      w.u16(group.length);
      for (const number of group) w.u16(number);
    }
  },
};
