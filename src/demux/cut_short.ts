/**
 * Whether a source ends before it says it does, for formats of bare frames, whose reader does not notice.
 *
 * @module
 */

import type { RandomBytes } from "./bytes.ts";
import { ascii } from "./formats.ts";

const ID3_HEADER_BYTES = 10;
/** How far from the end the last MP3 frame is looked for: room for one that is not whole, and for tags. */
const MAX_TAIL_BYTES = 1 << 16;
/** What may stand behind the frames: ID3v1, APEv2, Lyrics3, ID3v2. */
const TAGS = ["TAG", "APETAGEX", "LYRICS", "ID3"];
/**
 * Where the frames of an ADTS source stop although it goes on with something that is no tag; undefined when they do not.
 *
 * @param frameBytes Size of all frames that were read.
 */
export async function adtsRest(source: RandomBytes, frameBytes: number): Promise<number | undefined> {
  let at = 0;
  for (let tagBytes = -1; tagBytes !== 0; at += tagBytes) tagBytes = id3Bytes(await read(source, at));
  at += frameBytes;
  const rest = await read(source, at);
  const isTag = TAGS.some((tag) => ascii(rest, 0, tag.length) === tag);
  return rest.byteLength === 0 || isTag ? undefined : at;
}

/**
 * Where an MP3 source goes on behind its last whole frame with another that is not whole; undefined when it does not.
 *
 * @param last The last frame that was read.
 */
export async function mp3Rest(source: RandomBytes, last: Uint8Array): Promise<number | undefined> {
  const start = Math.max(0, source.size - last.byteLength - MAX_TAIL_BYTES);
  const tail = await source.read(start, source.size);
  for (let at = tail.byteLength - last.byteLength; at >= 0; at--) {
    if (!equals(tail, at, last)) continue;
    const rest = at + last.byteLength;
    // The bits of a frame header that are the same throughout a stream.
    const isFrame = tail[rest] === last[0] && ((tail[rest + 1] ?? last[1]!) & 0xFE) === (last[1]! & 0xFE);
    return isFrame ? start + rest : undefined;
  }
  return undefined;
}

function equals(bytes: Uint8Array, at: number, wanted: Uint8Array): boolean {
  for (let i = 0; i < wanted.byteLength; i++) if (bytes[at + i] !== wanted[i]) return false;
  return true;
}

async function read(source: RandomBytes, at: number): Promise<Uint8Array> {
  const end = Math.min(source.size, at + ID3_HEADER_BYTES);
  return at >= end ? new Uint8Array(0) : await source.read(at, end);
}

/** Size of the ID3v2 tag that begins here: 28 bits in four bytes; 0 if none does. */
function id3Bytes(head: Uint8Array): number {
  if (head.byteLength < ID3_HEADER_BYTES || ascii(head, 0, 3) !== "ID3") return 0;
  let size = 0;
  for (let i = 6; i < 10; i++) size = size * 128 + (head[i]! & 0x7F);
  return ID3_HEADER_BYTES + size;
}
