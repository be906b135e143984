// A ring of blocks, each a whole number of packets, back to back in memory. Packets are closed, handed out and released;
// a block is filled again when it is full, all of it was handed out, and all that was handed out is released.
//
//   take            fill
//    │               │
//   [full, waiting] [partly closed, partly handed] [free] … [full, handed out, pinned]
//
// Invariants
// - fill and take move on to a block's successor; take never passes fill. The successor is the next free block in the
//   ring, so that those that wait together lie back to back, but the first one where nothing else waits or is pinned:
//   memory that is in the caches, and no more of it than is needed. Where none is free it is the first to become so.
// - waiting() counts the full blocks from take up to fill. Such a block always has a packet to hand out.
// - closed is reset to 0 by releaseRange() alone, so a block that is not pinned has room.

import {
  NOTE_BYTES,
  RANGE,
  RANGE_ADDRESS,
  RANGE_BLOCK,
  RANGE_FIRST_PACKET,
  RANGE_NOTES,
  RANGE_SEND_TIME,
  STATUS,
  STATUS_FREE_BLOCK,
  STATUS_FULL_BLOCKS,
  STATUS_PACKET_COUNT,
  TABLES,
} from "../../src/core/abi.ts";
import { packetBytes } from "./settings.ts";
import { sendTimeAt } from "./wire.ts";

const NEVER: u32 = u32.MAX_VALUE;

@unmanaged
class Block {
  /** Packets closed. */
  closed: u32;
  /** Packets handed out, from the first. */
  handed: u32;
  /** Ranges handed out and not released. */
  pins: u32;
  /** Smallest stored presentation time in closed packets not handed out; NEVER if there are none. */
  earliestMs: u32;
  /** Number of the first packet. */
  firstPacket: u32;
  /** The block that was filled after this one. */
  successor: u32;
}

let blockCount: u32 = 0;
let blockPackets: u32 = 0;
let notes: usize = 0;
let blocks: usize = 0;

let fill: u32 = 0;
let take: u32 = 0;
/** The block that was filled last. */
let filled: u32 = 0;
/** Blocks that hold packets. */
let usedCount: u32 = 0;

function waiting(): u32 {
  return load<u32>(STATUS + STATUS_FULL_BLOCKS * 4);
}

function setWaiting(count: u32): void {
  store<u32>(STATUS + STATUS_FULL_BLOCKS * 4, count);
}

/** Packets closed so far. */
export function packetCount(): u32 {
  return load<u32>(STATUS + STATUS_PACKET_COUNT * 4);
}

function blockAt(index: u32): Block {
  return changetype<Block>(TABLES + index * offsetof<Block>());
}

function next(index: u32): u32 {
  return index + 1 == blockCount ? 0 : index + 1;
}

/** Places the tables and the blocks. Returns the end of the memory they take. */
export function placeBlocks(count: u32, packets: u32): usize {
  blockCount = count;
  blockPackets = packets;
  notes = TABLES + count * offsetof<Block>();
  // A multiple of a cache line.
  blocks = (notes + count * packets * NOTE_BYTES + 63) & ~63;
  return blocks + count * packets * packetBytes;
}

/** Once the memory is there. */
export function emptyBlocks(): void {
  for (let i: u32 = 0; i < blockCount; i++) blockAt(i).earliestMs = NEVER;
  tellFreeBlock(false);
}

/** Tells the host whether a block is free behind the one being filled; an untouched one is itself such a block. */
function tellFreeBlock(isOpen: bool): void {
  const closed = blockAt(fill).closed;
  const others = blockCount - usedCount - u32(closed == 0);
  store<u32>(STATUS + STATUS_FREE_BLOCK * 4, u32(closed != blockPackets && (closed == 0 && !isOpen || others != 0)));
}

/** Takes the space of the next packet. Returns its address, 0: no block is free. */
export function openSpace(): usize {
  const closed = blockAt(fill).closed;
  if (closed == blockPackets) return 0;
  if (closed == 0) tellFreeBlock(true);
  return blocks + (fill * blockPackets + closed) * packetBytes;
}

/** Takes over the packet that was laid out in that space. */
export function keepPacket(note: u32, earliestMs: u32): void {
  const block = blockAt(fill);
  const packet = packetCount();
  if (block.closed == 0) {
    block.firstPacket = packet;
    usedCount++;
  }
  store<u16>(notes + (fill * blockPackets + block.closed) * NOTE_BYTES, note);
  block.earliestMs = min(block.earliestMs, earliestMs);
  store<u32>(STATUS + STATUS_PACKET_COUNT * 4, packet + 1);
  if (++block.closed == blockPackets) {
    setWaiting(waiting() + 1);
    filled = fill;
    fill = block.successor = fill != 0 && usedCount == 1 ? 0 : nextFree(fill);
    tellFreeBlock(false);
  }
}

/** The next block in the ring that is free, or simply the next. */
function nextFree(index: u32): u32 {
  const first = next(index);
  let other = first;
  do {
    if (blockAt(other).closed == 0) return other;
    other = next(other);
  } while (other != first);
  return first;
}

/** Hands out what is closed in the block in turn. Returns the number of packets, 0 for none; RANGE tells the rest. */
export function takeRange(partial: bool): u32 {
  if (waiting() == 0 && !partial) return 0;
  const block = blockAt(take);
  const first = block.handed;
  const count = block.closed - first;
  if (count == 0) return 0;
  block.handed = block.closed;
  block.pins++;
  block.earliestMs = NEVER;

  const index = take * blockPackets + first;
  const address = blocks + index * packetBytes;
  store<u32>(RANGE + RANGE_ADDRESS * 4, address);
  store<u32>(RANGE + RANGE_FIRST_PACKET * 4, block.firstPacket + first);
  store<u32>(RANGE + RANGE_SEND_TIME * 4, sendTimeAt(address));
  store<u32>(RANGE + RANGE_NOTES * 4, notes + index * NOTE_BYTES);
  store<u32>(RANGE + RANGE_BLOCK * 4, take);
  if (block.handed == blockPackets) {
    setWaiting(waiting() - 1);
    take = block.successor;
  }
  return count;
}

/** The host is through with one range of a block. */
export function releaseRange(index: u32, isOpen: bool): void {
  const block = blockAt(index);
  if (--block.pins == 0 && block.handed == blockPackets) {
    block.closed = 0;
    block.handed = 0;
    usedCount--;
    if (blockAt(fill).closed == blockPackets) { // nothing was free until now
      if (waiting() == 0) take = index;
      fill = blockAt(filled).successor = index;
    }
    tellFreeBlock(isOpen);
  }
}

/** Smallest stored presentation time in closed packets not handed out; u32.MAX_VALUE if there are none. */
export function earliestWaitingMs(): u32 {
  let earliest = NEVER;
  for (let i: u32 = 0; i < blockCount; i++) earliest = min(earliest, blockAt(i).earliestMs);
  return earliest;
}
