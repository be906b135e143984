/**
 * What Ctrl-C does to a copy.
 *
 * @module
 */

import type { Writer } from "../../mod.ts";
import type { Media } from "../demux/mod.ts";
import type { Io } from "./io.ts";

/** How long an output gets to let go once it was given up. */
const PATIENCE_MS = 1000;

/** The first Ctrl-C ends the source, so that the output is finished; a second one gives the output up. */
export class Interrupt {
  /** How often Ctrl-C was pressed. */
  count = 0;
  /** What is given up at the second; absent until there is one. */
  writer: Writer | undefined;
  /** Rejects when the output has been given up. */
  readonly givenUp: Promise<never>;
  /** To be called when the copy has ended. */
  readonly stopListening: () => void;

  constructor(io: Io, media: Media) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    this.givenUp = promise;
    this.stopListening = io.onInterrupt(() => {
      this.count++;
      if (this.count === 1) void Promise.resolve(media[Symbol.asyncDispose]()).catch(() => {});
      else if (this.count === 2) {
        void this.#giveUp().finally(() => reject(new Error("given up: the output is unfinished")));
      }
    });
  }

  async #giveUp(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE_MS));
    await Promise.race([this.writer?.abort(new Error("interrupted")), late]);
    clearTimeout(timer);
  }
}
