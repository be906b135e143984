/**
 * Where key frames are remembered: outside the core's memory, which must not grow. 12 bytes each, in chunks of the size
 * in which they come out and go back in.
 *
 * @module
 */

import { MAX_DWORD, MAX_WORD } from "../bytes/limits.ts";
import { FACT_BYTES, FACT_CAPACITY, FACT_KEY_FRAME, FACT_TRACED_KEY } from "./abi.ts";
import type { Trace } from "./types.ts";

/** An append-only list of records of key frames, as the core gives and takes them. */
export class KeyFrames {
  readonly #chunks: Uint8Array[] = [];
  /** How many there are. */
  count = 0;

  /** Copies whole records. */
  append(records: Uint8Array): void {
    for (let from = 0; from < records.byteLength;) {
      const used = this.count % FACT_CAPACITY * FACT_BYTES;
      if (used === 0) this.#chunks.push(new Uint8Array(FACT_CAPACITY * FACT_BYTES));
      const part = records.subarray(from, from + FACT_CAPACITY * FACT_BYTES - used);
      this.#chunks.at(-1)!.set(part, used);
      this.count += part.byteLength / FACT_BYTES;
      from += part.byteLength;
    }
  }

  /** Packet, counted from `first`, of the last record of a slot up to a time that ends within `count` packets; 0: none. */
  lastPacket(slot: number, timeMs: number, first: number, count: number): number {
    let last = 0;
    for (let record = 0; record < this.count; record++) {
      const chunk = this.#chunks[Math.floor(record / FACT_CAPACITY)]!;
      const view = new DataView(chunk.buffer, record % FACT_CAPACITY * FACT_BYTES, FACT_BYTES);
      const packet = view.getUint32(4, true) - first;
      const end = packet + view.getUint16(8, true);
      if (view.getUint8(10) === slot && packet >= 0 && end <= count && view.getUint32(0, true) <= timeMs) {
        last = packet;
      }
    }
    return last;
  }

  /** The records from `start`, a multiple of the chunk size, to the end of their chunk or to `limit`. */
  chunk(start: number, limit: number): Uint8Array {
    const count = Math.min(limit - start, FACT_CAPACITY);
    return this.#chunks[start / FACT_CAPACITY]!.subarray(0, count * FACT_BYTES);
  }
}

/**
 * The record of a key frame that was found in packets; its slot is 0.
 *
 * @param timeMs Presentation time as stored, preroll included.
 * @param packet The first of its `span` packets.
 */
export function keyFrameRecord(timeMs: number, packet: number, span: number): Uint8Array {
  const record = new DataView(new ArrayBuffer(FACT_BYTES));
  record.setUint32(0, Math.min(MAX_DWORD, timeMs), true);
  record.setUint32(4, packet, true);
  record.setUint16(8, Math.min(MAX_WORD, span), true);
  record.setUint8(11, FACT_KEY_FRAME);
  return new Uint8Array(record.buffer);
}

/** Sorts facts: key frames are kept, of traced objects `trace` is told. */
export function tellFacts(facts: Uint8Array, keyFrames: KeyFrames, trace: Trace): void {
  const view = new DataView(facts.buffer, facts.byteOffset, facts.byteLength);
  for (let at = 0; at < facts.byteLength; at += FACT_BYTES) {
    const kind = facts[at + 11];
    if (kind === FACT_KEY_FRAME) {
      keyFrames.append(facts.subarray(at, at + FACT_BYTES));
      continue;
    }
    const span = view.getUint16(at + 8, true);
    trace(facts[at + 10]!, view.getUint32(at, true), view.getUint32(at + 4, true), span, kind === FACT_TRACED_KEY);
  }
}
