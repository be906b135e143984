/**
 * Promises for those who wait until there is room, or until their turn has come. Nobody has to look at them: one that
 * rejects is never "unhandled".
 *
 * @module
 */

import { withResolvers } from "./promises.ts";

/** Watches a condition that is cheap to ask for. */
export class Backpressure {
  readonly #hasRoom: () => boolean;
  #waiting: PromiseWithResolvers<void> | undefined;
  #failed: Promise<void> | undefined;
  #rejects = new Set<(reason: unknown) => void>();

  constructor(hasRoom: () => boolean) {
    this.#hasRoom = hasRoom;
  }

  /** `undefined` when there is room; else a promise that resolves when there is, the same for all who wait. */
  wait(): Promise<void> | undefined {
    return this.#hasRoom() ? undefined : this.#pending();
  }

  /** Resolved when there is room; rejected after a failure. */
  get ready(): Promise<void> {
    return this.#failed ?? this.wait() ?? Promise.resolve();
  }

  /** The condition may have changed. */
  update(): void {
    if (this.#waiting && this.#hasRoom()) {
      this.#waiting.resolve();
      this.#waiting = undefined;
    }
  }

  /** A promise that rejects, should everything fail before `start`'s callback was called. */
  race(start: (resolve: () => void) => void): Promise<void> {
    if (this.#failed) return this.#failed;
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      start(() => {
        this.#rejects.delete(reject);
        resolve();
      });
    });
  }

  /** Nothing will ever have room again. */
  fail(reason: unknown): void {
    if (this.#failed) return;
    this.#failed = Promise.reject(reason);
    this.#failed.catch(() => {});
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
    for (const reject of this.#rejects) reject(reason);
    this.#rejects.clear();
  }

  #pending(): Promise<void> {
    if (this.#failed) return this.#failed;
    if (!this.#waiting) {
      this.#waiting = withResolvers();
      this.#waiting.promise.catch(() => {});
    }
    return this.#waiting.promise;
  }
}
