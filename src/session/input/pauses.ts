/**
 * Pauses: what a caller's clock runs through while nothing is to be recorded. What comes behind a pause moves up to where
 * it began, by the same time in every stream, so that nothing shows and the streams stay together.
 *
 * ```text
 * caller's clock   0 ─── from ········ to ─── 9
 * session's clock  0 ─── from ─── 9 - (to - from)
 * ```
 *
 * @module
 */

import { cannot, MuxError } from "../../errors.ts";
import type { IncomingSample } from "./incoming_sample.ts";
import type { StreamOrder } from "./stream_order.ts";

/** From when to when, on the caller's clock; Infinity while it lasts. */
interface Pause {
  readonly from: number;
  to: number;
}

/** See the module's text. */
export class Pauses {
  readonly #pauses: Pause[] = [];
  /** Streams of which a pause has left samples out: of video nothing can be decoded until the next key frame. */
  readonly #hasGap: boolean[] = [];

  /** From here on nothing is taken. @throws {MuxError} `invalid-state` @throws {RangeError} */
  begin(from: number): void {
    const last = this.#pauses.at(-1);
    if (last?.to === Infinity) throw wrongState("pause", "paused", `it is paused since ${last.from} µs`);
    checkTime("pause", from, last?.to ?? -Infinity);
    this.#pauses.push({ from, to: Infinity });
  }

  /** From here on samples are taken again. @throws {MuxError} `invalid-state` @throws {RangeError} */
  end(to: number): void {
    const last = this.#pauses.at(-1);
    if (last?.to !== Infinity) throw wrongState("resume", "open", "it is not paused");
    checkTime("resume", to, last.from);
    last.to = to;
  }

  /** Moves a sample up behind the pauses before it. False: it is not to be taken. */
  move(stream: number, sample: IncomingSample, isVideo: boolean, order: StreamOrder): boolean {
    const { timestamp, decodeTimestamp } = sample;
    const time = this.timeOf(timestamp);
    if (time === undefined) {
      this.#hasGap[stream] = true;
      return false;
    }
    if (this.#hasGap[stream]) {
      if (isVideo && !sample.isKey) return false;
      this.#hasGap[stream] = false;
    }
    const shift = timestamp - time;
    if (shift === 0) return true;
    sample.timestamp = time;
    if (!(decodeTimestamp === decodeTimestamp)) return true;
    // Decoded before it is shown: that may reach back over where the pause ended, and over what came before the pause.
    const reaches = this.#pauses.some(({ to }) => decodeTimestamp < to && to <= timestamp);
    const least = reaches ? Math.min(order.lastDecodeTimestamp, time) : -Infinity;
    sample.decodeTimestamp = Math.max(decodeTimestamp - shift, least);
    return true;
  }

  /** A time of the caller's on the session's clock; `undefined` inside a pause. */
  timeOf(time: number): number | undefined {
    let shift = 0;
    for (const { from, to } of this.#pauses) {
      if (time < from) break;
      if (time < to) return undefined;
      shift += to - from;
    }
    return time - shift;
  }
}

function wrongState(action: string, state: string, reason: string): MuxError {
  return new MuxError("invalid-state", { action, reason }, { state });
}

function checkTime(action: string, time: number, least: number): void {
  if (typeof time !== "number") {
    throw cannot(TypeError, action, `timestamp must be a number of microseconds, got ${typeof time}`);
  }
  if (Number.isFinite(time) && time >= least) return;
  const bound = least === -Infinity ? "finite" : `at least ${least} µs`;
  throw cannot(RangeError, action, `timestamp must be ${bound}, got ${time}`);
}
