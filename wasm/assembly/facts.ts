// What is known of objects laid out, until the host takes it out of memory. The host calls takeFacts() before there is too
// much.

import { FACT_BYTES, FACTS } from "../../src/core/abi.ts";

let factCount: u32 = 0;

/** An object as the host is told of it. */
@unmanaged
export class Fact {
  /** Presentation time, preroll included. */
  timeMs: u32;
  /** Packet with its first fragment. */
  packet: u32;
  /** Packets from there to the one with its last fragment, at most 65 535: an entry has a WORD for it. */
  span: u16;
  slot: u8;
  /** FACT_KEY_FRAME, FACT_TRACED or FACT_TRACED_KEY. */
  kind: u8;
}

if (offsetof<Fact>() != FACT_BYTES) ERROR("FACT_BYTES drifted from Fact");

export function recordFact(kind: u32, slot: u32, timeMs: u32, packet: u32, span: u32): void {
  const fact = changetype<Fact>(FACTS + factCount++ * FACT_BYTES);
  fact.timeMs = timeMs;
  fact.packet = packet;
  fact.span = u16(min<u32>(span, u16.MAX_VALUE));
  fact.slot = u8(slot);
  fact.kind = u8(kind);
}

/** Returns how many facts stand in FACTS, which is empty from then on. */
export function takeFacts(): u32 {
  const count = factCount;
  factCount = 0;
  return count;
}
