// The core's exports, and nothing else. wasm/README.md says what each one promises.

import { earliestWaitingMs, emptyBlocks, placeBlocks, releaseRange as releaseBlock, takeRange } from "./blocks.ts";
import { takeFacts } from "./facts.ts";
import { place, plan, pour } from "./object.ts";
import { closePacket, earliestOpenMs, isPacketOpen, sendEndMs as lastEndMs } from "./packet.ts";
import { prerollMs, settle } from "./settings.ts";
import { fillIndex } from "./simple_index.ts";
import { describeStream, largestObjectBytes } from "./streams.ts";

export { closePacket, describeStream, fillIndex, largestObjectBytes, place, plan, pour, takeFacts, takeRange };

const PAGE_BYTES: usize = 65536;

/** Once, first of all, and the only function that lets the memory grow. Returns 0, or 1: there is no such memory. */
export function configure(packetBytes: u32, preroll: u32, flags: u32, blockPackets: u32, blockCount: u32): u32 {
  settle(packetBytes, preroll, flags);
  const pages = (placeBlocks(blockCount, blockPackets) + PAGE_BYTES - 1) / PAGE_BYTES;
  const missing = i32(pages) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return 1;
  emptyBlocks();
  return 0;
}

export function releaseRange(block: u32): void {
  releaseBlock(block, isPacketOpen());
}

export function heldMs(): f64 {
  const earliest = min(earliestOpenMs(), earliestWaitingMs());
  return earliest == u32.MAX_VALUE ? -1 : f64(earliest - prerollMs);
}

export function sendEndMs(): f64 {
  return lastEndMs;
}
