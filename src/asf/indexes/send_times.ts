import { resized } from "./time_cells.ts";

/** More of them take more than 1 MB: then every second one goes. */
const CAPACITY = 1 << 17;

/** When packets leave in which a reader may start; where there are too many, of every n-th such packet. */
export class SendTimes {
  readonly #capacity: number;
  #packets = new Uint32Array(1024);
  #times = new Uint32Array(1024);
  #count = 0;
  #step = 1;
  #seen = 0;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  /** Packets ascend. */
  note(packet: number, sendTimeMs: number): void {
    if (this.#seen++ % this.#step !== 0) return;
    if (this.#count === this.#capacity) {
      this.#coarsen();
      if ((this.#seen - 1) % this.#step !== 0) return;
    }
    if (this.#count === this.#packets.length) {
      const length = Math.min(this.#capacity, 2 * this.#count);
      this.#packets = resized(this.#packets, length);
      this.#times = resized(this.#times, length);
    }
    this.#packets[this.#count] = packet;
    this.#times[this.#count++] = sendTimeMs;
  }

  #coarsen(): void {
    this.#step *= 2;
    this.#count = Math.ceil(this.#count / 2);
    for (let i = 0; i < this.#count; i++) {
      this.#packets[i] = this.#packets[2 * i]!;
      this.#times[i] = this.#times[2 * i]!;
    }
  }

  /** The last packet that is known, from `least` up to `packet`; `undefined` if there is none. */
  upTo(packet: number, least: number): { readonly packet: number; readonly sendTimeMs: number } | undefined {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = low + high >> 1;
      if (this.#packets[middle]! <= packet) low = middle + 1;
      else high = middle;
    }
    if (low === 0 || this.#packets[low - 1]! < least) return undefined;
    return { packet: this.#packets[low - 1]!, sendTimeMs: this.#times[low - 1]! };
  }
}
