import { type Ending, Endings } from "./endings.ts";

/** So many places are remembered at least: more than any output is behind when it ends. */
const CAPACITY = 1024;

/** Places are at least so far apart, bytes. */
const DISTANCE_BYTES = 32 << 10;

/** How far the presentation had come. */
export interface Milestone {
  /** Microseconds. */
  readonly duration: number;
  /** Microseconds. */
  readonly latestTimestamp: number;
  readonly sendEndMs: number;
  /** Samples laid out. */
  readonly sampleCount: number;
}

/** Where an output may end while the session goes on, by number of units: where it leaves, or what it has confirmed. */
export class Milestones {
  readonly #now: () => Milestone;
  /** Ascending. */
  readonly #places = new Map<number, Milestone>();
  /** Those of them that a file could end with. */
  readonly #endings = new Endings();
  #unitBytes = 1;
  #dueAt = 0;
  #distance = 1;

  /** @param now How far the presentation has come by now. */
  constructor(now: () => Milestone) {
    this.#now = now;
  }

  /** Units are of this size from now on. */
  begin(unitBytes: number): void {
    this.#unitBytes = unitBytes;
    this.#distance = Math.ceil(DISTANCE_BYTES / unitBytes);
    this.#dueAt = this.#distance;
  }

  /** Before a sample is written: how far it is without it, if a place is due. */
  before(unitCount: number): Milestone | undefined {
    return unitCount >= this.#dueAt ? this.#now() : undefined;
  }

  /** After that: what was said before is in these units if one of them was closed by now. @param object The sample. */
  after(unitCount: number, closedBefore: number, object: number, milestone: Milestone): void {
    if (unitCount === closedBefore) return;
    this.#add(unitCount, milestone);
    this.#endings.propose(closedBefore, object, milestone, this.#now, this.#unitBytes);
    // Every sample until the next packet closes is asked how far it has come, which takes as long as all else about it.
    this.#dueAt = Math.max(unitCount + this.#distance, this.#endings.dueAt / this.#unitBytes);
  }

  /** Everything is in so many units. */
  close(unitCount: number): void {
    const milestone = this.#now();
    this.#add(unitCount, milestone);
    this.#endings.close(unitCount, milestone);
  }

  /** Units are handed out: a place where it is known only about. */
  handOut(bytes: Uint8Array<ArrayBuffer>, firstUnit: number): void {
    this.#endings.handOut(bytes, firstUnit, this.#unitBytes);
    const unitCount = firstUnit + bytes.byteLength / this.#unitBytes;
    if (!this.#places.has(unitCount)) this.#add(unitCount, this.#now());
  }

  /** The last place to end with whole samples behind `least`, and not behind `most`; from now on it is known as that. */
  lastEnding(least: number, most: number): Ending | undefined {
    const ending = this.#endings.lastWithin(least, most);
    if (ending) this.#add(ending.unitCount, ending.milestone);
    return ending;
  }

  #add(unitCount: number, milestone: Milestone): void {
    this.#places.set(unitCount, milestone);
    if (this.#places.size < 2 * CAPACITY) return;
    for (const oldest of this.#places.keys()) { // many at once: each time the first one has to be looked for
      if (this.#places.size === CAPACITY) break;
      this.#places.delete(oldest);
    }
  }

  /** What is in so many units; if that was not remembered, all there is. */
  at(unitCount: number): Milestone {
    return this.#places.get(unitCount) ?? this.#now();
  }
}
