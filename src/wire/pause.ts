/**
 * A wait that can be ended.
 *
 * @module
 */

/** One wait at a time. */
export class Pause {
  #wake: (() => void) | undefined;

  /** Waits so long, or until `end`. */
  async wait(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
    this.#wake = undefined;
  }

  /** Ends the wait, if there is one. */
  end(): void {
    this.#wake?.();
  }
}
