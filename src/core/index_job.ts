/**
 * The entries of one Simple Index, made by the core out of key frames that come back to it piece by piece.
 *
 * @module
 */

import * as abi from "./abi.ts";
import { checkInteger } from "./check_integer.ts";
import type { KeyFrames } from "./key_frames.ts";
import type { CoreExports } from "./loader.ts";
import type { IndexEntries, IndexRequest } from "./types.ts";

/** See the module's text. */
export class IndexJob implements IndexEntries {
  readonly entryCount: number;
  readonly maxPacketCount: number;
  readonly #exports: CoreExports;
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #words: Uint32Array<ArrayBuffer>;
  readonly #keyFrames: KeyFrames;
  /** What is laid out later does not belong to this index, however long its pieces take to be read. */
  readonly #keyFrameCount: number;
  /** As it begins. */
  readonly #job = new Uint32Array(abi.JOB_WORDS);

  /** @param memory The core's, as is `words`: it never grows. */
  constructor(
    exports: CoreExports,
    memory: Uint8Array<ArrayBuffer>,
    words: Uint32Array<ArrayBuffer>,
    keyFrames: KeyFrames,
    { slot, intervalMs, firstPacket, packetCount, timeBaseMs, endMs }: IndexRequest,
  ) {
    const entryCount = Math.ceil(endMs / intervalMs) + 1;
    checkInteger("number of index entries", entryCount, 1, 0xffff_ffff);
    this.#exports = exports;
    this.#memory = memory;
    this.#words = words;
    this.#keyFrames = keyFrames;
    this.#keyFrameCount = keyFrames.count;
    const job = this.#job;
    job[abi.JOB_SLOT] = slot;
    job[abi.JOB_INTERVAL] = intervalMs;
    job[abi.JOB_FIRST_PACKET] = firstPacket;
    job[abi.JOB_PACKET_COUNT] = packetCount;
    job[abi.JOB_TIME_BASE] = timeBaseMs;
    job[abi.JOB_ENTRY_COUNT] = entryCount;
    const trial = job.slice();
    for (const _ of this.#run(trial));
    this.entryCount = trial[abi.JOB_ENTRY]!;
    this.maxPacketCount = trial[abi.JOB_MAX_SPAN]!;
  }

  pieces(): Iterable<Uint8Array<ArrayBuffer>> {
    return this.#run(this.#job.slice());
  }

  /** Runs a job through the core. It may be left and taken up again between pieces: all its state is in `job`. */
  *#run(job: Uint32Array): Generator<Uint8Array<ArrayBuffer>> {
    const keyFrameCount = this.#keyFrameCount;
    const piece = new Uint8Array(abi.INDEX_ENTRY_CAPACITY * abi.INDEX_ENTRY_BYTES);
    let used = 0;
    let start = 0;
    while (start < keyFrameCount) {
      const facts = this.#keyFrames.chunk(start, keyFrameCount);
      const factCount = facts.byteLength / abi.FACT_BYTES;
      job[abi.JOB_FACT_COUNT] = factCount;
      job[abi.JOB_LAST] = start + factCount === keyFrameCount ? 1 : 0;
      job[abi.JOB_ROOM] = abi.INDEX_ENTRY_CAPACITY - used / abi.INDEX_ENTRY_BYTES;
      this.#memory.set(facts, abi.INDEX_FACTS);
      this.#words.set(job, abi.JOB / 4);
      const made = this.#exports.fillIndex() * abi.INDEX_ENTRY_BYTES;
      job.set(this.#words.subarray(abi.JOB / 4, abi.JOB / 4 + abi.JOB_WORDS));
      piece.set(this.#memory.subarray(abi.INDEX_ENTRIES, abi.INDEX_ENTRIES + made), used);
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
}
