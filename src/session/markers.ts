/**
 * Markers on their way, each stream's in order.
 *
 * @module
 */

/** Watches markers until they have passed. */
export class Markers {
  /** The last marker of each stream. */
  readonly #last: Promise<void>[] = [];
  /** Markers that have yet to be put in, behind what an encoder still gives. */
  readonly #coming = new Set<Promise<void>>();

  /**
   * Puts a marker in by `place`, after `fed` if there is something to wait for. Resolves, after `onPassed` was called,
   * when it and all before it in its stream have passed.
   */
  add(stream: number, fed: Promise<void> | undefined, place: () => Promise<void>, onPassed: () => void): Promise<void> {
    const before = this.#last[stream];
    const own = fed ? this.#placeLater(fed, place) : place();
    own.catch(() => {}); // told below, in its turn
    const passed = (async () => {
      await before?.catch(() => {});
      await own;
      onPassed();
    })();
    passed.catch(() => {});
    this.#last[stream] = passed;
    return passed;
  }

  #placeLater(fed: Promise<void>, place: () => Promise<void>): Promise<void> {
    let own: Promise<void> | undefined;
    const placed = fed.then(() => {
      own = place();
      own.catch(() => {});
    });
    const coming = placed.catch(() => {}).then(() => void this.#coming.delete(coming));
    this.#coming.add(coming);
    return placed.then(() => own);
  }

  /** Resolves when every marker has been put in, or never will be. */
  async placed(): Promise<void> {
    await Promise.all(this.#coming);
  }

  /** Resolves when every marker has passed or failed. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#last);
  }
}
