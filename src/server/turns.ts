/**
 * Fair turns between those that send: whoever has had its share waits until the event loop has been round, and of those
 * that wait one goes on each time. Who sends less never waits.
 *
 * @module
 */

/** Of a share: each packet costs one, and every 16 KiB. */
export const SHARE = 512;
const COST_BYTES = 16_384;

/** See the module's text. */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** A sender's own count. */
  share(): Share {
    return new Share(() => this.#wait());
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) setTimeout(() => this.#next(), 0);
    });
  }

  #next(): void {
    this.#waiting.shift()!();
    if (this.#waiting.length > 0) setTimeout(() => this.#next(), 0);
  }
}

/** What one sender has used. */
export class Share {
  readonly #wait: () => Promise<void>;
  #cost = 0;

  constructor(wait: () => Promise<void>) {
    this.#wait = wait;
  }

  /** A packet has come. Answers what to wait for; `undefined`: nothing. */
  spend(byteCount: number): Promise<void> | undefined {
    this.#cost += 1 + byteCount / COST_BYTES;
    if (this.#cost < SHARE) return undefined;
    this.#cost = 0;
    return this.#wait();
  }
}
