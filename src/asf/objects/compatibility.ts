import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** Compatibility Object ([ASF] 4.12): profile 2, mode 1, which is all there is; Windows writes it into every file. */
export const compatibility: ObjectSpec<void> = {
  guid: GUID.compatibility,
  encode(w) {
    w.u8(2);
    w.u8(1);
  },
};
