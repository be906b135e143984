// The media object being laid out: one at a time, fragment by fragment, in three ways.
//
//   place  the whole object is one fragment: the host sets its bytes at the address returned
//   plan   a list of fragments, address and size: the host sets the bytes of each
//   pour   the bytes stand in the arena: the core distributes them
//
// place() comes first and begins the object; where it answers 0, plan() or pour() go on until they answer 0 (no block is
// free) or the object is laid out.

import { TICKS_PER_MS } from "../../src/bytes/ticks.ts";
import { ARENA, EXTENSION, FACT_KEY_FRAME, FACT_TRACED, FACT_TRACED_KEY, FRAGMENT_CAPACITY, FRAGMENTS } from "../../src/core/abi.ts";
import { packetCount } from "./blocks.ts";
import { recordFact } from "./facts.ts";
import {
  addPayload,
  bytesLeft,
  closePacket,
  endPayload,
  growPayload,
  hasLengthField,
  isPacketOpen,
  lastsUntil,
  markClean,
  openPacket,
  packetRoom,
  takesPayload,
} from "./packet.ts";
import {
  beginRun,
  growRun,
  isRunOf,
  joinRun,
  RUN_HEADER_BYTES,
  RUN_OBJECT_BYTES_MAX,
  RUN_OBJECT_BYTES_MIN,
  runTimeMs,
} from "./run.ts";
import { hasTimingExtension, multipleCapacity, prerollMs } from "./settings.ts";
import { streamAt, StreamSlot } from "./streams.ts";
import { writeExtension, writePayload } from "./wire.ts";

/** What 8 bits take at 1 bit/s, in ms. */
const BYTE_MS: f64 = 8000;
const SPLIT_COST_BYTES: i32 = 16;

let slot: u32 = 0;
let stream: StreamSlot = changetype<StreamSlot>(0);
/** Stream number and key bit, as on the wire. */
let streamByte: u32 = 0;
let objectBytes: u32 = 0;
/** Extension data in each of its payloads, the timing extension apart. */
let extensionBytes: u32 = 0;
/** Bytes laid out. */
let done: u32 = 0;
/** The payload's own time, preroll included. */
let presentationMs: u32 = 0;
/** The real presentation time, preroll included, 100 ns. */
let presentationTicks: f64 = 0;
/** When the first byte leaves, by the causal rule. */
let startMs: f64 = 0;
/** When the bytes laid out have left, and the next ones follow. */
let doneMs: f64 = 0;
/** The same for the fragment that reserve() has measured. */
let fragmentDoneMs: f64 = 0;
/** The end of its payload: a late one still leaves when it is due, not after. */
let payloadEndMs: f64 = 0;
let isRecorded: bool = false;
/** Where small objects share payloads: earliest stored time of this one. */
let floorMs: u32 = 0;
/** Packet with the first fragment. */
let firstPacket: u32 = 0;

/** Times the fragment of the next bytes. */
function measure(bytes: u32): u32 {
  const bitsPerSecond = stream.bitsPerSecond;
  fragmentDoneMs = startMs + BYTE_MS * (f64(done) + f64(bytes)) / bitsPerSecond;
  payloadEndMs = doneMs <= presentationMs ? fragmentDoneMs : f64(presentationMs) + BYTE_MS * bytes / bitsPerSecond;
  return bytes;
}

/** Finds a packet for the next fragment. Returns the fragment's size, 0: no block is free. */
function reserve(): u32 {
  const left = objectBytes - done;
  if (isPacketOpen()) {
    const room = packetRoom(extensionBytes);
    if (room > 0) {
      const bytes = measure(min(left, room));
      if (takesPayload(payloadEndMs, presentationMs)) return bytes;
    }
    closePacket();
  }
  return openPacket(left + extensionBytes) ? measure(min(left, packetRoom(extensionBytes))) : 0;
}

/** Lays out the fragment that reserve() has found a packet for. Returns the address of its data. */
function layFragment(bytes: u32): usize {
  const isFirst = done == 0;
  if (isFirst) firstPacket = packetCount();
  const header = addPayload(doneMs, payloadEndMs, presentationMs, isFirst);
  let at = writePayload(
    header,
    streamByte,
    stream.objectNumber,
    done,
    objectBytes,
    presentationMs,
    hasTimingExtension,
    u64(presentationTicks),
  );
  if (extensionBytes != 0) at = writeExtension(header, at, extensionBytes);
  if (hasLengthField()) {
    store<u16>(at, bytes);
    at += 2;
  }
  if (isFirst && stream.makesCleanPoints && (!stream.isIndexed || isRecorded)) markClean();
  done += bytes;
  doneMs = fragmentDoneMs;
  if (done == objectBytes) endObject();
  endPayload(at + bytes);
  return at;
}

function timeMs(): u32 {
  return u32(floor(presentationTicks / TICKS_PER_MS + 0.5));
}

function tell(kind: u32): void {
  recordFact(kind, slot, timeMs(), firstPacket, packetCount() - firstPacket + 1);
}

function endObject(): void {
  stream.objectNumber = (stream.objectNumber + 1) & 255;
  stream.busyUntilMs = doneMs;
  stream.largestBytes = max(stream.largestBytes, objectBytes);
  if (isRecorded) tell(FACT_KEY_FRAME);
  if (stream.isTraced) tell(streamByte > 127 ? FACT_TRACED_KEY : FACT_TRACED);
}

/** Whether the object may share a payload. */
function isPackable(): bool {
  return stream.isPacked != 0 && objectBytes >= RUN_OBJECT_BYTES_MIN && objectBytes <= RUN_OBJECT_BYTES_MAX &&
    objectBytes <= multipleCapacity;
}

/**
 * Lays out the whole object in a compressed payload. Returns where its bytes go; 0: it is to be split over the open packet
 * and the next, or if none is open, no block is free.
 */
function pack(): usize {
  const bytes = measure(objectBytes);
  if (isPacketOpen()) {
    const left = bytesLeft();
    if (left > bytes && isRunOf(stream) && lastsUntil(payloadEndMs, presentationMs) && joinRun(presentationTicks)) {
      return grow(bytes);
    }
    if (takesPayload(payloadEndMs, presentationMs)) {
      if (left > RUN_HEADER_BYTES + bytes) return begin(bytes);
      // Splitting costs a second header and a payload of its own: that much must be gained.
      if (packetRoom(0) > SPLIT_COST_BYTES) return 0;
    }
    closePacket();
  }
  return openPacket(bytes) ? begin(bytes) : 0;
}

function begin(bytes: u32): usize {
  const header = addPayload(startMs, payloadEndMs, presentationMs, true);
  return endPacked(beginRun(header, stream, bytes, presentationMs, floorMs, presentationTicks), bytes);
}

function grow(bytes: u32): usize {
  return endPacked(growRun(growPayload(payloadEndMs, runTimeMs(), presentationMs), bytes), bytes);
}

function endPacked(at: usize, bytes: u32): usize {
  if (stream.makesCleanPoints && !stream.isIndexed) markClean();
  firstPacket = packetCount();
  done = bytes;
  doneMs = fragmentDoneMs;
  endObject();
  endPayload(at + bytes);
  return at;
}

/** Begins an object. Returns where its bytes go if they stay in one piece; 0: they do not. */
export function place(slotIndex: u32, bytes: u32, storedMs: u32, ticks: f64, isKey: bool): usize {
  slot = slotIndex;
  stream = streamAt(slotIndex);
  isRecorded = isKey && stream.isIndexed != 0;
  streamByte = stream.streamNumber | u32(isKey && stream.isMarked != 0) << 7;
  objectBytes = bytes;
  extensionBytes = stream.isExtended != 0 ? load<u32>(EXTENSION) : 0;
  done = 0;
  presentationMs = storedMs + prerollMs;
  if (stream.isPacked) {
    floorMs = max(prerollMs, stream.lastStoredMs);
    presentationMs = max(presentationMs, floorMs);
    stream.lastStoredMs = presentationMs;
  }
  presentationTicks = ticks + prerollMs * f64(TICKS_PER_MS);
  startMs = max(stream.busyUntilMs, f64(storedMs));
  doneMs = startMs;
  if (isPackable()) {
    const at = pack();
    if (at != 0 || !isPacketOpen()) return at;
  }
  return reserve() == bytes ? layFragment(bytes) : 0;
}

/** Lays out fragments. Returns how many stand in FRAGMENTS, 0: no block is free. */
export function plan(): u32 {
  let count: u32 = 0;
  for (; done < objectBytes && count < u32(FRAGMENT_CAPACITY); count++) {
    const bytes = reserve();
    if (bytes == 0) break;
    const at: usize = FRAGMENTS + count * 8;
    store<u32>(at, u32(layFragment(bytes)));
    store<u32>(at, bytes, 4);
  }
  return count;
}

/** Lays out the first `bytes` of the arena in whole fragments. Returns how many it took, 0: no block is free. */
export function pour(bytes: u32): u32 {
  let taken: u32 = 0;
  if (done == 0 && isPackable()) {
    const at = pack();
    if (at != 0) {
      memory.copy(at, ARENA, bytes);
      return bytes;
    }
    if (!isPacketOpen()) return 0;
  }
  while (taken < bytes) {
    const fragment = reserve();
    if (fragment == 0 || fragment > bytes - taken) break;
    memory.copy(layFragment(fragment), ARENA + taken, fragment);
    taken += fragment;
  }
  return taken;
}
