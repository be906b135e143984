/**
 * One stream's counters: the session counts what comes in, the media sink what goes through.
 *
 * @module
 */

import { MuxError, type Problem, reasonOf } from "../../errors.ts";
import type { SinkReport, Statistics, StreamCounts, StreamStatistics } from "../../report.ts";

/** Mutable counters behind {@linkcode StreamStatistics}, whose names and order they have. */
export class StreamCounters {
  readonly streamNumber: number;
  /** What it is given are frames, for an encoder: samples come out of that. */
  readonly hasEncoder: boolean;
  streamTicksReceived = 0;
  samplesReceived = 0;
  samplesRefused = 0;
  samplesEncoded = 0;
  samplesProcessed = 0;
  samplesDropped = 0;
  /** Frames that were given up inside an encoder. */
  framesDropped = 0;
  bytesReceived = 0;
  bytesQueued = 0;
  bytesProcessed = 0;
  firstTimestamp = NaN;
  lastTimestampReceived = NaN;
  lastTimestampEncoded = NaN;
  lastTimestampProcessed = NaN;
  lastStreamTickReceived = NaN;
  #lastRefusal: unknown;
  /** Samples that were accepted and given up for a fault of theirs. */
  #lostCount = 0;
  #isAbandoned = false;

  constructor(streamNumber: number, hasEncoder = false) {
    this.streamNumber = streamNumber;
    this.hasEncoder = hasEncoder;
  }

  /** A sample was accepted. */
  received(timestamp: number, bytes: number): void {
    if (this.samplesReceived++ === 0) this.firstTimestamp = timestamp;
    this.bytesReceived += bytes;
    this.lastTimestampReceived = timestamp;
  }

  /** A frame has become a sample. */
  encoded(timestamp: number, bytes: number): void {
    this.samplesEncoded++;
    this.bytesReceived += bytes;
    this.lastTimestampEncoded = timestamp;
  }

  /** A sample was not accepted. */
  refused(error: unknown): void {
    this.samplesRefused++;
    this.#lastRefusal = error;
  }

  /** A sample that was accepted had to be given up: it is as if it had been refused. */
  lost(error: unknown): void {
    this.samplesDropped++;
    this.#lostCount++;
    this.#lastRefusal = error;
  }

  /** A gap was announced. */
  ticked(timestamp: number): void {
    this.streamTicksReceived++;
    this.lastStreamTickReceived = timestamp;
  }

  /** A sample was laid out. */
  processed(timestamp: number, bytes: number): void {
    this.samplesProcessed++;
    this.bytesProcessed += bytes;
    this.lastTimestampProcessed = timestamp;
  }

  /** Samples on their way into the container, so far. */
  get samplesTaken(): number {
    return this.hasEncoder ? this.samplesEncoded : this.samplesReceived;
  }

  /** What waits is given up, and what is still on its way in will be. */
  abandon(): void {
    this.#isAbandoned = true;
  }

  /** Why the stream has no samples, as far as it is known. */
  explain(): string | undefined {
    const { streamNumber, samplesRefused, samplesReceived, samplesEncoded, samplesDropped } = this;
    if (samplesRefused > 0) {
      const { message } = this.#lastRefusal as Error;
      return `stream ${streamNumber}: ${samplesRefused} refused, the last one since: ${message}`;
    }
    if (samplesDropped > 0) return `stream ${streamNumber}: ${samplesDropped} discarded`;
    if (!this.hasEncoder || samplesReceived === 0) return undefined;
    return `stream ${streamNumber}: ${samplesReceived} frames went into its encoder, ${samplesEncoded} samples came out`;
  }

  /** Why nothing of it was taken, though samples came. */
  refusal(): MuxError | undefined {
    const { streamNumber, samplesProcessed } = this;
    const cause = this.#lastRefusal;
    if (samplesProcessed > 0 || cause === undefined) return undefined;
    const code = cause instanceof MuxError ? cause.code : "bad-media";
    const reason = `none of its samples was taken, the last one since: ${reasonOf(cause)}`;
    return new MuxError(code, { action: `finish stream ${streamNumber}`, reason }, { streamNumber, cause });
  }

  /** Samples of it that are missing, other than discarded ones. */
  losses(): Problem[] {
    const samples = this.samplesRefused + this.#lostCount;
    if (samples === 0) return [];
    const are = samples === 1 ? "1 sample is" : `${samples} samples are`;
    const reason = `${are} missing, the last one since: ${reasonOf(this.#lastRefusal)}`;
    return [{ stream: this.streamNumber, samples, reason }];
  }

  /** The counters as they stand, by their names; of those that are not public what they come to. */
  snapshot(): StreamStatistics {
    const { hasEncoder: _, framesDropped, ...counts } = this as StreamCounters;
    if (this.#isAbandoned) {
      counts.samplesDropped = this.samplesTaken - this.samplesProcessed;
      counts.bytesQueued = 0;
    }
    counts.samplesDropped += framesDropped;
    const known = Object.entries(counts).map(([name, value]) => [name, Number.isNaN(value) ? undefined : value]);
    return Object.fromEntries(known);
  }
}

/** The error of a finish for which there is nothing: tells of each stream what came, and what became of it. */
export function noSamples(streams: readonly StreamCounters[], undescribed: readonly string[] = []): MuxError {
  const facts = [...undescribed, ...streams.flatMap((counters) => counters.explain() ?? [])];
  const code = undescribed.length > 0 ? "missing-description" : "no-samples";
  const reason = ["no stream got a sample", ...facts].join("; ");
  return new MuxError(code, { action: "finish", reason }, { stage: "drain" });
}

/** Samples came of a stream, and none was taken: the finish fails. `undefined` where some were, or none came. */
export function refusedStream(streams: readonly StreamCounters[]): MuxError | undefined {
  return streams.map((counters) => counters.refusal()).find((error) => error !== undefined);
}

/** A stream that stays empty while others do not: a warning. */
export function emptyStream(counters: StreamCounters): MuxError {
  const { streamNumber } = counters;
  const facts = [`Stream ${streamNumber} got no samples`, counters.explain() ?? []].flat();
  return new MuxError("no-samples", facts.join("; "), { streamNumber });
}

/** Everything as it stands. */
export function takeStatistics(
  packetCount: number,
  counters: readonly StreamCounters[],
  sinks: readonly SinkReport[],
): Statistics {
  const streams = counters.map((each) => each.snapshot());
  return { packetCount, streams, total: total(streams), sinks };
}

/** All streams together: the earliest first time, the latest last one, sums of the rest. */
function total(streams: readonly StreamStatistics[]): StreamCounts {
  const { streamNumber: _, ...total }: Record<string, number | undefined> = { ...new StreamCounters(0).snapshot() };
  for (const name of Object.keys(total)) {
    const values = streams.map((stream) => stream[name as keyof StreamCounts]).filter((value) => value !== undefined);
    if (values.length === 0) continue;
    if (name === "firstTimestamp") total[name] = Math.min(...values);
    else if (name.startsWith("last")) total[name] = Math.max(...values);
    else total[name] = values.reduce((sum, value) => sum + value);
  }
  return total as unknown as StreamCounts;
}
