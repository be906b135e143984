import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** Where its first child begins. */
export const HEADER_BODY_OFFSET = 30;

/** Header Object ([ASF] 3.1): its direct children, in order. */
export const headerObject: ObjectSpec<readonly Uint8Array[]> = {
  guid: GUID.header,
  encode(w, children) {
    w.u32(children.length); // a Header Extension counts as one, whatever is in it
    w.u8(1); // Reserved1
    w.u8(2); // Reserved2
    for (const child of children) w.bytes(child);
  },
};
