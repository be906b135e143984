/**
 * Samples that wait. A queue whose head moves, so that taking one costs the same however many there are.
 *
 * @module
 */

import type { Incoming } from "./incoming.ts";

/** A sample that had to wait, with bytes of its own. */
export interface HeldSample {
  /** Index of its stream, from 0. */
  readonly stream: number;
  /** Its bytes: in the container's framing, or as they came in while the stream is not described. */
  readonly data: Uint8Array;
  /** Presentation time as the caller gave it, microseconds. */
  readonly timestamp: number;
  /** Decode time, microseconds; NaN if it is still to be derived. */
  readonly decodeTimestamp: number;
  /** Duration in microseconds, or -1. */
  readonly duration: number;
  readonly isKey: boolean;
  /** What it carries beside that, as the container has it. */
  readonly extension?: Uint8Array;
}

/** A sample to be held, with bytes that are its own already. */
export function heldCopy(
  stream: number,
  data: Uint8Array,
  { timestamp, duration, isKey, extension }: Incoming | HeldSample,
  decodeTimestamp: number,
): HeldSample {
  return { stream, data, timestamp, decodeTimestamp, duration, isKey, extension };
}

/** First in, first out. */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Takes out all that `matches`, in order. */
  take(matches: (item: T) => boolean): T[] {
    const items = this.#items.slice(this.#head) as T[];
    this.#items = items.filter((item) => !matches(item));
    this.#head = 0;
    return items.filter(matches);
  }
}
