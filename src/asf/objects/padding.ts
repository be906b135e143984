import * as GUID from "../guids.ts";
import { OBJECT_HEAD_BYTES, type ObjectSpec } from "../object.ts";

/** Padding Object ([ASF] 3.17) of so many bytes, its head of 24 included. */
export const padding: ObjectSpec<number> = {
  guid: GUID.padding,
  encode(w, objectBytes) {
    w.zeros(objectBytes - OBJECT_HEAD_BYTES);
  },
};
