/**
 * Takes connections for as long as the server listens, whatever befalls a single one.
 *
 * Invariants
 * - Only `close` ends it: "too many open files", and a peer that is gone before it was taken, pass.
 * - It never spins: each failure in a row doubles the wait for the next attempt, up to a second.
 *
 * @module
 */

import { Pause } from "../wire/pause.ts";

/** What connections come from; `Deno.Listener` is one. */
export interface ConnectionSource<Conn> {
  accept(): Promise<Conn>;
  close(): void;
}

const FIRST_WAIT_MS = 5;
const LONGEST_WAIT_MS = 1_000;

/** See the module's text. */
export class Acceptor<Conn> {
  readonly #source: ConnectionSource<Conn>;
  readonly #onConnection: (conn: Conn) => void;
  readonly #onFailure: (error: unknown) => void;
  readonly #running: Promise<void>;
  #isClosed = false;
  readonly #pause = new Pause();

  /** @param onFailure Told each time that a connection cannot be taken. */
  constructor(
    source: ConnectionSource<Conn>,
    onConnection: (conn: Conn) => void,
    onFailure: (error: unknown) => void,
  ) {
    this.#source = source;
    this.#onConnection = onConnection;
    this.#onFailure = onFailure;
    this.#running = this.#run();
  }

  /** Stops to listen; resolves when no further connection is handed over, which is at once. Idempotent. */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#source.close();
      this.#pause.end();
    }
    return this.#running;
  }

  async #run(): Promise<void> {
    for (let waitMs = 0; !this.#isClosed;) {
      let conn: Conn;
      try {
        conn = await this.#source.accept();
      } catch (error) {
        if (this.#isClosed) break;
        this.#onFailure(error);
        waitMs = Math.min(Math.max(FIRST_WAIT_MS, 2 * waitMs), LONGEST_WAIT_MS);
        await this.#pause.wait(waitMs);
        continue;
      }
      waitMs = 0;
      this.#onConnection(conn);
    }
  }
}
