/**
 * Which streams can be carried at all, and what their samples' times need.
 *
 * @module
 */

import { MuxError } from "../errors.ts";
import { DecodeClock } from "../media/decode_clock.ts";
import { checkRiff, describeRiff } from "../media/mappings/riff/mod.ts";
import type { StreamConfig } from "../media/stream_config.ts";

/**
 * Asks the codec table about a stream; a string says why it cannot be carried.
 *
 * @param data The first key frame, if it is at hand: some codecs describe themselves there.
 */
export function carry(config: StreamConfig, data?: Uint8Array): StreamTimes | string {
  const problems = checkRiff(config);
  if (problems.length > 0) return problems[0]!.split(";")[0]!;
  try {
    const description = describeRiff(config, undefined, data);
    return new StreamTimes(config, description?.kind === "video" ? description.reorderDepth : 0);
  } catch (cause) {
    if (cause instanceof MuxError) return cause.reason;
    throw cause;
  }
}

/** Follows the times of one stream's samples in decode order. */
export class StreamTimes {
  readonly #config: StreamConfig;
  #depth: number;
  #clock: DecodeClock | undefined;
  /** The stream reorders more than it said at first, which only its samples tell. */
  #isDeeper = false;
  #lastKeyTimestamp = -Infinity;
  #latestTimestamp = -Infinity;
  /** Where the sample last taken belongs among those of other streams: its decode time, if one can be derived. */
  due = -Infinity;

  /** @param reorderDepth How many samples may overtake one. */
  constructor(config: StreamConfig, reorderDepth: number) {
    this.#config = config;
    this.#depth = reorderDepth;
    this.#clock = reorderDepth > 0 ? new DecodeClock(reorderDepth) : undefined;
  }

  /** How many samples may overtake one, as far as the stream has said it. */
  get reorderDepth(): number {
    return this.#depth;
  }

  /**
   * Takes the next sample. Answers the decode time of one that is shown before the key frame it is decoded behind, or that
   * comes behind new parameter sets by which more is reordered: without it, such a sample would be out of order.
   *
   * @param data Of a key frame, if it may bring parameter sets.
   */
  advance(timestamp: number, isKey: boolean, data?: Uint8Array): number | undefined {
    if (isKey && data !== undefined && this.#latestTimestamp > -Infinity) this.#deepen(data);
    const decodeTimestamp = this.#clock?.advance(timestamp) ? this.#clock.decodeTimestamp : undefined;
    this.due = decodeTimestamp ?? timestamp;
    const isLeading = timestamp < this.#lastKeyTimestamp;
    if (isKey) this.#lastKeyTimestamp = timestamp;
    this.#latestTimestamp = Math.max(this.#latestTimestamp, timestamp);
    return isLeading || this.#isDeeper ? decodeTimestamp : undefined;
  }

  /** Goes on with another clock where the key frame's own parameter sets say so. */
  #deepen(data: Uint8Array): void {
    const depth = reorderDepthIn(this.#config, data);
    if (depth <= this.#depth) return;
    this.#depth = depth;
    this.#clock = new DecodeClock(depth);
    this.#clock.advance(this.#latestTimestamp);
    this.#isDeeper = true;
  }
}

/** What the parameter sets in a key frame say; 0 without any. */
function reorderDepthIn(config: StreamConfig, data: Uint8Array): number {
  if (config.kind !== "video") return 0;
  try {
    const description = describeRiff({ ...config, description: undefined }, undefined, data);
    return description?.kind === "video" ? description.reorderDepth : 0;
  } catch {
    return 0; // damaged, or not described by its samples
  }
}
