/**
 * How often a network may do what is dear: so many times at once, and then at a rate.
 *
 * @module
 */

/** Networks that are kept; the one that has been away longest is forgotten first. */
const MAX_NETWORKS = 4096;

/** See the module's text. */
export class Brake {
  readonly #burst: number;
  readonly #everyMs: number;
  readonly #now: () => number;
  /** When all that a network has done is paid for. */
  readonly #paidAt = new Map<string, number>();

  /**
   * @param burst How often at once.
   * @param everyMs What each time more must wait.
   * @param now Milliseconds of any clock that does not go back.
   */
  constructor(burst: number, everyMs: number, now: () => number = () => performance.now()) {
    this.#burst = burst;
    this.#everyMs = everyMs;
    this.#now = now;
  }

  /** How long it would have to wait now, ms. */
  waitMs(network: string): number {
    const owedMs = Math.max(0, (this.#paidAt.get(network) ?? 0) - this.#now());
    return Math.max(0, owedMs - (this.#burst - 1) * this.#everyMs);
  }

  /** It does it once. Answers how long it has to wait before, ms. */
  take(network: string): number {
    const waitMs = this.waitMs(network);
    const paidAt = Math.max(this.#now(), this.#paidAt.get(network) ?? 0) + this.#everyMs;
    this.#paidAt.delete(network);
    this.#paidAt.set(network, paidAt);
    if (this.#paidAt.size > MAX_NETWORKS) this.#paidAt.delete(this.#paidAt.keys().next().value!);
    return waitMs;
  }
}
