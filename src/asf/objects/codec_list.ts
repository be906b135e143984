import * as GUID from "../guids.ts";
import { type ObjectSpec, textBytes } from "../object_writer.ts";

const CODEC_TYPE = { video: 1, audio: 2 } as const;

/** One codec. */
export interface CodecEntry {
  readonly kind: "video" | "audio";
  /** For people. */
  readonly name: string;
  /** The FourCC's four bytes, or the format tag's two. */
  readonly information: Uint8Array;
}

/** Codec List Object ([ASF] 3.5). Its text lengths count characters, not bytes. */
export const codecList: ObjectSpec<readonly CodecEntry[]> = {
  name: "Codec List",
  guid: GUID.codecList,
  bodyBytes: (entries) =>
    20 + entries.reduce((sum, entry) => sum + 8 + textBytes(entry.name) + entry.information.byteLength, 0),
  encode(w, entries) {
    w.bytes(GUID.reserved2);
    w.u32(entries.length);
    for (const entry of entries) {
      w.u16(CODEC_TYPE[entry.kind]);
      w.u16(textBytes(entry.name) / 2);
      w.text(entry.name);
      w.u16(0); // Codec Description Length
      w.u16(entry.information.byteLength);
      w.bytes(entry.information);
    }
  },
};
