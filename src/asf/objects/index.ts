import { ByteWriter } from "../../bytes/byte_writer.ts";
import * as GUID from "../guids.ts";
import type { ObjectSpec } from "../object.ts";
import { encodeSpecifiers, type IndexParameters } from "./index_parameters.ts";

/** An index up to its first block. */
export interface IndexHead extends IndexParameters {
  readonly blockCount: number;
  /** Of all blocks. */
  readonly blockBytes: number;
}

/**
 * Head of an object, and blocks behind it:
 *
 * ```text
 * interval u32 · columns u16 · blocks u32 · column: stream u16, type u16
 * block: entries u32 · [range u16] · column: position u64 · entry: [time code u32] · column: offset u32
 * ```
 *
 * Position plus offset count from the first packet. Range and time code are in a Timecode Index alone.
 */
function blockIndexObject(guid: Uint8Array): ObjectSpec<IndexHead> {
  return {
    guid,
    trailingBytes: ({ blockBytes }) => blockBytes,
    encode(w, { interval, specifiers, blockCount }) {
      w.u32(interval);
      w.u16(specifiers.length);
      w.u32(blockCount);
      encodeSpecifiers(w, specifiers);
    },
  };
}

/** Index Object ([ASF] 6.2): by presentation time. */
export const indexObject: ObjectSpec<IndexHead> = /* @__PURE__ */ blockIndexObject(GUID.index);

/** Media Object Index Object ([ASF] 6.3): by number of the object, from 0. */
export const mediaObjectIndex: ObjectSpec<IndexHead> = /* @__PURE__ */ blockIndexObject(GUID.mediaObjectIndex);

/** Timecode Index Object ([ASF] 6.4): by SMPTE time code. */
export const timecodeIndex: ObjectSpec<IndexHead> = /* @__PURE__ */ blockIndexObject(GUID.timecodeIndex);

/** The head of a block. */
export function blockHead(
  entryCount: number,
  positions: readonly number[],
  timecodeRange?: number,
): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter("little");
  w.u32(entryCount);
  if (timecodeRange !== undefined) w.u16(timecodeRange);
  for (const position of positions) w.u64(position);
  return w.toUint8Array();
}
