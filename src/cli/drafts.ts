/**
 * Files that are replaced only when everything is known to be well.
 *
 * @module
 */

import { realpathSync, statSync } from "node:fs";
import { rename, rm } from "node:fs/promises";

/** Paths to write to instead, and those that they become. */
export class Drafts {
  readonly #drafts = new Map<string, string>();

  /** Where to write what is to become `path`: beside it; a device or a pipe is never replaced, and written at once. */
  readonly pathFor = (path: string): string => {
    const facts = statSync(path, { throwIfNoEntry: false });
    if (facts && !facts.isFile()) return path;
    const target = facts ? realpathSync(path) : path; // what a link leads to is replaced, not the link
    const draft = `${target}.${crypto.randomUUID().slice(0, 8)}.part`;
    this.#drafts.set(draft, target);
    return draft;
  };

  /** All of them become what they are to be. */
  async keep(): Promise<void> {
    for (const [draft, target] of this.#drafts) {
      await rename(draft, target);
      this.#drafts.delete(draft);
    }
  }

  /** None does. */
  async discard(): Promise<void> {
    for (const draft of this.#drafts.keys()) await rm(draft, { force: true }).catch(() => {});
    this.#drafts.clear();
  }
}
