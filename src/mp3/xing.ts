/**
 * The frame in front that says how long the others are: "Xing", or "Info" where all have one bit rate.
 *
 * ```text
 * frame header · side information (zeros) · name · flags u32: 1 frames, 2 bytes, 4 table
 * frames u32 · bytes u32, this frame included · table: 100 × u8, place of each percent of time in 256ths of the bytes
 * ```
 *
 * There is no encoder's tag behind it: delay and padding are not known here.
 *
 * @module
 */

import { type FrameHeader, silentFrame } from "../media/codecs/mp3_frame.ts";
import type { SeekTable } from "./seek_table.ts";

const HEADER_BYTES = 4;
const TABLE_COUNT = 100;
const BODY_BYTES = 4 + 4 + 4 + 4 + TABLE_COUNT;
const FLAGS = 1 | 2 | 4;

/** What the frame is about: frames `firstFrame …` of the session, `frameCount` of them. */
export interface XingFacts {
  readonly like: FrameHeader;
  /** Whether every frame so far had the same bit rate. */
  readonly isConstant: boolean;
  readonly firstFrame: number;
  readonly frameCount: number;
  readonly dataBytes: number;
}

/** The frame; without facts about the others it is silence, which a reader may play. */
export function xingFrame(like: FrameHeader, facts?: XingFacts, table?: SeekTable): Uint8Array<ArrayBuffer> {
  const frame = silentFrame(like, HEADER_BYTES + like.sideBytes + BODY_BYTES);
  if (facts === undefined || table === undefined || facts.frameCount === 0) return frame;
  const view = new DataView(frame.buffer, HEADER_BYTES + like.sideBytes);
  const { isConstant, firstFrame, frameCount, dataBytes } = facts;
  [...isConstant ? "Info" : "Xing"].forEach((letter, i) => view.setUint8(i, letter.charCodeAt(0)));
  const byteCount = frame.byteLength + dataBytes;
  view.setUint32(4, FLAGS);
  view.setUint32(8, Math.min(frameCount, 0xFFFF_FFFF));
  view.setUint32(12, Math.min(byteCount, 0xFFFF_FFFF));
  const begin = table.position(firstFrame);
  for (let percent = 0; percent < TABLE_COUNT; percent++) {
    const position = table.position(firstFrame + Math.floor(frameCount * percent / TABLE_COUNT)) - begin;
    view.setUint8(16 + percent, Math.min(255, Math.floor((frame.byteLength + position) * 256 / byteCount)));
  }
  return frame;
}
