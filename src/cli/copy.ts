/**
 * Samples from a source into a writer.
 *
 * @module
 */

import type { StreamConfig, StreamSample, Writer } from "../../mod.ts";
import { MuxError } from "../errors.ts";
import type { Media } from "../demux/mod.ts";

/** Refusals that concern one sample: the next one may be right again. */
const SAMPLE_ERRORS: ReadonlySet<string> = new Set(["time-order", "late-sample", "bad-media", "too-large"]);

function isRefusal(error: unknown): error is Error {
  return error instanceof RangeError || error instanceof MuxError && SAMPLE_ERRORS.has(error.code);
}

function moveBack(sample: StreamSample, by: number): void {
  sample.timestamp -= by;
  if (sample.decodeTimestamp !== undefined) sample.decodeTimestamp -= by;
}

/** What happened on the way. */
export interface CopyOutcome {
  /** Samples that the writer refused. */
  readonly refusedCount: number;
  /** Why it refused the first of them. */
  readonly refusal?: Error;
  /** Why the source could not be read to its end. */
  readonly failure?: unknown;
}

/**
 * Copies to the end of the source, or until `isStopped` answers true. What the source or a single sample does wrong is
 * told, not thrown, so that the output can be finished; what the writer cannot go on after is thrown.
 */
export class Copy {
  readonly #source: AsyncIterator<readonly StreamSample[]>;
  readonly #isStopped: () => boolean;
  readonly #streamNumbers: ReadonlySet<number | undefined>;
  readonly #zero: number;
  #first: readonly StreamSample[] | undefined;

  /**
   * @param streams What to copy of it; by default everything.
   * @param zero The source's time that becomes 0; what is before it, is negative.
   */
  constructor(media: Media, isStopped: () => boolean, streams: readonly StreamConfig[] = media.streams, zero = 0) {
    this.#zero = zero;
    this.#streamNumbers = new Set(streams.map(({ streamNumber }) => streamNumber));
    this.#source = media.batches[Symbol.asyncIterator]();
    this.#isStopped = isStopped;
  }

  /** Reads until there is something to write; answers whether there is. @throws What the source throws instead. */
  async begin(): Promise<boolean> {
    this.#first = await this.#next();
    return this.#first !== undefined;
  }

  /**
   * Writes everything. `onBatch` gets the time of the last sample written of each batch; `prepare` may hold a sample back
   * until its time has come, or change it.
   */
  async run(
    writer: Writer,
    onBatch: (time: number) => void,
    prepare?: (sample: StreamSample) => Promise<StreamSample> | StreamSample,
  ): Promise<CopyOutcome> {
    let refusedCount = 0;
    let refusal: Error | undefined;
    let time = 0;
    let batch = this.#first;
    this.#first = undefined;
    while (batch !== undefined && !this.#isStopped()) {
      for (const given of batch) {
        if (!this.#streamNumbers.has(given.streamNumber)) continue;
        const sample = prepare ? await prepare(given) : given;
        if (this.#zero !== 0) moveBack(sample, this.#zero);
        time = sample.timestamp;
        if (prepare && this.#isStopped()) break;
        try {
          const room = writer.writeSample(sample.streamNumber, sample);
          if (room !== undefined) await room;
        } catch (error) {
          if (!isRefusal(error) || writer.state !== "open") throw error;
          refusedCount++;
          refusal ??= error;
        }
      }
      onBatch(time);
      try {
        batch = await this.#next();
      } catch (failure) {
        return { refusedCount, refusal, failure };
      }
    }
    return { refusedCount, refusal };
  }

  async #next(): Promise<readonly StreamSample[] | undefined> {
    try {
      const { done, value } = await this.#source.next();
      return done ? undefined : value;
    } catch (error) {
      if (this.#isStopped()) return undefined; // closed by us, to end a wait for input
      throw error;
    }
  }
}
