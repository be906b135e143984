import type { OutputFacts } from "../../container/container.ts";

/** How many are kept; beyond, every other one of the older half goes. */
const CAPACITY = 64;

/** Where a file may end: behind so many units and bytes, which so many samples begin in. */
export interface SalvagePoint extends Pick<OutputFacts, "unitCount" | "dataBytes"> {
  readonly sampleCount: number;
  /** Session time that the presentation had reached. */
  readonly end: number;
}

/** The ends of the chunks that went to one sink, the rarer the farther back they are. */
export class SalvagePoints {
  readonly #points: SalvagePoint[] = [];
  #last: SalvagePoint = { unitCount: 0, dataBytes: 0, sampleCount: 0, end: 0 };

  /** A chunk is on its way to the sink. @param end Session time that the presentation has reached with it. */
  push(unitCount: number, byteLength: number, sampleCount: number, end: number): void {
    const { unitCount: units, dataBytes, sampleCount: samples } = this.#last;
    this.#last = {
      unitCount: units + unitCount,
      dataBytes: dataBytes + byteLength,
      sampleCount: samples + sampleCount,
      end,
    };
    this.#points.push(this.#last);
    if (this.#points.length <= CAPACITY) return;
    for (let at = CAPACITY / 2; at > 0; at -= 2) this.#points.splice(at, 1);
  }

  /** Samples that went to the sink. */
  get sampleCount(): number {
    return this.#last.sampleCount;
  }

  /** The points not behind `most` units, the last one first. */
  back(most: number): SalvagePoint[] {
    return this.#points.filter(({ unitCount }) => unitCount <= most).reverse();
  }
}
