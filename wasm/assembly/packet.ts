// The open packet: takes payloads until it is closed, then its prefix is known and written.
//
// Invariants
// - A packet is opened only to take a payload at once.
// - An open packet with payloads has room for one more payload of at least one byte, extensions of its stream apart: a
//   full one is closed on the spot, while its padding is below the payload header and so never has to be widened.
// - closePacket() may move data up by one byte; so a packet that is closed for any other reason holds no payload whose
//   bytes the host has still to set.

import { NOTE_CLEAN } from "../../src/core/abi.ts";
import { keepPacket, openSpace } from "./blocks.ts";
import { multipleCapacity, packetBytes, payloadHeaderBytes, singleCapacity } from "./settings.ts";
import { endRun } from "./run.ts";
import { DURATION_MAX_MS, MULTIPLE_PREFIX_BYTES, PAYLOAD_COUNT_MAX, SINGLE_PREFIX_BYTES, writePrefix } from "./wire.ts";

/** How far a packet may last into the next one's time, as it does where a slow stream's payload is the first of two. */
const OVERLAP_MAX_MS: f64 = 1000;

/** Address of the open packet, 0: none is open. */
let packet: usize = 0;
let end: usize = 0;
/** Where the next payload goes. */
let cursor: usize = 0;
let isMultiple: bool = false;
/** Size of the padding field as opened, 0 or 1. */
let paddingField: u32 = 0;
/** Payload header, with length field where it has one. */
let headerBytes: u32 = 0;
let payloadCount: u32 = 0;
/** Start of the first payload, by the causal rule. */
let startMs: f64 = 0;
/** Largest payload end, by the causal rule. */
let endMs: f64 = 0;
/** Smallest stored presentation time. */
let earliestMs: u32 = 0;
/** Largest stored presentation time. */
let latestMs: u32 = 0;
let note: u32 = 0;

/** Send time of the last closed packet. */
let lastSendMs: u32 = 0;
/** End of the last closed packet: send time plus duration. */
export let sendEndMs: f64 = 0;

export function isPacketOpen(): bool {
  return packet != 0;
}

/** Stored presentation time, or u32.MAX_VALUE without an open packet. */
export function earliestOpenMs(): u32 {
  return packet != 0 ? earliestMs : u32.MAX_VALUE;
}

export function hasLengthField(): bool {
  return isMultiple;
}

/** Data bytes that fit the next payload, with so much extension data; 0 or less: none. */
export function packetRoom(extensionBytes: u32): i32 {
  return i32(end - cursor) - i32(headerBytes + extensionBytes);
}

/** Bytes behind the last payload. */
export function bytesLeft(): u32 {
  return u32(end - cursor);
}

/** Opens a packet in the form that suits so many bytes of an object and its extension data. False: no block is free. */
export function openPacket(bytesLeft: u32): bool {
  const space = openSpace();
  if (space == 0) return false;
  packet = space;
  end = space + packetBytes;
  isMultiple = bytesLeft <= multipleCapacity;
  if (isMultiple) {
    paddingField = 1;
    cursor = space + MULTIPLE_PREFIX_BYTES;
    headerBytes = payloadHeaderBytes + 2;
  } else {
    // Falling short of the capacity costs one byte for saying so.
    paddingField = u32(bytesLeft < singleCapacity);
    cursor = space + SINGLE_PREFIX_BYTES + paddingField;
    headerBytes = payloadHeaderBytes;
  }
  payloadCount = 0;
  note = 0;
  return true;
}

/**
 * Causal start of the first payload, or when the last packet has almost left; but not after a payload is due, and above all
 * never back ([ASF] 5.2.2).
 */
function sendTimeMs(dueMs: u32): f64 {
  return max<f64>(lastSendMs, min<f64>(max(floor(startMs), sendEndMs - OVERLAP_MAX_MS), dueMs));
}

/** Whether a payload that ends at `payloadEndMs` may come into the open packet. */
export function takesPayload(payloadEndMs: f64, presentationMs: u32): bool {
  if (payloadCount == 0) return true;
  return payloadCount != PAYLOAD_COUNT_MAX && lastsUntil(payloadEndMs, presentationMs);
}

/** Whether the open packet may last until then. */
export function lastsUntil(payloadEndMs: f64, presentationMs: u32): bool {
  return ceil(max(endMs, payloadEndMs)) - sendTimeMs(min(earliestMs, presentationMs)) <= DURATION_MAX_MS;
}

/** Counts a payload in. Returns the address of its header. */
export function addPayload(payloadStartMs: f64, payloadEndMs: f64, presentationMs: u32, beginsObject: bool): usize {
  endRun();
  if (payloadCount++ == 0) {
    startMs = payloadStartMs;
    endMs = payloadEndMs;
    earliestMs = latestMs = presentationMs;
  } else {
    endMs = max(endMs, payloadEndMs);
    earliestMs = min(earliestMs, presentationMs);
    latestMs = max(latestMs, presentationMs);
  }
  note += u32(beginsObject);
  return cursor;
}

/** Counts one more object into the last payload, whose own time is `firstMs`. Returns the address behind it. */
export function growPayload(payloadEndMs: f64, firstMs: u32, presentationMs: u32): usize {
  endMs = max(endMs, payloadEndMs);
  earliestMs = min(earliestMs, firstMs);
  latestMs = max(latestMs, presentationMs);
  note++;
  return cursor;
}

/** The packet is one in which a reader may start. */
export function markClean(): void {
  note |= NOTE_CLEAN;
}

/** Moves behind the payload added, and closes the packet if nothing fits any more. */
export function endPayload(at: usize): void {
  cursor = at;
  if (!isMultiple || end - at <= headerBytes) closePacket();
}

/** Pads and closes the open packet, if there is one. */
export function closePacket(): void {
  if (packet == 0) return;
  endRun();
  let padding = u32(end - cursor);
  if (padding > 255) {
    const content = packet + MULTIPLE_PREFIX_BYTES;
    memory.copy(content + 1, content, cursor - content);
    paddingField = 2;
    cursor++;
    padding--;
  }
  if (padding != 0) memory.fill(cursor, 0, padding);
  const sendMs = sendTimeMs(earliestMs);
  // All has left when the last of it is due: the next packet may be due then.
  const longestMs = min<f64>(max<f64>(latestMs - sendMs, OVERLAP_MAX_MS), DURATION_MAX_MS);
  const durationMs = min<f64>(max<f64>(ceil(endMs) - sendMs, 1), longestMs);
  writePrefix(packet, isMultiple, paddingField, padding, u32(sendMs), u32(durationMs), payloadCount);
  lastSendMs = u32(sendMs);
  sendEndMs = sendMs + durationMs;
  packet = 0;
  keepPacket(note, earliestMs);
}
