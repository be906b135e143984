/**
 * Cues ([RFC 9559] 5.1.5): places to begin.
 *
 * ```text
 * Cues ─ CuePoint ─┬─ CueTime
 *                  └─ CueTrackPositions ─ CueTrack · CueClusterPosition · CueRelativePosition
 * ```
 *
 * @module
 */

import { ByteWriter } from "../bytes/byte_writer.ts";
import { checkedMaster, uint, writeSize } from "./ebml.ts";
import * as ID from "./ids.ts";

/** One place to begin, in a file. */
export interface Cue {
  /** Ticks. */
  readonly time: number;
  /** Where the Cluster begins, counted from the body of the Segment. */
  readonly position: number;
  /** Where the block stands, counted from the body of the Cluster. */
  readonly relative: number;
}

/** Bytes that the head of Cues and one CuePoint take at most. */
const HEAD_BYTES = 14;
const CUE_BYTES = 40;

/** Writes Cues. */
export function encodeCues(cues: readonly Cue[], trackId: number): Uint8Array<ArrayBuffer> {
  const w = new ByteWriter("big", new Uint8Array(HEAD_BYTES + cues.length * CUE_BYTES));
  const inner = new ByteWriter("big");
  const places = new ByteWriter("big");
  checkedMaster(w, ID.Cues, () => {
    for (const { time, position, relative } of cues) {
      places.offset = inner.offset = 0;
      uint(places, ID.CueTrack, trackId);
      uint(places, ID.CueClusterPosition, position);
      uint(places, ID.CueRelativePosition, relative);
      uint(inner, ID.CueTime, time);
      append(inner, ID.CueTrackPositions, places);
      append(w, ID.CuePoint, inner);
    }
  });
  return w.toUint8Array();
}

function append(w: ByteWriter, id: number, { written }: ByteWriter): void {
  w.u8(id);
  writeSize(w, written.byteLength);
  w.bytes(written);
}

/** As many Cues as fit, evenly: every other one goes until they do. */
export function fitCues(cues: readonly Cue[], trackId: number, most: number): Uint8Array<ArrayBuffer> | undefined {
  for (let kept = cues; kept.length > 0; kept = kept.length > 1 ? kept.filter((_, i) => i % 2 === 0) : []) {
    const bytes = encodeCues(kept, trackId);
    if (bytes.byteLength <= most) return bytes;
  }
  return undefined;
}
