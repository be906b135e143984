import {
  STREAM_BYTES,
  STREAM_EXTENDED,
  STREAM_INDEXED,
  STREAM_MARKED,
  STREAM_PACKED,
  STREAM_TRACED,
  STREAMS,
} from "../../src/core/abi.ts";
import { hasTimingExtension } from "./settings.ts";

/** What is known of a stream from one media object to the next. */
@unmanaged
export class StreamSlot {
  /** 1–127. */
  streamNumber: u32;
  /** 1 if its key frames are marked and recorded. */
  isIndexed: u32;
  /** The next media object's number, mod 256. */
  objectNumber: u32;
  /** 1 if its key frames, or without any indexed stream its objects, are where a reader may start. */
  makesCleanPoints: u32;
  /** Rate of the causal rule. */
  bitsPerSecond: f64;
  /** When the last object has left, by the causal rule. */
  busyUntilMs: f64;
  /** Largest media object so far. */
  largestBytes: u32;
  /** 1 if small objects share payloads. */
  isPacked: u32;
  /** Stored time of the last object, if small ones share payloads: its rounding must not overtake the next. */
  lastStoredMs: u32;
  /** Not 0 if its objects come with extension data. */
  isExtended: u32;
  /** Not 0 if all its objects are recorded. */
  isTraced: u32;
  /** Not 0 if its key frames have their bit. */
  isMarked: u32;
  reserved1: u32;
  reserved2: u32;
}

if (offsetof<StreamSlot>() != STREAM_BYTES) ERROR("STREAM_BYTES drifted from StreamSlot");

let hasIndexed: bool = false;

export function streamAt(slot: u32): StreamSlot {
  return changetype<StreamSlot>(STREAMS + slot * STREAM_BYTES);
}

/** Slots are described in order, each once, right after configure(). */
export function describeStream(slot: u32, streamNumber: u32, flags: u32, bitsPerSecond: f64): void {
  const stream = streamAt(slot);
  stream.streamNumber = streamNumber;
  stream.isIndexed = flags & STREAM_INDEXED;
  stream.isPacked = u32((flags & (STREAM_PACKED | STREAM_EXTENDED)) == STREAM_PACKED && !hasTimingExtension);
  stream.isExtended = flags & STREAM_EXTENDED;
  stream.isTraced = flags & STREAM_TRACED;
  stream.isMarked = flags & (STREAM_INDEXED | STREAM_MARKED);
  stream.objectNumber = 1;
  stream.makesCleanPoints = 1;
  stream.bitsPerSecond = bitsPerSecond;
  if (hasIndexed) stream.makesCleanPoints = 0;
  if (stream.isIndexed && !hasIndexed) {
    hasIndexed = true;
    for (let other: u32 = 0; other < slot; other++) streamAt(other).makesCleanPoints = 0;
  }
}

export function largestObjectBytes(slot: u32): u32 {
  return streamAt(slot).largestBytes;
}
