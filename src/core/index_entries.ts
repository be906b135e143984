import { MAX_DWORD } from "../bytes/limits.ts";
import * as abi from "./abi.ts";
import { checkInteger } from "./checks.ts";
import type { KeyFrames } from "./key_frames.ts";
import { type CoreExports, createInstance } from "./loader.ts";
import type { IndexEntries, IndexRequest } from "./types.ts";

/**
 * Simple Index entries ([ASF] 6.1) for the key frames that are there now, in stored order, made by the core.
 *
 * @param exports A session's instance, whose memory does not grow any more; default one of its own, which is not
 * configured: the regions of an index need no more memory.
 * @throws {RangeError} If the request is out of its range.
 * @throws {MuxError} `core-unavailable` if there is no code for an instance.
 */
export function indexEntries(
  keyFrames: KeyFrames,
  request: IndexRequest,
  exports: CoreExports = createInstance(),
): IndexEntries {
  const { slot, intervalMs, firstPacket, packetCount, timeBaseMs, endMs } = request;
  checkInteger("index interval", intervalMs, 1, MAX_DWORD);
  const entryCount = Math.ceil(endMs / intervalMs) + 1;
  checkInteger("number of index entries", entryCount, 1, MAX_DWORD);
  // What comes later does not belong to this index, however long its pieces take to be read.
  const keyFrameCount = keyFrames.count;
  const memory = new Uint8Array(exports.memory.buffer);
  const words = new Uint32Array(exports.memory.buffer);
  const first = new Uint32Array(abi.JOB_WORDS);
  first[abi.JOB_SLOT] = slot;
  first[abi.JOB_INTERVAL] = intervalMs;
  first[abi.JOB_FIRST_PACKET] = firstPacket;
  first[abi.JOB_PACKET_COUNT] = packetCount;
  first[abi.JOB_TIME_BASE] = timeBaseMs;
  first[abi.JOB_ENTRY_COUNT] = entryCount;

  /** Runs a job through the core. It may be left and taken up again between pieces: all its state is in `job`. */
  function* pieces(job = first.slice()): Generator<Uint8Array<ArrayBuffer>> {
    const piece = new Uint8Array(abi.INDEX_ENTRY_CAPACITY * abi.INDEX_ENTRY_BYTES);
    let used = 0;
    let start = 0;
    while (start < keyFrameCount) {
      const facts = keyFrames.chunk(start, keyFrameCount);
      const factCount = facts.byteLength / abi.FACT_BYTES;
      job[abi.JOB_FACT_COUNT] = factCount;
      job[abi.JOB_LAST] = start + factCount === keyFrameCount ? 1 : 0;
      job[abi.JOB_ROOM] = abi.INDEX_ENTRY_CAPACITY - used / abi.INDEX_ENTRY_BYTES;
      memory.set(facts, abi.INDEX_FACTS);
      words.set(job, abi.JOB / 4);
      const made = exports.fillIndex() * abi.INDEX_ENTRY_BYTES;
      job.set(words.subarray(abi.JOB / 4, abi.JOB / 4 + abi.JOB_WORDS));
      piece.set(memory.subarray(abi.INDEX_ENTRIES, abi.INDEX_ENTRIES + made), used);
      used += made;
      const isDone = job[abi.JOB_ENTRY] === job[abi.JOB_ENTRY_COUNT];
      if (isDone || used === piece.byteLength) {
        yield piece.subarray(0, used);
        used = 0;
      }
      if (isDone) return;
      if (job[abi.JOB_FACT] === factCount && !job[abi.JOB_LAST]) {
        job[abi.JOB_FACT] = 0;
        start += factCount;
      } else if (job[abi.JOB_KEY_SPAN] === 0 && job[abi.JOB_LAST]) return;
    }
  }

  const trial = first.slice();
  for (const _ of pieces(trial));
  return { entryCount: trial[abi.JOB_ENTRY]!, maxPacketCount: trial[abi.JOB_MAX_SPAN]!, pieces: () => pieces() };
}
