import * as GUID from "../guids.ts";
import { type AsfObject, type ObjectSpec, totalBytes } from "../object.ts";

/** Where its first child begins. */
export const HEADER_BODY_OFFSET = 30;

/** Header Object ([ASF] 3.1): its direct children, in order. */
export const headerObject: ObjectSpec<readonly AsfObject[]> = {
  guid: GUID.header,
  bodyBytes: (children) => 6 + totalBytes(children),
  encode(w, children) {
    w.u32(children.length); // a Header Extension counts as one, whatever is in it
    w.u8(1); // Reserved1
    w.u8(2); // Reserved2
    for (const child of children) child.write(w);
  },
};
