/**
 * What one sink has still to take, in order.
 *
 * @module
 */

import type { DataInfo } from "../../sinks/sink.ts";
import { Fifo } from "../fifo.ts";
import type { SharedChunk } from "./shared_chunk.ts";

/** Adjacent chunks are handed over together up to this size: fewer, larger writes. */
const MERGE_BYTES = 1 << 20;

/** The header or a piece of it, a hole in it, or a chunk. */
export interface Item {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Absent: of the header. */
  readonly info?: DataInfo;
  /** Bytes to be left out, instead of any. */
  readonly reserve?: number;
  /** The chunk that is pinned until the sink has taken this. */
  readonly shared?: SharedChunk;
}

/** Items on their way to one sink. What `take` answered is on its way until `confirm`; then its chunks are unpinned. */
export class OutputQueue {
  readonly #waiting = new Fifo<Item>();
  #taken: Item[] = [];
  #byteLength = 0;
  /** Items put in and items confirmed since the beginning. */
  #pushedCount = 0;
  #confirmedCount = 0;
  #waiters: { count: number; wake: () => void }[] = [];

  /** Bytes not confirmed yet. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Whether something was taken and not confirmed. */
  get isBusy(): boolean {
    return this.#taken.length > 0;
  }

  /** Puts an item in; its chunk is pinned already. */
  push(item: Item): void {
    this.#pushedCount++;
    this.#byteLength += item.bytes.byteLength;
    this.#waiting.push(item);
  }

  /**
   * The next item, with those that lie right behind it in memory. None while one is on its way: what `confirm` releases
   * may let new items in, which are taken before it has returned.
   */
  take(): Item | undefined {
    if (this.isBusy) return undefined;
    const first = this.#waiting.shift();
    if (first === undefined) return undefined;
    this.#taken.push(first);
    let { bytes, info } = first;
    while (info) {
      const next = this.#waiting.peek();
      if (
        !next?.info || next.bytes.buffer !== bytes.buffer ||
        next.bytes.byteOffset !== bytes.byteOffset + bytes.byteLength ||
        bytes.byteLength + next.bytes.byteLength > MERGE_BYTES
      ) break;
      const offset = info.unitCount;
      info = {
        ...info,
        unitCount: offset + next.info.unitCount,
        cleanPoints: [...info.cleanPoints, ...next.info.cleanPoints.map((unit) => unit + offset)],
      };
      bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength + next.bytes.byteLength);
      this.#taken.push(this.#waiting.shift()!);
    }
    return { bytes, info, reserve: first.reserve };
  }

  /** What was taken last, in the smallest pieces that a sink can be given. */
  takenUnits(): { bytes: Uint8Array<ArrayBuffer>; info: DataInfo }[] {
    return this.#taken.flatMap(({ bytes, info }) => {
      if (!info) return [];
      const { unitBytes, unitCount, firstUnit, cleanPoints } = info;
      if (unitBytes === undefined) return [{ bytes, info }];
      return Array.from({ length: unitCount }, (_, i) => ({
        bytes: bytes.subarray(i * unitBytes, (i + 1) * unitBytes),
        info: { ...info, unitCount: 1, firstUnit: firstUnit + i, cleanPoints: cleanPoints.includes(i) ? [0] : [] },
      }));
    });
  }

  /** The sink has what was taken last. */
  confirm(): void {
    const taken = this.#taken.splice(0);
    this.#confirmedCount += taken.length;
    for (const item of taken) this.#leave(item);
    while (this.#waiters[0] && this.#waiters[0].count <= this.#confirmedCount) this.#waiters.shift()!.wake();
  }

  /** Resolves when everything put in so far is confirmed, or the queue is cleared. */
  idle(): Promise<void> {
    if (this.#confirmedCount === this.#pushedCount) return Promise.resolve();
    return new Promise((wake) => this.#waiters.push({ count: this.#pushedCount, wake }));
  }

  /** The sink takes nothing any more. */
  clear(): void {
    this.#confirmedCount = this.#pushedCount;
    const dropped = this.#taken.splice(0);
    for (let item; (item = this.#waiting.shift());) dropped.push(item);
    for (const item of dropped) this.#leave(item);
    for (const { wake } of this.#waiters.splice(0)) wake();
  }

  #leave({ bytes, shared }: Item): void {
    this.#byteLength -= bytes.byteLength;
    shared?.unpin();
  }
}
