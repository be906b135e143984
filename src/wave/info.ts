/**
 * The `LIST` chunk of type INFO: text about the file ([RIFF] "INFO List Chunk").
 *
 * @module
 */

import type { ByteWriter } from "../bytes/byte_writer.ts";
import type { Metadata } from "../media/metadata.ts";
import { textTags } from "../media/tags.ts";

/** The chunk of each field that can be said; the rest of the metadata has no place in WAVE. */
const CHUNK_NAMES = {
  title: "INAM",
  author: "IART",
  copyright: "ICOP",
  description: "ICMT",
  albumTitle: "IPRD",
  genre: "IGNR",
  year: "ICRD",
  trackNumber: "ITRK",
};

/** Whether a field of the metadata has a place in WAVE. */
export function hasChunk(field: string): boolean {
  return Object.hasOwn(CHUNK_NAMES, field);
}

/** Writes the chunk; nothing when there is nothing to say. Text is UTF-8, which ASCII is too, and ends with a zero. */
export function writeInfo(w: ByteWriter, metadata: Metadata): void {
  const texts = textTags(metadata, CHUNK_NAMES);
  if (texts.length === 0) return;
  w.text("LIST");
  const sizeAt = w.offset;
  w.u32(0);
  w.text("INFO");
  for (const [name, text] of texts) {
    w.text(name);
    const at = w.offset;
    w.u32(0);
    w.text(text.replaceAll("\0", ""));
    w.u8(0);
    const byteLength = w.offset - at - 4;
    w.setU32(at, byteLength);
    if (byteLength % 2 === 1) w.u8(0);
  }
  w.setU32(sizeAt, w.offset - sizeAt - 4);
}
