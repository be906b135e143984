/**
 * What the frames of a session are: block sizes in runs, and places to seek to, in little memory however many they are.
 *
 * @module
 */

import { flacBlockSize } from "../media/codecs/flac_frame.ts";
import type { MuxSample } from "../container/container.ts";
import type { FrameFacts } from "./stream_info.ts";

/** How many places are kept at most; one in two goes when they are that many. */
export const MAX_POINTS = 128;

/** A place to seek to. */
export interface SeekPoint {
  readonly unit: number;
  /** From the beginning of the session. */
  readonly sample: number;
  readonly offset: number;
  readonly blockSize: number;
}

/** Frames of one block size, from `unit` on. */
interface Run {
  readonly unit: number;
  readonly sample: number;
  readonly blockSize: number;
}

/** See the module's text. */
export class FrameLog {
  readonly #runs: Run[] = [];
  #points: SeekPoint[] = [];
  #step = 1;
  #minFrame = Infinity;
  #maxFrame = 0;
  /** Frames, their samples and bytes, so far. */
  frameCount = 0;
  sampleCount = 0;
  byteCount = 0;
  /** Whether every frame has said how many samples it has. */
  #isComplete = true;

  /** A sample is laid out. */
  add({ pieces: { sources, starts, byteLength } }: MuxSample): void {
    const blockSize = flacBlockSize(sources[0]!, starts[0]);
    if (blockSize === 0) this.#isComplete = false;
    const unit = this.frameCount++;
    if (this.#runs.at(-1)?.blockSize !== blockSize) this.#runs.push({ unit, sample: this.sampleCount, blockSize });
    if (unit % this.#step === 0) {
      this.#points.push({ unit, sample: this.sampleCount, offset: this.byteCount, blockSize });
      if (this.#points.length === MAX_POINTS) {
        this.#points = this.#points.filter((_, i) => i % 2 === 0);
        this.#step *= 2;
      }
    }
    this.sampleCount += blockSize;
    this.byteCount += byteLength;
    this.#minFrame = Math.min(this.#minFrame, byteLength);
    this.#maxFrame = Math.max(this.#maxFrame, byteLength);
  }

  /** Where a frame begins, samples from the beginning of the session. */
  sampleAt(unit: number): number {
    if (unit >= this.frameCount) return this.sampleCount;
    const run = this.#runs.findLast((run) => run.unit <= unit)!;
    return run.sample + (unit - run.unit) * run.blockSize;
  }

  /** Of frames `first … end`. What is not kept for a part is not known. */
  facts(first: number, end: number, statedSamples: number): FrameFacts {
    const isAll = first === 0 && end === this.frameCount;
    const last = this.#runs.findLast((run) => run.unit < end);
    const runs = this.#runs.filter((run, i) => run.unit < end && (this.#runs[i + 1]?.unit ?? Infinity) > first);
    const sizes = runs.filter((run) => run !== last || Math.max(run.unit, first) < end - 1 || runs.length === 1)
      .map(({ blockSize }) => blockSize);
    const totalSamples = this.#isComplete ? this.sampleAt(end) - this.sampleAt(first) : 0;
    return {
      minBlock: this.#isComplete ? Math.min(...sizes) : 0,
      maxBlock: this.#isComplete ? Math.max(...runs.map(({ blockSize }) => blockSize)) : 0,
      minFrame: isAll ? this.#minFrame : 0,
      maxFrame: isAll ? this.#maxFrame : 0,
      totalSamples,
      isWhole: isAll && totalSamples > 0 && totalSamples === statedSamples,
    };
  }

  /** Places in frames `first … end`, which are `byteCount` bytes; none where it is not known where they begin. */
  points(first: number, end: number, byteCount: number): SeekPoint[] {
    if (!this.#isComplete) return [];
    const begin = first === 0 ? 0 : end === this.frameCount ? this.byteCount - byteCount : undefined;
    if (begin === undefined) return [];
    const firstSample = this.sampleAt(first);
    return this.#points.filter(({ unit }) => unit >= first && unit < end)
      .map((point) => ({ ...point, sample: point.sample - firstSample, offset: point.offset - begin }));
  }
}
