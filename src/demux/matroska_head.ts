/**
 * What stands at the beginning of a Matroska or WebM source, where its reader does not look.
 *
 * ```text
 * EBML header · Segment ─ SeekHead · Info ─ Title … · Tracks · Clusters …
 * ```
 *
 * @module
 */

const EBML_ID = 0x1A45DFA3;
const SEGMENT_ID = 0x18538067;
const INFO_ID = 0x1549A966;
const TITLE_ID = 0x7BA9;

/** What the beginning says. */
export interface MatroskaHead {
  /** How many bytes there should be; undefined where no claim is made, as in live sources. */
  readonly claimedBytes?: number;
  /** The title of the whole, which is no tag there. */
  readonly title?: string;
}

/** Reads what the first bytes of a source hold of it. */
export function readMatroskaHead(head: Uint8Array): MatroskaHead {
  const header = element(head, 0);
  if (header?.id !== EBML_ID || header.bodyBytes === undefined) return {};
  const segment = element(head, header.bodyOffset + header.bodyBytes);
  if (segment?.id !== SEGMENT_ID) return {};
  const claimedBytes = segment.bodyBytes === undefined ? undefined : segment.bodyOffset + segment.bodyBytes;
  const info = find(head, segment.bodyOffset, head.byteLength, INFO_ID);
  const infoEnd = info?.bodyBytes === undefined ? 0 : Math.min(head.byteLength, info.bodyOffset + info.bodyBytes);
  const title = info === undefined ? undefined : find(head, info.bodyOffset, infoEnd, TITLE_ID);
  if (title?.bodyBytes === undefined || title.bodyOffset + title.bodyBytes > infoEnd) return { claimedBytes };
  const text = new TextDecoder().decode(head.subarray(title.bodyOffset, title.bodyOffset + title.bodyBytes));
  return { claimedBytes, title: text.replace(/\0.*$/s, "").trim() || undefined };
}

function find(bytes: Uint8Array, start: number, end: number, id: number): Element | undefined {
  for (let at = start; at < end;) {
    const found = element(bytes, at);
    if (found === undefined || found.id === id) return found;
    if (found.bodyBytes === undefined) return undefined;
    at = found.bodyOffset + found.bodyBytes;
  }
  return undefined;
}

interface Element {
  readonly id: number;
  readonly bodyOffset: number;
  /** Absent: it ends where something else begins. */
  readonly bodyBytes: number | undefined;
}

/** An identifier with its length marker, then a size without; a size of ones is unknown. */
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
