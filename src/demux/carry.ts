/**
 * Which streams can be carried at all, and what their samples' times need.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { checkStream, describeStream } from "../media/codecs/mod.ts";
import { DecodeClock } from "../media/codecs/reorder.ts";
import type { StreamConfig } from "../media/stream_config.ts";

/**
 * Asks the codec table about a stream; a string says why it cannot be carried.
 *
 * @param data The first key frame, if it is at hand: some codecs describe themselves there.
 */
export function carry(config: StreamConfig, data?: Uint8Array): StreamTimes | string {
  const problems = checkStream(config);
  if (problems.length > 0) return problems[0]!.split(";")[0]!;
  try {
    const description = describeStream(config, undefined, data);
    return new StreamTimes(description?.kind === "video" ? description.reorderDepth : 0);
  } catch (cause) {
    if (cause instanceof MuxError) return cause.message.replace(/^Cannot describe (?:\w+ )?stream(?: \d+)?: /, "");
    throw cause;
  }
}

/** Follows the times of one stream's samples in decode order. */
export class StreamTimes {
  readonly #clock: DecodeClock | undefined;
  #lastKeyTimestamp = -Infinity;
  /** Where the sample last taken belongs among those of other streams: its decode time, if one can be derived. */
  due = -Infinity;

  /** @param reorderDepth How many samples may overtake one. */
  constructor(reorderDepth: number) {
    this.#clock = reorderDepth > 0 ? new DecodeClock(reorderDepth) : undefined;
  }

  /**
   * Takes the next sample. Answers the decode time of one that is shown before the key frame it is decoded behind: without
   * it, such a sample would be out of order.
   */
  advance(timestamp: number, isKey: boolean): number | undefined {
    const decodeTimestamp = this.#clock?.advance(timestamp) ? this.#clock.decodeTimestamp : undefined;
    this.due = decodeTimestamp ?? timestamp;
    const isLeading = timestamp < this.#lastKeyTimestamp;
    if (isKey) this.#lastKeyTimestamp = timestamp;
    return isLeading ? decodeTimestamp : undefined;
  }
}
