/**
 * Whether a source ends before it says it does, for formats whose reader does not notice.
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
/** Matroska's two top-level elements. */
const EBML_ID = 0x1A45DFA3;
const SEGMENT_ID = 0x18538067;

/** How many bytes a Matroska or WebM source claims to have; undefined when it makes no claim, as live ones do not. */
export function matroskaBytes(head: Uint8Array): number | undefined {
  const header = element(head, 0);
  if (header?.id !== EBML_ID || header.bodyBytes === undefined) return undefined;
  const at = header.bodyOffset + header.bodyBytes;
  const segment = element(head, at);
  if (segment?.id !== SEGMENT_ID || segment.bodyBytes === undefined) return undefined;
  return segment.bodyOffset + segment.bodyBytes;
}

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
    // The bits of a frame header that are the same throughout a stream ([MPEG-1 Audio] 2.4.1.3).
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

/** Size of the ID3v2 tag that begins here ([ID3v2.4] 3.1: 28 bits in four bytes); 0 if none does. */
function id3Bytes(head: Uint8Array): number {
  if (head.byteLength < ID3_HEADER_BYTES || ascii(head, 0, 3) !== "ID3") return 0;
  let size = 0;
  for (let i = 6; i < 10; i++) size = size * 128 + (head[i]! & 0x7F);
  return ID3_HEADER_BYTES + size;
}

interface Element {
  readonly id: number;
  readonly bodyOffset: number;
  /** Absent: it ends where something else begins. */
  readonly bodyBytes: number | undefined;
}

/** [EBML] 4: an identifier with its length marker, then a size without; a size of ones is unknown. */
function element(bytes: Uint8Array, at: number): Element | undefined {
  const idBytes = lengthOf(bytes[at]);
  const sizeBytes = lengthOf(bytes[at + idBytes]);
  const bodyOffset = at + idBytes + sizeBytes;
  if (idBytes === 0 || sizeBytes === 0 || bodyOffset > bytes.byteLength) return undefined;
  const id = bigEndian(bytes, at, idBytes, 0xFF);
  const size = bigEndian(bytes, at + idBytes, sizeBytes, 0xFF >> sizeBytes);
  return { id, bodyOffset, bodyBytes: size >= 2 ** (7 * sizeBytes) - 1 ? undefined : size };
}

function lengthOf(first: number | undefined): number {
  return first === undefined || first === 0 ? 0 : Math.clz32(first) - 23;
}

/** An unsigned number whose first byte counts only under `firstMask`. */
function bigEndian(bytes: Uint8Array, at: number, count: number, firstMask: number): number {
  let value = bytes[at]! & firstMask;
  for (let i = 1; i < count; i++) value = value * 256 + bytes[at + i]!;
  return value;
}
