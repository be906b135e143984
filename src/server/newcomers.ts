/**
 * Connections to which nothing has been granted: they have asked for nothing yet, or wait, or let their request drip.
 *
 * Invariants
 * - Whoever is here can be let go of to make room; no request makes a connection younger.
 * - Room is made by the network that holds the most of them, and there by the one that came first.
 *
 * @module
 */

/** What is known of a connection. */
export interface Comer {
  /** What its peer's addresses have in common. */
  readonly network: string;
}

/** See the module's text. */
export class Newcomers<Connection extends Comer> {
  readonly #now: () => number;
  /** By network, the oldest first, each with the time it came. */
  readonly #byNetwork = new Map<string, Map<Connection, number>>();

  /** @param now Milliseconds of any clock that does not go back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A connection comes, or what was granted to it is over; it keeps its age if it is here. */
  add(connection: Connection): void {
    let comers = this.#byNetwork.get(connection.network);
    if (!comers) this.#byNetwork.set(connection.network, comers = new Map());
    if (!comers.has(connection)) comers.set(connection, this.#now());
  }

  /** Something is granted to it, or it is gone. */
  delete(connection: Connection): void {
    const comers = this.#byNetwork.get(connection.network);
    if (comers?.delete(connection) && comers.size === 0) this.#byNetwork.delete(connection.network);
  }

  /** Takes out who makes room. @param leastMs Those that came later stay. @param network Of this one alone. */
  evict(leastMs = 0, network?: string): Connection | undefined {
    let most: Map<Connection, number> | undefined;
    if (network !== undefined) most = this.#byNetwork.get(network);
    else for (const comers of this.#byNetwork.values()) if (comers.size > (most?.size ?? 0)) most = comers;
    for (const [connection, since] of most ?? []) {
      if (this.#now() - since < leastMs) return undefined;
      this.delete(connection);
      return connection;
    }
  }
}
