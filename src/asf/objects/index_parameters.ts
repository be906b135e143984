import type { ByteWriter } from "../../bytes/byte_writer.ts";
import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** What entries lead to: the packet with the last data … */
export const NEAREST_DATA_PACKET = 1;
/** … with the beginning of the last object … */
export const NEAREST_MEDIA_OBJECT = 2;
/** … or with that of the last key frame, of audio of the last object. */
export const NEAREST_CLEAN_POINT = 3;

/** One column of an index. */
export interface IndexSpecifier {
  /** 1–127. */
  readonly streamNumber: number;
  /** One of the three. */
  readonly type: number;
}

/** What a header says of an index. */
export interface IndexParameters {
  /** Distance of entries: milliseconds of an Index, objects of a Media Object Index; 1 of a Timecode Index. */
  readonly interval: number;
  /** The columns, in their order. */
  readonly specifiers: readonly IndexSpecifier[];
}

/** Writes the columns, each a stream (u16) and a type (u16). */
export function encodeSpecifiers(w: ByteWriter, specifiers: readonly IndexSpecifier[]): void {
  for (const { streamNumber, type } of specifiers) {
    w.u16(streamNumber);
    w.u16(type);
  }
}

/** interval u32 · columns u16 · column: stream u16, type u16. */
function parametersObject(guid: Uint8Array): ObjectSpec<IndexParameters> {
  return {
    guid,
    encode(w, { interval, specifiers }) {
      w.u32(interval);
      w.u16(specifiers.length);
      encodeSpecifiers(w, specifiers);
    },
  };
}

/** Index Parameters Object ([ASF] 4.9): what the Index Object at the end says again. */
export const indexParameters: ObjectSpec<IndexParameters> = /* @__PURE__ */ parametersObject(GUID.indexParameters);

/** Media Object Index Parameters Object ([ASF] 4.10): what the Media Object Index Object at the end says again. */
export const mediaObjectIndexParameters: ObjectSpec<IndexParameters> = /* @__PURE__ */ parametersObject(
  GUID.mediaObjectIndexParameters,
);

/** Timecode Index Parameters Object ([ASF] 4.11): what the Timecode Index Object at the end says again. */
export const timecodeIndexParameters: ObjectSpec<IndexParameters> = /* @__PURE__ */ parametersObject(
  GUID.timecodeIndexParameters,
);
