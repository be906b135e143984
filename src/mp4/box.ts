/**
 * Boxes ([ISO 14496-12] 4.2): size u32 · type, four characters · body. A full box begins its body with version u8 and
 * flags u24.
 *
 * @module
 */

import type { BoxWriter } from "./box_writer.ts";

/** Size and type. */
export const BOX_HEAD_BYTES = 8;

/** Writes a box around what `writeBody` writes. */
export function box(w: BoxWriter, type: string, writeBody: () => void): void {
  const start = w.offset;
  const tableBytes = w.tableBytes;
  w.u32(0);
  for (let i = 0; i < 4; i++) w.u8(type.charCodeAt(i)); // some types are not ASCII
  writeBody();
  w.setU32(start, w.offset - start + w.tableBytes - tableBytes);
}

/** Writes a full box. */
export function fullBox(w: BoxWriter, type: string, version: number, flags: number, writeBody: () => void): void {
  box(w, type, () => {
    w.u8(version);
    w.u24(flags);
    writeBody();
  });
}
