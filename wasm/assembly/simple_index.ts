// Entries of a Simple Index ([ASF] 6.1) out of key frames. The job's whole state stands in JOB, where the host puts it
// before and saves it after each call, so any number of indexes can be under way.
//
// Entry i names the last key frame at or before i × interval, or the first one where there is none. A key frame whose
// time lies before an earlier one's takes over where that one did. One that goes on behind the output's end is none.

import { FACT_BYTES, INDEX_ENTRIES, INDEX_ENTRY_BYTES, INDEX_FACTS, JOB, JOB_WORDS } from "../../src/core/abi.ts";
import { Fact } from "./facts.ts";

@unmanaged
class Job {
  slot: u32;
  intervalMs: u32;
  firstPacket: u32;
  packetCount: u32;
  timeBaseMs: u32;
  entryCount: u32;
  entry: u32;
  keyPacket: u32;
  keySpan: u32;
  maxSpan: u32;
  factCount: u32;
  fact: u32;
  isLast: u32;
  room: u32;
}

if (offsetof<Job>() != JOB_WORDS * 4) ERROR("JOB_WORDS drifted from Job");

/** Reads facts until they or the room run out. Returns the number of entries in INDEX_ENTRIES. */
export function fillIndex(): u32 {
  const job = changetype<Job>(JOB);
  let at: usize = INDEX_ENTRIES;
  const end = at + job.room * INDEX_ENTRY_BYTES;
  for (; job.fact < job.factCount; job.fact++) {
    const key = changetype<Fact>(INDEX_FACTS + job.fact * FACT_BYTES);
    const packet = key.packet - job.firstPacket;
    if (key.slot != job.slot || key.packet < job.firstPacket || packet + key.span > job.packetCount) continue;
    if (job.keySpan != 0) {
      const timeMs = key.timeMs > job.timeBaseMs ? key.timeMs - job.timeBaseMs : 0;
      at = writeEntries(job, at, end, timeMs);
      if (at == end || job.entry == job.entryCount) break;
    }
    job.keyPacket = packet;
    job.keySpan = key.span;
  }
  if (job.fact == job.factCount && job.isLast && job.keySpan != 0) at = writeEntries(job, at, end, u64.MAX_VALUE);
  return u32(at - INDEX_ENTRIES) / INDEX_ENTRY_BYTES;
}

/** Writes the entries before `untilMs` that name the key frame reached. */
function writeEntries(job: Job, at: usize, end: usize, untilMs: u64): usize {
  const packet = job.keyPacket;
  const span = job.keySpan;
  const from = at;
  let timeMs = u64(job.entry) * job.intervalMs;
  let left = job.entryCount - job.entry;
  while (at < end && left != 0 && timeMs < untilMs) {
    store<u32>(at, packet);
    store<u16>(at, span, 4);
    at += INDEX_ENTRY_BYTES;
    timeMs += job.intervalMs;
    left--;
  }
  if (at != from) job.maxSpan = max(job.maxSpan, span);
  job.entry = job.entryCount - left;
  return at;
}
