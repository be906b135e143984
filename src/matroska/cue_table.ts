import { Columns } from "../bytes/columns.ts";

/** Of places kept; beyond, every other one goes. */
const CAPACITY = 1 << 16;
const HIGH = 2 ** 32;

/** A place to begin. */
export interface CuePlace {
  /** Number of the Cluster. */
  readonly unit: number;
  /** Where it begins, counted from the first. */
  readonly offset: number;
  /** When the block is, ticks. */
  readonly time: number;
  /** Where the block stands, counted from the body of its Cluster. */
  readonly relative: number;
}

/** Places to begin, in order; of a long file ever fewer of them. */
export class CueTable {
  readonly #columns = new Columns(6, CAPACITY);

  /** The next place; it is kept if its turn has come. */
  add({ unit, offset, time, relative }: CuePlace): void {
    this.#columns.add(unit, offset / HIGH, offset % HIGH, time / HIGH, time % HIGH, relative);
  }

  /** Those in Clusters from one number up to before another. */
  *within(firstUnit: number, endUnit: number): Generator<CuePlace> {
    const { arrays, count } = this.#columns;
    const [units, highOffsets, lowOffsets, highTimes, lowTimes, relatives] = arrays;
    for (let row = 0; row < count; row++) {
      const unit = units![row]!;
      if (unit < firstUnit || unit >= endUnit) continue;
      yield {
        unit,
        offset: highOffsets![row]! * HIGH + lowOffsets![row]!,
        time: highTimes![row]! * HIGH + lowTimes![row]!,
        relative: relatives![row]!,
      };
    }
  }
}
