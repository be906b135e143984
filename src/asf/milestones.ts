/** So many places are remembered at least: more than any output is behind when it ends. */
const CAPACITY = 1024;

/** Places are about so far apart, bytes. */
const DISTANCE_BYTES = 32 << 10;

/** How far the presentation had come. */
export interface Milestone {
  /** Microseconds. */
  readonly duration: number;
  /** Microseconds. */
  readonly latestTimestamp: number;
  readonly sendEndMs: number;
}

/** How far it had come with so many units. */
interface Place {
  readonly milestone: Milestone;
  /** The units end with whole samples: what is said of them is said of all that is in them, and of no more. */
  readonly isWhole: boolean;
}

/**
 * Where an output may end while the session goes on, by number of units: where it leaves, what it has confirmed, or what
 * it keeps of that.
 */
export class Milestones {
  readonly #now: () => Milestone;
  /** Ascending. */
  readonly #places = new Map<number, Place>();
  #dueAt = 0;
  #distance = 1;

  /** @param now How far the presentation has come by now. */
  constructor(now: () => Milestone) {
    this.#now = now;
  }

  /** Units are of this size from now on. */
  begin(unitBytes: number): void {
    this.#distance = Math.ceil(DISTANCE_BYTES / unitBytes);
    this.#dueAt = this.#distance;
  }

  /** Before a sample is written: how far it is without it, if a place is due. */
  before(unitCount: number): Milestone | undefined {
    return unitCount >= this.#dueAt ? this.#now() : undefined;
  }

  /** After that: what was said before is in these units if one of them was closed by now. */
  after(unitCount: number, closedBefore: number, milestone: Milestone): void {
    if (unitCount === closedBefore) return;
    this.#dueAt = unitCount + this.#distance;
    this.#add(unitCount, { milestone, isWhole: true });
  }

  /** Everything is in so many units. */
  close(unitCount: number): void {
    this.#add(unitCount, { milestone: this.#now(), isWhole: true });
  }

  /** So many units are handed out: a place where it is known only about. */
  handOut(unitCount: number): void {
    if (!this.#places.has(unitCount)) this.#add(unitCount, { milestone: this.#now(), isWhole: false });
  }

  #add(unitCount: number, place: Place): void {
    this.#places.set(unitCount, place);
    if (this.#places.size < 2 * CAPACITY) return;
    for (const oldest of this.#places.keys()) { // many at once: each time the first one has to be looked for
      if (this.#places.size === CAPACITY) break;
      this.#places.delete(oldest);
    }
  }

  /** What is in so many units; if that was not remembered, all there is. */
  at(unitCount: number): Milestone {
    return this.#places.get(unitCount)?.milestone ?? this.#now();
  }

  /** The last place behind `least`, and not behind `most`, that ends with whole samples; `least` if there is none. */
  lastWithin(least: number, most: number): number {
    let last = least;
    for (const [unitCount, { isWhole }] of this.#places) {
      if (isWhole && unitCount > last && unitCount <= most) last = unitCount;
    }
    return last;
  }
}
