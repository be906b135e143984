const SECOND_US = 1_000_000;

/**
 * How evenly a stream's bytes come ([ASF] 4.1), second by second: a bucket that they fall into and that leaks at some
 * rate says how large a buffer a player needs at that rate. 16 bytes for each second that has any media.
 */
export class LeakyBucket {
  /** Seconds that have media, ascending, and their bytes. The last one is still being counted. */
  readonly #seconds: number[] = [];
  readonly #bytes: number[] = [];
  /** End of the second that is being counted, µs. */
  #end = -Infinity;

  /** Counts a sample. Times never step back. */
  add(decodeTimestamp: number, byteLength: number): void {
    if (decodeTimestamp < this.#end) {
      this.#bytes[this.#bytes.length - 1]! += byteLength;
    } else {
      const second = Math.floor(decodeTimestamp / SECOND_US);
      this.#end = (second + 1) * SECOND_US;
      this.#seconds.push(second);
      this.#bytes.push(byteLength);
    }
  }

  /** Rate of the second with the most, bit/s; 0 without samples. */
  get peakBitsPerSecond(): number {
    return this.#bytes.reduce((most, bytes) => Math.max(most, 8 * bytes), 0);
  }

  /** The buffer, in ms at that rate, that never overflows: at least a second, since that is what is looked at. */
  bufferMs(bitsPerSecond: number): number {
    let level = 0;
    let highest = bitsPerSecond;
    let last = this.#seconds[0] ?? 0;
    for (const [i, second] of this.#seconds.entries()) {
      level = Math.max(0, level - (second - last) * bitsPerSecond) + 8 * this.#bytes[i]!;
      highest = Math.max(highest, level);
      last = second;
    }
    return Math.min(0xffff_ffff, Math.ceil(highest / bitsPerSecond * 1000));
  }
}
