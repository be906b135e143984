// Key frames laid out, until the host takes them out of memory. The host calls takeFacts() before there are too many.

import { FACT_BYTES, FACTS } from "../../src/core/abi.ts";

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

/** Returns how many key frames stand in FACTS, which is empty from then on. */
export function takeFacts(): u32 {
  const count = factCount;
  factCount = 0;
  return count;
}
