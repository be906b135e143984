import type { ByteWriter } from "../../bytes/byte_writer.ts";
import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";

/** Streams of which a player takes one. */
export interface MutualExclusion {
  /** What they differ in: 16 wire bytes. */
  readonly type: Uint8Array;
  readonly streamNumbers: readonly number[];
}

/** Bitrate Mutual Exclusion Object ([ASF] 3.8): the same content at several rates, of one kind and picture size. */
export const bitrateMutualExclusion: ObjectSpec<MutualExclusion> = {
  guid: GUID.bitrateMutualExclusion,
  encode: encodeExclusion,
};

/** Advanced Mutual Exclusion Object ([ASF] 4.2): the same for whatever else they differ in, such as the language. */
export const advancedMutualExclusion: ObjectSpec<MutualExclusion> = {
  guid: GUID.advancedMutualExclusion,
  encode: encodeExclusion,
};

/** Type · count u16 · stream numbers u16. */
function encodeExclusion(w: ByteWriter, { type, streamNumbers }: MutualExclusion): void {
  w.bytes(type);
  w.u16(streamNumbers.length);
  for (const number of streamNumbers) w.u16(number);
}
