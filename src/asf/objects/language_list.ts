import * as GUID from "../guids.ts";
import { type ObjectSpec, textBytes, writeText } from "../object.ts";

/** Longest language tag, in UTF-16 code units: its size in bytes, terminator included, is stored in one byte. */
export const MAX_LANGUAGE_LENGTH = 126;

/** Language List Object ([ASF] 4.6): RFC 1766 tags, referred to by position. */
export const languageList: ObjectSpec<readonly string[]> = {
  guid: GUID.languageList,
  encode(w, tags) {
    w.u16(tags.length);
    for (const tag of tags) {
      w.u8(textBytes(tag));
      writeText(w, tag);
    }
  },
};
