/**
 * Headers that are completed at the end: how large they may be, and what still fits into those that were given out.
 *
 * @module
 */

import { MuxError } from "../errors.ts";

/** The sizes of headers given out that are to be completed at the end. */
export class HeaderRoom {
  readonly #sizes = new Set<number>();

  /** A header of this size is given out. */
  add(byteLength: number): void {
    this.#sizes.add(byteLength);
  }

  /** Whether none was given out yet. */
  get isEmpty(): boolean {
    return this.#sizes.size === 0;
  }

  /** The first size for which `isPaddable` answers false: a header of `byteLength` bytes cannot be made that large. */
  tooSmall(byteLength: number, isPaddable: (spare: number) => boolean): number | undefined {
    for (const size of this.#sizes) if (!isPaddable(size - byteLength)) return size;
    return undefined;
  }
}

/** Refuses a header that a sink cannot take. @throws {MuxError} `too-large` */
export function checkHeaderBytes(byteLength: number, most: number): void {
  if (byteLength <= most) return;
  throw new MuxError("too-large", {
    action: "write header",
    reason: `the sink takes at most ${most} bytes, got ${byteLength}`,
  });
}
