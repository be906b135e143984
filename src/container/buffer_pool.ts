/**
 * Memory for chunks, used again once every sink is through with it, and bounded.
 *
 * @module
 */

/** Hands out memory within a budget; how much is in use depends on the sinks, what is written into it never does. */
export class BufferPool {
  readonly #budgetBytes: number;
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #freeBytes = 0;
  #usedBytes = 0;

  /** @param budgetBytes Bytes in use at a time; one buffer may be larger when it is the only one. */
  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
  }

  /** Whether `byteLength` bytes can be had beside `ownBytes`, which the caller holds, or as soon as these are given back. */
  hasRoom(byteLength: number, ownBytes = 0): boolean {
    return this.#usedBytes === ownBytes || this.#fits(byteLength, 0) || this.#findFree(byteLength) >= 0;
  }

  /**
   * Memory of at least `byteLength` bytes with anything in it; `undefined` until something is released.
   *
   * @param ownBytes Memory that the caller holds and will give back for this: nobody waits for that. Infinity: the budget
   * does not count.
   */
  acquire(byteLength: number, ownBytes = 0): Uint8Array<ArrayBuffer> | undefined {
    const at = this.#findFree(byteLength);
    if (at >= 0) {
      const [buffer] = this.#free.splice(at, 1);
      this.#freeBytes -= buffer!.byteLength;
      this.#usedBytes += buffer!.byteLength;
      return buffer;
    }
    if (!this.#fits(byteLength, ownBytes)) return undefined;
    while (this.#free.length > 0 && this.#usedBytes + this.#freeBytes + byteLength > this.#budgetBytes) {
      this.#freeBytes -= this.#free.shift()!.byteLength;
    }
    this.#usedBytes += byteLength;
    return new Uint8Array(byteLength);
  }

  /** Nobody looks at this memory any more. */
  release(buffer: Uint8Array<ArrayBuffer>): void {
    this.#usedBytes -= buffer.byteLength;
    if (this.#usedBytes + this.#freeBytes + buffer.byteLength > this.#budgetBytes) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.byteLength;
  }

  #fits(byteLength: number, ownBytes: number): boolean {
    const othersBytes = this.#usedBytes - ownBytes;
    return othersBytes <= 0 || othersBytes + byteLength <= this.#budgetBytes;
  }

  /** The smallest that is large enough. */
  #findFree(byteLength: number): number {
    let best = -1;
    for (let i = 0; i < this.#free.length; i++) {
      const size = this.#free[i]!.byteLength;
      if (size >= byteLength && (best < 0 || size < this.#free[best]!.byteLength)) best = i;
    }
    return best;
  }
}
