/**
 * How codecs want their objects framed (D26).
 *
 * @module
 */

import type { AsfStream } from "../header.ts";

const ANNEX_B: ReadonlySet<string> = new Set(["H264", "h264", "X264", "x264", "HEVC", "H265"]);
const LENGTH_PREFIXED: ReadonlySet<string> = new Set(["AVC1", "avc1", "HVC1", "hvc1"]);
const RAW_AAC = 0x00ff;

/** Whether the object that begins at `start` contradicts what the stream says it carries. */
export function beginsBadly({ video, audio }: AsfStream, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 4) return false;
  if (audio?.formatTag === RAW_AAC) return bytes[start] === 0xff && bytes[start + 1]! >= 0xf0;
  if (video === undefined) return false;
  if (ANNEX_B.has(video.fourCC)) return !isStartCode(bytes, start);
  return LENGTH_PREFIXED.has(video.fourCC) && isStartCode(bytes, start);
}

function isStartCode(bytes: Uint8Array, at: number): boolean {
  if (bytes[at] !== 0 || bytes[at + 1] !== 0) return false;
  return bytes[at + 2] === 1 || bytes[at + 2] === 0 && bytes[at + 3] === 1;
}
