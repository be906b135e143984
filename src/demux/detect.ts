/**
 * What a source is, wherever it begins: behind a tag, or behind what got into its front.
 *
 * @module
 */

import { adts } from "../inspect/frames/adts.ts";
import { mpegAudio } from "../inspect/frames/mpeg_audio.ts";
import { FrameHead, type FrameSyntax } from "../inspect/frames/syntax.ts";
import { id3v2Bytes } from "../inspect/tags/tag_place.ts";
import { peek, type SourceBytes } from "./bytes.ts";
import { ascii, HEAD_BYTES, readerFor, type ReaderKind } from "./formats.ts";

/** How far a beginning is looked for. */
const SEARCH_BYTES = 1 << 17;
/** A tag in front of a stream that is larger is not passed over. */
const MAX_TAG_BYTES = 1 << 25;
/** What makes sure of frames at the front, and of those found farther in. */
const CHAIN_COUNT = 3;
const FOUND_CHAIN_COUNT = 5;
const TS_SYNC = 0x47;
/** Sizes of a packet: plain, with times in front, with check bytes behind. */
const TS_PACKET_BYTES = [188, 192, 204];
const ID3_HEAD_BYTES = 10;

/** What was found. */
export interface Detected {
  readonly kind: ReaderKind;
  /** Size of the tags in front. */
  readonly tagBytes: number;
  /** The first bytes behind them. */
  readonly head: Uint8Array;
}

/** Looks at the beginning of a source, no farther than needed. */
export async function detect(source: SourceBytes): Promise<Detected> {
  let tagBytes = 0;
  let head = await peekAt(source, 0, HEAD_BYTES);
  while (head.byteLength >= ID3_HEAD_BYTES && ascii(head, 0, 3) === "ID3" && head[3] !== 0xFF) {
    const size = id3v2Bytes(head, 0);
    if (tagBytes + size > MAX_TAG_BYTES && source.kind === "streamed") break;
    tagBytes += size;
    head = await peekAt(source, tagBytes, HEAD_BYTES);
  }
  const kind = readerFor(head);
  if (kind !== "search") return { kind, tagBytes, head };
  const near = kindAt(head, 0, CHAIN_COUNT);
  if (near !== undefined) return { kind: near, tagBytes, head };
  const more = head.byteLength < HEAD_BYTES ? head : await peekAt(source, tagBytes, SEARCH_BYTES);
  const found = kindAt(more, 0, CHAIN_COUNT) ?? search(more);
  return { kind: found ?? (tagBytes > 0 && more.byteLength === 0 ? "mp3" : "none"), tagBytes, head };
}

async function peekAt(source: SourceBytes, offset: number, count: number): Promise<Uint8Array> {
  if (source.kind === "streamed") return (await peek(source, offset + count)).subarray(offset);
  const end = Math.min(source.size, offset + count);
  return end <= offset ? new Uint8Array(0) : (await source.read(offset, end)).slice();
}

/** What begins at a position. */
function kindAt(bytes: Uint8Array, at: number, chainCount: number): ReaderKind | undefined {
  if (isTransportStream(bytes, at)) return "mpegts";
  if (bytes[at] !== 0xFF) return undefined;
  if (hasChain(bytes, at, adts, chainCount)) return "adts";
  return hasChain(bytes, at, mpegAudio, chainCount) ? "mp3" : undefined;
}

/** The first beginning behind the front. */
function search(bytes: Uint8Array): ReaderKind | undefined {
  for (let at = 1; at + 4 < bytes.byteLength; at++) {
    const byte = bytes[at];
    if (byte === 0xFF || byte === TS_SYNC) {
      const kind = kindAt(bytes, at, FOUND_CHAIN_COUNT);
      if (kind !== undefined) return kind;
    } else if (byte === 0x4F && ascii(bytes, at, at + 4) === "OggS" && bytes[at + 4] === 0) return "ogg";
    else if (byte === 0x66 && ascii(bytes, at, at + 4) === "fLaC") return "flac";
  }
  return undefined;
}

/** Five packets behind each other, or all there are. */
function isTransportStream(bytes: Uint8Array, at: number): boolean {
  return TS_PACKET_BYTES.some((size) => {
    const start = at === 0 && size === 192 ? 4 : at;
    let count = 0;
    for (let place = start; place < bytes.byteLength && count < 5; place += size, count++) {
      if (bytes[place] !== TS_SYNC) return false;
    }
    return count === 5 || count >= 2 && at === 0;
  });
}

/** So many frames alike, or all there are. */
function hasChain(bytes: Uint8Array, start: number, syntax: FrameSyntax, wanted: number): boolean {
  const head = new FrameHead();
  let kind = -1;
  let count = 0;
  for (let at = start; count < wanted; count++) {
    if (at + syntax.headBytes > bytes.byteLength) return count >= 2 || count === 1 && at === bytes.byteLength;
    if (!syntax.read(bytes, at, head) || count > 0 && head.kind !== kind) return false;
    kind = head.kind;
    if (head.byteLength === 0) return hasFreeChain(bytes, at, wanted);
    at += head.byteLength;
  }
  return true;
}

/** MPEG audio of free format: the same head comes again and again. */
function hasFreeChain(bytes: Uint8Array, start: number, wanted: number): boolean {
  let count = 0;
  for (let at = start; at + 4 < Math.min(bytes.byteLength, start + (1 << 15)) && count < wanted; at++) {
    if (
      bytes[at] === 0xFF && bytes[at + 1] === bytes[start + 1] && (bytes[at + 2]! & 0xFC) === (bytes[start + 2]! & 0xFC)
    ) {
      count++;
      at += 23;
    }
  }
  return count === wanted;
}
