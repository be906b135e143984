// The compressed payload that may still grow ([ASF] 5.2.3.4): whole small objects of one stream at equal distances, each
// behind a BYTE with its length. It is the last payload of the open packet.
//
//   BYTE stream · BYTE number of the first object · DWORD time of the first, ms · BYTE 1 · BYTE distance, ms
//   WORD bytes that follow · n × (BYTE length, data)
//
// The distance is whole milliseconds, so the times are only about right. An object comes in as long as there is a first
// time from which all of them are within a millisecond.

import { TICKS_PER_MS } from "../../src/bytes/ticks.ts";
import { StreamSlot } from "./streams.ts";

/** Payload header, length field included. */
export const RUN_HEADER_BYTES: u32 = 10;
/** FFmpeg drops a last object that is smaller. */
export const RUN_OBJECT_BYTES_MIN: u32 = 5;
export const RUN_OBJECT_BYTES_MAX: u32 = 255;

/** How far a time may be off, ms. */
const TOLERANCE_MS: f64 = 1;
/** Closer objects could change places when they are both off. */
const DISTANCE_MIN_MS: f64 = 3;
const DISTANCE_MAX_MS: f64 = 255;

/** Address of the payload, 0: none may grow. */
let run: usize = 0;
let owner: StreamSlot = changetype<StreamSlot>(0);
let count: u32 = 0;
let distanceMs: f64 = 0;
/** The first one's stored time is not below this. */
let floorMs: u32 = 0;
let firstTicks: f64 = 0;
/** Latest and earliest first time, ms, that a member asks for. */
let latestMs: f64 = 0;
let earliestMs: f64 = 0;

/** Something else follows in the packet, or nothing. */
export function endRun(): void {
  run = 0;
}

export function isRunOf(stream: StreamSlot): bool {
  return run != 0 && owner == stream;
}

/** Writes the header of a payload and the length of its first object. Returns where its data goes. */
export function beginRun(at: usize, stream: StreamSlot, bytes: u32, timeMs: u32, leastMs: u32, ticks: f64): usize {
  run = at;
  owner = stream;
  count = 1;
  distanceMs = 0;
  floorMs = leastMs;
  firstTicks = ticks;
  latestMs = earliestMs = ticks / TICKS_PER_MS;
  store<u8>(at, stream.streamNumber);
  store<u8>(at, stream.objectNumber, 1);
  store<u32>(at, timeMs, 2);
  store<u8>(at, 1, 6);
  store<u8>(at, 0, 7);
  store<u16>(at, bytes + 1, 8);
  store<u8>(at, bytes, 10);
  return at + RUN_HEADER_BYTES + 1;
}

/** Whether an object of that time can follow; then the first one's time is settled anew. */
export function joinRun(ticks: f64): bool {
  const distance = count == 1 ? floor((ticks - firstTicks) / TICKS_PER_MS + 0.5) : distanceMs;
  if (distance < DISTANCE_MIN_MS || distance > DISTANCE_MAX_MS) return false;
  const wantedMs = ticks / TICKS_PER_MS - distance * count;
  const latest = max(latestMs, wantedMs);
  const earliest = min(earliestMs, wantedMs);
  const least = max(ceil(latest - TOLERANCE_MS), f64(floorMs));
  const most = floor(earliest + TOLERANCE_MS);
  if (least > most) return false;
  latestMs = latest;
  earliestMs = earliest;
  distanceMs = distance;
  const firstMs = u32(max(least, min(most, floor(firstTicks / TICKS_PER_MS + 0.5))));
  store<u32>(run, firstMs, 2);
  store<u8>(run, u32(distance), 7);
  owner.lastStoredMs = firstMs + u32(distance) * count++;
  return true;
}

/** Writes the length of one more object. Returns where its data goes. */
export function growRun(at: usize, bytes: u32): usize {
  store<u16>(run, load<u16>(run, 8) + bytes + 1, 8);
  store<u8>(at, bytes);
  return at + 1;
}

/** Stored time of the first object. */
export function runTimeMs(): u32 {
  return load<u32>(run, 2);
}
