/**
 * ID3v2 tags of all versions, and ID3v1 ([ID3v2.2], [ID3v2.3], [ID3v2.4]).
 *
 * @module
 */

import { id3v2Bytes } from "./tag_place.ts";

/** One frame of a tag. */
export interface Id3Frame {
  /** Its name: four letters, three in version 2.2. */
  readonly id: string;
  /** What is in it, as it was before it was unsynchronised: a view or a copy. */
  readonly data: Uint8Array;
  /** Why it cannot be read; `data` is as it is stored then. */
  readonly problem?: string;
}

/** A tag. */
export interface Id3Tag {
  /** 2 to 4. */
  readonly version: number;
  readonly frames: readonly Id3Frame[];
  /** What is wrong with it as a whole. */
  readonly problem?: string;
}

const HEAD_BYTES = 10;
const FLAG = { UNSYNCHRONISED: 0x80, EXTENDED: 0x40 } as const;
/** Flags of a frame: version 2.3 and 2.4. */
const FRAME_3 = { COMPRESSED: 0x80, ENCRYPTED: 0x40, GROUPED: 0x20 } as const;
const FRAME_4 = { GROUPED: 0x40, COMPRESSED: 0x08, ENCRYPTED: 0x04, UNSYNCHRONISED: 0x02, HAS_SIZE: 0x01 } as const;
/** A tag has no more. */
const MAX_FRAMES = 4096;

function sevens(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let i = 0; i < 4; i++) value = value * 128 + (bytes[at + i]! & 0x7F);
  return value;
}

function plain(bytes: Uint8Array, at: number, byteCount: number): number {
  let value = 0;
  for (let i = 0; i < byteCount; i++) value = value * 256 + bytes[at + i]!;
  return value;
}

/** Takes the zeros out that stand behind bytes of ones. */
function resynchronised(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.byteLength);
  let length = 0;
  for (let at = 0; at < bytes.byteLength; at++) {
    const byte = bytes[at]!;
    whole[length++] = byte;
    if (byte === 0xFF && bytes[at + 1] === 0) at++;
  }
  return whole.subarray(0, length);
}

/** Reads a tag that begins with these bytes. */
export function readId3(bytes: Uint8Array): Id3Tag {
  const version = bytes[3] ?? 0;
  const flags = bytes[5] ?? 0;
  const size = id3v2Bytes(bytes, 0);
  const isWhole = bytes.byteLength >= size;
  if (version < 2 || version > 4) return { version, frames: [], problem: `it is of version 2.${version}` };
  let body = bytes.subarray(HEAD_BYTES, Math.min(bytes.byteLength, HEAD_BYTES + sevens(bytes, 6)));
  if (version < 4 && flags & FLAG.UNSYNCHRONISED) body = resynchronised(body);
  let at = 0;
  if (version > 2 && flags & FLAG.EXTENDED) at = version === 4 ? sevens(body, 0) : 4 + plain(body, 0, 4);
  const frames: Id3Frame[] = [];
  const headBytes = version === 2 ? 6 : HEAD_BYTES;
  while (at + headBytes <= body.byteLength && body[at] !== 0 && frames.length < MAX_FRAMES) {
    const id = String.fromCharCode(...body.subarray(at, at + (version === 2 ? 3 : 4)));
    if (!/^[A-Z0-9 ]+$/.test(id)) return { version, frames, problem: `there is no frame ${frames.length + 1} in it` };
    const length = version === 2
      ? plain(body, at + 3, 3)
      : version === 3
      ? plain(body, at + 4, 4)
      : frameBytes(body, at);
    const start = at + headBytes;
    at = start + length;
    if (at > body.byteLength) return { version, frames, problem: `its frame ${id} claims ${length} bytes` };
    const data = body.subarray(start, at);
    frames.push(version === 2 ? { id, data } : unpacked(id, data, version, body[start - 1]!, flags));
  }
  return isWhole ? { version, frames } : { version, frames, problem: "it is cut short" };
}

/** Sizes of 2.4 have seven bits in a byte; iTunes wrote eight: what leads to another frame is right. */
function frameBytes(body: Uint8Array, at: number): number {
  const inSevens = sevens(body, at + 4);
  const inEights = plain(body, at + 4, 4);
  if (inSevens === inEights || (inEights & 0x80808080) !== 0) return inEights === inSevens ? inSevens : pick();
  return pick();

  function pick(): number {
    return leads(inSevens) || !leads(inEights) ? inSevens : inEights;
  }

  function leads(length: number): boolean {
    const next = at + HEAD_BYTES + length;
    if (next >= body.byteLength - 4) return next <= body.byteLength;
    return body[next] === 0 || /^[A-Z0-9]{4}$/.test(String.fromCharCode(...body.subarray(next, next + 4)));
  }
}

function unpacked(id: string, stored: Uint8Array, version: number, flags: number, tagFlags: number): Id3Frame {
  const flag = version === 4 ? FRAME_4 : { ...FRAME_3, UNSYNCHRONISED: 0, HAS_SIZE: 0 };
  if (flags & flag.ENCRYPTED) return { id, data: stored, problem: "it is encrypted" };
  if (flags & flag.COMPRESSED) return { id, data: stored, problem: "it is compressed" };
  let data = stored;
  if (flags & flag.GROUPED) data = data.subarray(1);
  if (flags & flag.HAS_SIZE) data = data.subarray(4);
  const isUnsynchronised = version === 4 && (flags & flag.UNSYNCHRONISED || tagFlags & FLAG.UNSYNCHRONISED);
  return { id, data: isUnsynchronised ? resynchronised(data) : data };
}

/** Characters by the number of an encoding. */
const ENCODINGS = ["windows-1252", "utf-16", "utf-16be", "utf-8"] as const;

/** Text of an encoding, and where what is behind its end begins. */
export function id3Text(
  data: Uint8Array,
  encoding: number,
  at: number,
  isLast: boolean,
): { readonly text: string; readonly next: number } {
  const isWide = encoding === 1 || encoding === 2;
  let end = at;
  if (isLast) end = data.byteLength;
  else if (isWide) { while (end + 1 < data.byteLength && (data[end] !== 0 || data[end + 1] !== 0)) end += 2; }
  else while (end < data.byteLength && data[end] !== 0) end++;
  const bytes = data.subarray(at, isWide ? end - (end - at) % 2 : end);
  const isBig = encoding === 2 || bytes[0] === 0xFE && bytes[1] === 0xFF;
  const label = encoding === 1 ? isBig ? "utf-16be" : "utf-16le" : ENCODINGS[encoding] ?? "windows-1252";
  return { text: new TextDecoder(label).decode(bytes), next: end + (isWide ? 2 : 1) };
}

/** What an ID3v1 tag of 128 bytes says; empty fields are left out. */
export interface Id3v1Tag {
  readonly title?: string;
  readonly artist?: string;
  readonly album?: string;
  readonly year?: string;
  readonly comment?: string;
  readonly track?: number;
  readonly genre?: number;
}

/** Reads an ID3v1 tag. */
export function readId3v1(bytes: Uint8Array): Id3v1Tag {
  const field = (start: number, length: number): string | undefined => {
    const text = new TextDecoder("windows-1252").decode(bytes.subarray(start, start + length));
    const end = text.indexOf("\0");
    return (end < 0 ? text : text.slice(0, end)).trim() || undefined;
  };
  const hasTrack = bytes[125] === 0 && bytes[126] !== 0;
  const genre = bytes[127];
  return {
    title: field(3, 30),
    artist: field(33, 30),
    album: field(63, 30),
    year: field(93, 4),
    comment: field(97, hasTrack ? 28 : 30),
    ...hasTrack && { track: bytes[126] },
    ...genre !== 0xFF && { genre },
  };
}

/** One item of an APE tag. */
export interface ApeItem {
  readonly key: string;
  readonly value: Uint8Array;
  readonly isText: boolean;
}

/** Reads an APE tag that begins with its head. */
export function readApe(bytes: Uint8Array): ApeItem[] {
  const items: ApeItem[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 32; at + 9 < bytes.byteLength - 32 && items.length < MAX_FRAMES;) {
    const length = view.getUint32(at, true);
    const flags = view.getUint32(at + 4, true);
    const end = bytes.indexOf(0, at + 8);
    if (end < 0 || end + 1 + length > bytes.byteLength) break;
    const key = new TextDecoder().decode(bytes.subarray(at + 8, end));
    at = end + 1 + length;
    items.push({ key, value: bytes.subarray(end + 1, at), isText: (flags >> 1 & 3) === 0 });
  }
  return items;
}
