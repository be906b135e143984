import * as GUID from "../guids.ts";
import { type AsfObject, type ObjectSpec, totalBytes } from "../object.ts";

/** Header Extension Object ([ASF] 3.4): its children, in order. Mandatory, exactly one per header, even when empty. */
export const headerExtension: ObjectSpec<readonly AsfObject[]> = {
  guid: GUID.headerExtension,
  bodyBytes: (children) => 22 + totalBytes(children),
  encode(w, children) {
    w.bytes(GUID.reserved1);
    w.u16(6); // Reserved Field 2
    w.u32(totalBytes(children));
    for (const child of children) child.write(w);
  },
};
