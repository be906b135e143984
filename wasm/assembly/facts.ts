// Key frames laid out, until the host takes them out of memory. The host calls takeFacts() before there are too many.

import { FACT_BYTES, FACTS } from "../../src/core/abi.ts";
import { streamAt, streamCount, StreamSlot } from "./streams.ts";

let factCount: u32 = 0;

/** A key frame as the host keeps it. */
@unmanaged
export class KeyFrame {
  /** Presentation time, preroll included. */
  timeMs: u32;
  /** Packet with its first fragment. */
  packet: u32;
  /** Packets from there to the one with its last fragment, at most 65 535: an entry has a WORD for it. */
  span: u16;
  slot: u8;
  reserved: u8;
}

if (offsetof<KeyFrame>() != FACT_BYTES) ERROR("FACT_BYTES drifted from KeyFrame");

export function recordKeyFrame(slot: u32, timeMs: u32, packet: u32, span: u32): void {
  const key = changetype<KeyFrame>(FACTS + factCount++ * FACT_BYTES);
  key.timeMs = timeMs;
  key.packet = packet;
  key.span = u16(min<u32>(span, u16.MAX_VALUE));
  key.slot = u8(slot);
  key.reserved = 0;
}

/**
 * Keeps an object in mind: it is noted if it turns out to be the last before an entry's time, or the last of all. Where it
 * is not, the entries say the same without it.
 */
export function noteObject(slot: u32, stream: StreamSlot, timeMs: u32, packet: u32, span: u32): void {
  const noteMs = stream.noteMs;
  if (stream.lastSpan != 0 && (stream.lastMs + noteMs - 1) / noteMs * noteMs < timeMs) {
    recordKeyFrame(slot, stream.lastMs, stream.lastPacket, stream.lastSpan);
  }
  stream.lastMs = timeMs;
  stream.lastPacket = packet;
  stream.lastSpan = span;
}

/** Returns how many key frames stand in FACTS, which is empty from then on. */
export function takeFacts(): u32 {
  for (let slot: u32 = 0; slot < streamCount; slot++) {
    const stream = streamAt(slot);
    if (stream.lastSpan == 0) continue;
    recordKeyFrame(slot, stream.lastMs, stream.lastPacket, stream.lastSpan);
    stream.lastSpan = 0;
  }
  const count = factCount;
  factCount = 0;
  return count;
}
