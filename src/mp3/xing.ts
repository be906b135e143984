/**
 * The frame in front that says how long the others are: "Xing", or "Info" where all have one bit rate.
 *
 * ```text
 * frame header · side information (zeros) · name · flags u32: 1 frames, 2 bytes, 4 table
 * frames u32 · bytes u32, this frame included · table: 100 × u8, place of each percent of time in 256ths of the bytes
 * ```
 *
 * Where it is known how much of the beginning is not to be heard, LAME's tag follows, by which readers cut both ends:
 *
 * ```text
 * quality u32 · encoder 9 × u8 · method u8 · nothing 10 × u8 · kbit/s u8 · delay u12, padding u12 · nothing 4 × u8
 * bytes u32, this frame included · CRC-16 of the other frames · CRC-16 of all before
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import { crc16 } from "../bytes/crc16.ts";
import { DECODER_DELAY, type FrameHeader, silentFrame } from "../media/codecs/mp3_frame.ts";
import type { SeekTable } from "./seek_table.ts";

const HEADER_BYTES = 4;
const TABLE_COUNT = 100;
const BODY_BYTES = 4 + 4 + 4 + 4 + TABLE_COUNT;
const FLAGS = 1 | 2 | 4;
const HAS_QUALITY = 8;
const LAME_BYTES = 4 + 36;
/** Readers that know the tag look for this beginning. */
const ENCODER = "LAMEMuxwl";
const CONSTANT_RATE = 1;
/** Delay and padding have twelve bits. */
const MAX_TRIM = 0xFFF;

/** What the frame is about: frames `firstFrame …` of the session, `frameCount` of them. */
export interface XingFacts {
  readonly like: FrameHeader;
  /** Whether every frame so far had the same bit rate. */
  readonly isConstant: boolean;
  readonly firstFrame: number;
  readonly frameCount: number;
  readonly dataBytes: number;
  /** Absent: there is no tag. */
  readonly trims?: TrimFacts;
}

/** What of the sound is not to be heard, samples, the decoder's delay included. */
export interface TrimFacts {
  readonly start: number;
  readonly end: number;
  /** Of the frames; 0: not known. */
  readonly checksum: number;
}

/**
 * The frame; without facts about the others it is silence, which a reader may play.
 *
 * @param hasTag Whether there is room for LAME's tag.
 */
export function xingFrame(
  like: FrameHeader,
  hasTag: boolean,
  facts?: XingFacts,
  table?: SeekTable,
): Uint8Array<ArrayBuffer> {
  const frame = silentFrame(like, HEADER_BYTES + like.sideBytes + BODY_BYTES + (hasTag ? LAME_BYTES : 0));
  if (facts === undefined || table === undefined || facts.frameCount === 0) return frame;
  const view = new DataView(frame.buffer, HEADER_BYTES + like.sideBytes);
  const { isConstant, firstFrame, frameCount, dataBytes } = facts;
  [...isConstant ? "Info" : "Xing"].forEach((letter, i) => view.setUint8(i, letter.charCodeAt(0)));
  const byteCount = frame.byteLength + dataBytes;
  view.setUint32(4, facts.trims === undefined ? FLAGS : FLAGS | HAS_QUALITY);
  view.setUint32(8, Math.min(frameCount, 0xFFFF_FFFF));
  view.setUint32(12, Math.min(byteCount, 0xFFFF_FFFF));
  const begin = table.position(firstFrame);
  for (let percent = 0; percent < TABLE_COUNT; percent++) {
    const position = table.position(firstFrame + Math.floor(frameCount * percent / TABLE_COUNT)) - begin;
    view.setUint8(16 + percent, Math.min(255, Math.floor((frame.byteLength + position) * 256 / byteCount)));
  }
  if (facts.trims !== undefined) writeTag(frame, like, facts, facts.trims);
  return frame;
}

function writeTag(
  frame: Uint8Array<ArrayBuffer>,
  { sideBytes, bitrate }: FrameHeader,
  { isConstant, dataBytes }: XingFacts,
  { start, end, checksum }: TrimFacts,
): void {
  const w = new ByteWriter("big");
  w.u32(0); // the quality is not known
  w.text(ENCODER);
  w.u8(isConstant ? CONSTANT_RATE : 0);
  w.zeros(10);
  w.u8(Math.min(255, Math.round(bitrate / 1000)));
  const delay = Math.min(MAX_TRIM, start - DECODER_DELAY);
  const padding = Math.min(MAX_TRIM, end + DECODER_DELAY);
  w.u24(delay << 12 | padding);
  w.zeros(4);
  w.u32(Math.min(frame.byteLength + dataBytes, 0xFFFF_FFFF));
  w.u16(checksum);
  const at = HEADER_BYTES + sideBytes + BODY_BYTES;
  frame.set(w.written, at);
  const checksumAt = at + LAME_BYTES - 2;
  new DataView(frame.buffer).setUint16(checksumAt, crc16(frame, 0, 0, checksumAt));
}
