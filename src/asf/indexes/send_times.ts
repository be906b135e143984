import { Columns } from "../../bytes/columns.ts";

/** When packets leave in which a reader may start; where there are too many, of every n-th such packet. */
export class SendTimes {
  /** Packets and send times. */
  readonly #rows: Columns;

  constructor(capacity?: number) {
    this.#rows = new Columns(2, capacity);
  }

  /** Packets ascend. */
  note(packet: number, sendTimeMs: number): void {
    this.#rows.add(packet, sendTimeMs);
  }

  /** The last packet that is known, from `least` up to `packet`; `undefined` if there is none. */
  upTo(packet: number, least: number): { readonly packet: number; readonly sendTimeMs: number } | undefined {
    const { arrays: [packets, times], count } = this.#rows;
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = low + high >> 1;
      if (packets![middle]! <= packet) low = middle + 1;
      else high = middle;
    }
    if (low === 0 || packets![low - 1]! < least) return undefined;
    return { packet: packets![low - 1]!, sendTimeMs: times![low - 1]! };
  }
}
