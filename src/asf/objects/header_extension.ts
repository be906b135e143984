import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** Header Extension Object ([ASF] 3.4): its children, in order. Mandatory, exactly one per header, even when empty. */
export const headerExtension: ObjectSpec<readonly Uint8Array[]> = {
  guid: GUID.headerExtension,
  encode(w, children) {
    w.bytes(GUID.reserved1);
    w.u16(6); // Reserved Field 2
    w.u32(children.reduce((sum, child) => sum + child.byteLength, 0));
    for (const child of children) w.bytes(child);
  },
};
