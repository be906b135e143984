import * as GUID from "../guids.ts";
import { type ObjectSpec, textBytes, writeText } from "../object.ts";

const CODEC_TYPE = { video: 1, audio: 2 } as const;

/** One codec. */
export interface CodecEntry {
  readonly kind: "video" | "audio";
  /** For people. */
  readonly name: string;
  /** How it was encoded; empty: nothing is said. */
  readonly description: string;
  /** The FourCC's four bytes, or the format tag's two. */
  readonly information: Uint8Array;
}

/** Codec List Object ([ASF] 3.5). Its text lengths count characters, not bytes. */
export const codecList: ObjectSpec<readonly CodecEntry[]> = {
  guid: GUID.codecList,
  encode(w, entries) {
    w.bytes(GUID.reserved2);
    w.u32(entries.length);
    for (const entry of entries) {
      w.u16(CODEC_TYPE[entry.kind]);
      w.u16(textBytes(entry.name) / 2);
      writeText(w, entry.name);
      w.u16(descriptionBytes(entry) / 2);
      if (entry.description !== "") writeText(w, entry.description);
      w.u16(entry.information.byteLength);
      w.bytes(entry.information);
    }
  },
};

/** Nothing rather than an empty text. */
function descriptionBytes({ description }: CodecEntry): number {
  return description === "" ? 0 : textBytes(description);
}
