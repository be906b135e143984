/**
 * The Windows Media Format SDK writer, in TypeScript.
 *
 * @module
 */

import { type FinalizeReport, MuxError } from "../errors.ts";
import type { Metadata } from "../media/metadata.ts";
import type { ChunkMetadata, SampleLike, StreamSample } from "../media/sample.ts";
import type { StreamConfig } from "../media/stream_config.ts";
import type { FinalizeOptions } from "../session/finalize.ts";
import { withHresult } from "../session/hooks.ts";
import type { SessionOptions } from "../session/options.ts";
import type { SinkReport, Statistics } from "../report.ts";
import { MuxSession } from "../session/session.ts";
import type { SessionState } from "../session/state.ts";
import type { SegmentSink } from "../sinks/segment_sink.ts";
import type { SinkLike, SinkOptions } from "../sinks/sink.ts";
import { WRITER_HRESULTS } from "./hresults.ts";

/** What a {@linkcode Writer} is made of. */
export interface WriterOptions extends SessionOptions {
  /** The streams; numbers default to the position + 1. */
  streams: readonly StreamConfig[];
}

// Not a method: compiled for npm, a class whose method has a symbol for a name loses it from its declaration, and is
// never left out by bundlers, nor is all that it needs.
/** What `await using` calls. */
export interface Writer {
  /** `abort()`, unless the session has finished. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Turns samples into a file, a stream, or several of them at once. A writer is used once.
 *
 * ```text
 * configuring ─ beginWriting() ─► open ─ endWriting() ─► finalizing ─► finalized
 *                                  writeSample, flush,                 failed: a sink's error, from any state
 *                                  addSink, removeSink                 aborted: abort(), a signal, `await using`
 * ```
 *
 * @example
 * ```ts
 * import { asf, bufferSink, Writer } from "@muxwell/muxwell";
 *
 * const sink = bufferSink();
 * await using writer = new Writer({
 *   container: asf(),
 *   sinks: [sink],
 *   streams: [{ kind: "audio", codec: "pcm-s16", sampleRate: 8000, numberOfChannels: 1 }],
 *   metadata: { title: "Silence" },
 * });
 * await writer.beginWriting();
 * for (let i = 0; i < 10; i++) {
 *   await writer.writeSample(1, { data: new Uint8Array(1600), timestamp: i * 100_000, duration: 100_000 });
 * }
 * const report = await writer.endWriting();
 * console.log(report.duration / 1e6, "s", sink.bytes.byteLength, "bytes");
 * ```
 */
export class Writer implements AsyncDisposable {
  readonly #session: MuxSession;
  /** By stream number: each sample is looked up, for which a map takes some times longer. */
  readonly #indexes: (number | undefined)[] = [];
  #writable: WritableStream<StreamSample> | undefined;

  /**
   * Describes what will be written; nothing is opened or checked beyond types yet. The options are not looked at again.
   *
   * @throws {TypeError} If a sink is neither a `Sink` nor a `WritableStream`.
   */
  constructor(options: WriterOptions) {
    this.#session = new MuxSession(options, options.streams, { hresults: WRITER_HRESULTS });
    for (const [index, { streamNumber }] of this.#session.input.streams.entries()) this.#indexes[streamNumber] = index;
    this[Symbol.asyncDispose] = () => this.#session.dispose();
  }

  /** Where the session stands. */
  get state(): SessionState {
    return this.#session.state;
  }

  /**
   * Resolved when a sample can be written without waiting, rejected after a failure; for callbacks that cannot await
   * `writeSample`. A new promise each time there is a wait. Never "unhandled".
   */
  get ready(): Promise<void> {
    return this.#session.ready;
  }

  /**
   * Settles once, with the finish: the report of `endWriting`, or the error that ended the session instead (a signal's
   * reason, an abort's, the first sink's when none is left). Never "unhandled".
   */
  get closed(): Promise<FinalizeReport> {
    return this.#session.closed;
  }

  /**
   * Checks streams, options and sinks, opens the sinks, and lets samples in. Allowed once, in `configuring`. The header
   * leaves later, when every stream is described and has begun, or after `openWindowMs` of media.
   *
   * Rejects with every problem in one error: `unsupported` for streams and metadata that the container cannot hold,
   * `sink-failed` for sinks that cannot be opened; `invalid-state` when it was called before. The session has failed then.
   */
  beginWriting(): Promise<void> {
    return this.#session.beginWriting();
  }

  /**
   * Takes one sample, in `open`. Its bytes are copied before this returns: the caller may reuse them. Answers nothing, or
   * a promise when the caller should wait before the next; the promise may be ignored (its error comes out of the next
   * call and of the finish too), but above `maxQueuedBytes` nothing more is taken.
   *
   * @param streamNumber 1–127, as described.
   * @param sample Times in microseconds, in decode order within the stream.
   * @param metadata A WebCodecs callback's second argument: describes a stream that was not described before.
   * @throws {TypeError} For something that is not a sample.
   * @throws {RangeError} For a time that is not finite.
   * @throws {MuxError} `invalid-state`; `invalid-stream` for an unknown number; `time-order`, `late-sample`, `too-large`
   * and `bad-media` for a sample that cannot be carried; `missing-description`; `queue-full`. Nothing was taken then, and
   * the session goes on. After a fatal failure: that failure.
   * @see [ASF] 5.2.2 for send times and durations
   */
  writeSample(streamNumber: number, sample: SampleLike, metadata?: ChunkMetadata): Promise<void> | undefined {
    return this.#session.input.writeSample(this.#index(streamNumber), sample, metadata);
  }

  /**
   * Leaves out what is shown from here on, until {@linkcode resume}: what comes afterwards goes on where the pause began, in
   * every stream, so that neither a gap nor a jump is left. Samples in between are passed over without being counted, and
   * behind them pictures up to the next key frame. Samples that come late and belong before the pause are taken. Allowed in
   * `open`.
   *
   * @param timestamp Microseconds on the samples' clock, such as the timestamp of the last frame that is to be seen.
   * @throws {TypeError} If that is no number. @throws {RangeError} If it lies before the end of the last pause.
   * @throws {MuxError} `invalid-state`, also when it is paused already.
   * @example
   * ```ts
   * import { asf, bufferSink, Writer } from "@muxwell/muxwell";
   *
   * const streams = [{ kind: "audio", codec: "pcm-u8", sampleRate: 8000, numberOfChannels: 1 }] as const;
   * await using writer = new Writer({ container: asf(), sinks: [bufferSink()], streams });
   * await writer.beginWriting();
   * const record = (second: number) =>
   *   writer.writeSample(1, { data: new Uint8Array(8000), timestamp: second * 1e6, duration: 1e6 });
   * await record(0);
   * writer.pause(1e6);
   * writer.resume(60e6); // a minute later
   * await record(60);
   * const { duration } = await writer.endWriting();
   * console.log(duration / 1e6, "s"); // 2 s
   * ```
   */
  pause(timestamp: number): void {
    this.#session.input.pause(timestamp);
  }

  /**
   * Ends a {@linkcode pause}: what is shown from `timestamp` on goes on where it began. Markers and scripts of the metadata
   * count on the clock of the file, without its pauses.
   *
   * @param timestamp Microseconds on the samples' clock, not before the pause.
   * @throws {TypeError} If that is no number. @throws {RangeError} If it lies before the pause.
   * @throws {MuxError} `invalid-state`, also when it is not paused.
   */
  resume(timestamp: number): void {
    this.#session.input.resume(timestamp);
  }

  /**
   * Resolves when all accepted so far is packetized (the open packet padded) and taken by every sink. Discards nothing.
   * Allowed in `open`; costs up to a packet of padding.
   */
  flush(): Promise<void> {
    return this.#session.flush();
  }

  /**
   * Adds a sink, in `configuring` or `open`. One that joins late gets the header, then data from the next clean point;
   * where it can be patched it becomes a file of its own, whose times begin at zero. Resolves when it is open and has been
   * sent the header, if that has left; rejects with `sink-failed` or `unsupported`, and the session goes on without it.
   */
  addSink(sink: SinkLike | SegmentSink, options: SinkOptions = {}): Promise<void> {
    return this.#session.addSink(sink, options);
  }

  /**
   * Finishes one sink while the others go on, in `open`: everything accepted so far is handed over, then index, final
   * header, close. Resolves with what became of it; rejects with its error, which the finish does not repeat. A second
   * call gets the same promise.
   */
  removeSink(sink: SinkLike | SegmentSink): Promise<SinkReport> {
    return this.#session.removeSink(sink);
  }

  /** The metadata as they stand: what the header will say, or says where it can be completed. Allowed in every state. */
  get metadata(): Metadata {
    return this.#session.metadata;
  }

  /**
   * Replaces the metadata, in `configuring` or `open`. What comes after the header has left stands only in sinks that can
   * be patched. Chapters can be added while they are recorded:
   * `writer.setMetadata({ ...writer.metadata, markers: [...writer.metadata.markers ?? [], { timestamp, name }] })`.
   *
   * @throws {MuxError} `too-large` when it does not fit the room that the header left; `invalid-state`.
   */
  setMetadata(metadata: Metadata): void {
    this.#session.setMetadata(metadata);
  }

  /** Counters as they stand; allowed in every state. */
  getStatistics(): Statistics {
    return this.#session.getStatistics();
  }

  /**
   * All streams in one `WritableStream`, the same one each time. Its backpressure is the session's; closing it is
   * `endWriting()`, aborting it `abort()`. The stream queues samples without copying them: their bytes must stay until
   * the write has settled.
   */
  get writable(): WritableStream<StreamSample> {
    this.#writable ??= new WritableStream<StreamSample>({
      write: (sample) => this.writeSample(sample.streamNumber, sample),
      close: async () => void await this.endWriting(),
      abort: (reason) => this.abort(reason),
    });
    return this.#writable;
  }

  /**
   * One stream as a `WritableStream`. Closing it ends that stream only, so that others stop waiting for it; aborting it
   * aborts the session.
   *
   * @throws {MuxError} `invalid-stream` for an unknown number.
   */
  writableFor(streamNumber: number): WritableStream<SampleLike> {
    const index = this.#index(streamNumber);
    return new WritableStream<SampleLike>({
      write: (sample) => this.#session.input.writeSample(index, sample),
      close: () => this.#session.input.endStream(index),
      abort: (reason) => this.abort(reason),
    });
  }

  /**
   * Finishes: writes what is queued, pads the last packet, appends indexes, completes headers, closes every sink.
   * Claimed in `open`, in one step: nothing is accepted afterwards; a second call gets the same promise.
   *
   * Resolves with the report when every sink that is not optional has finished. Rejects with the first error, which
   * carries the report, when one of those has failed, or every one there is (what is left is finished all the same), with
   * `no-samples` when there is nothing to write, with the signal's reason when that came first.
   *
   * @param options `signal` stops the wait: what is not sealed by then is aborted.
   */
  endWriting(options?: FinalizeOptions): Promise<FinalizeReport> {
    return this.#session.finish(options);
  }

  /**
   * Gives up: every sink is aborted, what was written stays where the medium keeps it, playable and marked unfinished.
   * Always allowed, idempotent; once every sink's final header is being written it only waits for the finish, which then
   * ends as it would have. Resolves when every sink has let go.
   */
  abort(reason?: unknown): Promise<void> {
    return this.#session.abort(reason);
  }

  #index(streamNumber: number): number {
    const index = typeof streamNumber === "number" ? this.#indexes[streamNumber] : undefined;
    if (index === undefined) throw this.#unknown(streamNumber);
    return index;
  }

  #unknown(streamNumber: number): unknown {
    const known = this.#session.input.streams.map((stream) => stream.streamNumber).join(", ");
    const text = { action: `find stream ${streamNumber}`, reason: `the streams are ${known}` };
    return withHresult(new MuxError("invalid-stream", text, { streamNumber }), WRITER_HRESULTS);
  }
}
