import { GUID } from "../guid.ts";
import { type ObjectSpec, ObjectWriter } from "../object_writer.ts";
import { type IndexParameters, NEAREST_CLEAN_POINT } from "./index_parameters.ts";

/** Value of {@linkcode indexObject}. */
export interface IndexHead extends IndexParameters {
  readonly blockCount: number;
  /** Of all blocks. */
  readonly blockBytes: number;
}

/**
 * Index Object ([ASF] 6.2) up to its first block.
 *
 * ```text
 * interval u32 · columns u16 · blocks u32 · column: stream u16, type u16
 * block: entries u32 · column: position u64 · entry: column: offset u32
 * ```
 *
 * Position plus offset count from the first packet.
 */
export const indexObject: ObjectSpec<IndexHead> = {
  name: "Index",
  guid: GUID.index,
  bodyBytes: ({ streamNumbers }) => 10 + 4 * streamNumbers.length,
  trailingBytes: ({ blockBytes }) => blockBytes,
  encode(w, { intervalMs, streamNumbers, blockCount }) {
    w.u32(intervalMs);
    w.u16(streamNumbers.length);
    w.u32(blockCount);
    for (const number of streamNumbers) {
      w.u16(number);
      w.u16(NEAREST_CLEAN_POINT);
    }
  },
};

/** Size of a block's head. */
export function blockHeadBytes(columnCount: number): number {
  return 4 + 8 * columnCount;
}

/** The head of a block. */
export function blockHead(entryCount: number, positions: readonly number[]): Uint8Array<ArrayBuffer> {
  const w = new ObjectWriter(blockHeadBytes(positions.length));
  w.u32(entryCount);
  for (const position of positions) w.u64(position);
  return w.finish();
}
