/**
 * The outputs behind a packetizer: where each of them begins and ends.
 *
 * An output begins and ends in front of a clean point: a key frame of video or, where no video is left, any sample. The
 * unit is closed there, so that whole units belong to one side.
 *
 * @module
 */

import type { Muxer, Packetizer } from "../../container/container.ts";
import type { Output } from "../outputs/output.ts";
import type { StreamState } from "./stream_state.ts";

/** A stream that is farther behind is silent, where the interleaving does not allow for more. */
const LONGEST_LAG_US = 1_000_000;

/** What cut points are found by. */
export interface CutPointsOptions {
  readonly muxer: Muxer;
  readonly states: readonly StreamState[];
  readonly outputs: readonly Output[];
  readonly interleaveWindowMs: number;
  /** An output ends here; answers the one that follows, if one does. */
  endOutput(output: Output, time: number): Output | undefined;
}

/** See the module's text. */
export class CutPoints {
  /** Some output begins or ends at a clean point, or skips to one. */
  hasCuts = false;
  /** Bytes of all samples packetized. */
  byteCount = 0;
  /** Every output that takes part. */
  outputs: readonly Output[];
  readonly #options: CutPointsOptions;
  readonly #states: readonly StreamState[];
  readonly #longestLagUs: number;
  /** There once the muxer has begun. */
  #packetizer!: Packetizer;
  /** Those that wait for a clean point. */
  #joining: Output[] = [];
  /** The caller's time that is the session's zero. */
  #zero = 0;

  constructor(options: CutPointsOptions) {
    this.#options = options;
    this.#states = options.states;
    this.#longestLagUs = Math.max(LONGEST_LAG_US, options.interleaveWindowMs * 1000);
    this.outputs = [...options.outputs];
  }

  /** The muxer has begun: hands the header to every output. */
  begin(packetizer: Packetizer, zero: number): void {
    this.#packetizer = packetizer;
    this.#zero = zero;
    for (const output of this.outputs) this.start(output, !output.range.hasBegunBy(zero));
  }

  /** Hands the header to an output. With `joins` its data begins at a clean point. */
  start(output: Output, joins: boolean): void {
    output.start(this.#options.muxer, this.#packetizer, joins);
    if (output.isJoining || output.drops || output.range.isBounded) this.hasCuts = true;
    if (output.isJoining) this.#joining.push(output);
    else output.range.begin(this.#zero, this.byteCount);
  }

  /** Whether the unit is to be closed before this key frame: an output begins or ends here, or could go on after a gap. */
  isWantedAt(timestamp: number, isVideo: boolean): boolean {
    let isWanted = false; // loops without closures: each sample of sound is asked
    for (const output of this.outputs) {
      if (isVideo && output.drops && output.lifecycle.isHealthy) return true;
      isWanted ||= output.range.endsAt(timestamp, this.byteCount);
    }
    for (const { range } of this.#joining) isWanted ||= range.hasBegunBy(timestamp);
    if (!isWanted) return false;
    return isVideo || !this.#states.some((state) => state.isVideo && !state.hasEnded && !state.isAbsent);
  }

  /**
   * Ends and begins outputs here, in front of a key frame. The unit before it is closed.
   *
   * @param timestamp When the key frame is shown, by which it is chosen.
   * @param time When it is decoded, before the others.
   */
  cut(timestamp: number, time: number): void {
    const base = this.#earliestTime(time);
    const ending = this.outputs.filter(({ lifecycle, range }) =>
      lifecycle.isHealthy && range.endsAt(timestamp, this.byteCount)
    );
    for (const output of ending) this.#end(output, timestamp, base);
    for (const output of this.#joining.splice(0)) {
      if (output.range.hasBegunBy(timestamp)) this.#join(output, timestamp, base);
      else this.#joining.push(output);
    }
  }

  #end(output: Output, timestamp: number, base: number): void {
    const next = this.#options.endOutput(output, timestamp);
    if (!next) return;
    this.outputs = [...this.outputs.filter(({ lifecycle }) => lifecycle.isHealthy), next]; // the others get nothing any more
    next.start(this.#options.muxer, this.#packetizer, true);
    this.#join(next, timestamp, base, output);
  }

  #join(output: Output, timestamp: number, base: number, before?: Output): void {
    output.join(this.#packetizer.unitCount, base);
    output.range.begin(timestamp, this.byteCount, before?.range);
  }

  /** Earliest decode time that any later sample can have, on the session's clock; streams that are silent do not count. */
  #earliestTime(time: number): number {
    let first = time;
    for (const { hasEnded, facts, packetizedUntil } of this.#states) {
      const isSilent = hasEnded || facts?.sparse || packetizedUntil < time - this.#longestLagUs;
      if (!isSilent && packetizedUntil < first) first = packetizedUntil;
    }
    return Math.max(0, first - this.#zero);
  }
}
