/**
 * Elementary stream descriptors ([ISO 14496-1] 7.2.6), with all the shapes that writers give them: sizes in one to four
 * bytes, optional fields, QuickTime's without the outermost.
 *
 * @module
 */

import type { BoxCursor } from "./box_cursor.ts";

const TAG = { ES: 3, DECODER_CONFIG: 4, DECODER_SPECIFIC: 5 } as const;

/** What an elementary stream descriptor says of a decoder. */
export function esds(cursor: BoxCursor): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  readDescriptors(cursor, fields, 0);
  return fields;
}

/** Deeper than any. */
const MAX_DEPTH = 4;

function readDescriptors(cursor: BoxCursor, fields: Record<string, unknown>, depth: number): void {
  while (cursor.remaining >= 2 && depth < MAX_DEPTH) {
    const tag = cursor.u8();
    let size = 0;
    for (let i = 0; i < 4; i++) {
      const byte = cursor.u8();
      size = size << 7 | byte & 0x7F;
      if ((byte & 0x80) === 0) break;
    }
    const end = Math.min(cursor.end, cursor.position + size);
    if (tag === TAG.ES) {
      fields.esId = cursor.u16();
      const flags = cursor.u8();
      if (flags & 0x80) cursor.skip(2);
      if (flags & 0x40) cursor.skip(cursor.u8());
      if (flags & 0x20) cursor.skip(2);
      readDescriptors(cursor, fields, depth + 1);
      return;
    } else if (tag === TAG.DECODER_CONFIG) {
      fields.objectType = cursor.u8();
      fields.streamType = cursor.u8() >> 2;
      fields.bufferBytes = cursor.u24();
      fields.maxBitsPerSecond = cursor.u32();
      fields.averageBitsPerSecond = cursor.u32();
      readDescriptors(cursor, fields, depth + 1);
      return;
    } else if (tag === TAG.DECODER_SPECIFIC) {
      fields.specificInfo = cursor.bytes(Math.max(0, end - cursor.position));
      return;
    }
    cursor.position = Math.max(cursor.position, end);
  }
}
