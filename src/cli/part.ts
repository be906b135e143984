/**
 * The part of a source that `--from` and `--until` ask for.
 *
 * @module
 */

import type { Metadata } from "../../mod.ts";
import type { Media } from "../demux/mod.ts";
import { formatTime } from "./format.ts";

/** Where an output begins. */
export class Part {
  /** The source's time that becomes 0, µs; 0: the output begins at its first sample, whenever that is. */
  readonly zero: number;
  readonly #media: Media;
  readonly #from: number | undefined;

  /** @param canTrim Whether the output can begin to be shown behind its first key frame. */
  constructor(media: Media, from: number | undefined, canTrim: boolean) {
    this.#media = media;
    this.#from = from;
    this.zero = from !== undefined && media.start !== undefined && canTrim ? from : 0;
  }

  /** What is taken from the time of a sample that was written, to see how far the copy is, µs. */
  get begin(): number {
    return this.zero === 0 ? this.#media.start ?? 0 : 0;
  }

  /** What the source says of itself, with its places counted from where the output begins to be shown. */
  get metadata(): Metadata {
    const { metadata, start = 0 } = this.#media;
    const { markers, scripts } = metadata;
    const hidden = this.zero - start;
    if (this.zero === 0 || hidden <= 0) return metadata;
    const moved: Metadata = { ...metadata };
    const later = <T extends { timestamp: number }>(place: T) => ({
      ...place,
      timestamp: Math.max(0, place.timestamp - hidden),
    });
    if (scripts !== undefined) moved.scripts = scripts.map(later);
    // Of several chapters that would begin at once, the last is the one that is shown.
    if (markers !== undefined) {
      moved.markers = markers.map(later).filter(({ timestamp }, i, all) =>
        timestamp > 0 || all[i + 1]?.timestamp !== 0
      );
    }
    return moved;
  }

  /** Where it begins, in a line; nothing where it begins as the source does. */
  get line(): string | undefined {
    const { start } = this.#media;
    if (this.#from === undefined || start === undefined) return undefined;
    if (start === this.#from) return `Begins at the key frame at ${exactTime(start)} of the source`;
    if (this.zero === 0) {
      return `Begins at ${exactTime(start)} of the source, the last key frame before ${exactTime(this.#from)}`;
    }
    return `Begins at ${exactTime(this.#from)} of the source; ` +
      `what is needed from the key frame at ${exactTime(start)} on is in it, and not shown`;
  }
}

/** To the millisecond, where tenths of a second do not say it. */
function exactTime(microseconds: number): string {
  if (microseconds % 100_000 === 0) return formatTime(microseconds);
  const seconds = microseconds / 1e6;
  if (seconds < 60) return `${seconds.toFixed(3)} s`;
  const whole = formatTime(Math.floor(seconds / 60) * 60e6); // ends in 00.0
  return whole.slice(0, -4) + (seconds % 60).toFixed(3).padStart(6, "0");
}
